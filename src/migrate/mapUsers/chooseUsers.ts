import type { PlannedEntity, RefreshPlan } from '../../plan/refreshPlan.js';
import { integerList, quoteName, quoteTable, textList } from '../../sqlserver/quoteName.js';
import type { DestinationSession, SourceSession } from '../../sqlserver/session.js';
import { movesWithTree } from '../mapStaticRecords/processTrees.js';
import { followedKey } from '../migrateEntities/entityShape.js';
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

/**
 * Every column that holds user ids among what moves, the typed values of processes and the subscriptions included. Ids of
 * nobody are left out: they are orphans, and the fallback user stands for people only.
 */
export function userReferences(plan: RefreshPlan, userNode: number): UserReference[] {
  const table = plan.nodes[userNode]?.source?.table;
  if (table === undefined) return [];
  if (plan.request.users.scope === 'all') {
    return [{ workItem: 'chooseUsers:all', sql: `SELECT CONVERT(bigint, u.ID) FROM ${quoteTable(table)} u` }];
  }
  const nodes = nodesOfUsers(plan, userNode);
  const references = [
    ...plan.entities.flatMap((entity, index) => entityReferences(plan, entity, index, nodes)),
    ...eventReferences(plan, nodes),
  ];
  return references.map(({ workItem, sql }) => ({
    workItem,
    sql: `SELECT r.user_id FROM (${sql}) r INNER JOIN ${quoteTable(table)} u ON u.ID = r.user_id`,
  }));
}

/**
 * Users, and the entities whose key is a user's. Such an extension does not make its user needed, for it has a row for
 * every user; what refers to the extension does.
 */
function nodesOfUsers(plan: RefreshPlan, userNode: number): ReadonlySet<number> {
  const nodes = new Set([userNode]);
  for (let before = 0; before !== nodes.size;) {
    before = nodes.size;
    for (const node of plan.nodes) {
      const followed = followedKey(plan, node);
      if (followed !== null && nodes.has(followed)) nodes.add(node.node);
    }
  }
  return nodes;
}

function entityReferences(
  plan: RefreshPlan,
  entity: PlannedEntity,
  index: number,
  nodes: ReadonlySet<number>,
): UserReference[] {
  const references: UserReference[] = [];
  entity.columns.forEach(({ source, treatment }, position) => {
    if (source === null) return;
    const workItem = `chooseUsers:${index}:${position}`;
    const column = `t.${quoteName(source.column)}`;
    if (treatment.kind === 'reference' && nodes.has(treatment.node)) {
      references.push({ workItem, sql: distinct(plan, entity, column, `${column} <> 0`) });
    }
    if (treatment.kind === 'typedValue') {
      const types = (plan.processes?.valueTypes ?? [])
        .filter(({ node }) => nodes.has(node))
        .map(({ ssType }) => ssType);
      const typed = `t.${quoteName(treatment.typeColumn)} IN (${textList(types)})`;
      if (types.length > 0)
        references.push({ workItem, sql: distinct(plan, entity, `TRY_CONVERT(bigint, ${column})`, typed) });
    }
  });
  return references;
}

function distinct(plan: RefreshPlan, entity: PlannedEntity, column: string, condition: string): string {
  const table = quoteTable(entity.sourceTable);
  const rows = entity.where === null ? table : `(SELECT * FROM ${table} WHERE ${entity.where}\n)`;
  const conditions = [condition];
  const tenants = entity.tenantFilter;
  if (tenants !== undefined) conditions.push(`t.${quoteName(tenants.column)} IN (${integerList(tenants.sourceIds)})`);
  const tree = movesWithTree(plan, entity, 't');
  if (tree !== null) conditions.push(tree);
  return `SELECT DISTINCT CONVERT(bigint, ${column}) AS user_id FROM ${rows} t WHERE ${conditions.join(' AND ')}`;
}

/** Users whom subscriptions of activities that move name. */
function eventReferences(plan: RefreshPlan, nodes: ReadonlySet<number>): UserReference[] {
  const activities = plan.entities.find((entity) => plan.nodes[entity.node]?.kind === 'activity');
  const moves = activities === undefined ? null : movesWithTree(plan, activities, 'a');
  if (activities === undefined || moves === null) return [];
  return plan.eventTables.flatMap((table, index) => {
    const from = table.source;
    const activity = table.columns.find(({ kind }) => kind === 'activity')?.source ?? null;
    if (from === null || activity === null || !table.translateActivityRows) return [];
    const waits = `EXISTS (SELECT 1 FROM ${quoteTable(activities.sourceTable)} a WHERE a.ID = t.${quoteName(activity)} AND ${moves})`;
    return table.columns.flatMap(({ source, node }, position) =>
      source === null || node === null || !nodes.has(node)
        ? []
        : [
            {
              workItem: `chooseUsers:event:${index}:${position}`,
              sql: `SELECT DISTINCT CONVERT(bigint, t.${quoteName(source)}) AS user_id FROM ${quoteTable(from)} t WHERE t.${quoteName(source)} <> 0 AND ${waits}`,
            },
          ],
    );
  });
}
