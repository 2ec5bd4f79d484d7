import type { Query, QuerySpecification } from '../../../tsql/ast.js';
import { SqlError } from '../../api.js';
import { plainClause, type Environment } from '../environment.js';
import { bindExpression } from '../expressions/bindExpression.js';
import type { BoundExpression } from '../expressions/boundExpression.js';
import { groupingKey } from '../expressions/comparisons.js';
import { isAggregateName } from '../functions/aggregates.js';
import type { Grouping } from '../scope.js';
import { isCharacter } from '../types/sqlTypes.js';

/** True for a query that returns groups: it has GROUP BY, HAVING, or an aggregate without OVER. */
export function isGrouped(specification: QuerySpecification, query: Query): boolean {
  if (specification.groupBy.length > 0 || specification.having !== undefined) return true;
  const own = query.body === specification ? query.orderBy : [];
  return hasAggregate(specification.items) || hasAggregate(own);
}

/** Looks for an aggregate in a syntax tree, not inside subqueries. */
function hasAggregate(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(hasAggregate);
  if (typeof node !== 'object' || node === null || Buffer.isBuffer(node)) return false;
  const { kind } = node as { kind?: unknown };
  if (kind === 'subquery' || kind === 'exists' || kind === 'query') return false;
  if (kind === 'function') {
    const call = node as { name: { object: string; schema: string }; over: unknown };
    if (call.over === undefined && call.name.schema === '' && isAggregateName(call.name.object)) return true;
  }
  return Object.entries(node).some(([key, value]) => key !== 'span' && hasAggregate(value));
}

export interface BoundGrouping extends Omit<Grouping, 'place'> {
  /** Terms of PostgreSQL's GROUP BY. */
  readonly terms: readonly string[];
}

/**
 * GROUP BY: text groups by its comparison key, and stands for itself above the grouping as any value of the group.
 * Error 164 for a constant.
 */
export function bindGroupBy(environment: Environment, specification: QuerySpecification): BoundGrouping {
  const terms: string[] = [];
  const keys = new Map<string, BoundExpression>();
  let hasExpressions = false;
  for (const node of specification.groupBy) {
    const value = bindExpression(plainClause(environment), node);
    if (value.literal !== undefined) {
      throw new SqlError(
        164,
        'Each GROUP BY expression must contain at least one column that is not an outer reference.',
        {
          class: 15,
          line: node.span.line,
        },
      );
    }
    terms.push(groupingKey(value, 'GROUP BY'));
    hasExpressions ||= node.kind !== 'column';
    keys.set(value.sql, isCharacter(value.type) ? { ...value, sql: `any_value(${value.sql})` } : value);
  }
  return { terms, keys, hasExpressions };
}
