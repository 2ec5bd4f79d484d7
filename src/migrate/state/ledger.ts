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

/** The parameter @workItem in the column's type: parameters are nvarchar(max), which a key is sought by less well. */
const givenItem = 'CONVERT(nvarchar(64), @workItem)';

/** What follows the key of a batch in the columns, where it is entered before its counts are known. */
const notYetKnown = 'NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, GETUTCDATE()';

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

/** Names a batch before its counts are known. */
export interface LedgerKey {
  readonly workItem: string;
  readonly batch: number;
  readonly entity: number | null;
}

/** What a batch finds when it begins: nothing, its own row committed by another attempt, or that it is not wanted. */
export interface EnteredBatch {
  readonly committed: LedgerEntry | null;
  readonly fenced: boolean;
}

/**
 * Enters a batch, before anything else of it is written, unless it has been committed or a note fences it. An overlapping
 * attempt that has entered it too makes this wait for its end and then fail on the ledger's key, and the whole
 * transaction with it: it is tried again, and then finds the row.
 * @param fence name of the note that fences the work item
 */
export async function enterBatch(
  transaction: WriteTransaction,
  state: StateTables,
  key: LedgerKey,
  fence: string,
): Promise<EnteredBatch> {
  const ledger = state.table('ledger');
  const run = `run = ${transaction.runNumber}`;
  const own = `${run} AND work_item = ${givenItem} AND batch = @batch`;
  const [row] = await entering(key, () =>
    transaction.session.query(
      [
        `${insertInto(state)} SELECT ${transaction.runNumber}, @workItem, @batch, @entity, ${notYetKnown}`,
        `WHERE NOT EXISTS (SELECT 1 FROM ${state.table('note')} WHERE ${run} AND name = @fence) AND NOT EXISTS (SELECT 1 FROM ${ledger} WHERE ${own});`,
        `SELECT @@ROWCOUNT, ${columns} FROM ${ledger} WHERE ${own};`,
      ].join('\n'),
      {
        workItem: { type: 'nvarchar', value: key.workItem },
        batch: { type: 'int', value: key.batch },
        entity: { type: 'int', value: key.entity },
        fence: { type: 'nvarchar', value: fence },
      },
    ),
  );
  const entered = Number(row?.[0]) === 1;
  return { committed: row === undefined || entered ? null : entryOf(row.slice(1)), fenced: row === undefined };
}

/** Enters the next batch of work that counts its own batches, such as deletions; answers its number. */
async function enterNext(transaction: WriteTransaction, state: StateTables, workItem: string): Promise<number> {
  const [row] = await entering({ workItem }, () =>
    transaction.session.query(
      [
        `DECLARE @batch int = (SELECT COALESCE(MAX(batch), 0) + 1 FROM ${state.table('ledger')} WHERE run = ${transaction.runNumber} AND work_item = ${givenItem});`,
        `${insertInto(state)} VALUES (${transaction.runNumber}, @workItem, @batch, NULL, ${notYetKnown});`,
        'SELECT @batch;',
      ].join('\n'),
      { workItem: { type: 'nvarchar', value: workItem } },
    ),
  );
  return Number(row?.[0]);
}

function insertInto(state: StateTables): string {
  return `INSERT INTO ${state.table('ledger')} (run, ${columns}, committed_at)`;
}

async function entering<T>({ workItem }: Pick<LedgerKey, 'workItem'>, insert: () => Promise<T>): Promise<T> {
  try {
    return await insert();
  } catch (error) {
    if (isDuplicateKey(error)) {
      throw interruption('overlap', 'another attempt has committed this batch', workItem);
    }
    throw error;
  }
}

/** Writes what the batch did into its row, as the transaction commits. */
export function completeLedger(transaction: WriteTransaction, state: StateTables, entry: LedgerEntry): void {
  transaction.atCommit(
    `UPDATE ${state.table('ledger')} SET end_key = ${textOrNull(entry.endKey)}, last = ${entry.last ? 1 : 0}, rows_read = ${entry.rowsRead}, ` +
      `rows_written = ${entry.rowsWritten}, rows_matched = ${entry.rowsMatched}, rows_filtered = ${entry.rowsFiltered}, ` +
      `rows_quarantined = ${entry.rowsQuarantined}, references_orphaned = ${entry.referencesOrphaned}, ` +
      `references_unmapped = ${entry.referencesUnmapped}, references_deferred = ${entry.referencesDeferred}, digest = ${textOrNull(entry.digest)}, committed_at = GETUTCDATE() ` +
      `WHERE run = ${transaction.runNumber} AND work_item = ${quoteText(entry.workItem)} AND batch = ${entry.batch};`,
  );
}

function textOrNull(text: string | null): string {
  return text === null ? 'NULL' : quoteText(text);
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
  const batch = await enterNext(transaction, state, workItem);
  const result = await work(batch);
  completeLedger(transaction, state, {
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

/** What stands in the ledger of one work item. */
export interface WorkSummary {
  readonly batches: number;
  readonly rowsFiltered: number;
  /** True once a batch was the last. */
  readonly finished: boolean;
}

/** The work items of the run whose names begin with the prefix: asked once where there are hundreds of small ones. */
export async function summarizeWork(
  session: DestinationSession,
  state: StateTables,
  run: string,
  prefix: string,
): Promise<ReadonlyMap<string, WorkSummary>> {
  const rows = await session.rows(
    `SELECT work_item, COUNT(*), SUM(rows_filtered), MAX(CASE WHEN last = 1 THEN 1 ELSE 0 END) FROM ${state.table('ledger')} ` +
      `WHERE run = (SELECT number FROM ${state.table('run')} WHERE id = ${quoteText(run)}) AND work_item LIKE ${quoteText(`${prefix}%`)} GROUP BY work_item;`,
  );
  return new Map(
    rows.map(([workItem, batches, filtered, finished]) => [
      String(workItem),
      { batches: Number(batches), rowsFiltered: Number(filtered), finished: Number(finished) === 1 },
    ]),
  );
}

/** A batch of work that counts its own batches, and that is done when it is entered. */
export interface DoneBatch {
  readonly workItem: string;
  readonly rowsWritten: number;
  readonly last: boolean;
}

/**
 * Enters batches of different work items that the transaction has done, all in one statement.
 * @param batches at least one, and at most a thousand: the rows that VALUES takes
 */
export async function enterDone(
  transaction: WriteTransaction,
  state: StateTables,
  batches: readonly DoneBatch[],
): Promise<void> {
  const table = state.table('ledger');
  const run = transaction.runNumber;
  const done = batches.map(
    ({ workItem, rowsWritten, last }) => `(${quoteText(workItem)}, ${last ? 1 : 0}, ${rowsWritten})`,
  );
  await entering({ workItem: batches[0]?.workItem ?? '' }, () =>
    transaction.session.batch(
      `${insertInto(state)} ` +
        `SELECT ${run}, v.work_item, COALESCE((SELECT MAX(l.batch) FROM ${table} l WHERE l.run = ${run} AND l.work_item = v.work_item), 0) + 1, ` +
        `NULL, NULL, v.last, 0, v.rows_written, 0, 0, 0, 0, 0, 0, NULL, GETUTCDATE() FROM (VALUES ${done.join(', ')}) v (work_item, last, rows_written);`,
    ),
  );
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
