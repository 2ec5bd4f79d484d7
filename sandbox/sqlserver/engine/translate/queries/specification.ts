import type { Query, QuerySpecification } from '../../../tsql/ast.js';
import { plainClause, type Environment, type QueryColumn } from '../environment.js';
import { bindCondition } from '../expressions/conditions.js';
import type { BoundExpression } from '../expressions/boundExpression.js';
import { groupingKey } from '../expressions/comparisons.js';
import { outputName } from '../scope.js';
import { isCharacter } from '../types/sqlTypes.js';
import { bindGroupBy, isGrouped } from './grouping.js';
import { limitClause } from './limits.js';
import { bindDistinctOrder, bindOrder } from './ordering.js';
import type { BoundQuery, QueryUse } from './query.js';
import { bindSelectList, type BoundItem } from './selectList.js';
import { bindFrom } from './tableSources.js';

/** One SELECT with the ORDER BY, OFFSET and FETCH of the query it is the whole body of. */
export function bindSpecification(
  outer: Environment,
  specification: QuerySpecification,
  query: Query,
  use: QueryUse,
): BoundQuery {
  const { hiddenColumns, ...own } = outer;
  const environment: Environment = { ...own, windows: false, aggregates: false };
  const from = bindFrom(environment, specification.from);
  const where =
    specification.where === undefined ? '' : ` WHERE ${bindCondition(plainClause(environment), specification.where)}`;
  const grouped = isGrouped(specification, query);
  const group = grouped ? bindGroupBy(environment, specification) : undefined;
  const listEnvironment: Environment = { ...environment, windows: true, aggregates: true };
  const place = (name: 'select' | 'having' | 'order by'): void => {
    if (group !== undefined) environment.scope.grouping = { ...group, place: name };
  };
  place('having');
  const having =
    specification.having === undefined
      ? ''
      : ` HAVING ${bindCondition({ ...environment, aggregates: true }, specification.having)}`;
  place('select');
  const items = bindSelectList(listEnvironment, specification, use);
  const groupBy = group === undefined || group.terms.length === 0 ? '' : ` GROUP BY ${group.terms.join(', ')}`;
  const body = `${from}${where}${groupBy}${having}`;
  place('order by');
  if (specification.distinct) return bindDistinct(listEnvironment, items, body, query, specification);
  const order = bindOrder(listEnvironment, items, query.orderBy);
  const limit = limitClause(environment, query, specification.top, order !== '');
  const locks = grouped ? '' : rowLocks(environment);
  const hidden = hiddenColumns?.(environment.scope) ?? [];
  const list = [listText(items), ...hidden].join(', ');
  return { sql: `SELECT ${list}${body}${order}${limit}${locks}`, columns: items.map((item) => item.column) };
}

function listText(items: readonly BoundItem[]): string {
  return items.map((item, index) => `${item.value.sql} AS ${outputName(index)}`).join(', ');
}

/** Rows of sources with UPDLOCK, XLOCK, REPEATABLEREAD or READPAST. */
function rowLocks(environment: Environment): string {
  const clauses = environment.scope.sources.flatMap((source) => (source.rowLock === undefined ? [] : [source.rowLock]));
  return clauses.map((clause) => ` ${clause}`).join('');
}

/**
 * DISTINCT: plain when equality is PostgreSQL's; by grouping on the keys of text otherwise, so that 'a' and 'A ' are
 * one row that shows one of them.
 */
function bindDistinct(
  environment: Environment,
  items: readonly BoundItem[],
  body: string,
  query: Query,
  specification: QuerySpecification,
): BoundQuery {
  const { builder } = environment;
  const columns = items.map((item) => item.column);
  const alias = builder.alias('d');
  const inner = `SELECT ${listText(items)}${body}`;
  const distinct = distinctOf(inner, columns, alias);
  const order = bindDistinctOrder(environment, items, query.orderBy, alias);
  const limit = limitClause(environment, query, specification.top, order !== '');
  if (order === '' && limit === '') return { sql: distinct, columns };
  const outerList = columns.map((_, index) => `${alias}.${outputName(index)}`).join(', ');
  const sql = `SELECT ${outerList} FROM (${distinct}) AS ${alias}${order}${limit}`;
  return { sql, columns };
}

/** The rows of `inner` without duplicates, as SQL Server compares them. `having` limits the groups of set operations. */
export function distinctOf(inner: string, columns: readonly QueryColumn[], alias: string, having = ''): string {
  const names = columns.map((_, index) => `${alias}.${outputName(index)}`);
  const keys = columns.map((column, index) => groupingKey(columnValueOf(column, names[index] ?? ''), 'DISTINCT'));
  const needsKeys = columns.some((column) => isCharacter(column.type)) || having !== '';
  if (!needsKeys) {
    return `SELECT DISTINCT ${names.map((name, index) => `${name} AS ${outputName(index)}`).join(', ')} FROM (${inner}) AS ${alias}`;
  }
  const list = columns.map((column, index) => {
    const name = names[index] ?? '';
    const value = isCharacter(column.type) ? `any_value(${name})` : name;
    return `${value} AS ${outputName(index)}`;
  });
  return `SELECT ${list.join(', ')} FROM (${inner}) AS ${alias} GROUP BY ${keys.join(', ')}${having}`;
}

function columnValueOf(column: QueryColumn, sql: string): BoundExpression {
  const { type, nullable, collation } = column;
  return { sql, type, nullable, ...(collation === undefined ? {} : { collation }) };
}
