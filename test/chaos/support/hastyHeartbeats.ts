import type { WorkflowInterceptors } from '@temporalio/workflow';

/**
 * Lets the loss of a worker be noticed within seconds, so that many rounds fit into minutes. An attempt that is merely
 * slow is then repeated while it still runs, which is what the rounds are after.
 */
export const interceptors = (): WorkflowInterceptors => ({
  outbound: [
    {
      scheduleActivity: (input, next) =>
        next({ ...input, options: { ...input.options, heartbeatTimeout: '12 seconds' } }),
    },
  ],
});
