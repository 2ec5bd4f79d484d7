import { SqlError, type SqlType, type SqlTypeName } from '../engine/api.js';
import type { DataType } from './ast.js';
import { syntaxError } from './syntaxErrors.js';
import { unsupported } from './unsupported.js';

/**
 * Where a type is written. A (var)char without length has 1 character in a declaration and 30 in CAST and CONVERT
 * ("char and varchar (Transact-SQL)"), and errors differ.
 */
export type DataTypePlace = 'declaration' | 'cast';

const fixedTypes: ReadonlySet<string> = new Set<SqlTypeName>([
  'bit',
  'tinyint',
  'smallint',
  'int',
  'bigint',
  'money',
  'smallmoney',
  'date',
  'datetime',
  'smalldatetime',
  'text',
  'ntext',
  'image',
  'uniqueidentifier',
]);

const maximumLengths: ReadonlyMap<string, number> = new Map<SqlTypeName, number>([
  ['char', 8000],
  ['varchar', 8000],
  ['nchar', 4000],
  ['nvarchar', 4000],
  ['binary', 8000],
  ['varbinary', 8000],
]);

const typesWithMax: ReadonlySet<string> = new Set<SqlTypeName>(['varchar', 'nvarchar', 'varbinary']);

const refusedTypes: ReadonlySet<string> = new Set([
  'cursor',
  'geography',
  'geometry',
  'hierarchyid',
  'sql_variant',
  'timestamp',
  'xml',
]);

const largestSize = 8000;
const maximumPrecision = 38;
const defaultPrecision = 18;
const realPrecision = 24;
const floatPrecision = 53;
const maximumTimeScale = 7;
const castLength = 30;

/**
 * The type that a written type stands for, with its length, precision and scale filled in. Throws 2715 or 243
 * (unknown type), 2716 or 291 (a length where none is possible), 131, 2717, 1001, 2750, 2751, 192, 1002; 50001 for
 * types that the sandbox has not.
 * @param ordinal place of the column or variable in its list, from 1, for the messages that name it
 */
export function resolveDataType(type: DataType, place: DataTypePlace, ordinal = 1): SqlType {
  const { name } = type;
  if (type.schema !== '' && type.schema.toLowerCase() !== 'sys') throw unknownType(type, place, ordinal);
  if (refusedTypes.has(name)) throw unsupported(`the type ${name}`, type.span);
  if (name === 'sysname') return { name: 'nvarchar', length: 128 };
  if (isFixedType(name)) {
    refuseParameters(type, place, ordinal);
    return { name };
  }
  switch (name) {
    case 'char':
    case 'varchar':
    case 'nchar':
    case 'nvarchar':
    case 'binary':
    case 'varbinary':
      return { name, length: resolveLength(type, place, ordinal) };
    case 'decimal':
    case 'numeric':
      return { name, ...resolvePrecision(type, place, ordinal) };
    case 'float':
      return resolveFloat(type, place, ordinal);
    case 'real':
      refuseParameters(type, place, ordinal);
      return { name };
    case 'time':
    case 'datetime2':
    case 'datetimeoffset':
      return { name, scale: resolveTimeScale(type, place, ordinal) };
    default:
      throw unknownType(type, place, ordinal);
  }
}

function isFixedType(name: string): name is SqlTypeName {
  return fixedTypes.has(name);
}

function unknownType(type: DataType, place: DataTypePlace, ordinal: number): SqlError {
  const name = type.schema === '' ? type.name : `${type.schema}.${type.name}`;
  const { line } = type.span;
  if (place === 'cast') return new SqlError(243, `Type ${name} is not a defined system type.`, { line });
  const message = `Column, parameter, or variable #${ordinal}: Cannot find data type ${name}.`;
  return new SqlError(2715, message, { state: 6, line });
}

function refuseParameters(type: DataType, place: DataTypePlace, ordinal: number): void {
  if (type.parameters !== 'max' && type.parameters.length === 0) return;
  throw widthNotPossible(type, place, ordinal);
}

function widthNotPossible(type: DataType, place: DataTypePlace, ordinal: number): SqlError {
  const { line } = type.span;
  if (place === 'cast') {
    return new SqlError(291, `CAST or CONVERT: invalid attributes specified for type '${type.name}'`, { line });
  }
  const message = `Column, parameter, or variable #${ordinal}: Cannot specify a column width on data type ${type.name}.`;
  return new SqlError(2716, message, { line });
}

function resolveLength(type: DataType, place: DataTypePlace, ordinal: number): number | 'max' {
  const { parameters } = type;
  const { line } = type.span;
  if (parameters === 'max') {
    if (!typesWithMax.has(type.name)) throw syntaxError(102, "Incorrect syntax near 'max'.", line);
    return 'max';
  }
  if (parameters.length > 1) throw widthNotPossible(type, place, ordinal);
  const length = parameters[0];
  if (length === undefined) return place === 'cast' ? castLength : 1;
  if (length === 0) throw invalidLength(length, line);
  const maximum = maximumLengths.get(type.name) ?? largestSize;
  if (length > largestSize) {
    throw syntaxError(
      131,
      `The size (${length}) given to the type '${type.name}' exceeds the maximum allowed for any data type ` +
        `(${largestSize}).`,
      line,
    );
  }
  if (length > maximum) {
    throw syntaxError(
      2717,
      `The size (${length}) given to the type '${type.name}' exceeds the maximum allowed (${maximum}).`,
      line,
    );
  }
  return length;
}

function invalidLength(length: number, line: number): SqlError {
  return syntaxError(1001, `Line ${line}: Length or precision specification ${length} is invalid.`, line);
}

function resolvePrecision(type: DataType, place: DataTypePlace, ordinal: number): { precision: number; scale: number } {
  if (type.parameters === 'max' || type.parameters.length > 2) throw widthNotPossible(type, place, ordinal);
  const [precision = defaultPrecision, scale = 0] = type.parameters;
  const { line } = type.span;
  if (precision === 0) throw invalidLength(precision, line);
  if (precision > maximumPrecision) {
    throw new SqlError(
      2750,
      `Column or parameter #${ordinal}: Specified column precision ${precision} is greater than the maximum ` +
        `precision of ${maximumPrecision}.`,
      { line },
    );
  }
  if (scale > precision) throw scaleAbovePrecision(place, ordinal, precision, scale, line);
  return { precision, scale };
}

function scaleAbovePrecision(
  place: DataTypePlace,
  ordinal: number,
  precision: number,
  scale: number,
  line: number,
): SqlError {
  if (place === 'cast') return syntaxError(192, 'The scale must be less than or equal to the precision.', line);
  return new SqlError(
    2751,
    `Column or parameter #${ordinal}: Specified column scale ${scale} is greater than the specified precision of ` +
      `${precision}.`,
    { line },
  );
}

/** float(1..24) is real, float(25..53) is float ("float and real (Transact-SQL)"). */
function resolveFloat(type: DataType, place: DataTypePlace, ordinal: number): SqlType {
  if (type.parameters === 'max' || type.parameters.length > 1) throw widthNotPossible(type, place, ordinal);
  const precision = type.parameters[0] ?? floatPrecision;
  const { line } = type.span;
  if (precision === 0) throw invalidLength(precision, line);
  if (precision > floatPrecision) {
    throw new SqlError(
      2750,
      `Column or parameter #${ordinal}: Specified column precision ${precision} is greater than the maximum ` +
        `precision of ${floatPrecision}.`,
      { line },
    );
  }
  return { name: precision <= realPrecision ? 'real' : 'float' };
}

function resolveTimeScale(type: DataType, place: DataTypePlace, ordinal: number): number {
  if (type.parameters === 'max' || type.parameters.length > 1) throw widthNotPossible(type, place, ordinal);
  const scale = type.parameters[0] ?? maximumTimeScale;
  const { line } = type.span;
  if (scale > maximumTimeScale) throw syntaxError(1002, `Line ${line}: Specified scale ${scale} is invalid.`, line);
  return scale;
}
