import type { SliceResult } from '../../contract.js';
import { countQueued, deleteQueued, queueRows } from '../drainEventQueues/queueScope.js';
import { withDestination, type StageContext } from '../stageContext.js';
import { readNote, recordFact, writeNote } from '../state/notes.js';
import { withWriteTransaction } from '../state/transaction.js';
import { shiftTimers } from './shiftTimers.js';

export const enabledNote = 'applicationsEnabled';

/**
 * Removes the queue rows that the load itself caused, proves the queues empty, and has the applications enabled. The
 * queues were empty and the applications disabled before the load, so every row in scope is the load's own; on enable
 * the scheduler would act on each (trap 65). Nothing is removed once the applications may be running again.
 */
export async function enableApplications(context: StageContext, confirmed: boolean): Promise<SliceResult> {
  return withDestination(context, async (session) => {
    const enabled = await readNote(session, context.state, context.run.run, enabledNote);
    let removed = 0;
    if (enabled === null) {
      removed = await removeQueued(context);
      const left = await countQueued(session, context.plan);
      if (left > 0) return { done: false, handled: removed, waiting: `removing events that the load caused: ${left} left`, problems: [] };
      if (context.plan.request.timers === 'shift') await shiftTimers(context, session);
      await withWriteTransaction(session, context.state, context.run, false, (transaction) =>
        writeNote(transaction, context.state, enabledNote, { queuesEmpty: true }),
      );
    }
    if (context.maintenance.mode === 'confirm' && !confirmed) {
      return {
        done: false,
        handled: removed,
        waiting: 'enable the applications in Service Center, then confirm applicationsEnabled',
        problems: [],
      };
    }
    await context.maintenance.apply('enable', context.plan.applications, context.signal);
    return { done: true, handled: removed, waiting: null, problems: [] };
  });
}

async function removeQueued(context: StageContext): Promise<number> {
  return withDestination(context, async (session) => {
    let total = 0;
    for (const table of context.plan.queues.tables) {
      let [deleted, removed] = [queueRows, 0];
      while (deleted === queueRows && !context.deadline() && !context.signal.aborted) {
        deleted = await withWriteTransaction(session, context.state, context.run, false, async (transaction) => {
          const rows = await deleteQueued(session, context.plan, table, queueRows);
          if (rows > 0) {
            await recordFact(transaction, context.state, 'enableApplications', `${table}: events that the load caused removed`, removed + rows);
          }
          return rows;
        });
        removed += deleted;
        context.heartbeat({ stage: 'enableApplications', subject: table, rows: removed });
      }
      total += removed;
    }
    return total;
  });
}
