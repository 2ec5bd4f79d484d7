import type { BinaryExpression, BinaryOperator, UnaryExpression } from '../../../tsql/ast.js';
import type { SqlType } from '../../api.js';
import type { Environment } from '../environment.js';
import { incompatibleTypes, invalidOperand, operandTypeClash } from '../errors.js';
import { higherPrecedence } from '../types/precedence.js';
import {
  decimalShape,
  decimalType,
  familyOf,
  intType,
  isCharacter,
  isLegacyLob,
  postgresType,
} from '../types/sqlTypes.js';
import { bindExpression } from './bindExpression.js';
import { derived, isNullLiteral, typedNull, type BoundExpression } from './boundExpression.js';
import { concatenateBinary, concatenateText } from './concatenation.js';
import { convert } from './conversions.js';
import { decimalResult } from './decimalResult.js';

/** Names of operators in messages 402 and 8117. */
export const operatorNames: Readonly<Record<BinaryOperator, string>> = {
  '+': 'add',
  '-': 'subtract',
  '*': 'multiply',
  '/': 'divide',
  '%': 'modulo',
  '&': "'&'",
  '|': "'|'",
  '^': "'^'",
};

export function bindBinary(environment: Environment, node: BinaryExpression): BoundExpression {
  const left = bindExpression(environment, node.left);
  const right = bindExpression(environment, node.right);
  return combine(environment, node.operator, left, right);
}

/** left operator right, by SQL Server's rules of types (also for += and its kin). */
export function combine(
  environment: Environment,
  operator: BinaryOperator,
  left: BoundExpression,
  right: BoundExpression,
): BoundExpression {
  if (isNullLiteral(left) && isNullLiteral(right)) return typedNull(intType);
  if (isNullLiteral(left)) return combine(environment, operator, nullLike(right), right);
  if (isNullLiteral(right) && right.type !== left.type && !sameFamily(left, right)) {
    return combine(environment, operator, left, nullLike(left));
  }
  if (isLegacyLob(left.type) || isLegacyLob(right.type)) {
    throw incompatibleTypes(left.type, right.type, operatorNames[operator]);
  }
  if (operator === '+' && isCharacter(left.type) && isCharacter(right.type)) {
    return concatenateText(environment.builder, [left, right], '+');
  }
  if (operator === '+' && familyOf(left.type) === 'binary' && familyOf(right.type) === 'binary') {
    return concatenateBinary(left, right);
  }
  if (operator === '&' || operator === '|' || operator === '^') return bitwise(environment, operator, left, right);
  if (familyOf(left.type) === 'temporal' || familyOf(right.type) === 'temporal') {
    return temporalArithmetic(environment, operator, left, right);
  }
  return numeric(environment, operator, left, right);
}

function sameFamily(a: BoundExpression, b: BoundExpression): boolean {
  return familyOf(a.type) === familyOf(b.type);
}

/** NULL as the operand beside `other`. */
function nullLike(other: BoundExpression): BoundExpression {
  if (familyOf(other.type) === 'temporal') return typedNull({ name: 'datetime' });
  return typedNull(other.type, other.collation);
}

function numeric(
  environment: Environment,
  operator: BinaryOperator,
  left: BoundExpression,
  right: BoundExpression,
): BoundExpression {
  const type = higherPrecedence(left.type, right.type);
  const name = operatorNames[operator];
  switch (familyOf(type)) {
    case 'integer':
      return integerArithmetic(environment, operator, left, right, type);
    case 'decimal':
      return decimalArithmetic(environment, operator, left, right);
    case 'money':
      return moneyArithmetic(environment, operator, left, right, type);
    case 'float': {
      if (operator === '%') throw invalidOperand(type, name);
      const a = convert(environment.builder, left, type);
      const b = convert(environment.builder, right, type);
      return derived(`(${a.sql} ${operator} ${b.sql})`, type, true);
    }
    default:
      throw invalidOperand(type, name);
  }
}

function integerArithmetic(
  environment: Environment,
  operator: BinaryOperator,
  left: BoundExpression,
  right: BoundExpression,
  type: SqlType,
): BoundExpression {
  if (type.name === 'bit') throw invalidOperand(type, operatorNames[operator]);
  const a = convert(environment.builder, left, type);
  const b = convert(environment.builder, right, type);
  const folded = foldIntegers(operator, a, b, type);
  if (folded !== undefined) return folded;
  if (type.name === 'tinyint') {
    return derived(`tsql.tinyint_result(${a.sql}::int4 ${operator} ${b.sql}::int4)`, type, a.nullable || b.nullable);
  }
  return derived(`(${a.sql} ${operator} ${b.sql})`, type, a.nullable || b.nullable);
}

function foldIntegers(
  operator: BinaryOperator,
  a: BoundExpression,
  b: BoundExpression,
  type: SqlType,
): BoundExpression | undefined {
  if (a.literal?.kind !== 'integer' || b.literal?.kind !== 'integer') return undefined;
  if (type.name !== 'int' || (operator !== '+' && operator !== '-' && operator !== '*')) return undefined;
  const { value: x } = a.literal;
  const { value: y } = b.literal;
  const value = operator === '+' ? x + y : operator === '-' ? x - y : x * y;
  if (value > 2147483647n || value < -2147483648n) return undefined;
  return { sql: integerSql(value, type), type, nullable: false, literal: { kind: 'integer', value } };
}

/** An integer constant of a type; negative ones in parentheses. */
export function integerSql(value: bigint, type: SqlType): string {
  const text = value < 0n ? `(${value})` : String(value);
  return type.name === 'int'
    ? value === -2147483648n
      ? '(-2147483648)::int4'
      : text
    : `${text}::${postgresType(type)}`;
}

function decimalArithmetic(
  environment: Environment,
  operator: BinaryOperator,
  left: BoundExpression,
  right: BoundExpression,
): BoundExpression {
  const leftShape = operandShape(left, right);
  const rightShape = operandShape(right, left);
  const a = asNumeric(environment, left, leftShape);
  const b = asNumeric(environment, right, rightShape);
  if (operator === '&' || operator === '|' || operator === '^')
    throw invalidOperand(decimalType(38, 0), operatorNames[operator]);
  const { precision, scale, reduced } = decimalResult(operator, leftShape, rightShape);
  const type = decimalType(precision, scale);
  const cast = `::numeric(${precision},${scale})`;
  if (operator === '/') {
    return derived(`tsql.decimal_quotient(${a}, ${b}, ${scale})${cast}`, type, true);
  }
  const sql = `(${a} ${operator} ${b})`;
  return derived(precision >= 38 || reduced ? `${sql}${cast}` : sql, type, true);
}

/** Constants count with the digits they have; other integers with their type's. Text takes the other side's type. */
function operandShape(operand: BoundExpression, other: BoundExpression): { precision: number; scale: number } {
  if (operand.literal?.kind === 'integer') {
    const digits = String(operand.literal.value < 0n ? -operand.literal.value : operand.literal.value).length;
    return { precision: digits, scale: 0 };
  }
  if (isCharacter(operand.type) || familyOf(operand.type) === 'binary') return decimalShape(other.type);
  return decimalShape(operand.type);
}

function asNumeric(
  environment: Environment,
  operand: BoundExpression,
  shape: { precision: number; scale: number },
): string {
  switch (familyOf(operand.type)) {
    case 'decimal':
    case 'money':
      return operand.sql;
    case 'integer':
      return `${operand.sql}::numeric`;
    default:
      return convert(environment.builder, operand, decimalType(shape.precision, shape.scale)).sql;
  }
}

function moneyArithmetic(
  environment: Environment,
  operator: BinaryOperator,
  left: BoundExpression,
  right: BoundExpression,
  type: SqlType,
): BoundExpression {
  const result: SqlType = { name: type.name };
  const a = convert(environment.builder, left, result).sql;
  const b = convert(environment.builder, right, result).sql;
  const typeName = `'${result.name}'`;
  const value = operator === '/' ? `tsql.decimal_quotient(${a}, ${b}, 4)` : `(${a} ${operator} ${b})`;
  return derived(`tsql.to_money(${value}, ${typeName}, ${typeName}, false)::${postgresType(result)}`, result, true);
}

/** datetime and smalldatetime count as days with numbers; the newer types take no arithmetic (206, 8117). */
function temporalArithmetic(
  environment: Environment,
  operator: BinaryOperator,
  left: BoundExpression,
  right: BoundExpression,
): BoundExpression {
  const type = higherPrecedence(left.type, right.type);
  if (type.name !== 'datetime' && type.name !== 'smalldatetime') {
    if (familyOf(left.type) === familyOf(right.type)) throw invalidOperand(left.type, operatorNames[operator]);
    throw operandTypeClash(left.type, right.type);
  }
  if (operator !== '+' && operator !== '-') throw invalidOperand(type, operatorNames[operator]);
  const a = convert(environment.builder, left, type);
  const b = convert(environment.builder, right, type);
  if (type.name === 'smalldatetime') return derived(`(${a.sql} ${operator} ${b.sql})`, type, true);
  return derived(`tsql.check_datetime(${a.sql} ${operator} ${b.sql}, 'datetime', false)`, type, true);
}

function bitwise(
  environment: Environment,
  operator: '&' | '|' | '^',
  left: BoundExpression,
  right: BoundExpression,
): BoundExpression {
  const type = higherPrecedence(left.type, right.type);
  if (familyOf(type) !== 'integer') throw incompatibleTypes(left.type, right.type, operatorNames[operator]);
  const a = convert(environment.builder, left, type);
  const b = convert(environment.builder, right, type);
  return derived(`(${a.sql} ${operator === '^' ? '#' : operator} ${b.sql})`, type, a.nullable || b.nullable);
}

export function bindUnary(environment: Environment, node: UnaryExpression): BoundExpression {
  const operand = bindExpression(environment, node.operand);
  switch (node.operator) {
    case '+':
      return operand;
    case '-':
      return negated(operand);
    case '~':
      return complement(operand);
  }
}

function negated(operand: BoundExpression): BoundExpression {
  if (isNullLiteral(operand)) return operand;
  if (operand.literal?.kind === 'integer' && !isLeast(operand.literal.value, operand.type)) {
    const value = -operand.literal.value;
    return { ...operand, sql: integerSql(value, operand.type), literal: { kind: 'integer', value } };
  }
  switch (familyOf(operand.type)) {
    case 'integer': {
      if (operand.type.name === 'bit') throw invalidOperand(operand.type, 'minus');
      if (operand.type.name === 'tinyint') return derived(`(-${operand.sql})`, { name: 'smallint' }, operand.nullable);
      return derived(`(-${operand.sql})`, operand.type, operand.nullable);
    }
    case 'decimal':
    case 'float':
    case 'money':
      if (operand.literal?.kind === 'number' && operand.literal.text === '2147483648') {
        return { ...derived('(-2147483648)::int4', intType, false), literal: { kind: 'integer', value: -2147483648n } };
      }
      return derived(`(-${operand.sql})`, operand.type, operand.nullable);
    default:
      throw invalidOperand(operand.type, 'minus');
  }
}

/** The least value of its type has no opposite: PostgreSQL finds the overflow (8115). */
function isLeast(value: bigint, type: SqlType): boolean {
  const bits = { smallint: 15n, int: 31n, bigint: 63n }[type.name as string];
  return bits !== undefined && value === -(2n ** bits);
}

function complement(operand: BoundExpression): BoundExpression {
  const { type, sql, nullable } = operand;
  if (familyOf(type) !== 'integer') throw invalidOperand(type, "'~'");
  if (type.name === 'bit') return derived(`(1 - ${sql})::int2`, type, nullable);
  if (type.name === 'tinyint') return derived(`(255 - ${sql})::int2`, type, nullable);
  return derived(`(~${sql})`, type, nullable);
}
