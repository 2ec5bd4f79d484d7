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
