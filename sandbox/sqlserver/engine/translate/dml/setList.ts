import type { Assignment } from '../../../tsql/ast.js';
import { SqlError } from '../../api.js';
import type { CatalogColumn, CatalogTable } from '../../catalog/model.js';
import { plainClause, type Environment } from '../environment.js';
import { invalidColumn, unboundIdentifier } from '../errors.js';
import { bindExpression } from '../expressions/bindExpression.js';
import type { BoundExpression } from '../expressions/boundExpression.js';
import { isNamed, nameParts, type Source, type SourceColumn } from '../scope.js';
import type { StatementBuilder } from '../statementBuilder.js';
import { applyOperator } from '../queries/selectList.js';
import { assign, defaultValue } from './assignment.js';
import { columnNamed, columnTwice, computedColumn } from './targetColumns.js';

/** One column of SET with the PostgreSQL text of its new value. */
export interface SetColumn {
  readonly column: CatalogColumn;
  readonly value: string;
}

/**
 * SET of UPDATE and MERGE. Errors: 207, 264, 271, 8102 (identity), 4104 (qualifier of another table), 4406 (a column of
 * a view or common table expression that is no column of its table).
 */
export function bindSetList(
  environment: Environment,
  table: CatalogTable,
  target: Source,
  assignments: readonly Assignment[],
  columnOf: (name: string) => CatalogColumn | undefined = (name) => columnNamed(environment.builder, table, name),
): SetColumn[] {
  const { builder } = environment;
  const set: SetColumn[] = [];
  for (const assignment of assignments) {
    if (assignment.column === undefined) continue;
    const { name, qualifier } = assignment.column;
    if (qualifier !== undefined && !isNamed(builder, target, qualifier)) {
      throw unboundIdentifier([...nameParts(qualifier), name].join('.'), assignment.span);
    }
    const current = columnOfSource(builder, target, name);
    if (current === undefined) throw invalidColumn(name, assignment.span);
    const column = columnOf(name);
    if (column === undefined) throw derivedField(target.exposedName, assignment.span.line);
    if (column.identity !== undefined) {
      throw new SqlError(8102, `Cannot update identity column '${column.name}'.`, { line: assignment.span.line });
    }
    if (column.computedDefinition !== undefined) throw computedColumn(column.name, assignment.span.line);
    if (set.some((entry) => entry.column === column)) throw columnTwice(name, assignment.span.line);
    set.push({ column, value: newValue(environment, table, current.value, column, assignment) });
  }
  return set;
}

function newValue(
  environment: Environment,
  table: CatalogTable,
  current: BoundExpression,
  column: CatalogColumn,
  assignment: Assignment,
): string {
  const { builder } = environment;
  const { value: node, operator } = assignment;
  if (node.kind === 'default') return defaultValue(builder, column, table);
  const operand = bindExpression(plainClause(environment), node);
  return assign(builder, applyOperator(environment, current, operator, operand), column, table);
}

export function columnOfSource(builder: StatementBuilder, source: Source, name: string): SourceColumn | undefined {
  const key = builder.nameKey(name);
  return source.columns.find((column) => builder.nameKey(column.name) === key);
}

function derivedField(name: string, line: number): SqlError {
  return new SqlError(
    4406,
    `Update or insert of view or function '${name}' failed because it contains a derived or constant field.`,
    { line },
  );
}
