import { SqlError } from '../api.js';
import type { Condition, Expression } from '../../tsql/ast.js';

/**
 * Error 10735 for a WHERE that is more than comparisons of columns with constants, IS [NOT] NULL and IN lists of
 * constants, all joined by AND: filter_predicate of CREATE INDEX (Transact-SQL).
 */
export function requireSimpleFilter(condition: Condition, index: string, table: string): void {
  if (isSimple(condition)) return;
  throw new SqlError(10735, `Incorrect WHERE clause for filtered index '${index}' on table '${table}'.`, { class: 15 });
}

function isSimple(condition: Condition): boolean {
  switch (condition.kind) {
    case 'and':
      return isSimple(condition.left) && isSimple(condition.right);
    case 'comparison':
      return condition.left.kind === 'column' && isConstant(condition.right);
    case 'isNull':
      return condition.expression.kind === 'column';
    case 'inList':
      return !condition.negated && condition.expression.kind === 'column' && condition.values.every(isConstant);
    default:
      return false;
  }
}

function isConstant(expression: Expression): boolean {
  switch (expression.kind) {
    case 'integer':
    case 'decimal':
    case 'float':
    case 'money':
    case 'string':
    case 'binary':
      return true;
    case 'unary':
      return isConstant(expression.operand);
    case 'cast':
    case 'convert':
      return isConstant(expression.expression);
    default:
      return false;
  }
}
