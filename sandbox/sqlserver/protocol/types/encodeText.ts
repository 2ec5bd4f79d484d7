import type { CodePage } from '../codePages.js';
import type { MessageWriter } from '../messageWriter.js';

/** Texts up to this length are copied unit by unit: a native call costs more. */
const shortText = 32;
const space = 0x20;

/** Writes UTF-16 without a length. */
export function writeUtf16(writer: MessageWriter, value: string): void {
  const { length } = value;
  writer.ensure(length * 2);
  const { buffer } = writer;
  let at = writer.position;
  if (length > shortText) {
    writer.position += buffer.write(value, at, length * 2, 'utf16le');
    return;
  }
  for (let index = 0; index < length; index++) {
    const unit = value.charCodeAt(index);
    buffer[at] = unit;
    buffer[at + 1] = unit >>> 8;
    at += 2;
  }
  writer.position = at;
}

/** Bytes of UTF-8 from which on the native decoder is faster. */
const longUtf8 = 512;

/** Writes well-formed UTF-8 as UTF-16 without a length. */
export function writeUtf8AsUtf16(writer: MessageWriter, source: Buffer, start: number, end: number): void {
  if (end - start > longUtf8) {
    writeUtf16(writer, source.toString('utf8', start, end));
    return;
  }
  writer.ensure((end - start) * 2);
  const { buffer } = writer;
  let at = writer.position;
  for (let index = start; index < end;) {
    const first = source[index]!;
    let code = first;
    if (first < 0x80) {
      index += 1;
    } else if (first < 0xe0) {
      code = ((first & 0x1f) << 6) | (source[index + 1]! & 0x3f);
      index += 2;
    } else if (first < 0xf0) {
      code = ((first & 0x0f) << 12) | ((source[index + 1]! & 0x3f) << 6) | (source[index + 2]! & 0x3f);
      index += 3;
    } else {
      const upper = ((first & 0x07) << 18) | ((source[index + 1]! & 0x3f) << 12);
      const beyond = (upper | ((source[index + 2]! & 0x3f) << 6) | (source[index + 3]! & 0x3f)) - 0x10000;
      const high = 0xd800 | (beyond >>> 10);
      buffer[at] = high;
      buffer[at + 1] = high >>> 8;
      at += 2;
      code = 0xdc00 | (beyond & 0x3ff);
      index += 4;
    }
    buffer[at] = code;
    buffer[at + 1] = code >>> 8;
    at += 2;
  }
  writer.position = at;
}

/** Writes well-formed UTF-8 in a code page, as writeCodePage() does. */
export function writeUtf8AsCodePage(
  writer: MessageWriter,
  source: Buffer,
  start: number,
  end: number,
  page: CodePage,
): void {
  writer.ensure(end - start);
  const { buffer, position } = writer;
  for (let index = start; index < end; index++) {
    const code = source[index]!;
    if (code >= 0x80) {
      writeCodePage(writer, source.toString('utf8', start, end), page);
      return;
    }
    buffer[position + index - start] = page.byteOf[code]!;
  }
  writer.position = position + end - start;
}

/** Writes one byte for each UTF-16 unit, '?' for those the code page lacks. */
export function writeCodePage(writer: MessageWriter, value: string, page: CodePage): void {
  const { length } = value;
  writer.ensure(length);
  const { buffer } = writer;
  const { byteOf } = page;
  const start = writer.position;
  for (let index = 0; index < length; index++) buffer[start + index] = byteOf[value.charCodeAt(index)]!;
  writer.position = start + length;
}

/** char, nchar and binary values always have their declared length. */
export function writePadding(writer: MessageWriter, bytes: number, kind: 'utf16' | 'codePage' | 'binary'): void {
  if (bytes <= 0) return;
  writer.ensure(bytes);
  const { position } = writer;
  writer.buffer.fill(kind === 'binary' ? 0 : space, position, position + bytes);
  if (kind === 'utf16') for (let at = position + 1; at < position + bytes; at += 2) writer.buffer[at] = 0;
  writer.position += bytes;
}
