import type { SqlType, SqlTypeName } from '../../api.js';
import {
  decimalShape,
  decimalType,
  familyOf,
  isLegacyLob,
  isNational,
  lengthOf,
  longestLength,
  temporalScale,
} from './sqlTypes.js';

/** Data type precedence, highest first (Transact-SQL reference, "Data type precedence"). */
const precedence: readonly SqlTypeName[] = [
  'datetimeoffset',
  'datetime2',
  'datetime',
  'smalldatetime',
  'date',
  'time',
  'float',
  'real',
  'decimal',
  'numeric',
  'money',
  'smallmoney',
  'bigint',
  'int',
  'smallint',
  'tinyint',
  'bit',
  'ntext',
  'text',
  'image',
  'uniqueidentifier',
  'nvarchar',
  'nchar',
  'varchar',
  'char',
  'varbinary',
  'binary',
];

const ranks = new Map(precedence.map((name, index) => [name, index]));

function rank(type: SqlType): number {
  return ranks.get(type.name) ?? precedence.length;
}

/** The type that has precedence; the first of equals. */
export function higherPrecedence(a: SqlType, b: SqlType): SqlType {
  return rank(b) < rank(a) ? b : a;
}

/**
 * The type that two branches of CASE, COALESCE, UNION … have together: the one of higher precedence, wide enough for
 * both (lengths: the longer; decimals: the larger integer part and the larger scale).
 */
export function commonType(a: SqlType, b: SqlType): SqlType {
  const higher = higherPrecedence(a, b);
  const lower = higher === a ? b : a;
  switch (familyOf(higher)) {
    case 'decimal':
      return commonDecimal(higher, lower);
    case 'character':
      return familyOf(lower) === 'character' ? commonCharacter(higher, lower) : higher;
    case 'binary':
      return familyOf(lower) === 'binary' ? commonBinary(higher, lower) : higher;
    case 'temporal':
      return commonTemporal(higher, lower);
    default:
      return higher;
  }
}

function commonDecimal(a: SqlType, b: SqlType): SqlType {
  const family = familyOf(b);
  if (family !== 'decimal' && family !== 'integer' && family !== 'money') return a;
  const left = decimalShape(a);
  const right = decimalShape(b);
  const integerDigits = Math.max(left.precision - left.scale, right.precision - right.scale);
  const scale = Math.max(left.scale, right.scale);
  const precision = integerDigits + scale;
  if (precision <= 38) return decimalType(precision, scale);
  return decimalType(38, Math.max(0, 38 - integerDigits));
}

function commonCharacter(a: SqlType, b: SqlType): SqlType {
  if (isLegacyLob(a)) return a;
  const national = isNational(a) || isNational(b);
  const variable = !(a.name === 'char' || a.name === 'nchar') || !(b.name === 'char' || b.name === 'nchar');
  const first = lengthOf(a);
  const second = lengthOf(b);
  const name: SqlTypeName = national ? (variable ? 'nvarchar' : 'nchar') : variable ? 'varchar' : 'char';
  if (first === 'max' || second === 'max') return { name, length: 'max' };
  return { name, length: Math.min(Math.max(first, second), longestLength(name)) };
}

function commonBinary(a: SqlType, b: SqlType): SqlType {
  if (isLegacyLob(a)) return a;
  const first = lengthOf(a);
  const second = lengthOf(b);
  const name: SqlTypeName = a.name === 'binary' && b.name === 'binary' ? 'binary' : 'varbinary';
  if (first === 'max' || second === 'max') return { name: 'varbinary', length: 'max' };
  return { name, length: Math.max(first, second) };
}

function commonTemporal(a: SqlType, b: SqlType): SqlType {
  if (!hasScale(a)) return a;
  if (!hasScale(b)) return a.name === 'time' ? a : { name: a.name, scale: temporalScale(a) };
  return { name: a.name, scale: Math.max(temporalScale(a), temporalScale(b)) };
}

function hasScale(type: SqlType): boolean {
  return type.name === 'time' || type.name === 'datetime2' || type.name === 'datetimeoffset';
}
