import { ActivityCancellationType, proxyActivities, type ActivityOptions } from '@temporalio/workflow';
import { nonRetryableFailureTypes, type RefreshActivities } from '../src/contract.js';

/** Infrastructure errors are retried without end: the operator sees them and decides; only refusals stop a stage. */
const retryForEver: ActivityOptions['retry'] = {
  initialInterval: '1 second',
  backoffCoefficient: 2,
  maximumInterval: '30 seconds',
  nonRetryableErrorTypes: [...nonRetryableFailureTypes],
};

/** A cancel or a shutdown must never cut a transaction short: the call ends by itself after its current batch. */
const cancellationType = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED;

/** Reads and checks before anything is written: an unreachable server is told to the operator, not waited for. */
export const checks = proxyActivities<Pick<RefreshActivities, 'preflight'>>({
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '60 seconds',
  cancellationType,
  retry: { ...retryForEver, maximumAttempts: 3 },
});

/** Counts and surveys of a large production database take long; the survey heartbeats between statements. */
export const planning = proxyActivities<Pick<RefreshActivities, 'plan'>>({
  startToCloseTimeout: '4 hours',
  heartbeatTimeout: '5 minutes',
  cancellationType,
  retry: retryForEver,
});

/**
 * Calls that work about ten seconds and say whether anything is left. The bound allows one statement to be far slower
 * than that; the heartbeat tells a dead worker within half a minute.
 */
export const slices = proxyActivities<
  Omit<RefreshActivities, 'preflight' | 'plan' | 'compensate' | 'closeRun' | 'takeOver' | 'writeJournal'>
>({
  startToCloseTimeout: '30 minutes',
  heartbeatTimeout: '30 seconds',
  cancellationType,
  retry: retryForEver,
});

/** Must happen however the run ends; called outside cancellation. */
export const endings = proxyActivities<Pick<RefreshActivities, 'compensate' | 'closeRun' | 'takeOver'>>({
  startToCloseTimeout: '2 hours',
  heartbeatTimeout: '60 seconds',
  retry: retryForEver,
});

/** A few rows of the state schema. */
export const records = proxyActivities<Pick<RefreshActivities, 'writeJournal'>>({
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '60 seconds',
  retry: retryForEver,
});

/** Temporal takes at most 200 bytes, and names may be of any script: 60 characters always fit. */
export function summaryOf(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}
