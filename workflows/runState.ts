import {
  stageNames,
  type EntityDetails,
  type EntityProgress,
  type FailureRecord,
  type PlanSummary,
  type PlanView,
  type PreflightResult,
  type RunReference,
  type RunState,
  type RunStatus,
  type StageFailure,
  type StageName,
  type StageProgress,
  type WaitingFor,
  type WorkState,
} from '../src/contract.js';
import { addLine, newSteering, type Steering } from './steering.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** All that a run knows, as plain JSON: it is carried through continue-as-new whole. */
export interface RefreshState {
  id: string;
  run: string;
  state: RunState;
  stage: StageName | null;
  stages: Mutable<StageProgress>[];
  entities: Mutable<EntityProgress>[];
  /** Last failure by Espace.Entity. */
  entityErrors: Record<string, StageFailure>;
  startedAt: string;
  endedAt: string | null;
  preflight: PreflightResult | null;
  plan: PlanSummary | null;
  reference: RunReference | null;
  steering: Steering;
  /** What the run waits for beside a pause; a pause is shown first. */
  waiting: WaitingFor | null;
  /** Why the current stage does not move, in its own words. */
  stageNote: string | null;
  stageNoteSince: string | null;
  /** The fewest events that draining has seen left, and since when: without progress it must not wait for ever. */
  drainLow: { left: number; since: string } | null;
  failures: FailureRecord[];
  skippedItems: number[];
  finishedItems: number[];
}

export function newRefreshState(id: string, run: string, startedAt: string): RefreshState {
  return {
    id,
    run,
    state: 'running',
    stage: null,
    stages: stageNames.map((name) => ({ name, state: 'pending', startedAt: null, endedAt: null })),
    entities: [],
    entityErrors: {},
    startedAt,
    endedAt: null,
    preflight: null,
    plan: null,
    reference: null,
    steering: newSteering(),
    waiting: null,
    stageNote: null,
    stageNoteSince: null,
    drainLow: null,
    failures: [],
    skippedItems: [],
    finishedItems: [],
  };
}

export function stageOf(state: RefreshState, name: StageName): Mutable<StageProgress> {
  const stage = state.stages.find((candidate) => candidate.name === name);
  if (stage === undefined) throw new Error(`unknown stage ${name}`);
  return stage;
}

/** Moves a stage or entity to a state and keeps its times: the first start, the last end. */
export function move(work: Mutable<StageProgress> | Mutable<EntityProgress>, next: WorkState, at: string): void {
  work.state = next;
  if (next === 'running') work.startedAt ??= at;
  work.endedAt = next === 'done' || next === 'skipped' || next === 'failed' ? at : null;
}

/** Older failures are dropped: the state is carried whole through continue-as-new. */
const keptFailures = 200;

export function recordFailure(state: RefreshState, target: string, failure: StageFailure, at: string): void {
  const record: FailureRecord = { at, target, failure, answer: null };
  state.failures.push(record);
  addLine(state.steering.journal, { failure: record });
  if (state.failures.length > keptFailures) state.failures.splice(0, state.failures.length - keptFailures);
}

/** Notes the operator's answer at the target's latest failure. */
export function answerFailure(state: RefreshState, target: string, answer: 'retry' | 'skip'): void {
  const index = state.failures.findLastIndex((record) => record.target === target);
  const record = state.failures[index];
  if (record === undefined || record.answer !== null) return;
  state.failures[index] = { ...record, answer };
  addLine(state.steering.journal, { answer: { target, answer } });
}

export function entityName(entity: { espace: string; entity: string }): string {
  return `${entity.espace}.${entity.entity}`;
}

/** The run's state as operators see it: a pause hides what else is waited for. */
export function visibleState(state: RefreshState): { state: RunState; waitingFor: WaitingFor | null } {
  const { pausedBy, pausedSince } = state.steering;
  if (state.state === 'running' && pausedBy !== null) {
    return {
      state: 'paused',
      waitingFor: {
        kind: 'resume',
        since: pausedSince ?? state.startedAt,
        by: pausedBy.by,
        text: `paused by ${pausedBy.by}`,
      },
    };
  }
  return { state: state.state, waitingFor: state.waiting ?? stageWaiting(state) };
}

/** What a running stage itself waits for, such as events that the platform has to work off. */
function stageWaiting(state: RefreshState): WaitingFor | null {
  if (state.state !== 'running' || state.stage === null || state.stageNote === null) return null;
  return {
    kind: state.stage === 'drainEventQueues' ? 'drain' : 'maintenance',
    stage: state.stage,
    since: state.stageNoteSince ?? state.startedAt,
    text: state.stageNote,
  };
}

export function statusOf(state: RefreshState, asOf: string): RunStatus {
  const visible = visibleState(state);
  return {
    id: state.id,
    run: state.run,
    state: visible.state,
    stage: state.stage,
    waitingFor: visible.waitingFor,
    stages: state.stages.map((stage) => ({ ...stage })),
    entities: state.entities.map((entity) => ({ ...entity })),
    startedAt: state.startedAt,
    endedAt: state.endedAt,
    asOf,
  };
}

export function entityDetailsOf(
  state: RefreshState,
  espace: string,
  entity: string,
  asOf: string,
): EntityDetails | null {
  const index = state.entities.findIndex((candidate) => candidate.espace === espace && candidate.entity === entity);
  const found = state.entities[index];
  if (found === undefined) return null;
  const item = state.plan?.items.find((candidate) => candidate.entities.includes(index));
  return {
    ...found,
    lastError: state.entityErrors[entityName(found)] ?? null,
    item: item?.name ?? null,
    ...paceOf(found, asOf),
  };
}

function paceOf(entity: EntityProgress, asOf: string): Pick<EntityDetails, 'rowsPerSecond' | 'secondsLeft'> {
  const { startedAt, endedAt, rowsDone, rowsTotal, state } = entity;
  const elapsed = startedAt === null ? 0 : (Date.parse(endedAt ?? asOf) - Date.parse(startedAt)) / 1000;
  if (elapsed <= 0 || rowsDone === 0) return { rowsPerSecond: null, secondsLeft: null };
  const rowsPerSecond = rowsDone / elapsed;
  const left = state === 'running' ? Math.max(0, rowsTotal - rowsDone) / rowsPerSecond : null;
  return { rowsPerSecond: Math.round(rowsPerSecond * 10) / 10, secondsLeft: left === null ? null : Math.round(left) };
}

export function planViewOf({ plan, steering, failures }: RefreshState): PlanView | null {
  return plan && { ...plan, decisions: steering.decisions, failures };
}

/** Rows of a batch at most: as tuned, else as the request says. */
export function batchRowsOf(state: RefreshState): number {
  return state.steering.tuned.batchRows ?? state.preflight!.request.batch.rows;
}
