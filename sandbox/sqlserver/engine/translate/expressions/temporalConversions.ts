import type { SqlType } from '../../api.js';
import { unsupported } from '../../../tsql/unsupported.js';
import type { StatementBuilder } from '../statementBuilder.js';
import { familyOf, isCharacter, isNumeric, temporalScale } from '../types/sqlTypes.js';
import { textLiteral, type BoundExpression } from './boundExpression.js';
import { nameArgument, type ConversionMode } from './conversions.js';

/** A value as a date or time type. Text is read by the session's DATEFORMAT and the style of CONVERT. */
export function toTemporal(
  builder: StatementBuilder,
  expression: BoundExpression,
  target: SqlType,
  mode: ConversionMode,
): string {
  const { sql, type } = expression;
  const tried = mode.kind === 'try';
  if (familyOf(type) === 'temporal') return temporalToTemporal(sql, type, target, tried);
  if (isCharacter(type)) {
    const format = textLiteral(builder.context.options.dateFormat);
    if (target.name === 'datetimeoffset') {
      const value = `tsql.text_to_datetimeoffset(${sql}, ${mode.style ?? 0}, ${format}, ${nameArgument(type)}, ${tried})`;
      return scaledOffset(value, temporalScale(target));
    }
    return ofTicks(
      `tsql.text_to_ticks(${sql}, ${nameArgument(target)}, ${mode.style ?? 0}, ${format}, ${nameArgument(type)}, ${tried})`,
      target,
      tried,
      type,
    );
  }
  if (isNumeric(type)) {
    const datetime = `tsql.days_to_datetime(${sql}::numeric, ${nameArgument(target)}, ${tried})`;
    return target.name === 'smalldatetime' ? ofTicks(`tsql.datetime_to_ticks(${datetime})`, target, tried) : datetime;
  }
  throw unsupported(`the conversion of ${type.name} to ${target.name}`);
}

function temporalToTemporal(sql: string, from: SqlType, target: SqlType, tried: boolean): string {
  if (from.name === target.name) {
    return from.scale === undefined && target.scale === undefined ? sql : rounded(sql, from, target);
  }
  if (from.name === 'datetimeoffset') return ofTicks(`tsql.datetimeoffset_to_ticks(${sql})`, target, tried, from);
  return ofTicks(toTicks(sql, from), target, tried, from);
}

/**
 * A date or time value as datetime2 counts: 100 ns since 0001-01-01 (a time of day: on 1900-01-01). datetimeoffset is
 * refused: whether its own clock or UTC counts depends on who asks.
 */
export function toTicks(sql: string, type: SqlType): string {
  switch (type.name) {
    case 'datetime2':
      return sql;
    case 'datetime':
      return `tsql.datetime_to_ticks(${sql})`;
    case 'smalldatetime':
      return `tsql.smalldatetime_to_ticks(${sql})`;
    case 'date':
      return `(${sql}::int8 * 864000000000)`;
    case 'time':
      return `(${sql} + 599266080000000000)`;
    default:
      throw unsupported(`the type ${type.name}`);
  }
}

/** The reverse of toTicks, rounded to the target's precision. Errors: 242 out of range, which names the type `from`. */
export function ofTicks(sql: string, target: SqlType, tried: boolean, from: SqlType = { name: 'datetime2' }): string {
  switch (target.name) {
    case 'datetime2':
      return scaled(sql, temporalScale(target));
    case 'datetimeoffset':
      return `tsql.ticks_to_datetimeoffset(${scaled(sql, temporalScale(target))})`;
    case 'datetime':
      return `tsql.ticks_to_datetime(${sql}, ${nameArgument(from)}, ${tried})`;
    case 'smalldatetime':
      return `tsql.ticks_to_smalldatetime(${sql}, ${nameArgument(from)}, ${tried})`;
    case 'date':
      return `(${sql} / 864000000000)::int4`;
    case 'time':
      return scaledTime(`(${sql} % 864000000000)`, temporalScale(target));
    default:
      throw unsupported(`the type ${target.name}`);
  }
}

function rounded(sql: string, from: SqlType, target: SqlType): string {
  if (temporalScale(from) <= temporalScale(target)) return sql;
  if (target.name === 'datetimeoffset') return scaledOffset(sql, temporalScale(target));
  return target.name === 'time' ? scaledTime(sql, temporalScale(target)) : scaled(sql, temporalScale(target));
}

function scaled(sql: string, scale: number): string {
  return scale >= 7 ? sql : `tsql.round_ticks(${sql}, ${10 ** (7 - scale)})`;
}

function scaledOffset(sql: string, scale: number): string {
  return scale >= 7 ? sql : `tsql.round_datetimeoffset(${sql}, ${10 ** (7 - scale)})`;
}

/** Rounding up at midnight wraps to 00:00. */
function scaledTime(sql: string, scale: number): string {
  return scale >= 7 ? sql : `(tsql.round_ticks(${sql}, ${10 ** (7 - scale)}) % 864000000000)`;
}
