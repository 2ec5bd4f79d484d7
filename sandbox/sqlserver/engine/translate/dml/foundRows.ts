import type { Source } from '../scope.js';
import type { StatementBuilder } from '../statementBuilder.js';
import type { BoundTarget } from './joinedTarget.js';

/** FROM (or USING) and WHERE of a target joined by PostgreSQL itself. */
export function joinedRows(target: Extract<BoundTarget, { kind: 'joined' }>): { from: string; where: string } {
  const where = target.conditions.length === 0 ? '' : ` WHERE ${target.conditions.join(' AND ')}`;
  return { from: target.others.join(', '), where };
}

export interface FoundRows {
  /** Alias of the target in the modification. */
  readonly alias: string;
  /** The subquery with its alias. */
  readonly from: string;
  readonly condition: string;
  /** The values as the modification sees them. */
  readonly values: readonly string[];
  /** The sources' columns as the modification sees them. */
  readonly sources: readonly Source[];
}

/**
 * The rows to change, found and locked by a subquery: their ctid, the values to set and the columns of the other
 * sources (which OUTPUT may name).
 */
export function foundRows(
  builder: StatementBuilder,
  target: Extract<BoundTarget, { kind: 'found' }>,
  values: readonly string[],
  limit: string,
): FoundRows {
  const alias = builder.alias();
  const rows = builder.alias('r');
  const list = [`${target.rowId} AS rid`, ...values.map((value, index) => `${value} AS v${index + 1}`)];
  let count = 0;
  const sources = target.sources.map((source): Source => {
    const columns = source.columns.map((column) => {
      count += 1;
      list.push(`${column.value.sql} AS x${count}`);
      return { name: column.name, value: { ...column.value, sql: `${rows}.x${count}` } };
    });
    return { ...source, columns };
  });
  return {
    alias,
    from: `(SELECT ${list.join(', ')}${target.body}${limit}${target.lock}) AS ${rows}`,
    condition: `${alias}.ctid = ${rows}.rid`,
    values: values.map((_, index) => `${rows}.v${index + 1}`),
    sources,
  };
}
