import type { SliceResult, StageFailure } from '../src/contract.js';
import { slices } from './activityOptions.js';
import { Parkable } from './failures.js';
import { now, type Run } from './run.js';

/**
 * Waits until the events of the affected applications are worked off. Whether the platform works them off at all is not
 * in this product's hands (a disabled application, a process that fails again and again), so the stage parks when for
 * `drain.stuckAfter` there were never fewer events left than before.
 * @param discard the operator skipped the stage: the events that are left are removed
 */
export async function drain(run: Run, discard: boolean): Promise<void> {
  const { state } = run;
  const { stuckAfter } = state.preflight!.request.drain;
  await run.slices(async (options) => {
    const result = await slices.drainEventQueues.executeWithOptions(options, [{ run: state.reference!, discard }]);
    const stuckFor = stuckTime(run, result);
    if (result.left !== undefined && stuckFor >= stuckAfter) {
      state.drainLow = null;
      throw new Parkable(drainStuck(result.left, stuckFor));
    }
    return result;
  });
  state.drainLow = null;
}

/** Milliseconds since the number of events left was at its lowest for the first time; a pause starts the count anew. */
function stuckTime(run: Run, { left, done }: SliceResult): number {
  const { state } = run;
  if (done || left === undefined || state.steering.pausedBy !== null) {
    state.drainLow = null;
    return 0;
  }
  if (state.drainLow === null || left < state.drainLow.left) state.drainLow = { left, since: now() };
  return Date.parse(now()) - Date.parse(state.drainLow.since);
}

function drainStuck(left: number, stuckFor: number): StageFailure {
  const minutes = Math.max(1, Math.round(stuckFor / 60_000));
  return {
    code: 'DRAIN_STUCK',
    message: `${left} ${left === 1 ? 'event is' : 'events are'} left in the queues of the affected applications, and for ${minutes} min it did not become fewer.`,
    sqlNumber: null,
    subject: null,
    remedy:
      'Enable the applications and look at the process errors in Service Center, then retry; ' +
      'or skip drainEventQueues: what is left is discarded.',
  };
}
