import type { RunReference } from '../../contract.js';
import { requireLock, takeLockSql } from '../../sqlserver/applicationLock.js';
import { refuse } from '../../sqlserver/errors.js';
import { lastIdentity } from '../../sqlserver/lastIdentity.js';
import { quoteName, quoteTable, quoteText } from '../../sqlserver/quoteName.js';
import type { DestinationSession } from '../../sqlserver/session.js';
import type { StateTables } from '../state/stateTables.js';
import { withWriteTransaction, type WriteTransaction } from '../state/transaction.js';
import type { EntityShape } from './entityShape.js';

/** Largest identity of an int column. */
const largestInt = 2_147_483_647n;

/**
 * The block of new keys of one batch: row n of the page gets base + n. It is recorded in a transaction of its own before
 * the batch, under an exclusive lock of the table, at or above the last identity, the largest key and every block
 * recorded so far; so a retry uses the same keys, and two batches never share one. A block that another writer has
 * meanwhile put rows into is given up for a new one: gaps do no harm.
 * @returns base as text
 */
export async function reserveKeys(
  session: DestinationSession,
  state: StateTables,
  run: RunReference,
  shape: EntityShape,
  workItem: string,
  batch: number,
  rows: number,
): Promise<string> {
  return withWriteTransaction(session, state, run, false, async (transaction) => {
    const kept = await findReservation(transaction, state, shape, workItem, batch, rows);
    if (kept !== null) return kept;
    return record(transaction, state, shape, workItem, batch, rows);
  });
}

/** Application lock names hold 255 characters; the end of a table's name tells it apart. */
function lockOf(table: string): string {
  return `refresh:keys ${table}`.slice(0, 255);
}

/** Takes the table's lock; answers the batch's block, unless it is too small or no longer free. */
async function findReservation(
  transaction: WriteTransaction,
  state: StateTables,
  shape: EntityShape,
  workItem: string,
  batch: number,
  rows: number,
): Promise<string | null> {
  const key = quoteName(shape.key.planned.destination.column);
  const where = `r.run = ${transaction.runNumber} AND r.work_item = ${quoteText(workItem)} AND r.batch = ${batch}`;
  const lock = lockOf(quoteTable(shape.entity.destinationTable));
  const [granted, found] = await transaction.session.batch(
    `DECLARE @lock int; ${takeLockSql(lock, 'Exclusive', '@lock')} SELECT @lock;\n` +
      `SELECT r.base, r.row_count, CASE WHEN EXISTS (SELECT 1 FROM ${quoteTable(shape.entity.destinationTable)} d ` +
      `WHERE d.${key} > r.base AND d.${key} <= r.base + r.row_count) THEN 1 ELSE 0 END ` +
      `FROM ${state.table('key_reservation')} r WHERE ${where};`,
  );
  requireLock(lock, granted?.[0]?.[0]);
  const row = found?.[0];
  if (row === undefined) return null;
  if (Number(row[1]) >= rows && Number(row[2]) === 0) return String(row[0]);
  await transaction.session.batch(`DELETE r FROM ${state.table('key_reservation')} r WHERE ${where};`);
  return null;
}

async function record(
  transaction: WriteTransaction,
  state: StateTables,
  shape: EntityShape,
  workItem: string,
  batch: number,
  rows: number,
): Promise<string> {
  const table = quoteTable(shape.entity.destinationTable);
  const key = quoteName(shape.key.planned.destination.column);
  const reservations = state.table('key_reservation');
  const [row] = await transaction.session.rows(
    [
      'DECLARE @base bigint;',
      'SELECT @base = MAX(candidate) FROM (',
      `  SELECT CONVERT(bigint, ${lastIdentity(shape.entity.destinationTable)}) AS candidate`,
      `  UNION ALL SELECT CONVERT(bigint, MAX(${key})) FROM ${table}`,
      `  UNION ALL SELECT MAX(base + row_count) FROM ${reservations} WHERE table_name = ${quoteText(table)}`,
      ') c;',
      'SET @base = COALESCE(@base, 0);',
      `INSERT INTO ${reservations} (run, work_item, batch, table_name, base, row_count) VALUES (${transaction.runNumber}, ${quoteText(workItem)}, ${batch}, ${quoteText(table)}, @base, ${rows});`,
      'SELECT @base;',
    ].join('\n'),
  );
  const base = String(row?.[0]);
  if (shape.key.planned.destination.type.name === 'int' && BigInt(base) + BigInt(rows) > largestInt) {
    throw refuse(
      'keysExhausted',
      'the identity column has no keys left for these rows',
      'Reseed the column or clear the table.',
      shape.name,
    );
  }
  return base;
}
