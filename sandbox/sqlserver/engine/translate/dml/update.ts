import type { UpdateStatement } from '../../../tsql/ast.js';
import { rootEnvironment } from '../environment.js';
import { bindCommonTables } from '../queries/commonTables.js';
import { topCount } from '../queries/limits.js';
import type { DmlStatement } from '../result.js';
import { outputName } from '../scope.js';
import type { StatementBuilder } from '../statementBuilder.js';
import { bindTarget, type BoundTarget } from './joinedTarget.js';
import { foundRows, joinedRows } from './foundRows.js';
import { finishModification, type FinishedModification } from './output.js';
import { bindSetList, type SetColumn } from './setList.js';
import { bindVariables, type AssignedVariable } from './variableAssignments.js';
import { dmlStatement } from './dmlStatement.js';

/** UPDATE [TOP (n)] … [FROM …]: every target row is changed once. */
export function translateUpdate(builder: StatementBuilder, node: UpdateStatement): DmlStatement {
  const common = bindCommonTables(rootEnvironment(builder), node.ctes, node.options);
  const target = bindTarget(common.environment, {
    target: node.target,
    from: node.from,
    where: node.where,
    limited: node.top !== undefined,
    command: 'UPDATE',
  });
  const { table, environment } = target;
  const own = environment.scope.sources.find((source) => source.postgresAlias === target.alias);
  if (own === undefined) throw new Error('The target of UPDATE has no source.');
  const through = target.kind === 'found' ? target.through : undefined;
  const set = bindSetList(environment, table, own, node.assignments, through?.columnOf);
  const columns = set.map((entry) => entry.column);
  builder.use(through?.securable ?? table, 'UPDATE', through?.securable.kind === 'view' ? [] : columns);
  const variables = bindVariables(environment, node, target, own);
  const limit = node.top === undefined ? '' : ` LIMIT ${topCount(environment, node.top)}`;
  const { text, sources, returning } = updateText(builder, target, set, variables, limit);
  const whole = `${common.sql}${text}`;
  const finished: FinishedModification =
    variables.length > 0
      ? { text: `${whole}${returning}`, execution: { mode: 'assign', assignments: variables } }
      : finishModification(
          { environment, command: 'update', table, events: ['update'], text: whole, sources },
          node.output,
        );
  return dmlStatement(builder, finished, {
    command: 'update',
    target: table,
    triggerEvents: table.triggers.update ? ['update'] : [],
    touchedColumns: set.map((entry) => entry.column.name),
    outputToClient: node.output.toClient !== undefined,
  });
}

function updateText(
  builder: StatementBuilder,
  target: BoundTarget,
  set: readonly SetColumn[],
  variables: readonly AssignedVariable[],
  limit: string,
) {
  const { table } = target;
  if (target.kind === 'joined') {
    const list = set.map((entry) => `${entry.column.postgresName} = ${entry.value}`).join(', ');
    const { from, where } = joinedRows(target);
    return {
      text: `UPDATE ${table.postgresName} AS ${target.alias} SET ${list}${from === '' ? '' : ` FROM ${from}`}${where}`,
      sources: target.sources,
      returning: returningText(variables.map((variable) => variable.value)),
    };
  }
  const before = variables.filter((variable) => !variable.afterwards);
  const found = foundRows(
    builder,
    target,
    [...set, ...before].map((entry) => entry.value),
    limit,
  );
  const list = set.map((entry, index) => `${entry.column.postgresName} = ${found.values[index] ?? ''}`).join(', ');
  const text = `UPDATE ${table.postgresName} AS ${found.alias} SET ${list} FROM ${found.from} WHERE ${found.condition}`;
  const values = variables.map((variable) =>
    variable.afterwards ? variable.value : (found.values[set.length + before.indexOf(variable)] ?? ''),
  );
  return { text, sources: found.sources, returning: returningText(values) };
}

function returningText(values: readonly string[]): string {
  return ` RETURNING ${values.map((value, index) => `${value} AS ${outputName(index)}`).join(', ')}`;
}
