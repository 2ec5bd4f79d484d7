import type { SqlError } from '../api.js';
import type { Frame } from '../session/frame.js';

/** An error on its way to the CATCH block that takes it. */
export class CatchableError extends Error {
  constructor(
    readonly error: SqlError,
    /** A TRY of this scope does not take it: the error was found when a statement of the scope was compiled. */
    readonly notCaughtIn: Frame | undefined,
  ) {
    super(error.message);
    this.name = 'CatchableError';
  }
}

/** The error was reported; the rest of the batch is not run. */
export class BatchAborted extends Error {
  constructor() {
    super('The batch was aborted.');
    this.name = 'BatchAborted';
  }
}

/** The error was reported; the rest of this scope is not run, the calling scope goes on. */
export class ScopeAborted extends Error {
  constructor(readonly frame: Frame) {
    super('The scope was aborted.');
    this.name = 'ScopeAborted';
  }
}
