import type { Expression } from '../../../tsql/ast.js';
import type { Environment } from '../environment.js';
import { bindExpression } from './bindExpression.js';
import type { BoundExpression } from './boundExpression.js';

/**
 * Above a grouping, an expression that is written in GROUP BY stands for its group's value. Columns are looked up by
 * themselves; here only expressions made of several nodes are compared, by the PostgreSQL text they give.
 */
export function groupedExpression(environment: Environment, node: Expression): BoundExpression | undefined {
  const { scope, ungrouped } = environment;
  const { grouping } = scope;
  if (grouping === undefined || ungrouped.has(scope) || !grouping.hasExpressions || !mayBeKey(node)) return undefined;
  const plain = bindQuietly({ ...environment, ungrouped: new Set([...ungrouped, scope]) }, node);
  return plain === undefined ? undefined : grouping.keys.get(plain.sql);
}

/** Aggregates and leaves are never keys of this kind. */
function mayBeKey(node: Expression): boolean {
  switch (node.kind) {
    case 'unary':
    case 'binaryOperation':
    case 'collate':
    case 'case':
    case 'iif':
    case 'cast':
    case 'convert':
      return true;
    case 'function':
      return node.over === undefined && !node.star && !node.distinct;
    default:
      return false;
  }
}

/** An expression that does not bind without its grouping is no key: the ordinary binding reports what is wrong. */
function bindQuietly(environment: Environment, node: Expression): BoundExpression | undefined {
  try {
    return bindExpression({ ...environment, aggregates: false, windows: false }, node);
  } catch {
    return undefined;
  }
}
