import { interruption, isDuplicateKey } from '../../sqlserver/errors.js';
import { quoteText } from '../../sqlserver/quoteName.js';
import type { DestinationSession, SqlRowArray } from '../../sqlserver/session.js';
import type { StateTables } from './stateTables.js';
import type { WriteTransaction } from './transaction.js';

/** What one batch did; the sums of a run's rows are its account. */
export interface LedgerCounts {
  readonly rowsRead: number;
  readonly rowsWritten: number;
  /** Rows of the destination that stand for a row of the source without having been inserted. */
  readonly rowsMatched: number;
  /** Rows that the plan leaves behind: processes outside the filter and what belongs to them. */
  readonly rowsFiltered: number;
  readonly rowsQuarantined: number;
  /** References set to NULL because their target does not exist in the source either. */
  readonly referencesOrphaned: number;
  /** References set to NULL because their target has no image. */
  readonly referencesUnmapped: number;
  readonly referencesDeferred: number;
}

export const noCounts: LedgerCounts = {
  rowsRead: 0,
  rowsWritten: 0,
  rowsMatched: 0,
  rowsFiltered: 0,
  rowsQuarantined: 0,
  referencesOrphaned: 0,
  referencesUnmapped: 0,
  referencesDeferred: 0,
};

export interface LedgerEntry extends LedgerCounts {
  readonly workItem: string;
  readonly batch: number;
  readonly entity: number | null;
  /** The cursor after this batch; null if the batch held no rows. */
  readonly endKey: string | null;
  /** True if nothing of the entity (or of the work, without an entity) is left after this batch. */
  readonly last: boolean;
  /** Digest of the source rows of the page; null for work that is not a page of rows. */
  readonly digest: string | null;
}

const columns =
  'work_item, batch, entity, end_key, last, rows_read, rows_written, rows_matched, rows_filtered, rows_quarantined, ' +
  'references_orphaned, references_unmapped, references_deferred, digest';

function entryOf(row: SqlRowArray): LedgerEntry {
  return {
    workItem: String(row[0]),
    batch: Number(row[1]),
    entity: row[2] === null || row[2] === undefined ? null : Number(row[2]),
    endKey: row[3] === null || row[3] === undefined ? null : String(row[3]),
    last: row[4] === true,
    rowsRead: Number(row[5]),
    rowsWritten: Number(row[6]),
    rowsMatched: Number(row[7]),
    rowsFiltered: Number(row[8]),
    rowsQuarantined: Number(row[9]),
    referencesOrphaned: Number(row[10]),
    referencesUnmapped: Number(row[11]),
    referencesDeferred: Number(row[12]),
    digest: row[13] === null || row[13] === undefined ? null : String(row[13]),
  };
}

/** All ledger rows of one work item, in order. */
export async function readLedger(
  session: DestinationSession,
  state: StateTables,
  run: string,
  workItem: string,
): Promise<LedgerEntry[]> {
  const rows = await session.rows(
    `SELECT ${columns} FROM ${state.table('ledger')} WHERE run = (SELECT number FROM ${state.table('run')} WHERE id = ${quoteText(run)}) ` +
      `AND work_item = ${quoteText(workItem)} ORDER BY batch;`,
  );
  return rows.map(entryOf);
}

/** The row of one batch inside a write transaction; null if no attempt has committed it. */
export async function findLedgerEntry(
  transaction: WriteTransaction,
  state: StateTables,
  workItem: string,
  batch: number,
): Promise<LedgerEntry | null> {
  const [row] = await transaction.session.rows(
    `SELECT ${columns} FROM ${state.table('ledger')} WHERE run = ${transaction.runNumber} AND work_item = ${quoteText(workItem)} AND batch = ${batch};`,
  );
  return row === undefined ? null : entryOf(row);
}

/** Names a batch before its counts are known. */
export interface LedgerKey {
  readonly workItem: string;
  readonly batch: number;
  readonly entity: number | null;
}

/**
 * Enters a batch, before anything else of it is written. An overlapping attempt that has entered it too makes this wait
 * for its end and then fail on the ledger's key, and the whole transaction with it: it is tried again, and then finds the
 * row.
 */
export async function enterLedger(transaction: WriteTransaction, state: StateTables, key: LedgerKey): Promise<void> {
  const zeros = Array.from({ length: 8 }, () => '0').join(', ');
  try {
    await transaction.session.batch(
      `INSERT INTO ${state.table('ledger')} (run, ${columns}, committed_at) ` +
        `VALUES (${transaction.runNumber}, ${quoteText(key.workItem)}, ${key.batch}, ${key.entity ?? 'NULL'}, NULL, 0, ${zeros}, NULL, GETUTCDATE());`,
    );
  } catch (error) {
    if (isDuplicateKey(error)) {
      throw interruption('overlap', 'another attempt has committed this batch', key.workItem);
    }
    throw error;
  }
}

/** Writes what the batch did into its row. */
export async function completeLedger(
  transaction: WriteTransaction,
  state: StateTables,
  entry: LedgerEntry,
): Promise<void> {
  await transaction.session.query(
    `UPDATE ${state.table('ledger')} SET end_key = @endKey, last = ${entry.last ? 1 : 0}, rows_read = ${entry.rowsRead}, ` +
      `rows_written = ${entry.rowsWritten}, rows_matched = ${entry.rowsMatched}, rows_filtered = ${entry.rowsFiltered}, ` +
      `rows_quarantined = ${entry.rowsQuarantined}, references_orphaned = ${entry.referencesOrphaned}, ` +
      `references_unmapped = ${entry.referencesUnmapped}, references_deferred = ${entry.referencesDeferred}, digest = ${entry.digest === null ? 'NULL' : quoteText(entry.digest)}, committed_at = GETUTCDATE() ` +
      `WHERE run = ${transaction.runNumber} AND work_item = @workItem AND batch = ${entry.batch}`,
    { workItem: { type: 'nvarchar', value: entry.workItem }, endKey: { type: 'nvarchar', value: entry.endKey } },
  );
}

/**
 * One batch of work that counts its own batches, such as deletions: its ledger row commits with what it did.
 * @returns what the work answered
 */
export async function ledgered<
  T extends Partial<LedgerCounts> & { readonly last: boolean; readonly endKey?: string | null },
>(
  transaction: WriteTransaction,
  state: StateTables,
  workItem: string,
  work: (batch: number) => Promise<T>,
): Promise<T> {
  const batch = await nextBatchNumber(transaction, state, workItem);
  await enterLedger(transaction, state, { workItem, batch, entity: null });
  const result = await work(batch);
  await completeLedger(transaction, state, {
    ...noCounts,
    endKey: null,
    digest: null,
    ...result,
    workItem,
    batch,
    entity: null,
  });
  return result;
}

/** True once a batch of the work item was the last. */
export async function isFinished(
  session: DestinationSession,
  state: StateTables,
  run: string,
  workItem: string,
): Promise<boolean> {
  return (await readLedger(session, state, run, workItem)).some((entry) => entry.last);
}

/** The next batch of work that counts its own batches, such as deletions. */
async function nextBatchNumber(transaction: WriteTransaction, state: StateTables, workItem: string): Promise<number> {
  const [row] = await transaction.session.rows(
    `SELECT COALESCE(MAX(batch), 0) + 1 FROM ${state.table('ledger')} WHERE run = ${transaction.runNumber} AND work_item = ${quoteText(workItem)};`,
  );
  return Number(row?.[0]);
}

export function addCounts(a: LedgerCounts, b: LedgerCounts): LedgerCounts {
  return {
    rowsRead: a.rowsRead + b.rowsRead,
    rowsWritten: a.rowsWritten + b.rowsWritten,
    rowsMatched: a.rowsMatched + b.rowsMatched,
    rowsFiltered: a.rowsFiltered + b.rowsFiltered,
    rowsQuarantined: a.rowsQuarantined + b.rowsQuarantined,
    referencesOrphaned: a.referencesOrphaned + b.referencesOrphaned,
    referencesUnmapped: a.referencesUnmapped + b.referencesUnmapped,
    referencesDeferred: a.referencesDeferred + b.referencesDeferred,
  };
}
