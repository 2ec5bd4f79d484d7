import type { Assignment } from '../../../tsql/ast.js';
import { SqlError } from '../../api.js';
import type { CatalogColumn, CatalogTable } from '../../catalog/model.js';
import { plainClause, type Environment } from '../environment.js';
import { invalidColumn, unboundIdentifier } from '../errors.js';
import { bindExpression } from '../expressions/bindExpression.js';
import { isNamed, nameParts, tableColumns, type Source } from '../scope.js';
import { applyOperator } from '../queries/selectList.js';
import { assign, defaultValue } from './assignment.js';
import { columnNamed, columnTwice, computedColumn } from './targetColumns.js';

/** One column of SET with the PostgreSQL text of its new value. */
export interface SetColumn {
  readonly column: CatalogColumn;
  readonly value: string;
}

/** SET of UPDATE and MERGE. Errors: 207, 264, 271, 8102 (identity), 4104 (qualifier of another table). */
export function bindSetList(
  environment: Environment,
  table: CatalogTable,
  target: Source,
  assignments: readonly Assignment[],
): SetColumn[] {
  const { builder } = environment;
  const set: SetColumn[] = [];
  for (const assignment of assignments) {
    if (assignment.column === undefined) continue;
    const { name, qualifier } = assignment.column;
    if (qualifier !== undefined && !isNamed(builder, target, qualifier)) {
      throw unboundIdentifier([...nameParts(qualifier), name].join('.'), assignment.span);
    }
    const column = columnNamed(builder, table, name);
    if (column === undefined) throw invalidColumn(name, assignment.span);
    if (column.identity !== undefined) {
      throw new SqlError(8102, `Cannot update identity column '${column.name}'.`, { line: assignment.span.line });
    }
    if (column.computedDefinition !== undefined) throw computedColumn(column.name, assignment.span.line);
    if (set.some((entry) => entry.column === column)) throw columnTwice(name, assignment.span.line);
    set.push({ column, value: newValue(environment, table, target, column, assignment) });
  }
  return set;
}

function newValue(
  environment: Environment,
  table: CatalogTable,
  target: Source,
  column: CatalogColumn,
  assignment: Assignment,
): string {
  const { builder } = environment;
  const { value: node, operator } = assignment;
  if (node.kind === 'default') return defaultValue(builder, column, table);
  const operand = bindExpression(plainClause(environment), node);
  const index = table.columns.indexOf(column);
  const current = tableColumns(builder, table, target.postgresAlias)[index]?.value;
  const value = current === undefined ? operand : applyOperator(environment, current, operator, operand);
  return assign(builder, value, column, table);
}
