import type { ComparisonOperator } from '../../../tsql/ast.js';
import type { Environment } from '../environment.js';
import { incompatibleTypes } from '../errors.js';
import { combineCollations, resolveCollation, type Collation } from '../types/collations.js';
import { commonType, higherPrecedence } from '../types/precedence.js';
import { familyOf, isCharacter, isLegacyLob, type TypeFamily } from '../types/sqlTypes.js';
import { isNullLiteral, textLiteral, typedNull, type BoundExpression } from './boundExpression.js';
import { convert } from './conversions.js';

const operatorPhrases: Readonly<Record<ComparisonOperator, string>> = {
  '=': 'equal to',
  '<>': 'not equal to',
  '<': 'less than',
  '<=': 'less than or equal to',
  '>': 'greater than',
  '>=': 'greater than or equal to',
};

/** PostgreSQL texts of two operands made comparable: `left operator right` gives SQL Server's answer. */
export interface ComparableOperands {
  readonly left: string;
  readonly right: string;
}

/** left operator right as a PostgreSQL condition. Errors: 402, 206, 257, 468. */
export function compare(
  environment: Environment,
  operator: ComparisonOperator,
  left: BoundExpression,
  right: BoundExpression,
): string {
  const operands = comparable(environment, operator, left, right);
  return `(${operands.left} ${operator} ${operands.right})`;
}

export function comparable(
  environment: Environment,
  operator: ComparisonOperator,
  left: BoundExpression,
  right: BoundExpression,
): ComparableOperands {
  const phrase = operatorPhrases[operator];
  if (isNullLiteral(left)) return comparable(environment, operator, typedNull(right.type, right.collation), right);
  if (isNullLiteral(right)) return comparable(environment, operator, left, typedNull(left.type, left.collation));
  if (isLegacyLob(left.type) || isLegacyLob(right.type)) throw incompatibleTypes(left.type, right.type, phrase);
  const families: readonly TypeFamily[] = [familyOf(left.type), familyOf(right.type)];
  if (families[0] === 'integer' && families[1] === 'integer') return { left: left.sql, right: right.sql };
  if (isCharacter(left.type) && isCharacter(right.type)) return comparableText(left, right, phrase);
  const type = higherPrecedence(left.type, right.type);
  const ordered = operator !== '=' && operator !== '<>';
  const exact = families.every((family) => family === 'integer' || family === 'decimal' || family === 'money');
  if (exact) return { left: exactNumber(left), right: exactNumber(right) };
  const shared = families[0] === families[1] ? commonType(left.type, right.type) : type;
  const a = convert(environment.builder, left, shared).sql;
  const b = convert(environment.builder, right, shared).sql;
  if (familyOf(shared) === 'guid' && ordered) return { left: `tsql.guid_order(${a})`, right: `tsql.guid_order(${b})` };
  return { left: a, right: b };
}

/** Decimals of any scale compare exactly in PostgreSQL as they are; integers are cast. */
function exactNumber(expression: BoundExpression): string {
  return familyOf(expression.type) === 'integer' ? `${expression.sql}::numeric` : expression.sql;
}

function comparableText(left: BoundExpression, right: BoundExpression, phrase: string): ComparableOperands {
  const label = combineCollations(labelOf(left), labelOf(right), phrase);
  const collation = resolveCollation(label, phrase);
  return { left: textKey(left, collation), right: textKey(right, collation) };
}

export function labelOf(expression: BoundExpression): NonNullable<BoundExpression['collation']> {
  return (
    expression.collation ?? { name: expression.type.collation ?? 'SQL_Latin1_General_CP1_CI_AS', rank: 'coercible' }
  );
}

/**
 * The form in which text is compared, ordered, grouped and indexed: without trailing blanks (SQL Server pads the
 * shorter operand), under the PostgreSQL collation. Indexes on text columns are made of exactly this expression.
 */
export function textKey(expression: BoundExpression, collation: Collation): string {
  return textKeySql(trimmed(expression), collation);
}

export function textKeySql(trimmedSql: string, collation: Collation): string {
  return `(${trimmedSql} COLLATE ${collation.postgresName})`;
}

export function trimmed(expression: BoundExpression): string {
  if (expression.literal?.kind === 'string') return textLiteral(expression.literal.value.replace(/ +$/, ''));
  return `rtrim(${expression.sql}, ' ')`;
}

/**
 * The form of a value for GROUP BY, DISTINCT, PARTITION BY, COUNT(DISTINCT) and set operations. Error 306 for text,
 * ntext and image.
 */
export function groupingKey(expression: BoundExpression, operation: string): string {
  if (isLegacyLob(expression.type)) throw incompatibleTypes(expression.type, expression.type, operation);
  if (!isCharacter(expression.type)) return expression.sql;
  return textKey(expression, resolveCollation(labelOf(expression), operation));
}

/** The form of a value for ORDER BY, MIN and MAX. */
export function orderingKey(expression: BoundExpression): string {
  if (familyOf(expression.type) === 'guid') return `tsql.guid_order(${expression.sql})`;
  return groupingKey(expression, 'ORDER BY');
}

/** `key ASC|DESC`, NULLs first as SQL Server has them (last when descending). */
export function orderingTerm(expression: BoundExpression, descending: boolean): string {
  const nulls = expression.nullable ? (descending ? ' NULLS LAST' : ' NULLS FIRST') : '';
  return `${orderingKey(expression)}${descending ? ' DESC' : ''}${nulls}`;
}
