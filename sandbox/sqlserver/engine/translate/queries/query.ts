import type { Query } from '../../../tsql/ast.js';
import { innerEnvironment, type Environment, type QueryColumn } from '../environment.js';
import { orderByInSubquery } from '../errors.js';
import { bindSetOperation } from './setOperations.js';
import { bindSpecification } from './specification.js';

/** A query as PostgreSQL text whose output columns are named c1, c2 … */
export interface BoundQuery {
  readonly sql: string;
  readonly columns: readonly QueryColumn[];
}

/** What a query is for; all but `statement` and `insert` refuse ORDER BY without TOP or OFFSET (1033). */
export type QueryUse = 'statement' | 'insert' | 'scalar' | 'exists' | 'derived';

/** A query one level inside `environment`: subquery, derived table, EXISTS. */
export function bindSubquery(environment: Environment, query: Query, use: QueryUse): BoundQuery {
  return bindQuery(innerEnvironment(environment), query, use);
}

/** A query whose own scope is that of `environment` (still empty). */
export function bindQuery(environment: Environment, query: Query, use: QueryUse): BoundQuery {
  if (use !== 'statement' && use !== 'insert') refuseBareOrder(query);
  const { body } = query;
  return body.kind === 'select'
    ? bindSpecification(environment, body, query, use)
    : bindSetOperation(environment, body, query, use);
}

function refuseBareOrder(query: Query): void {
  if (query.orderBy.length === 0 || query.offset !== undefined) return;
  if (query.body.kind === 'select' && query.body.top !== undefined) return;
  throw orderByInSubquery(query.orderBy[0]?.span);
}
