import type { SliceResult } from '../../contract.js';
import { withDestination, type StageContext } from '../stageContext.js';
import { recordFact } from '../state/notes.js';
import { withWriteTransaction } from '../state/transaction.js';
import { countQueued, deleteQueued, queueRows } from './queueScope.js';

/**
 * Looks whether the platform's scheduler has emptied both event queues of the applications concerned; the workflow asks
 * again until it has. With `discard` (an approved decision) what is left is deleted.
 */
export async function drainEventQueues(context: StageContext, discard: boolean): Promise<SliceResult> {
  return withDestination(context, async (session) => {
    const discarded = discard ? await discardQueued(context) : 0;
    const queued = await countQueued(session, context.plan);
    return {
      done: queued === 0,
      handled: discarded,
      waiting: queued === 0 ? null : `draining: ${queued} events left in the queues`,
      problems: [],
    };
  });
}

async function discardQueued(context: StageContext): Promise<number> {
  return withDestination(context, async (session) => {
    let discarded = 0;
    for (const table of context.plan.queues.tables) {
      let deleted = queueRows;
      while (deleted === queueRows && !context.deadline() && !context.signal.aborted) {
        deleted = await withWriteTransaction(session, context.state, context.run, false, async (transaction) => {
          const rows = await deleteQueued(session, context.plan, table, queueRows);
          if (rows > 0) await recordFact(transaction, context.state, 'drainEventQueues', `${table}: events discarded`, discarded + rows);
          return rows;
        });
        discarded += deleted;
      }
    }
    return discarded;
  });
}
