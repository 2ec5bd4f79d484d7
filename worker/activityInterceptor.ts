import type { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { activityFailure } from '../activities/failures.js';
import type { WorkerLog } from './logging.js';

/**
 * Around every activity: turns whatever was thrown into a failure of the catalogue (what Temporal stores must hold no
 * row value and no driver text) and logs each attempt with the names that find it again.
 */
export function activityInterceptor(log: WorkerLog): ActivityInterceptorsFactory {
  return (context) => ({
    inbound: {
      async execute(input, next) {
        const activityLog = log.child(fieldsOf(context));
        const started = Date.now();
        try {
          const result = await next(input);
          activityLog.debug({ ms: Date.now() - started }, 'activity done');
          return result;
        } catch (error) {
          const failure = activityFailure(error);
          const ms = Date.now() - started;
          if (!(failure instanceof ApplicationFailure)) {
            // A shutdown or a cancel is no failure.
            activityLog.info({ ms, reason: failure.message }, 'activity ended early');
            throw failure;
          }
          const fields = { ms, type: failure.type, failure: failure.details?.[0], stack: stackOf(error) };
          if (failure.nonRetryable) activityLog.error(fields, 'activity failed');
          else activityLog.warn(fields, 'activity attempt failed; it is tried again');
          throw failure;
        }
      },
    },
  });
}

function fieldsOf({ info }: Context): Record<string, unknown> {
  return {
    activity: info.activityType,
    attempt: info.attempt,
    workflowId: info.workflowExecution?.workflowId,
    runId: info.workflowExecution?.runId,
  };
}

/** Where it happened, without the message, which may quote a row's values. */
function stackOf(error: unknown): string[] | undefined {
  if (!(error instanceof Error) || error.stack === undefined) return undefined;
  return error.stack
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('at '))
    .slice(0, 8);
}
