import type { SqlType } from '../../engine/api.js';
import { collation } from '../collations.js';
import type { MessageWriter } from '../messageWriter.js';
import { decimalBytes, maxLength, wireTypes } from './wireTypes.js';

export const defaultPrecision = 18;
export const defaultTimeScale = 7;

/** Longest text (bytes) of the types that need no chunks. */
export const longestBytes = 8000;

/** Bytes that a (var)char, n(var)char or (var)binary value may have; 'max' for the chunked types. */
export function declaredBytes(type: SqlType): number | 'max' {
  if (type.length === 'max') return 'max';
  const wide = type.name === 'nchar' || type.name === 'nvarchar';
  return type.length === undefined ? longestBytes : type.length * (wide ? 2 : 1);
}

function lengthField(type: SqlType): number {
  const bytes = declaredBytes(type);
  return bytes === 'max' ? maxLength : bytes;
}

/** Writes a fixed-length type where the column cannot be NULL, as SQL Server does, else its nullable form. */
function writeSized(writer: MessageWriter, nullable: boolean, fixed: number, variable: number, bytes: number): void {
  writer.uint8(nullable ? variable : fixed);
  if (nullable) writer.uint8(bytes);
}

function writeText(writer: MessageWriter, wireType: number, type: SqlType, defaultCollation: string): void {
  writer.uint8(wireType);
  writer.uint16(lengthField(type));
  writer.bytes(collation(type.collation ?? defaultCollation).bytes);
}

function writeLongText(writer: MessageWriter, wireType: number, length: number, type: SqlType, fallback: string): void {
  writer.uint8(wireType);
  writer.uint32(length);
  writer.bytes(collation(type.collation ?? fallback).bytes);
}

/** TYPE_INFO of a column or return value. Throws SqlError for collations the protocol lacks. */
export function writeTypeInfo(writer: MessageWriter, type: SqlType, nullable: boolean, defaultCollation: string): void {
  switch (type.name) {
    case 'bit':
      return writeSized(writer, nullable, wireTypes.bit, wireTypes.bitN, 1);
    case 'tinyint':
      return writeSized(writer, nullable, wireTypes.int1, wireTypes.intN, 1);
    case 'smallint':
      return writeSized(writer, nullable, wireTypes.int2, wireTypes.intN, 2);
    case 'int':
      return writeSized(writer, nullable, wireTypes.int4, wireTypes.intN, 4);
    case 'bigint':
      return writeSized(writer, nullable, wireTypes.int8, wireTypes.intN, 8);
    case 'real':
      return writeSized(writer, nullable, wireTypes.float4, wireTypes.floatN, 4);
    case 'float':
      return writeSized(writer, nullable, wireTypes.float8, wireTypes.floatN, 8);
    case 'smallmoney':
      return writeSized(writer, nullable, wireTypes.money4, wireTypes.moneyN, 4);
    case 'money':
      return writeSized(writer, nullable, wireTypes.money8, wireTypes.moneyN, 8);
    case 'smalldatetime':
      return writeSized(writer, nullable, wireTypes.datetime4, wireTypes.datetimeN, 4);
    case 'datetime':
      return writeSized(writer, nullable, wireTypes.datetime8, wireTypes.datetimeN, 8);
    case 'decimal':
    case 'numeric': {
      const precision = type.precision ?? defaultPrecision;
      writer.uint8(type.name === 'decimal' ? wireTypes.decimalN : wireTypes.numericN);
      writer.uint8(decimalBytes(precision));
      writer.uint8(precision);
      return writer.uint8(type.scale ?? 0);
    }
    case 'date':
      return writer.uint8(wireTypes.date);
    case 'time':
      writer.uint8(wireTypes.time);
      return writer.uint8(type.scale ?? defaultTimeScale);
    case 'datetime2':
      writer.uint8(wireTypes.datetime2);
      return writer.uint8(type.scale ?? defaultTimeScale);
    case 'datetimeoffset':
      writer.uint8(wireTypes.datetimeOffset);
      return writer.uint8(type.scale ?? defaultTimeScale);
    case 'uniqueidentifier':
      writer.uint8(wireTypes.guid);
      return writer.uint8(16);
    case 'char':
      return writeText(writer, wireTypes.char, type, defaultCollation);
    case 'varchar':
      return writeText(writer, wireTypes.varchar, type, defaultCollation);
    case 'nchar':
      return writeText(writer, wireTypes.nchar, type, defaultCollation);
    case 'nvarchar':
      return writeText(writer, wireTypes.nvarchar, type, defaultCollation);
    case 'binary':
      writer.uint8(wireTypes.binary);
      return writer.uint16(lengthField(type));
    case 'varbinary':
      writer.uint8(wireTypes.varbinary);
      return writer.uint16(lengthField(type));
    case 'text':
      return writeLongText(writer, wireTypes.text, 0x7fffffff, type, defaultCollation);
    case 'ntext':
      return writeLongText(writer, wireTypes.ntext, 0x7ffffffe, type, defaultCollation);
    case 'image':
      writer.uint8(wireTypes.image);
      return writer.uint32(0x7fffffff);
  }
}

/** text, ntext and image have a table name after their TYPE_INFO in COLMETADATA. */
export function hasTableName(type: SqlType): boolean {
  return type.name === 'text' || type.name === 'ntext' || type.name === 'image';
}
