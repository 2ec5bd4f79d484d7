import type { Expression, Query, Top } from '../../../tsql/ast.js';
import { unsupported } from '../../../tsql/unsupported.js';
import { SqlError, type SqlType } from '../../api.js';
import { plainClause, type Environment } from '../environment.js';
import { bindExpression } from '../expressions/bindExpression.js';
import { convert } from '../expressions/conversions.js';
import { bigintType, familyOf } from '../types/sqlTypes.js';

type CountClause = 'top' | 'offset' | 'fetch';

/**
 * A row count as PostgreSQL text. Errors: 1060 for types that are no integers; 127 (TOP), 10742 (OFFSET) and 10744
 * (FETCH) for counts that are too small, 1014 for NULL.
 */
export function rowCount(environment: Environment, node: Expression, clause: CountClause): string {
  const value = bindExpression(plainClause(environment), node);
  const isCount = familyOf(value.type) === 'integer' || (value.literal !== undefined && isWholeNumber(value.type));
  if (!isCount) {
    throw new SqlError(
      1060,
      'The number of rows provided for a TOP or FETCH clauses row count parameter must be an integer.',
      { class: 15, line: node.span.line },
    );
  }
  const smallest = clause === 'fetch' ? 1n : 0n;
  if (value.literal?.kind === 'integer' && value.literal.value >= smallest) return value.literal.value.toString();
  return `tsql.row_count(${convert(environment.builder, value, bigintType).sql}, '${clause}')`;
}

/** Constants beyond int are of type numeric. */
function isWholeNumber(type: SqlType): boolean {
  return familyOf(type) === 'decimal' && (type.scale ?? 0) === 0;
}

export function topCount(environment: Environment, top: Top): string {
  if (top.percent) throw unsupported('TOP … PERCENT', top.span);
  return rowCount(environment, top.count, 'top');
}

/** LIMIT, OFFSET and FETCH of a query; '' when there are none. */
export function limitClause(environment: Environment, query: Query, top: Top | undefined, isOrdered: boolean): string {
  if (top !== undefined) {
    const count = topCount(environment, top);
    if (!top.withTies) return ` LIMIT ${count}`;
    if (!isOrdered) {
      throw new SqlError(1062, 'The TOP N WITH TIES clause is not allowed without a corresponding ORDER BY clause.', {
        line: top.span.line,
      });
    }
    return ` FETCH FIRST (${count}) ROWS WITH TIES`;
  }
  if (query.offset === undefined) return '';
  const offset = ` OFFSET ${rowCount(environment, query.offset, 'offset')}`;
  return query.fetch === undefined ? offset : `${offset} LIMIT ${rowCount(environment, query.fetch, 'fetch')}`;
}
