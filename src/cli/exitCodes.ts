import type { RunState } from '../contract.js';

/** What the command's exit code tells a script (contract). */
export const exitCodes = {
  done: 0,
  failed: 1,
  badInput: 2,
  rejectedOrAborted: 3,
  waitingForDecision: 4,
  doneWithSkips: 5,
} as const;

/** Exit code of a run in the given state; null while it goes on by itself. */
export function exitCodeOf(state: RunState, failureType: string | null): number | null {
  switch (state) {
    case 'done':
      return exitCodes.done;
    case 'doneWithSkips':
      return exitCodes.doneWithSkips;
    case 'failed':
      return failureType === 'BadInput' ? exitCodes.badInput : exitCodes.failed;
    case 'rejected':
    case 'aborted':
    case 'cancelled':
      return exitCodes.rejectedOrAborted;
    case 'waitingForApproval':
    case 'waitingForConfirmation':
    case 'parked':
      return exitCodes.waitingForDecision;
    case 'running':
    case 'paused':
    case 'compensating':
      return null;
  }
}

/** Ends the command with one message and no stack: what is wrong, where, what to do. */
export class CommandError extends Error {
  constructor(
    readonly exitCode: number,
    message: string,
  ) {
    super(message);
    this.name = 'CommandError';
  }
}
