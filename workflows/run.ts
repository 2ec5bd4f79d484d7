import { allHandlersFinished, condition, isCancellation, workflowInfo } from '@temporalio/workflow';
import type { ConfirmationStep, SliceResult, StageFailure, StageName, WaitingFor } from '../src/contract.js';
import { summaryOf } from './activityOptions.js';
import { show } from './details.js';
import { failureOf, failureTypeOf, isWorkFailure, Parkable, RunEnded } from './failures.js';
import { answerFailure, move, newRefreshState, recordFailure, stageOf, type RefreshState } from './runState.js';
import { remember } from './steering.js';

/** A message that does not come is looked for again after this long when nothing else wakes the run. */
const slicePause = '2 seconds';

/**
 * Carries one run through its stages: order, gates, pauses, parking, and what operators see. What a stage does is
 * told by the caller.
 */
export class Run {
  readonly state: RefreshState;
  /** Told by the scheduler while there is one. */
  childrenRun: () => boolean = () => false;
  /** True once no more of the journal can be, or need be, written (journal.ts). */
  journalClosed = false;
  private readonly shown = { stage: null as string | null, state: null as string | null };
  /** The workflow's own arguments, for continue-as-new between stages. */
  private readonly restart: (state: RefreshState) => Promise<never>;

  constructor(carried: RefreshState | undefined, restart: (state: RefreshState) => Promise<never>) {
    const info = workflowInfo();
    this.state = carried ?? newRefreshState(info.workflowId, info.firstExecutionRunId, now());
    this.restart = restart;
  }

  /** Runs a stage unless it is over already; parks it when it fails, until an operator says what to do. */
  async stage(
    name: StageName,
    body: (context: { confirmed: boolean; skipped: boolean }) => Promise<void>,
  ): Promise<void> {
    const stage = stageOf(this.state, name);
    if (stage.state === 'done' || stage.state === 'skipped') return;
    await this.continueAsNewIfSuggested();
    this.state.stage = name;
    move(stage, 'waiting', now());
    await this.proceed();
    await this.gate(name);
    move(stage, 'running', now());
    this.show();
    let skipped = false;
    for (;;) {
      try {
        await body({ confirmed: false, skipped });
        break;
      } catch (error) {
        // Anything else is the run's own way out (continue-as-new, end, cancel) or a defect, which must not look parked.
        if (isCancellation(error) || !isWorkFailure(error)) throw error;
        const failure = failureOf(error);
        recordFailure(this.state, name, failure, now());
        if (this.endsRun(name, error)) throw new RunEnded('failed', this.failureType(name, error), failure);
        skipped = (await this.park(name, failure)) === 'skip';
        if (skipped && name !== 'drainEventQueues') break;
      }
    }
    move(stage, skipped ? 'skipped' : 'done', now());
    this.state.steering.passed.push(name);
    this.note(null);
    this.show();
  }

  /**
   * Repeats an activity of ten-second calls until it has nothing left; pauses and decisions take effect in between.
   * @param call is given what the Temporal UI shows beside the activity
   */
  async slices(call: (options: { summary: string }) => Promise<SliceResult>): Promise<void> {
    for (let calls = 1; ; calls += 1) {
      await this.proceed();
      const result = await call({ summary: this.summary(calls) });
      this.note(result.waiting);
      const [problem, ...more] = result.problems;
      if (problem !== undefined) {
        const message =
          more.length === 0 ? problem.message : `${problem.message} (and ${more.length} more problems, see the report)`;
        throw new Parkable({ ...problem, message });
      }
      this.show();
      if (result.done) return;
      await this.continueAsNewIfSuggested();
      if (result.waiting !== null) {
        await condition(() => this.interrupted(), slicePause, { summary: summaryOf(result.waiting) });
      }
    }
  }

  /** Waits while paused; leaves the stage list when the run was aborted or rejected, or is cancelled. */
  async proceed(): Promise<void> {
    const { steering } = this.state;
    if (steering.pausedBy !== null && steering.abort === null && steering.rejection === null) {
      this.show();
      await condition(() => steering.pausedBy === null || this.interrupted());
      this.show();
    }
    this.throwIfEnded();
  }

  throwIfEnded(): void {
    const { abort, rejection } = this.state.steering;
    if (abort !== null)
      throw new RunEnded('aborted', 'Aborted', decided('ABORTED', `Aborted by ${abort.by}.`, abort.note));
    if (rejection !== null) {
      const { stage, decision } = rejection;
      throw new RunEnded(
        'rejected',
        'Rejected',
        decided('REJECTED', `Stage ${stage} was rejected by ${decision.by}.`, decision.note),
      );
    }
  }

  interrupted(): boolean {
    return this.state.steering.abort !== null || this.state.steering.rejection !== null;
  }

  /** Asks for the approval of a stage if the request wants one; reminds, and rejects when the time is over. */
  async gate(stage: StageName): Promise<void> {
    const { steering, preflight } = this.state;
    if (steering.passed.includes(stage) || !(steering.gates?.includes(stage) ?? false)) return;
    const { remindAfter, expireAfter } = preflight!.request.approvals;
    const since = now();
    const answered = () => steering.approvals[stage] !== undefined || this.interrupted();
    let waited = 0;
    let reminders = 0;
    this.wait('waitingForApproval', { kind: 'approval', stage, since, text: `waiting for approval of ${stage}` });
    while (!answered() && waited < expireAfter) {
      const step = Math.min(Math.max(remindAfter, 1000), expireAfter - waited);
      const summary = waited + step < expireAfter ? `reminder of ${stage}` : `approval of ${stage} expires`;
      if (await condition(answered, step, { summary })) break;
      waited += step;
      reminders += 1;
      const text = `waiting for approval of ${stage}: reminder ${reminders}`;
      this.wait('waitingForApproval', { kind: 'approval', stage, since, text });
    }
    this.stopWaiting();
    if (!answered()) {
      const note = `nobody approved within ${Math.round(expireAfter / 1000)} s`;
      remember(steering, { at: now(), kind: 'expire', by: 'timer', note, target: stage, effect: 'applied' });
      throw new RunEnded(
        'rejected',
        'Rejected',
        decided('APPROVAL_EXPIRED', `The approval of ${stage} expired.`, note),
      );
    }
    this.throwIfEnded();
    steering.passed.push(stage);
  }

  /** Waits until somebody has done by hand what no program can do, and says so. */
  async confirmation(step: ConfirmationStep, stage: StageName, text: string): Promise<void> {
    const { steering } = this.state;
    if (steering.confirmations[step] === undefined) {
      this.wait('waitingForConfirmation', { kind: 'confirmation', stage, step, since: now(), text });
      await condition(() => steering.confirmations[step] !== undefined || this.interrupted());
      this.stopWaiting();
    }
    this.throwIfEnded();
  }

  /** Holds a failed stage until retry or skip. */
  private async park(stage: StageName, failure: StageFailure): Promise<'retry' | 'skip'> {
    const { steering } = this.state;
    move(stageOf(this.state, stage), 'parked', now());
    steering.parked[stage] = failure;
    const text = `stage ${stage} is parked: ${failure.message} ${failure.remedy}`;
    this.wait('parked', { kind: 'retry', stage, since: now(), text });
    await condition(() => steering.released[stage] !== undefined || this.interrupted());
    delete steering.parked[stage];
    const answer = steering.released[stage];
    delete steering.released[stage];
    this.stopWaiting();
    this.throwIfEnded();
    answerFailure(this.state, stage, answer ?? 'retry');
    move(stageOf(this.state, stage), 'running', now());
    return answer ?? 'retry';
  }

  /** Why the stage does not move, as its last call said; since when is kept while the reason's kind lasts. */
  private note(text: string | null): void {
    this.state.stageNote = text;
    this.state.stageNoteSince = text === null ? null : (this.state.stageNoteSince ?? now());
  }

  private summary(calls: number): string {
    const { preflight, stageNote } = this.state;
    const where = preflight === null ? '' : `${preflight.request.destination}, `;
    return summaryOf(`${where}call ${calls}${stageNote === null ? '' : `: ${stageNote}`}`);
  }

  wait(state: 'waitingForApproval' | 'waitingForConfirmation' | 'parked', waiting: WaitingFor): void {
    this.state.state = state;
    this.state.waiting = waiting;
    this.show();
  }

  stopWaiting(): void {
    this.state.state = 'running';
    this.state.waiting = null;
    this.show();
  }

  show(): void {
    show(this.state, this.shown);
  }

  /** Only where no child runs: a new run cannot await its predecessor's children. */
  async continueAsNewIfSuggested(): Promise<void> {
    if (!workflowInfo().continueAsNewSuggested || this.childrenRun()) return;
    await condition(allHandlersFinished);
    await this.restart(this.state);
  }

  /** Before the run row exists there is nothing to park for; a closed run must never be tried again. */
  private endsRun(stage: StageName, error: unknown): boolean {
    return stage === 'preflight' || stage === 'plan' || failureTypeOf(error) === 'RunClosed';
  }

  private failureType(stage: StageName, error: unknown): 'BadInput' | 'RefreshFailed' {
    const type = failureTypeOf(error);
    const early = stage === 'preflight' || stage === 'plan';
    return early && (type === 'BadInput' || type === 'AccessDenied' || stage === 'preflight')
      ? 'BadInput'
      : 'RefreshFailed';
  }
}

function decided(code: string, message: string, note: string | undefined): StageFailure {
  const text = note === undefined ? message : `${message} ${note}`;
  return { code, message: text, sqlNumber: null, subject: null, remedy: 'Start a new refresh when ready.' };
}

export function now(): string {
  return new Date().toISOString();
}
