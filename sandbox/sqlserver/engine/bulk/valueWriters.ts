import { SqlError, type DateTimeOffsetValue, type SqlType, type SqlValue } from '../api.js';
import { isCharacter, isFixedLength } from '../translate/types/sqlTypes.js';
import type { CopyBuffer } from './copyBuffer.js';

export type ValueWriter = (buffer: CopyBuffer, value: Exclude<SqlValue, null>) => void;

/** Error 4815: what drivers get for a value longer than its column. */
export function invalidLength(ordinal: number): SqlError {
  return new SqlError(4815, `Received an invalid column length from the bcp client for colid ${ordinal}.`);
}

/**
 * Writes values of a type in the form of the PostgreSQL type that keeps it. Values longer than the type are error 4815;
 * char, nchar and binary are padded.
 * @param ordinal place of the column in the load, from 1
 */
export function valueWriter(type: SqlType, ordinal: number): ValueWriter {
  switch (type.name) {
    case 'bit':
    case 'tinyint':
    case 'smallint':
      return (buffer, value) => buffer.int2(Number(value as number));
    case 'int':
    case 'date':
    case 'smalldatetime':
      return (buffer, value) => buffer.int4(Number(value as number));
    case 'bigint':
    case 'time':
    case 'datetime':
    case 'datetime2':
      return (buffer, value) => buffer.int8(BigInt(value as bigint));
    case 'decimal':
    case 'numeric':
    case 'money':
    case 'smallmoney':
      return (buffer, value) => buffer.numeric(value as string);
    case 'real':
      return (buffer, value) => buffer.float4(value as number);
    case 'float':
      return (buffer, value) => buffer.float8(value as number);
    case 'uniqueidentifier':
      return (buffer, value) => buffer.uuid(value as string);
    case 'datetimeoffset':
      return (buffer, value) => buffer.datetimeOffset(value as DateTimeOffsetValue);
    default:
      return isCharacter(type) ? textWriter(type, ordinal) : bytesWriter(type, ordinal);
  }
}

/** Characters, or bytes, that a value of a character or binary type may have. */
export function longestOf(type: SqlType): number {
  return typeof type.length === 'number' ? type.length : Infinity;
}

function textWriter(type: SqlType, ordinal: number): ValueWriter {
  const longest = longestOf(type);
  const pads = isFixedLength(type);
  return (buffer, value) => {
    const text = value as string;
    if (text.length > longest) throw invalidLength(ordinal);
    buffer.text(pads ? text.padEnd(longest, ' ') : text);
  };
}

function bytesWriter(type: SqlType, ordinal: number): ValueWriter {
  const longest = longestOf(type);
  const pads = isFixedLength(type);
  return (buffer, value) => {
    const bytes = value as Buffer;
    if (bytes.length > longest) throw invalidLength(ordinal);
    buffer.bytes(pads && bytes.length < longest ? Buffer.concat([bytes], longest) : bytes);
  };
}
