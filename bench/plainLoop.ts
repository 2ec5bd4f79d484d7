import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { ActivityLog } from '../activities/dependencies.js';
import { createActivities } from '../activities/index.js';
import { planCache } from '../activities/planCache.js';
import { setApplicationsEnabled } from '../sandbox/factories/index.js';
import type { RefreshActivities, RunReference, RunStatus } from '../src/contract.js';
import { workflowIdFor } from '../src/contract.js';
import type { BenchEnvironments } from './environments.js';

const silent: ActivityLog = { info: () => undefined, warn: () => undefined, child: () => silent };

/**
 * A refresh without Temporal: the activities that the workflow calls, with what the workflow gives them, one after the
 * other in this process. No history, no decision, no progress.
 */
export async function refreshInPlainLoop(
  environments: Pick<BenchEnvironments, 'configuration' | 'administrator'>,
  request: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { configuration, administrator } = environments;
  const activities = createActivities({
    configuration,
    log: silent,
    plans: planCache(configuration),
    searchAttributesKnown: () => Promise.resolve(false),
  });
  const call = <Name extends keyof RefreshActivities>(name: Name, input: Parameters<RefreshActivities[Name]>[0]) =>
    new MockActivityEnvironment().run<[typeof input], Awaited<ReturnType<RefreshActivities[Name]>>, never>(
      activities[name] as never,
      input,
    );
  const [run, workflowId] = [randomUUID(), workflowIdFor(randomUUID())];
  const startedAt = new Date().toISOString();
  const checked = await call('preflight', { request, workflowId, run });
  const plan = await call('plan', { run, workflowId, request: checked.request });
  const reference: RunReference = {
    ...{ run, workflowId, planHash: plan.planHash, epoch: plan.epoch },
    ...{ source: checked.request.source, destination: checked.request.destination },
  };
  const { rows: batchRows, bytes: batchBytes } = checked.request.batch;
  await toItsEnd(() => call('drainEventQueues', { run: reference, discard: false }));
  await setApplicationsEnabled(administrator, plan.applications, false);
  await toItsEnd(() => call('disableApplications', { run: reference, confirmed: true }));
  await toItsEnd(() => call('clearEventSubscriptions', { run: reference }));
  await toItsEnd(() => call('mapStaticRecords', { run: reference }));
  await toItsEnd(() => call('deleteDestinationData', { run: reference, batchRows }));
  await toItsEnd(() => call('mapUsers', { run: reference }));
  const limits = { batchRows, batchBytes, parallelRanges: checked.request.parallelRanges };
  for (const { id } of plan.items)
    await toItsEnd(() => call('migrateBatches', { run: reference, item: id, ...limits }));
  await toItsEnd(() => call('resolveDeferredReferences', { run: reference }));
  await toItsEnd(() => call('verify', { run: reference }));
  await toItsEnd(() => call('restoreEventSubscriptions', { run: reference }));
  await toItsEnd(() => call('enableApplications', { run: reference, confirmed: false }));
  await setApplicationsEnabled(administrator, plan.applications, true);
  await toItsEnd(() => call('enableApplications', { run: reference, confirmed: true }));
  await call('closeRun', {
    run: reference,
    ending: 'done',
    status: statusAtTheEnd(reference, startedAt),
    ...{ decisions: [], failure: null, failures: [], left: [] },
  });
}

/** Calls slices until nothing is left; a problem, at which a run would wait for its operator, fails the bench. */
async function toItsEnd(
  slice: () => Promise<{ readonly done: boolean; readonly problems?: readonly { readonly message: string }[] }>,
): Promise<void> {
  for (;;) {
    const { done, problems = [] } = await slice();
    if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('; '));
    if (done) return;
  }
}

function statusAtTheEnd({ run, workflowId }: RunReference, startedAt: string): RunStatus {
  const now = new Date().toISOString();
  return {
    ...{ id: workflowId, run, state: 'done', stage: null, waitingFor: null, stages: [], entities: [] },
    ...{ startedAt, endedAt: now, asOf: now },
  };
}
