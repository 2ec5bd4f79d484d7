import {
  confirmationSteps,
  stageNames,
  type ApproveMessage,
  type ConfirmationStep,
  type Decision,
  type DecisionRecord,
  type JournalLine,
  type OperatorMessage,
  type OperatorMessageKind,
  type StageFailure,
  type StageName,
  type TuneMessage,
} from '../src/contract.js';

/**
 * What operators have said so far, and what the run still lets them say. Signals and updates go through the same two
 * pure functions, so a message means the same however it came: early is kept, twice is once, late or unknown is
 * recorded and ignored.
 */
export interface Steering {
  pausedBy: Decision | null;
  pausedSince: string | null;
  abort: Decision | null;
  rejection: { stage: StageName; decision: Decision } | null;
  approvals: Partial<Record<StageName, ApproveMessage>>;
  confirmations: Partial<Record<ConfirmationStep, Decision>>;
  /** Stages that ask for an approval; null until preflight has read the request. */
  gates: readonly StageName[] | null;
  /** Gates and stages that an approval comes too late for. */
  passed: StageName[];
  planHash: string | null;
  /** Empty for a plan without warnings. */
  warningsHash: string | null;
  /** Stage names and Espace.Entity names that wait for retry or skip, with why. */
  parked: Record<string, StageFailure>;
  /** Answers not yet taken up, by target. */
  released: Record<string, 'retry' | 'skip'>;
  /** What the operator has tuned; null: as the request says. */
  tuned: Record<Tunable, number | null>;
  /** True once the run is ending: nothing can be steered any more. */
  ended: boolean;
  decisions: DecisionRecord[];
  journal: Journal;
}

/** What was decided and what failed, as far as the state schema has not taken it yet (journal.ts). */
export interface Journal {
  /** Lines so far, the written ones included. */
  length: number;
  unwritten: JournalLine[];
}

/** A history must stay small however often somebody presses a button; older decisions stay in the report's counts. */
const keptDecisions = 500;
/** What `tune` changes, with the least and the most that it takes. */
const tunables = {
  parallelEntities: { least: 1, most: 32 },
  parallelRanges: { least: 1, most: 16 },
  batchRows: { least: 100, most: 200_000 },
} as const satisfies Record<keyof Omit<TuneMessage, keyof Decision>, { least: number; most: number }>;
export type Tunable = keyof typeof tunables;
const tunableNames = Object.keys(tunables) as Tunable[];
const skippableStages: readonly StageName[] = ['drainEventQueues', 'verify'];

export function newSteering(): Steering {
  return {
    pausedBy: null,
    pausedSince: null,
    abort: null,
    rejection: null,
    approvals: {},
    confirmations: {},
    gates: null,
    passed: [],
    planHash: null,
    warningsHash: null,
    parked: {},
    released: {},
    tuned: { parallelEntities: null, parallelRanges: null, batchRows: null },
    ended: false,
    decisions: [],
    journal: { length: 0, unwritten: [] },
  };
}

/**
 * Reads what a caller sent, which may be anything (the UI has one JSON box). Returns the message, or the reason why
 * it is none.
 */
export function parseMessage(kind: OperatorMessageKind, payload: unknown): OperatorMessage | string {
  const given = (typeof payload === 'object' && payload !== null ? payload : {}) as Record<string, unknown>;
  const decision = readDecision(given);
  switch (kind) {
    case 'pause':
    case 'resume':
    case 'abort':
      return { kind, payload: decision };
    case 'approve':
    case 'reject': {
      if (!isStage(given.stage)) return `stage must be one of ${stageNames.join(', ')}`;
      if (kind === 'reject') return { kind, payload: { ...decision, stage: given.stage } };
      const planHash = typeof given.planHash === 'string' ? { planHash: given.planHash } : {};
      const warningsHash = typeof given.warningsHash === 'string' ? { warningsHash: given.warningsHash } : {};
      return { kind, payload: { ...decision, stage: given.stage, ...planHash, ...warningsHash } };
    }
    case 'confirm': {
      const step = confirmationSteps.find((name) => name === given.step);
      if (step === undefined) return `step must be one of ${confirmationSteps.join(', ')}`;
      return { kind, payload: { ...decision, step } };
    }
    case 'retry':
    case 'skip': {
      if (isStage(given.stage)) return { kind, payload: { ...decision, stage: given.stage } };
      if (typeof given.entity === 'string') return { kind, payload: { ...decision, entity: given.entity } };
      return 'name a stage, or an entity as Espace.Entity';
    }
    case 'tune': {
      const named = tunableNames.filter((name) => given[name] !== undefined);
      if (named.length === 0) return `give one or more of ${tunableNames.join(', ')}`;
      for (const name of named) {
        const { least, most } = tunables[name];
        if (!isWithin(given[name], least, most)) return `${name} must be a whole number from ${least} to ${most}`;
      }
      const payload: TuneMessage = { ...decision, ...Object.fromEntries(named.map((name) => [name, given[name]])) };
      return { kind, payload };
    }
  }
}

/** Why the message would change nothing now, or null if it would. */
export function refusal(state: Steering, message: OperatorMessage): string | null {
  if (state.ended) return 'the run is ending';
  switch (message.kind) {
    case 'pause':
      return state.pausedBy === null ? null : `already paused by ${state.pausedBy.by}`;
    case 'resume':
      return state.pausedBy === null ? 'not paused' : null;
    case 'abort':
      return state.abort === null ? null : `already aborted by ${state.abort.by}`;
    case 'approve': {
      const bound = boundElsewhere(state, message.payload);
      return bound === null ? gateRefusal(state, message.payload.stage) : `${bound}: look at it again`;
    }
    case 'reject':
      return gateRefusal(state, message.payload.stage);
    case 'confirm': {
      const earlier = state.confirmations[message.payload.step];
      return earlier === undefined ? null : `already confirmed by ${earlier.by}`;
    }
    case 'retry':
    case 'skip': {
      const target = targetOf(message);
      if (target === null || state.parked[target] === undefined) return `${target ?? 'nothing'} is not parked`;
      const { stage } = message.payload;
      if (message.kind === 'skip' && stage !== undefined && !skippableStages.includes(stage)) {
        return `stage ${stage} cannot be skipped: retry or abort`;
      }
      return null;
    }
    case 'tune':
      return null;
  }
}

function gateRefusal(state: Steering, stage: StageName): string | null {
  if (state.passed.includes(stage)) return `stage ${stage} is past its approval`;
  if (state.gates !== null && !state.gates.includes(stage)) return `stage ${stage} asks for no approval`;
  const earlier = state.approvals[stage];
  return earlier === undefined ? null : `already approved by ${earlier.by}`;
}

/** Takes a message up and records it. Never throws: a signal that throws would end the run. */
export function apply(state: Steering, message: OperatorMessage, at: string): DecisionRecord {
  const refused = refusal(state, message);
  const early = message.kind === 'approve' && state.gates === null;
  const record: DecisionRecord = {
    at,
    kind: message.kind,
    by: message.payload.by,
    note: refused ?? message.payload.note ?? null,
    target: targetOf(message),
    effect: refused !== null ? 'ignored' : early ? 'kept' : 'applied',
  };
  if (refused === null) change(state, message, at);
  remember(state, record);
  return record;
}

/**
 * Ties the run to its plan: approvals that were given early for another plan, or for other warnings, are taken back, so
 * that nobody has approved what they did not see.
 */
export function bindPlan(state: Steering, plan: { planHash: string; warningsHash: string }, at: string): void {
  state.planHash = plan.planHash;
  state.warningsHash = plan.warningsHash;
  for (const approval of Object.values(state.approvals)) {
    const note = boundElsewhere(state, approval);
    if (note === null) continue;
    delete state.approvals[approval.stage];
    remember(state, { at, kind: 'approve', by: approval.by, note, target: approval.stage, effect: 'ignored' });
  }
}

/** How the approval is bound to something else than the run's plan; null if it is not, or the plan is not made yet. */
function boundElsewhere(state: Steering, approval: ApproveMessage): string | null {
  const { planHash, warningsHash } = approval;
  if (planHash !== undefined && state.planHash !== null && planHash !== state.planHash) {
    return `approved was plan ${planHash}, but the run's plan is ${state.planHash}`;
  }
  if (warningsHash !== undefined && state.warningsHash !== null && warningsHash !== state.warningsHash) {
    return `approved were warnings ${warningsHash || '(none)'}, but the plan's are ${state.warningsHash || '(none)'}`;
  }
  return null;
}

/** Records what could not even be read. */
export function recordUnreadable(
  state: Steering,
  kind: OperatorMessageKind,
  reason: string,
  at: string,
): DecisionRecord {
  const record: DecisionRecord = { at, kind, by: 'unknown', note: reason, target: null, effect: 'ignored' };
  remember(state, record);
  return record;
}

export function remember(state: Steering, record: DecisionRecord): void {
  state.decisions.push(record);
  if (state.decisions.length > keptDecisions) state.decisions.splice(0, state.decisions.length - keptDecisions);
  addLine(state.journal, { decision: record });
}

/** Where the destination takes no lines for long, the oldest are given up: the state is carried through continue-as-new. */
export function addLine(journal: Journal, line: WithoutNumber<JournalLine>): void {
  journal.unwritten.push({ number: journal.length, ...line });
  journal.length += 1;
  if (journal.unwritten.length > keptDecisions) journal.unwritten.splice(0, journal.unwritten.length - keptDecisions);
}

type WithoutNumber<Line> = Line extends unknown ? Omit<Line, 'number'> : never;

function change(state: Steering, message: OperatorMessage, at: string): void {
  switch (message.kind) {
    case 'pause':
      state.pausedBy = message.payload;
      state.pausedSince = at;
      return;
    case 'resume':
      state.pausedBy = null;
      state.pausedSince = null;
      return;
    case 'abort':
      state.abort = message.payload;
      return;
    case 'approve':
      state.approvals[message.payload.stage] = message.payload;
      return;
    case 'reject':
      state.rejection = { stage: message.payload.stage, decision: message.payload };
      return;
    case 'confirm':
      state.confirmations[message.payload.step] = message.payload;
      return;
    case 'retry':
    case 'skip': {
      const target = targetOf(message);
      if (target === null) return;
      delete state.parked[target];
      state.released[target] = message.kind;
      return;
    }
    case 'tune':
      for (const name of tunableNames) state.tuned[name] = message.payload[name] ?? state.tuned[name];
      return;
  }
}

function targetOf(message: OperatorMessage): string | null {
  switch (message.kind) {
    case 'approve':
    case 'reject':
      return message.payload.stage;
    case 'confirm':
      return message.payload.step;
    case 'retry':
    case 'skip':
      return message.payload.stage ?? message.payload.entity ?? null;
    case 'pause':
    case 'resume':
    case 'abort':
    case 'tune':
      return null;
  }
}

function readDecision(given: Record<string, unknown>): Decision {
  const by = typeof given.by === 'string' && given.by.trim() !== '' ? given.by.slice(0, 200) : 'unknown';
  return typeof given.note === 'string' && given.note !== '' ? { by, note: given.note.slice(0, 2000) } : { by };
}

function isStage(value: unknown): value is StageName {
  return stageNames.some((name) => name === value);
}

function isWithin(value: unknown, least: number, most: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
}
