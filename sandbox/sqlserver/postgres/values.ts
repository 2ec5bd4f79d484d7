import './bufferSlices.js';
import { SqlError, type DateTimeOffsetValue, type SqlType, type SqlTypeName, type SqlValue } from '../engine/api.js';
import { unsupported } from '../tsql/unsupported.js';
import type { RowHandler } from './connection.js';
import type { WireParameter } from './wireMessages.js';

/** Object identifiers of PostgreSQL's built-in types. The composite type has none that is known beforehand: 0 is "as cast". */
const oid = {
  int2: 21,
  int4: 23,
  int8: 20,
  numeric: 1700,
  float4: 700,
  float8: 701,
  text: 25,
  bytea: 17,
  uuid: 2950,
  instant: 0,
};

type Kind = keyof typeof oid;

const kinds: Readonly<Record<SqlTypeName, Kind>> = {
  bit: 'int2',
  tinyint: 'int2',
  smallint: 'int2',
  int: 'int4',
  bigint: 'int8',
  decimal: 'numeric',
  numeric: 'numeric',
  money: 'numeric',
  smallmoney: 'numeric',
  real: 'float4',
  float: 'float8',
  date: 'int4',
  time: 'int8',
  datetime: 'int8',
  smalldatetime: 'int4',
  datetime2: 'int8',
  datetimeoffset: 'instant',
  char: 'text',
  varchar: 'text',
  text: 'text',
  nchar: 'text',
  nvarchar: 'text',
  ntext: 'text',
  binary: 'bytea',
  varbinary: 'bytea',
  image: 'bytea',
  uniqueidentifier: 'uuid',
};

function kindOf(type: SqlType): Kind {
  return kinds[type.name];
}

/** Object identifier of the PostgreSQL type that keeps values of `type`. */
export function parameterOid(type: SqlType): number {
  return oid[kindOf(type)];
}

/** Refuses text that PostgreSQL cannot hold, or would change: U+0000 and surrogates without their partner. */
export function checkText(value: string): void {
  if (value.includes('\0')) throw unsupported('the character U+0000 in text');
  if (!(value as unknown as { isWellFormed(): boolean }).isWellFormed()) {
    throw unsupported('a surrogate without its partner in text');
  }
}

/** The wire form of a value that is of `type`: binary, but text for decimals, uniqueidentifiers and character types. */
export function encodeParameter(type: SqlType, value: SqlValue): WireParameter {
  if (value === null) return null;
  const kind = kindOf(type);
  switch (kind) {
    case 'int2': {
      const buffer = Buffer.allocUnsafe(2);
      buffer.writeInt16BE(Number(value), 0);
      return buffer;
    }
    case 'int4': {
      const buffer = Buffer.allocUnsafe(4);
      buffer.writeInt32BE(Number(value), 0);
      return buffer;
    }
    case 'int8': {
      const buffer = Buffer.allocUnsafe(8);
      buffer.writeBigInt64BE(BigInt(value as bigint), 0);
      return buffer;
    }
    case 'float4': {
      const buffer = Buffer.allocUnsafe(4);
      buffer.writeFloatBE(Number(value), 0);
      return buffer;
    }
    case 'float8': {
      const buffer = Buffer.allocUnsafe(8);
      buffer.writeDoubleBE(Number(value), 0);
      return buffer;
    }
    case 'numeric':
    case 'uuid':
      return String(value as string);
    case 'text':
      if (typeof value !== 'string') throw new SqlError(245, 'A character parameter has a value of another kind.');
      checkText(value);
      return value;
    case 'bytea':
      return value as Buffer;
    case 'instant':
      return encodeDateTimeOffset(value as DateTimeOffsetValue);
  }
}

/** The binary form of the composite type tsql.datetimeoffset: the number of fields, then each with its type and length. */
export function encodeDateTimeOffset(value: DateTimeOffsetValue): Buffer {
  const buffer = Buffer.allocUnsafe(32);
  buffer.writeInt32BE(2, 0);
  buffer.writeInt32BE(oid.int8, 4);
  buffer.writeInt32BE(8, 8);
  buffer.writeBigInt64BE(value.utc, 12);
  buffer.writeInt32BE(oid.int4, 20);
  buffer.writeInt32BE(4, 24);
  buffer.writeInt32BE(value.offsetMinutes, 28);
  return buffer;
}

function readDateTimeOffset(buffer: Buffer, at: number): DateTimeOffsetValue {
  return { utc: buffer.readBigInt64BE(at + 12), offsetMinutes: buffer.readInt32BE(at + 28) };
}

/** Format codes of result columns: decimals and uniqueidentifiers come as text, all else in binary. */
export function resultFormats(types: readonly SqlType[]): number[] {
  return types.map((type) => {
    const kind = kindOf(type);
    return kind === 'numeric' || kind === 'uuid' || kind === 'text' ? 0 : 1;
  });
}

/** Makes a value of its bytes in a row. */
export type Decoder = (buffer: Buffer, at: number, length: number) => NonNullable<SqlValue>;

export function readInteger(buffer: Buffer, at: number, length: number): number {
  switch (length) {
    case 4:
      return (
        ((buffer[at] as number) << 24) |
        ((buffer[at + 1] as number) << 16) |
        ((buffer[at + 2] as number) << 8) |
        (buffer[at + 3] as number)
      );
    case 2:
      return (((buffer[at] as number) << 24) >> 16) | (buffer[at + 1] as number);
    case 1:
      return buffer[at] as number;
    default:
      return Number(buffer.readBigInt64BE(at));
  }
}

function readBigInteger(buffer: Buffer, at: number, length: number): bigint {
  return length === 8 ? buffer.readBigInt64BE(at) : BigInt(readInteger(buffer, at, length));
}

const shortText = 24;

/** Short ASCII text is read byte by byte, which is faster than a call into the decoder. */
function readText(buffer: Buffer, at: number, length: number): string {
  const end = at + length;
  if (length > shortText) return buffer.utf8Slice(at, end);
  let text = '';
  for (let index = at; index < end; index++) {
    const code = buffer[index] as number;
    if (code > 127) return buffer.utf8Slice(at, end);
    text += String.fromCharCode(code);
  }
  return text;
}

/** Plain decimal notation with exactly the type's scale. */
function decimalReader(scale: number): Decoder {
  return (buffer, at, length) => {
    const text = buffer.latin1Slice(at, at + length);
    const point = text.indexOf('.');
    const digits = point < 0 ? 0 : text.length - point - 1;
    if (digits === scale) return text;
    if (digits < scale) return (point < 0 ? `${text}.` : text) + '0'.repeat(scale - digits);
    throw new Error(`PostgreSQL gave ${text} for a decimal of scale ${scale}.`);
  };
}

/** How values of a type that resultFormats() asked for are read. */
export function decoderOf(type: SqlType): Decoder {
  switch (type.name) {
    case 'bit':
    case 'tinyint':
    case 'smallint':
    case 'int':
      return readInteger;
    case 'bigint':
    case 'date':
    case 'time':
    case 'datetime':
    case 'smalldatetime':
    case 'datetime2':
      return readBigInteger;
    case 'decimal':
    case 'numeric':
      return decimalReader(type.scale ?? 0);
    case 'money':
    case 'smallmoney':
      return decimalReader(4);
    case 'real':
    case 'float':
      return (buffer, at, length) => (length === 4 ? buffer.readFloatBE(at) : buffer.readDoubleBE(at));
    case 'uniqueidentifier':
      return (buffer, at, length) => buffer.latin1Slice(at, at + length).toUpperCase();
    case 'binary':
    case 'varbinary':
    case 'image':
      return (buffer, at, length) => Buffer.from(buffer.subarray(at, at + length));
    case 'char':
    case 'varchar':
    case 'text':
    case 'nchar':
    case 'nvarchar':
    case 'ntext':
      return readText;
    case 'datetimeoffset':
      return readDateTimeOffset;
  }
}

/** A row handler that decodes rows of columns of `types` and passes each on. */
export function decodeRows(
  types: readonly SqlType[],
  take: (values: readonly SqlValue[]) => void | Promise<void>,
): RowHandler {
  const decoders = types.map(decoderOf);
  const count = decoders.length;
  return (buffer, offset) => {
    const values: SqlValue[] = new Array<SqlValue>(count);
    let at = offset;
    for (let index = 0; index < count; index++) {
      const length = readInteger(buffer, at, 4);
      at += 4;
      if (length < 0) {
        values[index] = null;
      } else {
        values[index] = (decoders[index] as Decoder)(buffer, at, length);
        at += length;
      }
    }
    return take(values);
  };
}
