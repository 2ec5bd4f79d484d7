import type { PlannedEntity, PlannedProcesses, RefreshPlan } from '../../plan/refreshPlan.js';
import { integerList, quoteTable } from '../../sqlserver/quoteName.js';
import type { DestinationSession, SourceSession } from '../../sqlserver/session.js';
import type { StageContext } from '../stageContext.js';
import { addChosen, createChosenStage, stageChosen } from '../state/chosenKeys.js';
import { isFinished, ledgered } from '../state/ledger.js';
import { withWriteTransaction } from '../state/transaction.js';

const treesARead = 50_000;

const workItem = 'processTrees';

/**
 * Decides once which process trees move, and keeps the list in the state schema: process by process the answer could
 * change while production goes on, and a tree would be torn.
 */
export async function selectProcessTrees(
  context: StageContext,
  source: SourceSession,
  destination: DestinationSession,
): Promise<void> {
  const sql = processTreeQuery(context.plan);
  if (sql === null || (await isFinished(destination, context.state, context.run.run, workItem))) return;
  await createChosenStage(destination);
  let after: string | null = null;
  for (;;) {
    const rows = await source.query(sql, {
      rows: { type: 'int', value: treesARead },
      after: { type: 'bigint', value: after },
    });
    await stageChosen(destination, rows);
    if (rows.length < treesARead) break;
    after = String(rows.at(-1)?.[0]);
  }
  const node = entityOfKind(context.plan, 'process')?.node ?? -1;
  await withWriteTransaction(destination, context.state, context.run, false, (transaction) =>
    ledgered(transaction, context.state, workItem, async () => ({
      rowsRead: await addChosen(transaction, context.state, node),
      last: true,
    })),
  );
}

/** A page of top processes whose trees move; null if no processes move. `@after` may be NULL. */
export function processTreeQuery(plan: RefreshPlan): string | null {
  const moving = movingTops(plan);
  if (moving === null) return null;
  return `SELECT TOP (@rows) CONVERT(bigint, p.ID) FROM ${moving} AND (@after IS NULL OR p.ID > @after) ORDER BY p.ID`;
}

/** FROM and WHERE of the top processes whose trees move, over the alias `p`; null if no processes move. */
function movingTops(plan: RefreshPlan): string | null {
  const process = entityOfKind(plan, 'process');
  if (process === undefined || plan.processes === null) return null;
  const table = quoteTable(process.sourceTable);
  const conditions = [
    '(p.TOP_PROCESS_ID = p.ID OR p.TOP_PROCESS_ID IS NULL OR p.TOP_PROCESS_ID = 0)',
    `p.PROCESS_DEF_ID IN (${integerList(plan.processes.topDefinitionIds)})`,
  ];
  if (plan.processes.topStatusIds !== null)
    conditions.push(`p.STATUS_ID IN (${integerList(plan.processes.topStatusIds)})`);
  if (plan.processes.topTenantIds != null)
    conditions.push(`p.TENANT_ID IN (${integerList(plan.processes.topTenantIds)})`);
  if (process.highWater !== null && /^-?\d+$/.test(process.highWater)) conditions.push(`p.ID <= ${process.highWater}`);
  for (const excluded of excludedTrees(plan, plan.processes, table)) conditions.push(`p.ID NOT IN (${excluded})`);
  return `${table} p WHERE ${conditions.join(' AND ')}`;
}

/** Condition on a source row of a process table: its tree moves. Null for other entities. */
export function movesWithTree(plan: RefreshPlan, entity: PlannedEntity, alias: string): string | null {
  const process = entityOfKind(plan, 'process');
  const moving = movingTops(plan);
  if (entity.processPath === null || process === undefined || moving === null) return null;
  const inTree = (of: string): string => `${topOf(of)} IN (SELECT p.ID FROM ${moving})`;
  if (entity.processPath === 'own') return inTree(alias);
  const processes = `${quoteTable(process.sourceTable)} o`;
  if (entity.processPath === 'PROCESS_ID')
    return `EXISTS (SELECT 1 FROM ${processes} WHERE o.ID = ${alias}.PROCESS_ID AND ${inTree('o')})`;
  const activity = entityOfKind(plan, 'activity');
  if (activity === undefined) return null;
  return (
    `EXISTS (SELECT 1 FROM ${quoteTable(activity.sourceTable)} v JOIN ${processes} ON o.ID = v.PROCESS_ID ` +
    `WHERE v.ID = ${alias}.ACTIVITY_ID AND ${inTree('o')})`
  );
}

const topOf = (alias: string): string => `COALESCE(NULLIF(${alias}.TOP_PROCESS_ID, 0), ${alias}.ID)`;

/** A tree that holds a process or activity without definition in the destination stays behind whole (trap 67). */
function excludedTrees(plan: RefreshPlan, processes: PlannedProcesses, table: string): string[] {
  const excluded: string[] = [];
  if (processes.missingProcessDefinitionIds.length > 0) {
    excluded.push(
      `SELECT ${topOf('c')} FROM ${table} c WHERE c.PROCESS_DEF_ID IN (${integerList(processes.missingProcessDefinitionIds)})`,
    );
  }
  const activity = entityOfKind(plan, 'activity');
  if (processes.missingActivityDefinitionIds.length > 0 && activity !== undefined) {
    excluded.push(
      `SELECT ${topOf('c')} FROM ${quoteTable(activity.sourceTable)} a JOIN ${table} c ON c.ID = a.PROCESS_ID ` +
        `WHERE a.ACTIVITY_DEF_ID IN (${integerList(processes.missingActivityDefinitionIds)})`,
    );
  }
  return excluded;
}

function entityOfKind(plan: RefreshPlan, kind: 'process' | 'activity'): PlannedEntity | undefined {
  return plan.entities.find((entity) => plan.nodes[entity.node]?.kind === kind);
}
