import type {
  BetweenCondition,
  Comparison,
  Condition,
  InListCondition,
  InQueryCondition,
  LikeCondition,
  LogicalOperation,
  QuantifiedComparison,
  Query,
  UpdateColumnCondition,
} from '../../../tsql/ast.js';
import { SqlError } from '../../api.js';
import type { Environment } from '../environment.js';
import { invalidArgumentType, tooManySubqueryColumns } from '../errors.js';
import { bindSubquery, type BoundQuery } from '../queries/query.js';
import { outputName } from '../scope.js';
import { combineCollations, resolveCollation } from '../types/collations.js';
import { isCharacter, isNational, lengthOf } from '../types/sqlTypes.js';
import { bindExpression } from './bindExpression.js';
import { textLiteral, typedNull, type BoundExpression } from './boundExpression.js';
import { comparable, compare, labelOf } from './comparisons.js';
import { convert } from './conversions.js';

/** A condition as a PostgreSQL boolean expression in parentheses (or a call): NULL stands for UNKNOWN. */
export function bindCondition(environment: Environment, node: Condition): string {
  switch (node.kind) {
    case 'comparison':
      return bindComparison(environment, node);
    case 'quantifiedComparison':
      return bindQuantified(environment, node);
    case 'and':
    case 'or':
      return bindLogical(environment, node);
    case 'not':
      return `(NOT ${bindCondition(environment, node.condition)})`;
    case 'isNull':
      return `(${bindExpression(environment, node.expression).sql} IS ${node.negated ? 'NOT ' : ''}NULL)`;
    case 'between':
      return bindBetween(environment, node);
    case 'like':
      return bindLike(environment, node);
    case 'inList':
      return bindInList(environment, node);
    case 'inQuery':
      return bindInQuery(environment, node);
    case 'exists':
      return `EXISTS (${bindSubquery(environment, node.query, 'exists').sql})`;
    case 'updateColumn':
      return bindUpdateColumn(environment, node);
  }
}

function bindComparison(environment: Environment, node: Comparison): string {
  const left = bindExpression(environment, node.left);
  const right = bindExpression(environment, node.right);
  return compare(environment, node.operator, left, right);
}

/** Chains are left-deep and may be long, so the operands are gathered without recursion. */
function bindLogical(environment: Environment, node: LogicalOperation): string {
  const operands: Condition[] = [];
  let current: Condition = node;
  while (current.kind === node.kind) {
    operands.push(current.right);
    current = current.left;
  }
  operands.push(current);
  const texts = operands.reverse().map((operand) => bindCondition(environment, operand));
  return `(${texts.join(node.kind === 'and' ? ' AND ' : ' OR ')})`;
}

function bindBetween(environment: Environment, node: BetweenCondition): string {
  const value = bindExpression(environment, node.expression);
  const low = compare(environment, '>=', value, bindExpression(environment, node.low));
  const high = compare(environment, '<=', value, bindExpression(environment, node.high));
  return node.negated ? `(NOT (${low} AND ${high}))` : `(${low} AND ${high})`;
}

function bindInList(environment: Environment, node: InListCondition): string {
  const value = bindExpression(environment, node.expression);
  const pairs = node.values.map((item) => comparable(environment, '=', value, bindExpression(environment, item)));
  const first = pairs[0];
  const uniform = first !== undefined && pairs.every((pair) => pair.left === first.left);
  const text = uniform
    ? `(${first.left} IN (${pairs.map((pair) => pair.right).join(', ')}))`
    : `(${pairs.map((pair) => `${pair.left} = ${pair.right}`).join(' OR ')})`;
  return node.negated ? `(NOT ${text})` : text;
}

function bindInQuery(environment: Environment, node: InQueryCondition): string {
  const value = bindExpression(environment, node.expression);
  const text = quantified(environment, '=', value, 'any', node.query);
  return node.negated ? `(NOT ${text})` : text;
}

function bindQuantified(environment: Environment, node: QuantifiedComparison): string {
  const value = bindExpression(environment, node.left);
  return quantified(environment, node.operator, value, node.quantifier, node.query);
}

function quantified(
  environment: Environment,
  operator: Comparison['operator'],
  value: BoundExpression,
  quantifier: 'any' | 'all',
  query: Query,
): string {
  const bound = bindSubquery(environment, query, 'scalar');
  const column = singleColumn(environment, bound, query);
  const operands = comparable(environment, operator, value, column);
  const unchanged = operands.right === column.sql;
  const alias = column.sql.slice(0, column.sql.indexOf('.'));
  const source = unchanged ? bound.sql : `SELECT ${operands.right} FROM (${bound.sql}) AS ${alias}`;
  return `(${operands.left} ${operator} ${quantifier.toUpperCase()} (${source}))`;
}

/** The one column of a subquery, as seen under an alias of its own. Error 116. */
function singleColumn(environment: Environment, query: BoundQuery, node: Query): BoundExpression {
  const [column] = query.columns;
  if (column === undefined || query.columns.length !== 1) throw tooManySubqueryColumns(node.span);
  if (column.isNull === true)
    return { ...typedNull(column.type), sql: `${environment.builder.alias('q')}.${outputName(0)}` };
  const { type, nullable, collation } = column;
  return {
    sql: `${environment.builder.alias('q')}.${outputName(0)}`,
    type,
    nullable,
    ...(collation === undefined ? {} : { collation }),
  };
}

function asText(environment: Environment, expression: BoundExpression, argument: number): BoundExpression {
  if (isCharacter(expression.type)) return expression;
  if (expression.literal?.kind === 'null') return typedNull({ name: 'varchar', length: 1 });
  if (expression.type.name === 'image') throw invalidArgumentType(expression.type, argument, 'like');
  return convert(environment.builder, expression, { name: 'varchar', length: 8000 }, { kind: 'explicit' });
}

/**
 * LIKE by PostgreSQL's own LIKE where the pattern is a constant without classes, by a support function otherwise.
 * Trailing blanks of a (var)char value do not matter; of a Unicode value they do (Transact-SQL reference, LIKE).
 */
function bindLike(environment: Environment, node: LikeCondition): string {
  const value = asText(environment, bindExpression(environment, node.expression), 1);
  const pattern = asText(environment, bindExpression(environment, node.pattern), 2);
  const escape =
    node.escape === undefined ? undefined : asText(environment, bindExpression(environment, node.escape), 3);
  const collation = resolveCollation(combineCollations(labelOf(value), labelOf(pattern), 'like'), 'like');
  const simple = escape === undefined ? simplePattern(pattern) : undefined;
  const text =
    simple !== undefined
      ? `((${likeSubject(value, pattern)} COLLATE ${collation.postgresName}) LIKE ${textLiteral(simple)})`
      : `tsql.matches(${likeSubject(value, pattern)}, ${pattern.sql}, ${escape?.sql ?? 'NULL::text'}, ` +
        `${collation.caseSensitive}, ${collation.accentSensitive})`;
  return node.negated ? `(NOT ${text})` : text;
}

function likeSubject(value: BoundExpression, pattern: BoundExpression): string {
  const padded = !isNational(value.type) && !isNational(pattern.type) && lengthOf(value.type) !== 'max';
  const patternEndsBlank = pattern.literal?.kind !== 'string' || pattern.literal.value.endsWith(' ');
  return padded && !patternEndsBlank ? `rtrim(${value.sql}, ' ')` : value.sql;
}

/** A constant pattern in PostgreSQL's form; undefined when it has a class. */
function simplePattern(pattern: BoundExpression): string | undefined {
  if (pattern.literal?.kind !== 'string' || pattern.literal.value.includes('[')) return undefined;
  return pattern.literal.value.replaceAll('\\', '\\\\');
}

function bindUpdateColumn(environment: Environment, node: UpdateColumnCondition): string {
  const { builder } = environment;
  const { updatedColumns } = builder.context;
  if (updatedColumns === undefined) {
    throw new SqlError(421, 'The UPDATE() function can be used only inside a trigger.', { line: node.span.line });
  }
  const key = builder.nameKey(node.column);
  return updatedColumns.some((column) => builder.nameKey(column) === key) ? 'true' : 'false';
}
