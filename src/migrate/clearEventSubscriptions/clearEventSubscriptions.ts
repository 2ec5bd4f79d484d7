import type { SliceResult } from '../../contract.js';
import type { PlannedEventTable } from '../../plan/refreshPlan.js';
import { interruption } from '../../sqlserver/errors.js';
import { quoteTable } from '../../sqlserver/quoteName.js';
import { withDestination, type StageContext } from '../stageContext.js';
import { isFinished, ledgered } from '../state/ledger.js';
import { withWriteTransaction, type WriteTransaction } from '../state/transaction.js';
import { eventColumns, sameEventRow, takenRows } from './eventTable.js';
import { addToSnapshotSql, findOpenSnapshot, newRows, newSnapshot, readSnapshot, snapshotRows } from './snapshot.js';

/**
 * Moves the rows of each event table into the state schema, in one transaction a table, so that the
 * load raises no events (guide, "Disable BPT Triggers"). A snapshot is never overwritten: one that an earlier run has
 * not put back is taken over, and only rows that it lacks are added to it. Of entities outside the scope only the rows of
 * activities that will be deleted are taken: those would wake whatever got the same id.
 */
export async function clearEventSubscriptions(context: StageContext): Promise<SliceResult> {
  let handled = 0;
  const done = await withDestination(context, async (session) => {
    for (const [index, table] of context.plan.eventTables.entries()) {
      const workItem = `clearEvents:${index}`;
      if (await isFinished(session, context.state, context.run.run, workItem)) continue;
      handled += await withWriteTransaction(session, context.state, context.run, false, async (transaction) => {
        const { rowsWritten } = await ledgered(transaction, context.state, workItem, async () => ({
          rowsWritten: await moveToSnapshot(context, transaction, table),
          last: true,
        }));
        return rowsWritten;
      });
      context.heartbeat({ stage: 'clearEventSubscriptions', subject: table.name, rows: handled });
      if (context.deadline() || context.signal.aborted) return false;
    }
    return true;
  });
  return { done, handled, waiting: null, problems: [] };
}

async function moveToSnapshot(
  context: StageContext,
  transaction: WriteTransaction,
  table: PlannedEventTable,
): Promise<number> {
  const { session, runNumber } = transaction;
  const { state } = context;
  const snapshot = (await findOpenSnapshot(session, state, table)) ?? (await newSnapshot(transaction, state, table));
  const events = quoteTable(table.destination);
  const columns = eventColumns(table).join(', ');
  const taken = takenRows(context.plan, table, 'e');
  await readSnapshot(session, state, table, snapshot);
  // The table lock keeps a subscription that arrives meanwhile from being deleted without having been copied.
  const [row] = await session.rows(
    [
      'SET NOCOUNT ON;',
      'DECLARE @found int, @kept int, @deleted int;',
      `SELECT @found = COUNT(*) FROM ${events} e WITH (TABLOCKX, HOLDLOCK) WHERE ${taken};`,
      `INSERT INTO ${newRows} (${columns}) SELECT ${columns} FROM ${events} e`,
      `WHERE ${taken} AND NOT EXISTS (SELECT 1 FROM ${snapshotRows} m WHERE ${sameEventRow(table, 'm', 'e')});`,
      'SET @kept = @@ROWCOUNT;',
      addToSnapshotSql(state, table, snapshot),
      `DELETE e FROM ${events} e WHERE ${taken};`,
      'SET @deleted = @@ROWCOUNT;',
      `UPDATE ${state.table('event_snapshot')} SET run = ${runNumber}, row_count = row_count + @kept WHERE number = ${snapshot};`,
      'SELECT @found, @deleted;',
    ].join('\n'),
  );
  if (Number(row?.[0]) !== Number(row?.[1])) {
    throw interruption(
      'countsDiffer',
      `${Number(row?.[1])} of ${Number(row?.[0])} subscriptions were removed`,
      table.name,
    );
  }
  return Number(row?.[1]);
}
