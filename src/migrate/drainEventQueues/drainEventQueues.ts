import type { SliceResult } from '../../contract.js';
import type { DestinationSession } from '../../sqlserver/session.js';
import { waitFor } from '../migrateEntities/pace.js';
import { withDestination, type StageContext } from '../stageContext.js';
import { recordFact } from '../state/notes.js';
import { withWriteTransaction } from '../state/transaction.js';
import { queuedSql, removeQueuedSql } from './queueRows.js';

/** Milliseconds between two looks: the platform's scheduler works in seconds. */
const lookInterval = 1_000;

/** The platform's tables are shared with running applications: a statement must not hold enough locks to escalate. */
const platformRows = 2_000;

/**
 * Waits until the platform has worked off the events of the affected applications (guide: the queues must be empty
 * before the migration). They must still be enabled: a disabled application's events are never worked off (trap 65).
 * @param discard the operator decided to lose the events that are left
 */
export async function drainEventQueues(context: StageContext, discard: boolean): Promise<SliceResult> {
  return withDestination(context, async (session) => {
    const handled = discard ? await removeQueued(context, session, 'drainEventQueues', 'events discarded') : 0;
    for (;;) {
      const left = await queuedEvents(context, session);
      if (left === 0) return { done: true, handled, waiting: null, problems: [] };
      const waiting = `draining: ${left} ${left === 1 ? 'event' : 'events'} left`;
      context.heartbeat({ stage: 'drainEventQueues', waiting });
      if (context.deadline() || context.signal.aborted) return { done: false, handled, waiting, left, problems: [] };
      await waitFor(lookInterval, context.signal);
    }
  });
}

/** How many events of affected applications are queued. */
export async function queuedEvents(context: Pick<StageContext, 'plan'>, session: DestinationSession): Promise<number> {
  const [row] = await session.rows(queuedSql(context.plan));
  return Number(row?.[0]);
}

/** Removes the affected rows of every queue in small transactions; answers how many it removed in this call. */
export async function removeQueued(
  context: StageContext,
  session: DestinationSession,
  stage: string,
  fact: string,
): Promise<number> {
  let removed = 0;
  for (const table of context.plan.queues.tables) {
    for (let rows = platformRows; rows === platformRows;) {
      rows = await withWriteTransaction(session, context.state, context.run, false, async (transaction) => {
        const [row] = await session.rows(removeQueuedSql(context.plan, table, platformRows));
        const count = Number(row?.[0]);
        if (count > 0) await recordFact(transaction, context.state, stage, fact, removed + count);
        return count;
      });
      removed += rows;
      context.heartbeat({ stage, rows: removed });
    }
  }
  return removed;
}
