import type { PlannedEntity, RefreshPlan } from '../../plan/refreshPlan.js';
import { integerList, quoteName, quoteTable, textList } from '../../sqlserver/quoteName.js';
import type { DestinationSession, SourceSession } from '../../sqlserver/session.js';
import type { StageContext } from '../stageContext.js';
import { addChosen, createChosenStage, stageChosen } from '../state/chosenKeys.js';
import { isFinished, ledgered } from '../state/ledger.js';
import { withWriteTransaction } from '../state/transaction.js';

/** One place that refers to users: a query of the source for the user ids in it. */
export interface UserReference {
  readonly workItem: string;
  readonly sql: string;
}

/**
 * Chooses the source users that need an image: those that rows which move refer to, or all. Each place is read once and
 * recorded, so an interrupted stage goes on where it was.
 * @returns false if the slice ended first
 */
export async function chooseUsers(
  context: StageContext,
  source: SourceSession,
  destination: DestinationSession,
  userNode: number,
): Promise<boolean> {
  await createChosenStage(destination);
  for (const { workItem, sql } of userReferences(context.plan, userNode)) {
    if (await isFinished(destination, context.state, context.run.run, workItem)) continue;
    await stageChosen(destination, await source.query(sql));
    await withWriteTransaction(destination, context.state, context.run, false, (transaction) =>
      ledgered(transaction, context.state, workItem, async () => ({
        rowsRead: await addChosen(transaction, context.state, userNode),
        last: true,
      })),
    );
    context.heartbeat({ stage: 'mapUsers', subject: workItem });
    if (context.deadline() || context.signal.aborted) return false;
  }
  return true;
}

/** Every column that holds user ids among what moves, the typed values of processes and the subscriptions included. */
export function userReferences(plan: RefreshPlan, userNode: number): UserReference[] {
  const table = plan.nodes[userNode]?.source?.table;
  if (table === undefined) return [];
  if (plan.request.users.scope === 'all') {
    return [{ workItem: 'chooseUsers:all', sql: `SELECT CONVERT(bigint, u.ID) FROM ${quoteTable(table)} u` }];
  }
  return [
    ...plan.entities.flatMap((entity, index) => entityReferences(plan, entity, index, userNode)),
    ...eventReferences(plan, userNode),
  ];
}

function entityReferences(plan: RefreshPlan, entity: PlannedEntity, index: number, userNode: number): UserReference[] {
  const references: UserReference[] = [];
  entity.columns.forEach(({ source, treatment }, position) => {
    if (source === null) return;
    const workItem = `chooseUsers:${index}:${position}`;
    const column = `t.${quoteName(source.column)}`;
    const follows = treatment.kind === 'key' ? treatment.follows?.node : undefined;
    if (follows === userNode || (treatment.kind === 'reference' && treatment.node === userNode)) {
      references.push({ workItem, sql: distinct(entity, column, `${column} <> 0`) });
    }
    if (treatment.kind === 'typedValue') {
      const types = (plan.processes?.valueTypes ?? [])
        .filter(({ node }) => node === userNode)
        .map(({ ssType }) => ssType);
      const typed = `t.${quoteName(treatment.typeColumn)} IN (${textList(types)})`;
      if (types.length > 0)
        references.push({ workItem, sql: distinct(entity, `TRY_CONVERT(bigint, ${column})`, typed) });
    }
  });
  return references;
}

function distinct(entity: PlannedEntity, column: string, condition: string): string {
  const table = quoteTable(entity.sourceTable);
  const rows = entity.where === null ? table : `(SELECT * FROM ${table} WHERE ${entity.where}\n)`;
  const tenants = entity.tenantFilter;
  const filter =
    tenants === undefined ? '' : ` AND t.${quoteName(tenants.column)} IN (${integerList(tenants.sourceIds)})`;
  return `SELECT DISTINCT CONVERT(bigint, ${column}) FROM ${rows} t WHERE ${condition}${filter}`;
}

function eventReferences(plan: RefreshPlan, userNode: number): UserReference[] {
  return plan.eventTables.flatMap((table, index) => {
    const from = table.source;
    if (from === null || !table.translateActivityRows) return [];
    return table.columns.flatMap(({ source, node }, position) =>
      source === null || node !== userNode
        ? []
        : [
            {
              workItem: `chooseUsers:event:${index}:${position}`,
              sql: `SELECT DISTINCT CONVERT(bigint, t.${quoteName(source)}) FROM ${quoteTable(from)} t WHERE t.${quoteName(source)} <> 0`,
            },
          ],
    );
  });
}
