import { CancellationScope, continueAsNew, isCancellation } from '@temporalio/workflow';
import type { RunStatus, SliceResult, StageName } from '../src/contract.js';
import { checks, planning, slices, summaryOf } from './activityOptions.js';
import { drain } from './drain.js';
import { close, endBadly } from './ending.js';
import { RunEnded } from './failures.js';
import { keepJournal } from './journal.js';
import { maintain } from './maintenance.js';
import { receiveMessages } from './receive.js';
import { now, Run } from './run.js';
import { batchRowsOf, statusOf, type RefreshState } from './runState.js';
import { ItemScheduler } from './scheduler.js';
import { bindPlan } from './steering.js';

/** What a refresh answers when it completes. */
export type RefreshSummary = Omit<RunStatus, 'asOf' | 'waitingFor' | 'stages'>;

/**
 * Refreshes the destination environment with the source's data. The first argument is the request, all that a person
 * gives; the second is this run's own state, carried through continue-as-new.
 */
export async function refresh(request: unknown, carried?: RefreshState): Promise<RefreshSummary> {
  const run = new Run(carried, (state) => continueAsNew<typeof refresh>(request, state));
  const scheduler = { current: null as ItemScheduler | null };
  receiveMessages(run, scheduler);
  keepJournal(run);
  try {
    await runStages(run, request, scheduler);
    return await complete(run);
  } catch (error) {
    if (isCancellation(error)) {
      await CancellationScope.nonCancellable(() => endBadly(run, null));
      throw error;
    }
    if (!(error instanceof RunEnded)) throw error;
    await CancellationScope.nonCancellable(() => endBadly(run, error));
    throw error.toApplicationFailure();
  }
}

async function runStages(run: Run, request: unknown, scheduler: { current: ItemScheduler | null }): Promise<void> {
  const { state } = run;
  const reference = () => ({ run: state.reference! });
  const stage = (name: StageName, call: (options: { summary: string }) => Promise<SliceResult>) =>
    run.stage(name, () => run.slices(call));

  await run.stage('preflight', async () => {
    state.preflight = await checks.preflight({ request, workflowId: state.id, run: state.run });
    state.steering.gates = state.preflight.request.approvals.stages;
  });
  await run.stage('plan', async () => {
    const { request: checked } = state.preflight!;
    const plan = await planning.plan.executeWithOptions(
      { summary: summaryOf(`${checked.source} → ${checked.destination}`) },
      [{ run: state.run, workflowId: state.id, request: checked }],
    );
    state.plan = plan;
    bindPlan(state.steering, plan, now());
    state.entities = plan.entities.map(({ espace, entity, rows }) => ({
      ...{ espace, entity, state: 'pending', rowsTotal: rows, rowsDone: 0, rowsQuarantined: 0, batches: 0 },
      ...{ startedAt: null, endedAt: null },
    }));
    state.reference = {
      run: state.run,
      workflowId: state.id,
      source: checked.source,
      destination: checked.destination,
      planHash: plan.planHash,
      epoch: plan.epoch,
    };
  });
  // A drained queue fills again while people think: the approval to disable is asked before draining.
  await run.gate('disableApplications');
  await run.stage('drainEventQueues', ({ skipped }) => drain(run, skipped));
  await run.stage('disableApplications', () => maintain(run, 'disableApplications', 'applicationsDisabled'));
  await stage('clearEventSubscriptions', (options) =>
    slices.clearEventSubscriptions.executeWithOptions(options, [reference()]),
  );
  await stage('mapStaticRecords', (options) => slices.mapStaticRecords.executeWithOptions(options, [reference()]));
  await stage('deleteDestinationData', (options) =>
    slices.deleteDestinationData.executeWithOptions(options, [{ ...reference(), batchRows: batchRowsOf(state) }]),
  );
  await stage('mapUsers', (options) => slices.mapUsers.executeWithOptions(options, [reference()]));
  await run.stage('migrateEntities', () => migrate(run, 'migrateEntities', scheduler));
  await run.stage('migrateProcesses', () => migrate(run, 'migrateProcesses', scheduler));
  await stage('resolveDeferredReferences', (options) =>
    slices.resolveDeferredReferences.executeWithOptions(options, [reference()]),
  );
  await stage('verify', (options) => slices.verify.executeWithOptions(options, [reference()]));
  await stage('restoreEventSubscriptions', (options) =>
    slices.restoreEventSubscriptions.executeWithOptions(options, [reference()]),
  );
  await run.stage('enableApplications', () => maintain(run, 'enableApplications', 'applicationsEnabled'));
}

async function migrate(
  run: Run,
  stage: 'migrateEntities' | 'migrateProcesses',
  scheduler: { current: ItemScheduler | null },
): Promise<void> {
  scheduler.current = new ItemScheduler(run, run.state.plan!, run.state.reference!, stage);
  try {
    await scheduler.current.complete();
  } finally {
    scheduler.current = null;
  }
}

async function complete(run: Run): Promise<RefreshSummary> {
  const { state } = run;
  const skipped = state.skippedItems.length > 0 || state.stages.some((stage) => stage.state === 'skipped');
  await CancellationScope.nonCancellable(() => close(run, skipped ? 'doneWithSkips' : 'done', null));
  const { id, run: first, stage, entities, startedAt, endedAt } = statusOf(state, now());
  return { id, run: first, state: state.state, stage, entities, startedAt, endedAt };
}
