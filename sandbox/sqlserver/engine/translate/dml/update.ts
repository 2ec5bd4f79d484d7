import type { UpdateStatement } from '../../../tsql/ast.js';
import { rootEnvironment } from '../environment.js';
import { bindCommonTables } from '../queries/commonTables.js';
import { topCount } from '../queries/limits.js';
import type { DmlStatement } from '../result.js';
import type { StatementBuilder } from '../statementBuilder.js';
import { bindTarget, type BoundTarget } from './joinedTarget.js';
import { foundRows, joinedRows } from './foundRows.js';
import { finishModification } from './output.js';
import { bindSetList, type SetColumn } from './setList.js';
import { dmlStatement } from './dmlStatement.js';

/** UPDATE [TOP (n)] … [FROM …]: every target row is changed once. */
export function translateUpdate(builder: StatementBuilder, node: UpdateStatement): DmlStatement {
  const common = bindCommonTables(rootEnvironment(builder), node.ctes, node.options);
  const { environment } = common;
  const target = bindTarget(environment, {
    target: node.target,
    from: node.from,
    where: node.where,
    limited: node.top !== undefined,
    command: 'UPDATE',
  });
  const { table } = target;
  const own = environment.scope.sources.find((source) => source.postgresAlias === target.alias);
  if (own === undefined) throw new Error('The target of UPDATE has no source.');
  const set = bindSetList(environment, table, own, node.assignments);
  builder.use(
    table,
    'UPDATE',
    set.map((entry) => entry.column),
  );
  const limit = node.top === undefined ? '' : ` LIMIT ${topCount(environment, node.top)}`;
  const { text, sources } = updateText(builder, target, set, limit);
  const finished = finishModification(
    { environment, command: 'update', table, events: ['update'], text: `${common.sql}${text}`, sources },
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

function updateText(builder: StatementBuilder, target: BoundTarget, set: readonly SetColumn[], limit: string) {
  const { table } = target;
  if (target.kind === 'joined') {
    const list = set.map((entry) => `${entry.column.postgresName} = ${entry.value}`).join(', ');
    const { from, where } = joinedRows(target);
    return {
      text: `UPDATE ${table.postgresName} AS ${target.alias} SET ${list}${from === '' ? '' : ` FROM ${from}`}${where}`,
      sources: target.sources,
    };
  }
  const found = foundRows(
    builder,
    target,
    set.map((entry) => entry.value),
    limit,
  );
  const list = set.map((entry, index) => `${entry.column.postgresName} = ${found.values[index] ?? ''}`).join(', ');
  const text = `UPDATE ${table.postgresName} AS ${found.alias} SET ${list} FROM ${found.from} WHERE ${found.condition}`;
  return { text, sources: found.sources };
}
