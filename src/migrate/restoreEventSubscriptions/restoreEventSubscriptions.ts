import type { SliceResult, StageFailure } from '../../contract.js';
import type { PlannedEventTable } from '../../plan/refreshPlan.js';
import type { DestinationSession, SourceSession } from '../../sqlserver/session.js';
import { closeSnapshot, findOpenSnapshot, readSnapshot, snapshotRows } from '../clearEventSubscriptions/snapshot.js';
import type { LookupContext } from '../migrateEntities/lookup.js';
import { withDestination, withSource, type StageContext } from '../stageContext.js';
import { keyOwners } from '../state/keyOwners.js';
import { isFinished, ledgered } from '../state/ledger.js';
import { recordFact } from '../state/notes.js';
import { runNumberOf } from '../state/run.js';
import { withWriteTransaction, type WriteTransaction } from '../state/transaction.js';
import { activityStillExists, eventTranslation, missingSql, putBackSql, startsProcess } from './restoreStatements.js';

/**
 * The last of all writes to the data: each event table gets back, in one transaction, the destination's rows that start
 * processes, its rows of activities that still exist, and the source's rows of activities, translated. Rows that others
 * have added meanwhile stay. The result is checked before it is committed.
 */
export async function restoreEventSubscriptions(context: StageContext): Promise<SliceResult> {
  let handled = 0;
  const problems: StageFailure[] = [];
  const done = await withDestination(context, (destination) =>
    withSource(context, async (source) => {
      const lookupContext: LookupContext = {
        plan: context.plan,
        state: context.state,
        owners: await keyOwners(destination, context.state, context.plan),
        runNumber: await runNumberOf(destination, context.state, context.run),
      };
      for (const [index, table] of context.plan.eventTables.entries()) {
        const workItem = `restoreEvents:${index}`;
        if (await isFinished(destination, context.state, context.run.run, workItem)) continue;
        const restored = await restoreTable(context, lookupContext, source, destination, table, workItem);
        if (restored.missing > 0) problems.push(notRestored(table, restored.missing));
        handled += restored.rows;
        context.heartbeat({ stage: 'restoreEventSubscriptions', subject: table.name, rows: handled });
        if (context.deadline() || context.signal.aborted) return false;
      }
      return true;
    }),
  );
  return { done: done && problems.length === 0, handled, waiting: null, problems };
}

function notRestored(table: PlannedEventTable, missing: number): StageFailure {
  return {
    code: 'subscriptionsMissing',
    message: `${missing} event subscriptions of ${table.name} are missing after the restore`,
    sqlNumber: null,
    subject: table.name,
    remedy: 'Look for a trigger or another program that removes rows of the event table, then retry.',
  };
}

async function restoreTable(
  context: StageContext,
  lookupContext: LookupContext,
  source: SourceSession,
  destination: DestinationSession,
  table: PlannedEventTable,
  workItem: string,
): Promise<{ readonly rows: number; readonly missing: number }> {
  const translation = eventTranslation(lookupContext, table);
  if (translation !== null) {
    const rows = await source.query(translation.read);
    for (const statement of translation.create) await destination.batch(statement);
    if (rows.length > 0) await destination.bulkLoad('#event', translation.columns, rows);
  }
  return withWriteTransaction(destination, context.state, context.run, true, (transaction) =>
    ledgered(transaction, context.state, workItem, async () => {
      const own = await putBackOwn(context, transaction, table);
      let [concerned, translated, added, missing] = [0, 0, 0, own.missing];
      if (translation !== null) {
        concerned = await count(destination, translation.concerned);
        translated = await count(destination, translation.translate);
        added = await count(destination, translation.add);
        missing += await count(destination, missingSql(table, '#event_translated', '1 = 1'));
      }
      await recordCounts(transaction, context, table, {
        starts: own.starts,
        activities: own.activities,
        translated,
        dropped: concerned - translated,
      });
      if (missing === 0 && own.snapshot !== null) await closeSnapshot(transaction, context.state, own.snapshot);
      return {
        rows: own.starts + own.activities + added,
        rowsWritten: own.starts + own.activities + added,
        missing,
        last: missing === 0,
      };
    }),
  );
}

interface OwnRows {
  readonly snapshot: number | null;
  readonly starts: number;
  readonly activities: number;
  readonly missing: number;
}

/**
 * The destination's own rows. Its activity rows go back only if new activities cannot have taken their ids: reserved
 * keys lie above all ids that ever were, preserved ones do not.
 */
async function putBackOwn(
  context: StageContext,
  transaction: WriteTransaction,
  table: PlannedEventTable,
): Promise<OwnRows> {
  const snapshot = await findOpenSnapshot(transaction.session, context.state, table);
  if (snapshot === null) return { snapshot, starts: 0, activities: 0, missing: 0 };
  await readSnapshot(transaction.session, context.state, table, snapshot);
  const activitiesKept = idsTellOwnActivities(context);
  const starts = await count(transaction.session, putBackSql(table, snapshotRows, startsProcess(table)));
  const activities = activitiesKept
    ? await count(transaction.session, putBackSql(table, snapshotRows, activityStillExists(table)))
    : 0;
  const missing =
    (await count(transaction.session, missingSql(table, snapshotRows, startsProcess(table)))) +
    (activitiesKept
      ? await count(transaction.session, missingSql(table, snapshotRows, activityStillExists(table)))
      : 0);
  return { snapshot, starts, activities, missing };
}

/** False where activities keep the source's ids: an id that a row of the destination holds may be a loaded activity's. */
function idsTellOwnActivities({ plan }: StageContext): boolean {
  return !plan.nodes.some((node) => node.kind === 'activity' && node.origin === 'preserved');
}

async function recordCounts(
  transaction: WriteTransaction,
  context: StageContext,
  table: PlannedEventTable,
  counts: {
    readonly starts: number;
    readonly activities: number;
    readonly translated: number;
    readonly dropped: number;
  },
): Promise<void> {
  const facts = [
    ['process-start subscriptions put back', counts.starts],
    ['subscriptions of kept activities put back', counts.activities],
    ['subscriptions of migrated activities translated', counts.translated],
    ['subscriptions dropped because an identifier has no image', counts.dropped],
  ] as const;
  for (const [text, number] of facts) {
    if (number > 0)
      await recordFact(transaction, context.state, 'restoreEventSubscriptions', `${table.name}: ${text}`, number);
  }
}

/**
 * For a run that ends badly: before the first write of data everything goes back as it was; after it only the rows that
 * start processes, and the snapshot stays open, so that the next run can put back the rest. Outside the scope the rows of
 * activities that were not deleted go back too: the next run may not look at that table again.
 */
export async function putSubscriptionsBack(
  context: StageContext,
  session: DestinationSession,
  everything: boolean,
): Promise<number> {
  let rows = 0;
  for (const table of context.plan.eventTables) {
    rows += await withWriteTransaction(session, context.state, context.run, false, async (transaction) => {
      const snapshot = await findOpenSnapshot(session, context.state, table);
      if (snapshot === null) return 0;
      await readSnapshot(session, context.state, table, snapshot);
      const whole = table.outsideScope && idsTellOwnActivities(context);
      const some = whole ? `(${startsProcess(table)} OR ${activityStillExists(table)})` : startsProcess(table);
      const put = await count(session, putBackSql(table, snapshotRows, everything ? '1 = 1' : some));
      if (everything || whole) await closeSnapshot(transaction, context.state, snapshot);
      return put;
    });
  }
  return rows;
}

async function count(session: DestinationSession, sql: string): Promise<number> {
  return Number((await session.rows(sql))[0]?.[0]);
}
