import type { Query, QueryBody, QuerySpecification, SetOperation } from '../../../tsql/ast.js';
import type { Environment, QueryColumn } from '../environment.js';
import { setOperationCount } from '../errors.js';
import { typedNull, type BoundExpression } from '../expressions/boundExpression.js';
import { convert } from '../expressions/conversions.js';
import { combineCollations, type CollationLabel } from '../types/collations.js';
import { commonType } from '../types/precedence.js';
import { isCharacter, sameType } from '../types/sqlTypes.js';
import { outputName, Scope } from '../scope.js';
import { limitClause } from './limits.js';
import { bindOutputOrder } from './ordering.js';
import type { BoundQuery, QueryUse } from './query.js';
import { bindSpecification, distinctOf } from './specification.js';

/** UNION [ALL], EXCEPT, INTERSECT with the ORDER BY and OFFSET that follow them. */
export function bindSetOperation(
  environment: Environment,
  body: SetOperation,
  query: Query,
  use: QueryUse,
): BoundQuery {
  const bound = bindBody(environment, body, query, use);
  if (query.orderBy.length === 0) return bound;
  const alias = environment.builder.alias('u');
  const items = bound.columns.map((column, index) => ({
    column,
    value: outputValue(column, alias, index),
    itemIndex: index,
  }));
  const order = bindOutputOrder(environment, items, query.orderBy, alias);
  const limit = limitClause(environment, query, undefined, true);
  const list = items.map((item) => item.value.sql).join(', ');
  return { sql: `SELECT ${list} FROM (${bound.sql}) AS ${alias}${order}${limit}`, columns: bound.columns };
}

/** One side of a set operation; each SELECT has a scope of its own beside the others. */
function bindBody(environment: Environment, body: QueryBody, query: Query, use: QueryUse): BoundQuery {
  const beside: Environment = { ...environment, scope: new Scope(environment.scope.outer) };
  if (body.kind === 'select') return bindBranch(beside, body, query, use);
  const left = bindBody(beside, body.left, query, use);
  const right = bindBody(beside, body.right, query, use);
  if (left.columns.length !== right.columns.length) throw setOperationCount(body.span);
  const columns = left.columns.map((column, index) => {
    const other = right.columns[index];
    return other === undefined ? column : unite(column, other, operationName(body));
  });
  const first = recast(environment, left, columns);
  const second = recast(environment, right, columns);
  return { sql: combineSql(environment, body, first, second, columns), columns };
}

function bindBranch(environment: Environment, body: QuerySpecification, query: Query, use: QueryUse): BoundQuery {
  const withoutOrder: Query = { ...query, body, orderBy: [], offset: undefined, fetch: undefined };
  return bindSpecification(environment, body, withoutOrder, use);
}

function operationName(body: SetOperation): string {
  return { union: 'UNION', unionAll: 'UNION ALL', except: 'EXCEPT', intersect: 'INTERSECT' }[body.operator];
}

/** The column that two columns make together: the first one's name, the common type. */
export function unite(a: QueryColumn, b: QueryColumn, operation: string): QueryColumn {
  const type = a.isNull === true ? b.type : b.isNull === true ? a.type : commonType(a.type, b.type);
  const collation = uniteCollations(a, b, operation);
  const nullable = a.nullable || b.nullable;
  const isNull = a.isNull === true && b.isNull === true;
  const named = collation === undefined || !isCharacter(type) ? type : { ...type, collation: collation.name };
  return {
    name: a.name,
    type: named,
    nullable,
    ...(collation === undefined || !isCharacter(type) ? {} : { collation }),
    ...(isNull ? { isNull } : {}),
  };
}

function uniteCollations(a: QueryColumn, b: QueryColumn, operation: string): CollationLabel | undefined {
  if (a.collation === undefined || b.collation === undefined) return a.collation ?? b.collation;
  return combineCollations(a.collation, b.collation, operation);
}

function outputValue(column: QueryColumn, alias: string, index: number): BoundExpression {
  const { type, nullable, collation } = column;
  const sql = `${alias}.${outputName(index)}`;
  return { sql, type, nullable, ...(collation === undefined ? {} : { collation }) };
}

/** The query with its columns converted to the types of `columns`. */
export function recast(environment: Environment, query: BoundQuery, columns: readonly QueryColumn[]): string {
  const same = columns.every((column, index) => {
    const own = query.columns[index];
    return own !== undefined && (own.isNull !== true || column.isNull === true) && sameType(own.type, column.type);
  });
  if (same) return query.sql;
  const alias = environment.builder.alias('r');
  const list = columns.map((column, index) => {
    const own = query.columns[index];
    if (own === undefined) return '';
    const value =
      own.isNull === true
        ? typedNull(column.type, column.collation)
        : convert(environment.builder, outputValue(own, alias, index), column.type);
    return `${value.sql} AS ${outputName(index)}`;
  });
  return `SELECT ${list.join(', ')} FROM (${query.sql}) AS ${alias}`;
}

function combineSql(
  environment: Environment,
  body: SetOperation,
  first: string,
  second: string,
  columns: readonly QueryColumn[],
): string {
  const { builder } = environment;
  if (body.operator === 'unionAll') return `(${first}) UNION ALL (${second})`;
  const hasText = columns.some((column) => isCharacter(column.type));
  if (!hasText) {
    const operator = { union: 'UNION', except: 'EXCEPT', intersect: 'INTERSECT' }[body.operator];
    return `(${first}) ${operator} (${second})`;
  }
  if (body.operator === 'union') return distinctOf(`(${first}) UNION ALL (${second})`, columns, builder.alias('d'));
  return sidesCompared(environment, body.operator, first, second, columns);
}

/** EXCEPT and INTERSECT of text: rows of both sides in one set of groups, then by the sides that a group has. */
function sidesCompared(
  environment: Environment,
  operator: 'except' | 'intersect',
  first: string,
  second: string,
  columns: readonly QueryColumn[],
): string {
  const { builder } = environment;
  const mark = (sql: string, side: number): string => {
    const own = builder.alias('s');
    return `SELECT ${own}.*, ${side} AS side FROM (${sql}) AS ${own}`;
  };
  const alias = builder.alias('d');
  const having =
    operator === 'except'
      ? ` HAVING max(${alias}.side) = 1`
      : ` HAVING max(${alias}.side) = 2 AND min(${alias}.side) = 1`;
  return distinctOf(`${mark(first, 1)} UNION ALL ${mark(second, 2)}`, columns, alias, having);
}
