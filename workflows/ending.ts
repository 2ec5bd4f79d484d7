import type { RunEnding, StageFailure } from '../src/contract.js';
import { endings } from './activityOptions.js';
import type { RunEnded } from './failures.js';
import { closeJournal } from './journal.js';
import { now, type Run } from './run.js';
import { statusOf } from './runState.js';

/** Waits for nothing: children and activities have ended before the stage list is left. */
export async function endBadly(run: Run, ended: RunEnded | null): Promise<void> {
  const { state } = run;
  const ending = ended?.ending ?? 'cancelled';
  const current = state.stages.find((stage) => stage.name === state.stage);
  if (current !== undefined && current.state !== 'done') current.state = 'failed';
  state.steering.ended = true;
  state.waiting = null;
  if (current?.name === 'preflight') {
    state.state = ending;
    state.endedAt = now();
    run.show();
    return;
  }
  state.state = 'compensating';
  run.show();
  await closeJournal(run);
  // The plan stage may have opened the run although its answer was never received.
  state.reference ??= {
    run: state.run,
    workflowId: state.id,
    source: state.preflight!.request.source,
    destination: state.preflight!.request.destination,
    planHash: '',
    epoch: 0,
  };
  const { left } = await endings.compensate({ run: state.reference });
  state.stageNote = left.length === 0 ? null : left.join(' ');
  state.stageNoteSince = null;
  await close(run, ending, ended?.failure ?? null, left);
}

/** Closes the run row and writes the report; from here on every late writer is refused. */
export async function close(
  run: Run,
  ending: RunEnding,
  failure: StageFailure | null,
  left: readonly string[] = [],
): Promise<void> {
  const { state } = run;
  state.steering.ended = true;
  await closeJournal(run);
  state.state = ending;
  state.endedAt = now();
  state.waiting = null;
  if (state.reference !== null) {
    const status = statusOf(state, now());
    const { decisions } = state.steering;
    const { failures } = state;
    await endings.closeRun({ run: state.reference, ending, status, decisions, failure, failures, left });
  }
  run.show();
}
