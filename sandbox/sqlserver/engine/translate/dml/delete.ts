import type { DeleteStatement } from '../../../tsql/ast.js';
import { rootEnvironment } from '../environment.js';
import { bindCommonTables } from '../queries/commonTables.js';
import { topCount } from '../queries/limits.js';
import type { DmlStatement } from '../result.js';
import type { StatementBuilder } from '../statementBuilder.js';
import { dmlStatement } from './dmlStatement.js';
import { foundRows, joinedRows } from './foundRows.js';
import { bindTarget, type BoundTarget } from './joinedTarget.js';
import { finishModification } from './output.js';

/** DELETE [TOP (n)] [FROM] target [FROM …]. */
export function translateDelete(builder: StatementBuilder, node: DeleteStatement): DmlStatement {
  const common = bindCommonTables(rootEnvironment(builder), node.ctes, node.options);
  const target = bindTarget(common.environment, {
    target: node.target,
    from: node.from,
    where: node.where,
    limited: node.top !== undefined,
    command: 'DELETE',
  });
  const { table, environment } = target;
  builder.use((target.kind === 'found' ? target.through?.securable : undefined) ?? table, 'DELETE');
  const limit = node.top === undefined ? '' : ` LIMIT ${topCount(environment, node.top)}`;
  const { text, sources } = deleteText(builder, target, limit);
  const finished = finishModification(
    { environment, command: 'delete', table, events: ['delete'], text: `${common.sql}${text}`, sources },
    node.output,
  );
  return dmlStatement(builder, finished, {
    command: 'delete',
    target: table,
    triggerEvents: table.triggers.delete ? ['delete'] : [],
    touchedColumns: [],
    outputToClient: node.output.toClient !== undefined,
  });
}

function deleteText(builder: StatementBuilder, target: BoundTarget, limit: string) {
  const { table } = target;
  if (target.kind === 'joined') {
    const { from, where } = joinedRows(target);
    return {
      text: `DELETE FROM ${table.postgresName} AS ${target.alias}${from === '' ? '' : ` USING ${from}`}${where}`,
      sources: target.sources,
    };
  }
  const found = foundRows(builder, target, [], limit);
  return {
    text: `DELETE FROM ${table.postgresName} AS ${found.alias} USING ${found.from} WHERE ${found.condition}`,
    sources: found.sources,
  };
}
