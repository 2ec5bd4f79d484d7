import type { RefreshRequest, RunReference } from '../../contract.js';
import { quoteText } from '../../sqlserver/quoteName.js';
import type { DestinationSession } from '../../sqlserver/session.js';
import { disabledNote } from '../disableApplications/disableApplications.js';
import { readyNote } from '../enableApplications/enableApplications.js';
import { readNote, writeNote } from './notes.js';
import { findRun, openSlot, takeExclusively, type StoredRun } from './run.js';
import type { StateTables } from './stateTables.js';
import { inTransaction } from './transaction.js';

/** Note that holds the epoch of whoever took the run over. */
export const takenOverNote = 'takenOver';

export interface TakenOver {
  readonly reference: RunReference;
  readonly request: RefreshRequest;
}

/**
 * Takes over the destination's latest run if it has not ended, or ended with its applications disabled: opens it again
 * if need be and raises the epoch, so that every earlier attempt of it is refused from now on.
 * @returns null if there is nothing to recover
 */
export async function takeOver(session: DestinationSession, state: StateTables): Promise<TakenOver | null> {
  return inTransaction(session, async () => {
    await takeExclusively(session);
    const [row] = await session.rows(`SELECT TOP (1) id, request FROM ${state.table('run')} ORDER BY number DESC;`);
    const stored = row === undefined ? null : await findRun(session, state, String(row[0]));
    if (stored === null || !(await needsRecovery(session, state, stored))) return null;
    const epoch = stored.epoch + 1;
    await session.batch(
      `UPDATE ${state.table('run')} SET slot = ${openSlot}, state = N'open', ending = NULL, closed_at = NULL, epoch = ${epoch} WHERE id = ${quoteText(stored.run)};`,
    );
    await writeNote({ session, runNumber: stored.number }, state, takenOverNote, epoch);
    return {
      reference: {
        run: stored.run,
        workflowId: stored.workflowId,
        source: stored.source,
        destination: stored.destination,
        planHash: stored.planHash,
        epoch,
      },
      request: JSON.parse(String(row?.[1])) as RefreshRequest,
    };
  });
}

async function needsRecovery(session: DestinationSession, state: StateTables, run: StoredRun): Promise<boolean> {
  if (run.open) return true;
  if (run.ending === 'done' || run.ending === 'doneWithSkips') return false;
  const disabled = await readNote(session, state, run.run, disabledNote);
  return disabled !== null && (await readNote(session, state, run.run, readyNote)) === null;
}
