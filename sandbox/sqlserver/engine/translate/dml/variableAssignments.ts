import type { Assignment, UpdateStatement } from '../../../tsql/ast.js';
import { unsupported } from '../../../tsql/unsupported.js';
import { plainClause, type Environment } from '../environment.js';
import { bindExpression, bindVariable } from '../expressions/bindExpression.js';
import { convert } from '../expressions/conversions.js';
import type { VariableAssignment } from '../result.js';
import type { Source } from '../scope.js';
import { columnOfSource } from './setList.js';
import { columnNamed } from './targetColumns.js';
import type { BoundTarget } from './joinedTarget.js';

/** A variable that UPDATE sets, with the PostgreSQL text of its value. */
export interface AssignedVariable extends VariableAssignment {
  readonly value: string;
  /** True: the column's value after the update. False: an expression over the row as it was. */
  readonly afterwards: boolean;
}

/**
 * SET @v = column = expression, which takes the column's new value, and SET @v = expression, which reads old values
 * (UPDATE in the documentation). Expressions that read a variable set by the same UPDATE depend on the order of rows
 * and are refused.
 */
export function bindVariables(
  environment: Environment,
  node: UpdateStatement,
  target: BoundTarget,
  own: Source,
): AssignedVariable[] {
  const written = node.assignments.filter((assignment) => assignment.variable !== undefined);
  if (written.length === 0) return [];
  refuseUnsupported(node, target, written);
  return written.map((assignment) => bindVariableAssignment(environment, assignment, target, own));
}

function refuseUnsupported(node: UpdateStatement, target: BoundTarget, written: readonly Assignment[]): void {
  const names = new Set(written.map((assignment) => assignment.variable?.toUpperCase()));
  if (written.some((assignment) => assignment.operator !== '=') || readsVariable(node.assignments, names)) {
    throw unsupported('UPDATE … SET @variable = … that reads the variable', node.span);
  }
  if (written.length === node.assignments.length && written.every((assignment) => assignment.column === undefined)) {
    throw unsupported('UPDATE … SET @variable = … without a column', node.span);
  }
  if (node.output.into !== undefined || node.output.toClient !== undefined) {
    throw unsupported('OUTPUT beside UPDATE … SET @variable = …', node.span);
  }
  if (target.table.triggers.update) {
    throw unsupported('UPDATE … SET @variable = … of a table with triggers', node.span);
  }
}

function readsVariable(node: unknown, names: ReadonlySet<string | undefined>): boolean {
  if (Array.isArray(node)) return node.some((item) => readsVariable(item, names));
  if (typeof node !== 'object' || node === null || Buffer.isBuffer(node)) return false;
  const { kind, name } = node as { kind?: unknown; name?: unknown };
  if (kind === 'variable' && typeof name === 'string') return names.has(name.toUpperCase());
  return Object.entries(node).some(([property, value]) => property !== 'span' && readsVariable(value, names));
}

function bindVariableAssignment(
  environment: Environment,
  assignment: Assignment,
  target: BoundTarget,
  own: Source,
): AssignedVariable {
  const { builder } = environment;
  const name = assignment.variable ?? '';
  const { type } = bindVariable(environment, name, assignment.span.line);
  if (assignment.column !== undefined) {
    const written = assignment.column.name;
    const through = target.kind === 'found' ? target.through : undefined;
    const column = through === undefined ? columnNamed(builder, target.table, written) : through.columnOf(written);
    const value = columnOfSource(builder, own, written)?.value;
    if (column === undefined || value === undefined) throw unsupported('UPDATE … SET @variable = …', assignment.span);
    const after = { ...value, sql: `new.${column.postgresName}` };
    return { variable: name, type, value: convert(builder, after, type).sql, afterwards: true };
  }
  if (assignment.value.kind === 'default') throw unsupported('UPDATE … SET @variable = DEFAULT', assignment.span);
  const value = withOldValues(target, own, () =>
    bindExpression(plainClause(environment), assignment.value as Exclude<Assignment['value'], { kind: 'default' }>),
  );
  return { variable: name, type, value: convert(builder, value, type).sql, afterwards: false };
}

/** In RETURNING the bare alias of the target means its new values. */
function withOldValues<Result>(target: BoundTarget, own: Source, work: () => Result): Result {
  if (target.kind === 'found') return work();
  const { columns } = own;
  own.columns = columns.map((column, index) => ({
    ...column,
    value: { ...column.value, sql: `old.${target.table.columns[index]?.postgresName ?? ''}` },
  }));
  try {
    return work();
  } finally {
    own.columns = columns;
  }
}
