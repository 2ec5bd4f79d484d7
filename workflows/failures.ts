import { ActivityFailure, ApplicationFailure, ChildWorkflowFailure, TimeoutFailure } from '@temporalio/workflow';
import type { ActivityFailureType, RunFailureType, StageFailure } from '../src/contract.js';

/** Thrown inside the run to leave the stage list: what the operator asked for, or a failure that ends the run. */
export class RunEnded extends Error {
  constructor(
    readonly ending: 'failed' | 'rejected' | 'aborted',
    readonly type: RunFailureType,
    readonly failure: StageFailure,
  ) {
    super(failure.message);
    this.name = 'RunEnded';
  }

  /** How the workflow itself ends. */
  toApplicationFailure(): ApplicationFailure {
    const message = `${this.failure.message} ${this.failure.remedy}`.trim();
    return ApplicationFailure.create({ type: this.type, message, nonRetryable: true, details: [this.failure] });
  }
}

/** A problem found by an activity that did not fail: it parks its stage as a failure would. */
export class Parkable extends Error {
  constructor(readonly failure: StageFailure) {
    super(failure.message);
    this.name = 'Parkable';
  }
}

/** What an activity's or child's failure says to the operator. Details were made by the activity interceptor. */
export function failureOf(error: unknown): StageFailure {
  if (error instanceof Parkable) return error.failure;
  const cause = rootOf(error);
  if (cause instanceof ApplicationFailure) {
    const detail: unknown = cause.details?.[0];
    if (isStageFailure(detail)) return detail;
    return {
      code: cause.type ?? 'UNKNOWN',
      message: cause.message,
      sqlNumber: null,
      subject: null,
      remedy: 'See the worker log.',
    };
  }
  if (cause instanceof TimeoutFailure) {
    return {
      code: 'TIMED_OUT',
      message: `The activity timed out (${cause.timeoutType}).`,
      sqlNumber: null,
      subject: null,
      remedy: 'See whether workers run, then retry.',
    };
  }
  const message = cause instanceof Error ? cause.message : String(cause);
  return { code: 'UNKNOWN', message, sqlNumber: null, subject: null, remedy: 'See the worker log.' };
}

/** True for what an operator can answer with retry or skip: an activity or child failed, or found a problem. */
export function isWorkFailure(error: unknown): boolean {
  return error instanceof ActivityFailure || error instanceof ChildWorkflowFailure || error instanceof Parkable;
}

export function failureTypeOf(error: unknown): ActivityFailureType | null {
  const cause = rootOf(error);
  return cause instanceof ApplicationFailure ? ((cause.type ?? null) as ActivityFailureType | null) : null;
}

function rootOf(error: unknown): unknown {
  let current = error;
  while (
    (current instanceof ActivityFailure || current instanceof ChildWorkflowFailure) &&
    current.cause !== undefined
  ) {
    current = current.cause;
  }
  return current;
}

function isStageFailure(value: unknown): value is StageFailure {
  return typeof value === 'object' && value !== null && 'code' in value && 'message' in value && 'remedy' in value;
}
