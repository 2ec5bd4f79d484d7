import type { RunReference } from '../../contract.js';
import { refreshLock, requireLock, takeLockSql } from '../../sqlserver/applicationLock.js';
import { RefreshError, runClosed } from '../../sqlserver/errors.js';
import { quoteText } from '../../sqlserver/quoteName.js';
import type { DestinationSession } from '../../sqlserver/session.js';
import type { StateTables } from './stateTables.js';

/** Runs the work in a transaction. Whatever fails ends the session, and with it the transaction. */
export async function inTransaction<T>(session: DestinationSession, work: () => Promise<T>): Promise<T> {
  try {
    await session.batch('BEGIN TRANSACTION;');
    const result = await work();
    await session.batch('COMMIT TRANSACTION;');
    return result;
  } catch (error) {
    session.close();
    throw error;
  }
}

/** What a write transaction knows of its run. */
export interface WriteTransaction {
  readonly session: DestinationSession;
  /** The run's number in the state tables. */
  readonly runNumber: number;
  /** Sends a statement in the batch that commits, saving it a round trip: what it does is not seen before. */
  atCommit(statement: string): void;
}

/**
 * The only way to write to the destination: a transaction that shares the application lock `refresh` and has found its
 * run open, its epoch current and its plan the one that this attempt works by. As whoever closes a run or moves its epoch
 * holds that lock exclusively, an attempt that was forgotten can never write late. The lock is the transaction's own, so
 * it goes with commit, rollback or a lost connection.
 * @param touchesData true if rows of applications or of the platform are deleted or written: the run can then no longer
 *   be undone
 * @throws RefreshError RunClosed if the run was closed or superseded, PlanDrift if it was planned anew
 */
export async function withWriteTransaction<T>(
  session: DestinationSession,
  state: StateTables,
  run: RunReference,
  touchesData: boolean,
  work: (transaction: WriteTransaction) => Promise<T>,
): Promise<T> {
  try {
    const [row] = await session.rows(openingSql(state, run));
    if (row !== undefined) requireLock(refreshLock, row[0]);
    if (row === undefined || row[1] === null || row[3] !== 'open' || Number(row[2]) !== run.epoch) throw runClosed();
    if (row[5] !== run.planHash) throw planReplaced();
    const runNumber = Number(row[1]);
    if (touchesData && row[4] !== true)
      await session.batch(`UPDATE ${state.table('run')} SET wrote_data = 1 WHERE number = ${runNumber};`);
    const last: string[] = [];
    const result = await work({ session, runNumber, atCommit: (statement) => last.push(statement) });
    // XACT_ABORT is on: a statement that fails ends the batch and the transaction before the COMMIT.
    await session.batch([...last, 'COMMIT TRANSACTION;'].join('\n'));
    return result;
  } catch (error) {
    session.close();
    throw error;
  }
}

function openingSql(state: StateTables, run: RunReference): string {
  return [
    'DECLARE @lock int;',
    'BEGIN TRANSACTION;',
    takeLockSql(refreshLock, 'Shared', '@lock'),
    'SELECT @lock, r.number, r.epoch, r.state, r.wrote_data, r.plan_hash',
    `FROM (SELECT 1 AS one) o LEFT JOIN ${state.table('run')} r ON r.id = ${quoteText(run.run)};`,
  ].join('\n');
}

/** The plan stage ran once more before anything was done, and came to another plan. */
function planReplaced(): RefreshError {
  return new RefreshError(
    'planDrift',
    'PlanDrift',
    'the run has another plan by now; nothing was written',
    'Start a new refresh.',
  );
}
