import type { Expression, Query, Top } from '../../../tsql/ast.js';
import { unsupported } from '../../../tsql/unsupported.js';
import { SqlError } from '../../api.js';
import { plainClause, type Environment } from '../environment.js';
import { bindExpression } from '../expressions/bindExpression.js';
import { convert } from '../expressions/conversions.js';
import { bigintType, familyOf } from '../types/sqlTypes.js';

/** A row count of TOP, OFFSET or FETCH as PostgreSQL text. Error 1060 for types that are no integers. */
export function rowCount(environment: Environment, node: Expression): string {
  const value = bindExpression(plainClause(environment), node);
  if (value.literal?.kind === 'integer') return value.literal.value.toString();
  if (familyOf(value.type) !== 'integer' && familyOf(value.type) !== 'decimal') {
    throw new SqlError(
      1060,
      'The number of rows provided for a TOP or FETCH clauses row count parameter must be an integer.',
      {
        class: 15,
        line: node.span.line,
      },
    );
  }
  return `(${convert(environment.builder, value, bigintType).sql})`;
}

export function topCount(environment: Environment, top: Top): string {
  if (top.percent) throw unsupported('TOP … PERCENT', top.span);
  return rowCount(environment, top.count);
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
  const offset = ` OFFSET ${rowCount(environment, query.offset)}`;
  return query.fetch === undefined ? offset : `${offset} LIMIT ${rowCount(environment, query.fetch)}`;
}
