import type { QuerySpecification, SelectStatement as SelectNode } from '../../tsql/ast.js';
import { unsupported } from '../../tsql/unsupported.js';
import { rootEnvironment, type QueryColumn } from './environment.js';
import { columnMetadata } from './metadata.js';
import { bindCommonTables } from './queries/commonTables.js';
import { bindQuery } from './queries/query.js';
import type { AssignStatement, SelectIntoStatement, SelectStatement } from './result.js';
import { outputName } from './scope.js';
import type { StatementBuilder } from './statementBuilder.js';

/** SELECT to the client, into variables or into a new table. */
export function translateSelect(
  builder: StatementBuilder,
  node: SelectNode,
): SelectStatement | AssignStatement | SelectIntoStatement {
  const common = bindCommonTables(rootEnvironment(builder), node.ctes, node.options);
  const { body } = node.query;
  const assigns = body.kind === 'select' && body.items.some((item) => item.kind === 'assignment');
  if (assigns) refuseSelfReference(body);
  const query = bindQuery(common.environment, node.query, 'statement');
  const text = limited(builder, `${common.sql}${query.sql}`, query.columns);
  const { parameters, uses, locks, noWait } = builder;
  const base = { text, parameters, uses, locks, noWait, volatile: builder.volatile };
  if (body.kind === 'select' && assigns) {
    const variables = body.items.flatMap((item) => (item.kind === 'assignment' ? [item.variable] : []));
    const assignments = query.columns.map((column, index) => ({ variable: variables[index] ?? '', type: column.type }));
    return { kind: 'assign', ...base, assignments };
  }
  const columns = query.columns.map(columnMetadata);
  const into = firstSpecification(node).into;
  if (into === undefined) return { kind: 'select', ...base, columns };
  const inherits = body.kind === 'select' && inheritsIdentity(body);
  const { database, schema, object } = into;
  return {
    kind: 'selectInto',
    ...base,
    target: { database, schema, object },
    columns: intoColumns(query.columns, inherits),
  };
}

function firstSpecification(node: SelectNode): QuerySpecification {
  let { body } = node.query;
  while (body.kind !== 'select') body = body.left;
  return body;
}

/** SET ROWCOUNT limits what a statement returns. */
function limited(builder: StatementBuilder, sql: string, columns: readonly QueryColumn[]): string {
  const { rowCount } = builder.context.options;
  if (rowCount === 0) return sql;
  const alias = builder.alias('l');
  return `SELECT ${columns.map((_, index) => `${alias}.${outputName(index)}`).join(', ')} FROM (${sql}) AS ${alias} LIMIT ${rowCount}`;
}

/**
 * SELECT … INTO copies the identity property of a column taken from a single table without DISTINCT, grouping or union
 * (Transact-SQL reference, SELECT - INTO clause).
 */
function inheritsIdentity(body: QuerySpecification): boolean {
  const [source] = body.from;
  return body.from.length === 1 && source?.kind === 'table' && body.groupBy.length === 0 && !body.distinct;
}

function intoColumns(columns: readonly QueryColumn[], inherits: boolean): SelectIntoStatement['columns'] {
  let taken = false;
  return columns.map((column) => {
    const { identity: _, ...described } = columnMetadata(column);
    const identity = column.column?.identity;
    if (!inherits || identity === undefined || taken) return described;
    taken = true;
    return { ...described, identityOf: { seed: identity.seed, increment: identity.increment } };
  });
}

/**
 * In SELECT @a = … FROM … a reference to a variable that the statement assigns would mean its value after the row
 * before, or after the assignment to its left: refused by name, except where there is exactly one row and one variable.
 */
function refuseSelfReference(body: QuerySpecification): void {
  const assigned = new Map<string, number>();
  body.items.forEach((item, index) => {
    if (item.kind === 'assignment') assigned.set(item.variable.toUpperCase(), index);
  });
  body.items.forEach((item, index) => {
    if (item.kind !== 'assignment') return;
    const names = [...variablesIn(item.expression), ...(item.operator === '=' ? [] : [item.variable.toUpperCase()])];
    for (const name of names) {
      const at = assigned.get(name);
      if (at === undefined) continue;
      if (body.from.length === 0 && at >= index) continue;
      if (at === index && isSingleRow(body)) continue;
      throw unsupported(
        `SELECT ${item.variable} = … with a reference to ${name}, which the statement assigns`,
        item.span,
      );
    }
  });
}

/** An aggregate without GROUP BY gives one row. */
function isSingleRow(body: QuerySpecification): boolean {
  return (
    body.groupBy.length === 0 &&
    body.items.every((item) => item.kind === 'assignment' && mentionsAggregate(item.expression))
  );
}

const aggregates = new Set(['COUNT', 'COUNT_BIG', 'SUM', 'MIN', 'MAX', 'AVG']);

function mentionsAggregate(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(mentionsAggregate);
  if (typeof node !== 'object' || node === null || Buffer.isBuffer(node)) return false;
  const call = node as { kind?: unknown; name?: { object?: unknown } };
  if (
    call.kind === 'function' &&
    typeof call.name?.object === 'string' &&
    aggregates.has(call.name.object.toUpperCase())
  )
    return true;
  return Object.entries(node).some(([key, value]) => key !== 'span' && mentionsAggregate(value));
}

function variablesIn(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(variablesIn);
  if (typeof node !== 'object' || node === null || Buffer.isBuffer(node)) return [];
  const { kind, name } = node as { kind?: unknown; name?: unknown };
  if (kind === 'variable' && typeof name === 'string') return [name.toUpperCase()];
  return Object.entries(node).flatMap(([key, value]) => (key === 'span' ? [] : variablesIn(value)));
}
