import type { SqlType, SqlTypeName } from '../../api.js';
import { postgresTypes } from '../../catalog/model.js';

/** Families of types that convert and compare alike. */
export type TypeFamily = 'integer' | 'decimal' | 'money' | 'float' | 'temporal' | 'character' | 'binary' | 'guid';

const families: Record<SqlTypeName, TypeFamily> = {
  bit: 'integer',
  tinyint: 'integer',
  smallint: 'integer',
  int: 'integer',
  bigint: 'integer',
  decimal: 'decimal',
  numeric: 'decimal',
  money: 'money',
  smallmoney: 'money',
  real: 'float',
  float: 'float',
  date: 'temporal',
  time: 'temporal',
  datetime: 'temporal',
  smalldatetime: 'temporal',
  datetime2: 'temporal',
  datetimeoffset: 'temporal',
  char: 'character',
  varchar: 'character',
  text: 'character',
  nchar: 'character',
  nvarchar: 'character',
  ntext: 'character',
  binary: 'binary',
  varbinary: 'binary',
  image: 'binary',
  uniqueidentifier: 'guid',
};

export function familyOf(type: SqlType): TypeFamily {
  return families[type.name];
}

export function isCharacter(type: SqlType): boolean {
  return families[type.name] === 'character';
}

export function isNational(type: SqlType): boolean {
  return type.name === 'nchar' || type.name === 'nvarchar' || type.name === 'ntext';
}

/** char, nchar, binary: values are padded to their length. */
export function isFixedLength(type: SqlType): boolean {
  return type.name === 'char' || type.name === 'nchar' || type.name === 'binary';
}

/** text, ntext, image: no comparison, no operators. */
export function isLegacyLob(type: SqlType): boolean {
  return type.name === 'text' || type.name === 'ntext' || type.name === 'image';
}

export function isNumeric(type: SqlType): boolean {
  const family = families[type.name];
  return family === 'integer' || family === 'decimal' || family === 'money' || family === 'float';
}

/** The length of a character or binary type: 1 where a type has no length written, 'max' for the LOB types. */
export function lengthOf(type: SqlType): number | 'max' {
  if (isLegacyLob(type)) return 'max';
  return type.length ?? 1;
}

export const unlimited = Number.MAX_SAFE_INTEGER;

export function numericLength(type: SqlType): number {
  const length = lengthOf(type);
  return length === 'max' ? unlimited : length;
}

/** Longest length that can be written for a type (characters for n-types, bytes otherwise). */
export function longestLength(name: SqlTypeName): number {
  return name === 'nchar' || name === 'nvarchar' ? 4000 : 8000;
}

export function sized(name: SqlTypeName, length: number | 'max', collation?: string): SqlType {
  return { name, length, ...(collation === undefined ? {} : { collation }) };
}

export function decimalType(precision: number, scale: number): SqlType {
  return { name: 'numeric', precision, scale };
}

export const intType: SqlType = { name: 'int' };
export const bigintType: SqlType = { name: 'bigint' };
export const bitType: SqlType = { name: 'bit' };
export const floatType: SqlType = { name: 'float' };
export const moneyType: SqlType = { name: 'money' };
export const datetimeType: SqlType = { name: 'datetime' };
export const sysnameType: SqlType = { name: 'nvarchar', length: 128 };

/** The type without its collation: what a caller sees when the collation follows from elsewhere. */
export function withCollation(type: SqlType, collation: string | undefined): SqlType {
  if (!isCharacter(type) || collation === undefined) return type;
  return { ...type, collation };
}

/** PostgreSQL's type for a T-SQL type, with precision for decimals, for casts of parameters and results. */
export function postgresType(type: SqlType): string {
  if (type.name === 'decimal' || type.name === 'numeric') {
    return `numeric(${type.precision ?? 18},${type.scale ?? 0})`;
  }
  return postgresTypes[type.name];
}

/** Digits after the second of time, datetime2 and datetimeoffset. */
export function temporalScale(type: SqlType): number {
  return type.scale ?? 7;
}

/** Precision and scale that an exact number type counts with in decimal arithmetic. */
export function decimalShape(type: SqlType): { precision: number; scale: number } {
  switch (type.name) {
    case 'bit':
      return { precision: 1, scale: 0 };
    case 'tinyint':
      return { precision: 3, scale: 0 };
    case 'smallint':
      return { precision: 5, scale: 0 };
    case 'int':
      return { precision: 10, scale: 0 };
    case 'bigint':
      return { precision: 19, scale: 0 };
    case 'money':
      return { precision: 19, scale: 4 };
    case 'smallmoney':
      return { precision: 10, scale: 4 };
    default:
      return { precision: type.precision ?? 18, scale: type.scale ?? 0 };
  }
}

/** The type as error messages name it: decimal appears as numeric in conversions, without lengths. */
export function typeNameForMessage(type: SqlType): string {
  return type.name === 'decimal' ? 'numeric' : type.name;
}

export function sameType(a: SqlType, b: SqlType): boolean {
  return (
    a.name === b.name &&
    a.length === b.length &&
    a.precision === b.precision &&
    a.scale === b.scale &&
    a.collation === b.collation
  );
}
