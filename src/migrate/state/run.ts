import type { RefreshRequest, RunEnding, RunReference } from '../../contract.js';
import { refreshLock, requireLock, takeLockSql } from '../../sqlserver/applicationLock.js';
import { RefreshError, runClosed } from '../../sqlserver/errors.js';
import { quoteText } from '../../sqlserver/quoteName.js';
import type { DestinationSession, SqlRowArray } from '../../sqlserver/session.js';
import { inTransaction } from './transaction.js';
import type { StateTables } from './stateTables.js';

/** Slot of the one run that may be open; a run that is not has its id there. */
export const openSlot = "N'open'";

export interface NewRun {
  readonly run: string;
  readonly workflowId: string;
  readonly source: string;
  readonly destination: string;
  readonly request: RefreshRequest;
  readonly planHash: string;
}

/** A row of the run table. */
export interface StoredRun {
  readonly number: number;
  readonly run: string;
  readonly workflowId: string;
  readonly source: string;
  readonly destination: string;
  readonly planHash: string;
  readonly epoch: number;
  readonly open: boolean;
  readonly ending: string | null;
  /** True once rows of applications have been deleted or written: from then on nothing can be undone. */
  readonly wroteData: boolean;
}

/**
 * Opens the run: the first write to the destination. At most one run of a destination is open; the one with the same
 * id is found again (a repeated attempt), any other is refused.
 */
export async function openRun(session: DestinationSession, state: StateTables, run: NewRun): Promise<RunReference> {
  return inTransaction(session, async () => {
    await takeExclusively(session);
    const open = await findOpenRun(session, state);
    if (open !== null && open.run !== run.run) throw destinationBusy(run.destination, open);
    const own = await findRun(session, state, run.run);
    if (own !== null && !own.open) throw runClosed();
    if (own === null) await insertRun(session, state, run);
    else if (own.planHash !== run.planHash) await replacePlan(session, state, own, run.planHash);
    return {
      run: run.run,
      workflowId: run.workflowId,
      source: run.source,
      destination: run.destination,
      planHash: run.planHash,
      epoch: own?.epoch ?? 1,
    };
  });
}

function destinationBusy(destination: string, open: StoredRun): RefreshError {
  return new RefreshError(
    'destinationBusy',
    'BadInput',
    `the destination ${destination} is being refreshed by workflow ${open.workflowId}`,
    `Wait for it, abort it (refresh abort ${open.workflowId}), or, if its workflow is gone, run: refresh recover ${destination}`,
    { subject: open.workflowId },
  );
}

async function insertRun(session: DestinationSession, state: StateTables, run: NewRun): Promise<void> {
  await session.query(
    `INSERT INTO ${state.table('run')} (id, slot, workflow_id, source, destination, request, plan_hash, state, epoch, ending, wrote_data, opened_at, closed_at) ` +
      `VALUES (@id, ${openSlot}, @workflowId, @source, @destination, @request, @planHash, N'open', 1, NULL, 0, GETUTCDATE(), NULL)`,
    {
      id: { type: 'nvarchar', value: run.run },
      workflowId: { type: 'nvarchar', value: run.workflowId },
      source: { type: 'nvarchar', value: run.source },
      destination: { type: 'nvarchar', value: run.destination },
      request: { type: 'nvarchar', value: JSON.stringify(run.request) },
      planHash: { type: 'nvarchar', value: run.planHash },
    },
  );
}

/** A repeated attempt of the plan stage may come to another plan, as long as nothing was done by the first. */
async function replacePlan(
  session: DestinationSession,
  state: StateTables,
  own: StoredRun,
  planHash: string,
): Promise<void> {
  const [row] = await session.rows(`SELECT COUNT(*) FROM ${state.table('ledger')} WHERE run = ${own.number};`);
  if (Number(row?.[0]) > 0) {
    throw new RefreshError(
      'planDrift',
      'PlanDrift',
      'the run has already worked by another plan',
      'Start a new refresh.',
    );
  }
  await session.rows(
    `UPDATE ${state.table('run')} SET plan_hash = ${quoteText(planHash)} WHERE number = ${own.number};`,
  );
}

/** Takes the lock that every writer shares: when it is granted no write transaction of any run is under way. */
export async function takeExclusively(session: DestinationSession): Promise<void> {
  const [row] = await session.rows(
    `DECLARE @lock int; ${takeLockSql(refreshLock, 'Exclusive', '@lock')} SELECT @lock;`,
  );
  requireLock(refreshLock, row?.[0]);
}

/**
 * Moves the fence: every attempt that still carries the old epoch ends with RunClosed at its next write.
 * @returns the reference that may write from now on
 */
export async function raiseEpoch(
  session: DestinationSession,
  state: StateTables,
  run: RunReference,
): Promise<RunReference> {
  return inTransaction(session, async () => {
    await takeExclusively(session);
    const stored = await findRun(session, state, run.run);
    if (stored === null || !stored.open) throw runClosed();
    await session.rows(`UPDATE ${state.table('run')} SET epoch = epoch + 1 WHERE number = ${stored.number};`);
    return { ...run, epoch: stored.epoch + 1 };
  });
}

/** Closes the run; closing a closed one changes nothing. From now on no attempt of it can write. */
export async function closeRunRow(
  session: DestinationSession,
  state: StateTables,
  run: string,
  ending: RunEnding,
): Promise<void> {
  await inTransaction(session, async () => {
    await takeExclusively(session);
    await session.rows(
      `UPDATE ${state.table('run')} SET slot = id, state = N'closed', epoch = epoch + 1, ending = ${quoteText(ending)}, ` +
        `closed_at = GETUTCDATE() WHERE id = ${quoteText(run)} AND slot = ${openSlot};`,
    );
  });
}

const runColumns = 'number, id, workflow_id, source, destination, plan_hash, epoch, state, ending, wrote_data';

export async function findRun(session: DestinationSession, state: StateTables, run: string): Promise<StoredRun | null> {
  const [row] = await session.rows(`SELECT ${runColumns} FROM ${state.table('run')} WHERE id = ${quoteText(run)};`);
  return row === undefined ? null : storedRun(row);
}

/** The latest run of a workflow id. */
export async function findLatestRun(
  session: DestinationSession,
  state: StateTables,
  workflowId: string,
): Promise<StoredRun | null> {
  const [row] = await session.query(
    `SELECT TOP (1) ${runColumns} FROM ${state.table('run')} WHERE workflow_id = @workflowId ORDER BY number DESC`,
    { workflowId: { type: 'nvarchar', value: workflowId } },
  );
  return row === undefined ? null : storedRun(row);
}

export async function findOpenRun(session: DestinationSession, state: StateTables): Promise<StoredRun | null> {
  const [row] = await session.rows(`SELECT ${runColumns} FROM ${state.table('run')} WHERE slot = ${openSlot};`);
  return row === undefined ? null : storedRun(row);
}

function storedRun(row: SqlRowArray): StoredRun {
  return {
    number: Number(row[0]),
    run: String(row[1]),
    workflowId: String(row[2]),
    source: String(row[3]),
    destination: String(row[4]),
    planHash: String(row[5]),
    epoch: Number(row[6]),
    open: row[7] === 'open',
    ending: row[8] === null || row[8] === undefined ? null : String(row[8]),
    wroteData: Boolean(row[9]),
  };
}

/** The run's number in the state tables. */
export async function runNumberOf(session: DestinationSession, state: StateTables, run: RunReference): Promise<number> {
  const stored = await findRun(session, state, run.run);
  if (stored === null) throw runClosed();
  return stored.number;
}
