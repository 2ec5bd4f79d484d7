import type { ResultColumnTarget, SqlType, SqlValue } from '../engine/api.js';
import { collation } from './collations.js';
import type { MessageWriter } from './messageWriter.js';
import { writeUtf8AsCodePage, writeUtf8AsUtf16 } from './types/encodeText.js';
import type { ValueEncoder } from './types/encoders.js';
import { declaredBytes, defaultPrecision } from './types/typeInfo.js';
import { decimalBytes } from './types/wireTypes.js';

/** Where the NULLs of the row that is being written are noted. */
export class NullBitmap {
  /** Its place in the message; negative for a row without. */
  position = -1;
}

interface Column {
  readonly type: SqlType;
  readonly nullable: boolean;
  readonly encode: ValueEncoder;
}

const twoTo32 = 0x100000000;

/**
 * Writes the values of one column of a result. Each method writes the bytes that the column's encoder makes of the same
 * value, which stays the way of all that has no shorter one.
 */
export class ColumnWriter implements ResultColumnTarget {
  private readonly encode: ValueEncoder;
  private readonly nullable: boolean;
  private readonly decimalBytes: number;
  private readonly writeText: ((source: Buffer, start: number, end: number) => void) | undefined;
  private readonly longestText: number;

  constructor(
    private readonly writer: MessageWriter,
    private readonly bitmap: NullBitmap,
    private readonly index: number,
    { type, nullable, encode }: Column,
    defaultCollation: string,
  ) {
    this.encode = encode;
    this.nullable = nullable;
    this.decimalBytes = decimalBytes(type.precision ?? defaultPrecision);
    const longest = declaredBytes(type);
    this.longestText = longest === 'max' ? 0 : longest;
    this.writeText = longest === 'max' ? undefined : textWriter(writer, type, defaultCollation);
  }

  null(): void {
    const { position } = this.bitmap;
    if (position < 0) this.encode(this.writer, null);
    else this.writer.buffer[position + (this.index >>> 3)]! |= 1 << (this.index & 7);
  }

  value(value: NonNullable<SqlValue>): void {
    this.encode(this.writer, value);
  }

  integer(value: number): void {
    this.encode(this.writer, value);
  }

  long(high: number, low: number): void {
    const { writer } = this;
    writer.ensure(9);
    if (this.nullable) writer.buffer[writer.position++] = 8;
    writer.view.setUint32(writer.position, low, true);
    writer.view.setInt32(writer.position + 4, high, true);
    writer.position += 8;
  }

  scaled(digits: number, _scale: number, negative: boolean): void {
    const { writer, decimalBytes: bytes } = this;
    const high = Math.floor(digits / twoTo32);
    if (bytes === 5 && high > 0) throw new RangeError(`${digits} digits do not fit their precision`);
    writer.ensure(bytes + 1);
    const { view } = writer;
    const at = writer.position;
    view.setUint8(at, bytes);
    view.setUint8(at + 1, negative ? 0 : 1);
    view.setUint32(at + 2, digits >>> 0, true);
    if (bytes > 5) view.setUint32(at + 6, high, true);
    if (bytes > 9) view.setUint32(at + 10, 0, true);
    if (bytes > 13) view.setUint32(at + 14, 0, true);
    writer.position = at + 1 + bytes;
  }

  bytes(source: Buffer, start: number, end: number): void {
    this.encode(this.writer, source.subarray(start, end));
  }

  utf8(source: Buffer, start: number, end: number): void {
    const { writer } = this;
    if (this.writeText === undefined) {
      this.encode(writer, source.utf8Slice(start, end));
      return;
    }
    const lengthAt = writer.position;
    writer.uint16(0);
    this.writeText(source, start, end);
    const size = writer.position - lengthAt - 2;
    if (size > this.longestText) {
      throw new RangeError(`a value of ${size} bytes does not fit its column of ${this.longestText}`);
    }
    writer.view.setUint16(lengthAt, size, true);
  }
}

/** Undefined for types whose values are padded, or have more than two bytes of length before them. */
function textWriter(writer: MessageWriter, type: SqlType, defaultCollation: string): ColumnWriter['writeText'] {
  if (type.name === 'nvarchar') return (source, start, end) => writeUtf8AsUtf16(writer, source, start, end);
  if (type.name !== 'varchar') return undefined;
  const page = collation(type.collation ?? defaultCollation).codePage;
  return (source, start, end) => writeUtf8AsCodePage(writer, source, start, end, page);
}
