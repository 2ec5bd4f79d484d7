import { SqlError, type ResultSink } from '../api.js';
import { AttentionError, type FailedCommand } from '../session/postgresErrors.js';
import type { Session } from '../session/session.js';
import { abortsBatch, endsTransaction, isCompileError } from './errorEffects.js';
import { BatchAborted, CatchableError, ScopeAborted } from './failures.js';

/** How a statement raised its error, where that rules the effect. */
export type Raised = 'statement' | 'throw' | 'raiserror';

/** Errors found while a statement was compiled are marked so by the code that compiles. */
const compiled = new WeakSet<SqlError>();

export function markCompileError(error: unknown): void {
  if (error instanceof SqlError) compiled.add(error);
}

/**
 * Gives the failure of a statement its effects: on the transaction, on the batch, on the TRY block around it. Returns
 * when the batch goes on with the next statement; throws otherwise.
 */
export async function failStatement(
  session: Session,
  raw: unknown,
  line: number,
  command: FailedCommand,
  sink: ResultSink,
  raised: Raised = 'statement',
): Promise<void> {
  if (isUnwinding(raw)) throw raw;
  const error = session.translateError(raw, command);
  if (!(error instanceof SqlError)) throw error;
  if (error.line === 1) error.line = line;
  const frame = session.currentFrame;
  if (error.procedure === '') error.procedure = frame.procedure;
  session.lastError = error.number;
  session.rowCount = 0n;
  const compileError = raised === 'statement' && (compiled.has(error) || isCompileError(error.number));
  if (endsTransaction(error.number)) await session.transactions.rollbackAll(sink);
  const guarded = compileError ? (frame.parent?.isGuarded ?? false) : frame.isGuarded;
  const xactAbort = session.settings.xactAbort && raised !== 'raiserror';
  if (guarded && error.class < 20) {
    if (xactAbort || abortsBatch(error.number)) session.transactions.doom();
    throw new CatchableError(error, compileError ? frame : undefined);
  }
  sink.message(error.toMessage());
  if (error.class >= 20) {
    await session.transactions.rollbackAll(sink);
    throw new BatchAborted();
  }
  if (xactAbort || (abortsBatch(error.number) && raised === 'statement')) {
    await session.transactions.rollbackAll(sink);
    throw new BatchAborted();
  }
  if (raised === 'throw' || endsTransaction(error.number)) throw new BatchAborted();
  if (compileError) throw new ScopeAborted(frame);
  if (raised === 'statement') reportTermination(error, command, sink);
}

/** Not an error of a statement, but the way out of several of them. */
export function isUnwinding(error: unknown): boolean {
  return (
    error instanceof CatchableError ||
    error instanceof BatchAborted ||
    error instanceof ScopeAborted ||
    error instanceof AttentionError
  );
}

const modifications: readonly FailedCommand[] = ['INSERT', 'UPDATE', 'DELETE', 'MERGE'];

/** Message 3621 follows the error of a data modification that was undone. */
function reportTermination(error: SqlError, command: FailedCommand, sink: ResultSink): void {
  if (!modifications.includes(command)) return;
  sink.message({
    number: 3621,
    state: 0,
    class: 0,
    message: 'The statement has been terminated.',
    procedure: error.procedure,
    line: error.line,
  });
}
