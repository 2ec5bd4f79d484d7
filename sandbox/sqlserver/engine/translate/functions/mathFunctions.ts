import { unsupported } from '../../../tsql/unsupported.js';
import type { SqlType } from '../../api.js';
import { invalidArgumentType } from '../errors.js';
import { derived, isNullLiteral, type BoundExpression } from '../expressions/boundExpression.js';
import { convert } from '../expressions/conversions.js';
import { decimalType, familyOf, floatType, intType, moneyType, postgresType } from '../types/sqlTypes.js';
import type { Call, FunctionBinder } from './call.js';

/**
 * The type in which the mathematical functions work: bit, tinyint and smallint as int, text and real as float; others
 * as they are.
 */
function workingType(value: BoundExpression): SqlType {
  const { type } = value;
  switch (familyOf(type)) {
    case 'integer':
      return type.name === 'bigint' ? type : intType;
    case 'decimal':
      return type;
    case 'money':
      return moneyType;
    default:
      return floatType;
  }
}

function number(call: Call, index: number): BoundExpression {
  const value = call.argument(index);
  const family = familyOf(value.type);
  if (family === 'temporal' || family === 'binary' || family === 'guid') {
    throw invalidArgumentType(value.type, index + 1, call.name, call.node.span);
  }
  return convert(call.builder, value, isNullLiteral(value) ? floatType : workingType(value));
}

function bindAbs(call: Call): BoundExpression {
  call.requireCount(1);
  const value = number(call, 0);
  return derived(`abs(${value.sql})`, value.type, value.nullable);
}

function bindCeilingFloor(call: Call): BoundExpression {
  call.requireCount(1);
  const value = number(call, 0);
  const name = call.name === 'FLOOR' ? 'floor' : 'ceil';
  if (familyOf(value.type) === 'integer') return value;
  const type = familyOf(value.type) === 'decimal' ? decimalType(value.type.precision ?? 18, 0) : value.type;
  return derived(`${name}(${value.sql})::${postgresType(type)}`, type, value.nullable);
}

function bindRound(call: Call): BoundExpression {
  call.requireCount(2, 3);
  const value = number(call, 0);
  const places = call.integer(1);
  const truncate = call.count === 3 ? call.integer(2).sql : '0';
  const nullable = call.anyNullable();
  switch (familyOf(value.type)) {
    case 'float':
      return derived(`tsql.round_float(${value.sql}, ${places.sql}, ${truncate})`, value.type, nullable);
    case 'integer':
      return derived(
        `tsql.round_numeric(${value.sql}::numeric, ${places.sql}, ${truncate}, 0)::${postgresType(value.type)}`,
        value.type,
        nullable,
      );
    default: {
      const scale = familyOf(value.type) === 'money' ? 4 : (value.type.scale ?? 0);
      return derived(
        `tsql.round_numeric(${value.sql}, ${places.sql}, ${truncate}, ${scale})::${postgresType(value.type)}`,
        value.type,
        nullable,
      );
    }
  }
}

function bindSign(call: Call): BoundExpression {
  call.requireCount(1);
  const value = number(call, 0);
  return derived(`sign(${value.sql})::${postgresType(value.type)}`, value.type, value.nullable);
}

/** POWER has the type of its first argument. */
function bindPower(call: Call): BoundExpression {
  call.requireCount(2);
  const base = number(call, 0);
  const exponent = convert(call.builder, call.argument(1), floatType);
  const nullable = base.nullable || exponent.nullable;
  if (familyOf(base.type) === 'float') return derived(`power(${base.sql}, ${exponent.sql})`, base.type, nullable);
  const type = familyOf(base.type) === 'decimal' ? decimalType(38, base.type.scale ?? 0) : base.type;
  const whole = familyOf(base.type) === 'integer' ? 'trunc' : 'round';
  const scale = familyOf(base.type) === 'integer' ? 0 : (type.scale ?? 4);
  return derived(
    `${whole}(power(${base.sql}::numeric, ${exponent.sql}::numeric), ${scale})::${postgresType(type)}`,
    type,
    nullable,
  );
}

function floatFunction(postgresName: string): FunctionBinder {
  return (call) => {
    call.requireCount(1);
    const value = convert(call.builder, call.argument(0), floatType);
    return derived(`${postgresName}(${value.sql})`, floatType, value.nullable);
  };
}

function bindRand(call: Call): BoundExpression {
  if (call.count > 0) throw unsupported('RAND with a seed', call.node.span);
  call.builder.volatile = true;
  return derived('(SELECT random())', floatType, false);
}

export const mathFunctions: Readonly<Record<string, FunctionBinder>> = {
  ABS: bindAbs,
  CEILING: bindCeilingFloor,
  FLOOR: bindCeilingFloor,
  ROUND: bindRound,
  SIGN: bindSign,
  POWER: bindPower,
  SQRT: floatFunction('sqrt'),
  SQUARE: (call) => {
    call.requireCount(1);
    const value = convert(call.builder, call.argument(0), floatType);
    return derived(`power(${value.sql}, 2)`, floatType, value.nullable);
  },
  EXP: floatFunction('exp'),
  LOG: floatFunction('ln'),
  LOG10: floatFunction('log'),
  RAND: bindRand,
};
