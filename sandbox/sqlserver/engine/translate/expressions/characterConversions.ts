import type { SqlType } from '../../api.js';
import { unsupported } from '../../../tsql/unsupported.js';
import { familyOf, isFixedLength, isNational, lengthOf, numericLength, unlimited } from '../types/sqlTypes.js';
import type { BoundExpression } from './boundExpression.js';
import { toCodePage } from '../types/codePage.js';
import { textLiteral } from './boundExpression.js';
import { nameArgument, type ConversionMode } from './conversions.js';

/** Text to another character type: code page, then cut to the length, then padded for char and nchar. */
export function characterToCharacter(expression: BoundExpression, target: SqlType): string {
  const { type } = expression;
  const length = lengthOf(target);
  let { sql } = expression;
  if (isNational(type) && !isNational(target)) sql = encoded(expression);
  if (length === 'max') return sql;
  if (isFixedLength(target)) {
    if (isFixedLength(type) && numericLength(type) === length) return sql;
    return `tsql.fixed_text(${sql}, ${length})`;
  }
  if (numericLength(type) <= length) return sql;
  return cut(sql, length, isNational(target));
}

function encoded(expression: BoundExpression): string {
  const { literal, sql } = expression;
  if (literal?.kind === 'string') return textLiteral(toCodePage(literal.value));
  return `tsql.to_code_page(${sql})`;
}

/** The first `length` units: bytes of the code page, or UTF-16 units for national types. */
export function cut(sql: string, length: number, national: boolean): string {
  return national ? `tsql.left_units(${sql}, ${length})` : `left(${sql}, ${length})`;
}

/** Longest text of a number of each type, sign and point included: shorter targets need a check. */
const longestText: Partial<Record<string, number>> = { bit: 1, tinyint: 3, smallint: 6, int: 11, bigint: 20 };

/** A value that is no text as text of `target` (CAST and CONVERT with style; implicit conversion). */
export function toCharacter(expression: BoundExpression, target: SqlType, mode: ConversionMode): string {
  const { type } = expression;
  const raw = rawText(expression, mode, isNational(target));
  const length = lengthOf(target);
  if (length === 'max') return raw;
  return sizedText(raw, type, target, length, mode);
}

function sizedText(raw: string, from: SqlType, target: SqlType, length: number, mode: ConversionMode): string {
  const family = familyOf(from);
  const longest = longestOf(from);
  let sql = raw;
  if (longest > length) {
    const isNumber = family === 'integer' || family === 'decimal' || family === 'money' || family === 'float';
    if (isNumber || family === 'guid') {
      sql = `tsql.fit_number(${raw}, ${length}, ${nameArgument(from)}, ${nameArgument(target)}, ${mode.kind === 'try'})`;
    } else {
      sql = `left(${raw}, ${length})`;
    }
  }
  return isFixedLength(target) ? `rpad(${sql}, ${length})` : sql;
}

function longestOf(type: SqlType): number {
  switch (familyOf(type)) {
    case 'integer':
      return longestText[type.name] ?? 20;
    case 'decimal':
      return (type.precision ?? 18) + 3;
    case 'guid':
      return 36;
    default:
      return unlimited;
  }
}

function rawText(expression: BoundExpression, mode: ConversionMode, national: boolean): string {
  const { sql, type } = expression;
  const style = mode.style ?? defaultStyle(type);
  switch (familyOf(type)) {
    case 'integer':
    case 'decimal':
      return `${sql}::text`;
    case 'money':
      if (style > 2 && style !== 126) throw unsupported(`style ${style} of CONVERT from ${type.name}`);
      return `tsql.money_to_text(${sql}, ${style === 126 ? 2 : style})`;
    case 'float':
      if (style > 3) throw unsupported(`style ${style} of CONVERT from ${type.name}`);
      return `tsql.${type.name}_to_text(${sql}, ${style})`;
    case 'temporal':
      return temporalText(sql, type, style);
    case 'binary':
      if (style > 2) throw unsupported(`style ${style} of CONVERT from ${type.name}`);
      return `tsql.binary_to_text(${sql}, ${style}, ${national})`;
    case 'guid':
      return `upper(${sql}::text)`;
    case 'character':
      return sql;
  }
}

/** 0 for all but the newer temporal types, which read 121. */
function defaultStyle(type: SqlType): number {
  return type.name === 'datetime' || type.name === 'smalldatetime' || familyOf(type) !== 'temporal' ? 0 : 121;
}

const supportedDateStyles = new Set([
  0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 20, 21, 23, 25, 100, 101, 102, 103, 104, 105, 106, 107, 108, 110, 111, 112,
  113, 114, 120, 121, 126, 127,
]);

function temporalText(sql: string, type: SqlType, style: number): string {
  if (!supportedDateStyles.has(style)) throw unsupported(`style ${style} of CONVERT from ${type.name}`);
  switch (type.name) {
    case 'datetimeoffset':
      if (![21, 25, 121].includes(style)) throw unsupported(`style ${style} of CONVERT from datetimeoffset`);
      return `tsql.datetimeoffset_to_text(${sql}, ${type.scale ?? 7})`;
    case 'datetime':
      return `tsql.datetime_to_text(${sql}, ${style})`;
    case 'smalldatetime':
      return `tsql.datetime_to_text(${sql}::int8 * 18000, ${style})`;
    case 'date':
      return `tsql.date_to_text(${sql}, ${style})`;
    case 'time':
      return `tsql.time_to_text(${sql}, ${style}, ${type.scale ?? 7})`;
    default:
      return `tsql.datetime2_to_text(${sql}, ${style}, ${type.scale ?? 7})`;
  }
}
