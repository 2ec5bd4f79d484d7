import type { SliceResult, StageFailure } from '../../contract.js';
import type { DestinationSession } from '../../sqlserver/session.js';
import { queuedEvents } from '../drainEventQueues/drainEventQueues.js';
import { waitFor } from '../migrateEntities/pace.js';
import { withDestination, type StageContext } from '../stageContext.js';
import { writeNote } from '../state/notes.js';
import { withWriteTransaction } from '../state/transaction.js';
import { lookForMotion } from './quiet.js';

/** Milliseconds between the two looks that prove quiet. */
const lookInterval = 2_000;

/** Note of the run: its applications were told to be disabled, so somebody must enable them again. */
export const disabledNote = 'applicationsDisabled';

/**
 * Disables the affected applications, or takes the operator's word that they are, and then proves quiet: no event came
 * while they were being disabled, no timer or activity runs, and nothing was written between two looks. Disabled is not
 * quiet: running timers finish, and database triggers still queue events (trap 76).
 */
export async function disableApplications(context: StageContext, confirmed: boolean): Promise<SliceResult> {
  if (context.maintenance.mode === 'confirm' && !confirmed) {
    return { done: false, handled: 0, waiting: 'waiting for the confirmation applicationsDisabled', problems: [] };
  }
  return withDestination(context, async (session) => {
    await withWriteTransaction(session, context.state, context.run, false, (transaction) =>
      writeNote(transaction, context.state, disabledNote, true),
    );
    await context.maintenance.apply('disable', context.plan.applications, context.signal);
    return proveQuiet(context, session);
  });
}

async function proveQuiet(context: StageContext, session: DestinationSession): Promise<SliceResult> {
  let before = await lookForMotion(session, context.plan);
  for (;;) {
    await waitFor(lookInterval, context.signal);
    const events = await queuedEvents(context, session);
    if (events > 0) return { done: false, handled: 0, waiting: null, problems: [lateEvents(events)] };
    const now = await lookForMotion(session, context.plan);
    const waiting = motionText(now.timers, now.activities, now.sizes !== before.sizes);
    if (waiting === null) {
      return { done: true, handled: context.plan.applications.length, waiting: null, problems: [] };
    }
    context.heartbeat({ stage: 'disableApplications', waiting });
    if (context.deadline() || context.signal.aborted) return { done: false, handled: 0, waiting, problems: [] };
    before = now;
  }
}

function motionText(timers: number, activities: number, written: boolean): string | null {
  if (timers > 0) return `waiting for quiet: ${timers} timers run`;
  if (activities > 0) return `waiting for quiet: ${activities} activities run`;
  return written ? 'waiting for quiet: rows of the affected applications are still written' : null;
}

/** A disabled application's events are never worked off: they would run at the end, on rows that are no longer there. */
function lateEvents(events: number): StageFailure {
  return {
    code: 'EVENTS_WHILE_DISABLING',
    message: `${events} events were queued while the applications were being disabled.`,
    sqlNumber: null,
    subject: null,
    remedy: 'Enable the applications until the queues are empty, disable them again, then retry disableApplications.',
  };
}
