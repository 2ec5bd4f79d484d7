import { CancellationScope, continueAsNew, isCancellation } from '@temporalio/workflow';
import type { CompensationResult, RecoverInput } from '../src/contract.js';
import { endings } from './activityOptions.js';
import { close } from './ending.js';
import { RunEnded } from './failures.js';
import { keepJournal } from './journal.js';
import { maintain } from './maintenance.js';
import { receiveMessages } from './receive.js';
import { now, Run } from './run.js';
import { move, stageOf, type RefreshState } from './runState.js';

/** What was found and done; `found` is false when the destination has nothing to recover. */
export interface RecoverSummary extends CompensationResult {
  readonly found: boolean;
  readonly enabled: boolean;
}

/**
 * Ends a run that could not end itself (terminated, or its history lost), from the destination's state schema alone:
 * stops late writers, puts the process-start subscriptions back, and after an approval enables the applications.
 * It has the workflow id of the destination's refresh, so neither can start while the other runs.
 */
export async function recover(input: RecoverInput, carried?: RefreshState): Promise<RecoverSummary> {
  const run = new Run(carried, (state) => continueAsNew<typeof recover>(input, state));
  const { state } = run;
  receiveMessages(run, { current: null });
  keepJournal(run);
  for (const stage of state.stages) if (stage.name !== 'enableApplications') move(stage, 'skipped', now());

  const taken = await endings.takeOver({ destination: input.destination, workflowId: state.id });
  if (taken === null) {
    state.state = 'done';
    state.endedAt = now();
    return { found: false, enabled: false, undone: true, left: [] };
  }
  state.reference = taken.reference;
  state.preflight = { request: taken.request, searchAttributes: false, maintenance: taken.maintenance };
  state.steering.gates = ['enableApplications'];
  state.plan = {
    ...{ planHash: taken.reference.planHash, epoch: taken.reference.epoch, warningsHash: '', warnings: 0 },
    ...{ applications: taken.applications, entities: [], items: [] },
    ...{ users: 0, processes: 0, deletions: 0, eventTables: 0 },
  };
  const result = await endings.compensate({ run: taken.reference });
  try {
    if (!result.undone) {
      await run.stage('enableApplications', () => maintain(run, 'enableApplications', 'applicationsEnabled'));
    }
    await close(run, 'aborted', null, result.left);
    return { found: true, enabled: stageOf(state, 'enableApplications').state === 'done' || result.undone, ...result };
  } catch (error) {
    const cancelled = isCancellation(error);
    if (!cancelled && !(error instanceof RunEnded)) throw error;
    await CancellationScope.nonCancellable(() => close(run, 'aborted', null, result.left));
    throw error instanceof RunEnded ? error.toApplicationFailure() : error;
  }
}
