import type { SqlType } from '../../api.js';
import { unsupported } from '../../../tsql/unsupported.js';
import type { StatementBuilder } from '../statementBuilder.js';
import { requireConvertible } from '../types/convertibility.js';
import type { CollationLabel } from '../types/collations.js';
import { familyOf, isCharacter, isNational, isNumeric, postgresType, sameType } from '../types/sqlTypes.js';
import { isNullLiteral, textLiteral, typedNull, type BoundExpression } from './boundExpression.js';
import { numberToBinary, textToBinary, toBinaryLength } from './binaryConversions.js';
import { characterToCharacter, toCharacter } from './characterConversions.js';
import { toTemporal } from './temporalConversions.js';

/** How a conversion is asked for. */
export interface ConversionMode {
  /** implicit: by an operator or assignment; explicit: CAST, CONVERT; try: TRY_CAST, TRY_CONVERT (NULL for errors). */
  readonly kind: 'implicit' | 'explicit' | 'try';
  /** Style of CONVERT; undefined when none is written. */
  readonly style?: number;
}

export const implicitly: ConversionMode = { kind: 'implicit' };

/**
 * `expression` as a value of `type`. Throws 206, 257 or 529 when SQL Server does not allow the conversion; errors of
 * values (245, 8114, 8115, 241, 242 …) are raised by the emitted text.
 */
export function convert(
  builder: StatementBuilder,
  expression: BoundExpression,
  type: SqlType,
  mode: ConversionMode = implicitly,
): BoundExpression {
  const label = isCharacter(type) ? labelOfResult(builder, expression, type) : undefined;
  const target = label === undefined ? type : { ...type, collation: label.name };
  if (isNullLiteral(expression)) return typedNull(target, label);
  requireConvertible(expression.type, target, mode.kind !== 'implicit');
  if (expression.literal?.kind === 'typedNull') return typedNull(target, label);
  if (isUnchanged(expression, target, mode)) return { ...expression, type: target, ...labelled(label) };
  const sql = convertedSql(builder, expression, target, mode);
  return {
    sql,
    type: target,
    nullable: expression.nullable || mode.kind === 'try',
    ...labelled(label),
  };
}

function labelled(label: CollationLabel | undefined): { collation?: CollationLabel } {
  return label === undefined ? {} : { collation: label };
}

/** CAST of text keeps the label of its input; of anything else it is coercible in the database's collation. */
function labelOfResult(builder: StatementBuilder, expression: BoundExpression, type: SqlType): CollationLabel {
  if (expression.collation !== undefined) return expression.collation;
  return { name: type.collation ?? builder.context.databaseCollation, rank: 'coercible' };
}

function isUnchanged(expression: BoundExpression, target: SqlType, mode: ConversionMode): boolean {
  if (mode.style !== undefined && familyOf(expression.type) !== familyOf(target)) return false;
  return sameType(
    { ...expression.type, ...(target.collation === undefined ? {} : { collation: target.collation }) },
    target,
  );
}

function convertedSql(
  builder: StatementBuilder,
  expression: BoundExpression,
  target: SqlType,
  mode: ConversionMode,
): string {
  switch (familyOf(target)) {
    case 'integer':
      return toInteger(expression, target, mode);
    case 'decimal':
      return toDecimal(expression, target, mode);
    case 'money':
      return toMoney(expression, target, mode);
    case 'float':
      return toFloat(expression, target, mode);
    case 'temporal':
      return toTemporal(builder, expression, target, mode);
    case 'character':
      return isCharacter(expression.type)
        ? characterToCharacter(expression, target)
        : toCharacter(expression, target, mode);
    case 'binary':
      return toBinary(expression, target, mode);
    case 'guid':
      return toGuid(expression, mode);
  }
}

export function isTry(mode: ConversionMode): boolean {
  return mode.kind === 'try';
}

/** The type's name as a PostgreSQL constant, for the messages of support functions. */
export function nameArgument(type: SqlType): string {
  return textLiteral(type.name);
}

function toInteger(expression: BoundExpression, target: SqlType, mode: ConversionMode): string {
  const { sql, type } = expression;
  switch (familyOf(type)) {
    case 'integer':
      return integerToInteger(sql, type, target, mode);
    case 'decimal':
      return numericToInteger(`trunc(${sql})`, type, target, mode);
    case 'money':
      return numericToInteger(`round(${sql})`, type, target, mode);
    case 'float':
      if (target.name === 'bit') return `(${sql} <> 0)::int4::int2`;
      return `tsql.float_to_integer(${sql}, ${nameArgument(target)}, ${nameArgument(type)}, ${isTry(mode)})::${postgresType(target)}`;
    case 'character':
      return `tsql.text_to_integer(${sql}, ${nameArgument(target)}, ${nameArgument(type)}, ${isTry(mode)})::${postgresType(target)}`;
    case 'binary':
      return `tsql.binary_to_integer(${sql}, ${integerBytes[target.name] ?? 8})::${postgresType(target)}`;
    case 'temporal':
      return numericToInteger(`round(tsql.datetime_to_days(${datetimeTicks(sql, type)}))`, type, target, mode);
    case 'guid':
      throw unsupported(`the conversion of ${type.name} to ${target.name}`);
  }
}

function datetimeTicks(sql: string, type: SqlType): string {
  return type.name === 'smalldatetime' ? `(${sql}::int8 * 18000)` : sql;
}

const integerBytes: Partial<Record<string, number>> = { bit: 1, tinyint: 1, smallint: 2, int: 4, bigint: 8 };

function integerToInteger(sql: string, from: SqlType, target: SqlType, mode: ConversionMode): string {
  if (target.name === 'bit') return `(${sql} <> 0)::int4::int2`;
  const widens = (integerBytes[target.name] ?? 8) >= (integerBytes[from.name] ?? 8);
  if (widens && from.name !== target.name) return `${sql}::${postgresType(target)}`;
  if (isTry(mode) || target.name !== 'int') {
    return `tsql.narrow_integer(${sql}::int8, ${nameArgument(target)}, ${nameArgument(from)}, ${isTry(mode)})::${postgresType(target)}`;
  }
  return `${sql}::int4`;
}

function numericToInteger(sql: string, from: SqlType, target: SqlType, mode: ConversionMode): string {
  if (target.name === 'bit') return `(${sql} <> 0)::int4::int2`;
  return `tsql.numeric_to_integer(${sql}, ${nameArgument(target)}, ${nameArgument(from)}, ${isTry(mode)})::${postgresType(target)}`;
}

function toDecimal(expression: BoundExpression, target: SqlType, mode: ConversionMode): string {
  const { sql, type } = expression;
  const precision = target.precision ?? 18;
  const scale = target.scale ?? 0;
  switch (familyOf(type)) {
    case 'integer':
    case 'decimal':
    case 'money':
    case 'float': {
      if (isTry(mode))
        return `tsql.try_numeric(${sql}::numeric, ${precision}, ${scale})::numeric(${precision},${scale})`;
      return `${sql}::numeric(${precision},${scale})`;
    }
    case 'character':
      return `tsql.text_to_decimal(${sql}, ${precision}, ${scale}, ${nameArgument(type)}, ${isTry(mode)})::numeric(${precision},${scale})`;
    case 'temporal':
      return `tsql.datetime_to_days(${datetimeTicks(sql, type)})::numeric(${precision},${scale})`;
    case 'binary':
    case 'guid':
      throw unsupported(`the conversion of ${type.name} to ${target.name}`);
  }
}

function toMoney(expression: BoundExpression, target: SqlType, mode: ConversionMode): string {
  const { sql, type } = expression;
  const postgres = postgresType(target);
  if (isNumeric(type)) {
    return `tsql.to_money(${sql}::numeric, ${nameArgument(target)}, ${nameArgument(type)}, ${isTry(mode)})::${postgres}`;
  }
  if (isCharacter(type)) return `tsql.text_to_money(${sql}, ${nameArgument(target)}, ${isTry(mode)})::${postgres}`;
  throw unsupported(`the conversion of ${type.name} to ${target.name}`);
}

function toFloat(expression: BoundExpression, target: SqlType, mode: ConversionMode): string {
  const { sql, type } = expression;
  const postgres = postgresType(target);
  if (isNumeric(type)) return `${sql}::${postgres}`;
  if (isCharacter(type)) {
    return `tsql.text_to_float(${sql}, ${nameArgument(target)}, ${nameArgument(type)}, ${isTry(mode)})::${postgres}`;
  }
  if (familyOf(type) === 'temporal') return `tsql.datetime_to_days(${datetimeTicks(sql, type)})::${postgres}`;
  throw unsupported(`the conversion of ${type.name} to ${target.name}`);
}

function toBinary(expression: BoundExpression, target: SqlType, mode: ConversionMode): string {
  const { sql, type } = expression;
  switch (familyOf(type)) {
    case 'binary':
      return toBinaryLength(sql, target, type);
    case 'character':
      return toBinaryLength(textToBinary(sql, isNational(type), mode), target);
    case 'integer':
      return numberToBinary(sql, target, integerBytes[type.name] ?? 8);
    case 'guid':
      return toBinaryLength(`tsql.guid_to_binary(${sql})`, target);
    case 'decimal':
    case 'money':
    case 'float':
    case 'temporal':
      throw unsupported(`the conversion of ${type.name} to ${target.name}`);
  }
}

function toGuid(expression: BoundExpression, mode: ConversionMode): string {
  const { sql, type } = expression;
  if (isCharacter(type)) return `tsql.text_to_guid(${sql}, ${isTry(mode)})`;
  if (familyOf(type) === 'binary') return `tsql.binary_to_guid(${sql}, ${isTry(mode)})`;
  throw unsupported(`the conversion of ${type.name} to uniqueidentifier`);
}
