import type { SliceResult } from '../../contract.js';
import { integerList } from '../../sqlserver/quoteName.js';
import type { DestinationSession } from '../../sqlserver/session.js';
import { queuedEvents, removeQueued } from '../drainEventQueues/drainEventQueues.js';
import { platformTable } from '../drainEventQueues/queueRows.js';
import { withDestination, type StageContext } from '../stageContext.js';
import { readNote, recordFact, writeNote } from '../state/notes.js';
import { withWriteTransaction } from '../state/transaction.js';

/** Note of the run: from here on events in the queues are the applications' own. */
export const readyNote = 'applicationsReady';

/**
 * Removes the events that the load caused, shifts overdue timers if the request says so, proves the queues empty, and
 * enables the applications. On enabling the platform works off whatever is queued (trap 65), and every overdue timer
 * runs (trap 77): both must be settled before.
 * @param confirmed under maintenance mode confirm: the operator says that the applications are enabled
 */
export async function enableApplications(context: StageContext, confirmed: boolean): Promise<SliceResult> {
  return withDestination(context, async (session) => {
    const ready = await readNote<boolean>(session, context.state, context.run.run, readyNote);
    if (ready !== true) {
      const left = await prepare(context, session);
      if (left > 0) {
        return { done: false, handled: 0, waiting: `${left} events of the load are still queued`, problems: [] };
      }
    }
    if (context.maintenance.mode !== 'confirm' || confirmed) {
      await context.maintenance.apply('enable', context.plan.applications, context.signal);
    }
    return { done: true, handled: context.plan.applications.length, waiting: null, problems: [] };
  });
}

/**
 * Answers how many events are left; only with none may the applications be enabled. A login that may not delete from
 * the queues leaves them: the plan forecast them, and whoever approved it accepted that they are worked off.
 */
async function prepare(context: StageContext, session: DestinationSession): Promise<number> {
  const { mayRemove } = context.plan.queues;
  if (mayRemove) await removeQueued(context, session, 'enableApplications', 'events that the load caused removed');
  if (context.plan.request.timers === 'shift') await shiftTimers(context, session);
  const left = mayRemove ? await queuedEvents(context, session) : 0;
  if (left === 0) {
    await withWriteTransaction(session, context.state, context.run, false, (transaction) =>
      writeNote(transaction, context.state, readyNote, true),
    );
  }
  return left;
}

/** Moves the next run of overdue timers that do not run to the same time of a coming day. */
async function shiftTimers(context: StageContext, session: DestinationSession): Promise<void> {
  const espaces = context.plan.applications.flatMap(({ espaceIds }) => espaceIds);
  if (espaces.length === 0) return;
  await withWriteTransaction(session, context.state, context.run, false, async (transaction) => {
    let shifted = 0;
    for (const table of ['OSSYS_CYCLIC_JOB', 'OSSYS_CYCLIC_JOB_SHARED']) {
      const [row] = await session.rows(
        'SET NOCOUNT ON;\n' +
          `UPDATE j SET NEXT_RUN = DATEADD(day, DATEDIFF(day, j.NEXT_RUN, GETDATE()) + 1, j.NEXT_RUN) ` +
          `FROM ${platformTable(table)} j JOIN ${platformTable('OSSYS_META_CYCLIC_JOB')} m ON m.ID = j.META_CYCLIC_JOB_ID ` +
          `WHERE m.ESPACE_ID IN (${integerList(espaces)}) AND j.NEXT_RUN > '19000101' AND j.NEXT_RUN < GETDATE() ` +
          `AND (j.IS_RUNNING_SINCE IS NULL OR j.IS_RUNNING_SINCE = '19000101');\nSELECT @@ROWCOUNT;`,
      );
      shifted += Number(row?.[0]);
    }
    await recordFact(transaction, context.state, 'enableApplications', 'overdue timers shifted', shifted);
  });
}
