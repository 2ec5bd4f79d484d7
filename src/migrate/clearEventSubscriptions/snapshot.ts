import type { PlannedEventTable } from '../../plan/refreshPlan.js';
import { quoteName, quoteTable, quoteText } from '../../sqlserver/quoteName.js';
import type { DestinationSession } from '../../sqlserver/session.js';
import type { StateTables } from '../state/stateTables.js';
import type { WriteTransaction } from '../state/transaction.js';
import { styleOf, typeDeclaration } from '../../sqlserver/columnText.js';
import { eventColumnDefinitions } from './eventTable.js';

/** Temporary table that holds the rows of a snapshot, with the columns of its event table. */
export const snapshotRows = '#snapshot_row';

/** Temporary table for rows to be added to a snapshot, numbered by its column n. */
export const newRows = '#event_row';

/** The snapshot of a table that is still to be restored, whichever run took it. */
export async function findOpenSnapshot(
  session: DestinationSession,
  state: StateTables,
  table: PlannedEventTable,
): Promise<number | null> {
  const [row] = await session.rows(
    `SELECT MAX(number) FROM ${state.table('event_snapshot')} WHERE table_name = ${quoteText(quoteTable(table.destination))} AND restored_at IS NULL;`,
  );
  return row?.[0] == null ? null : Number(row[0]);
}

export async function newSnapshot(
  { session, runNumber }: WriteTransaction,
  state: StateTables,
  table: PlannedEventTable,
): Promise<number> {
  const [row] = await session.rows(
    `INSERT INTO ${state.table('event_snapshot')} (table_name, run, row_count, taken_at, restored_by, restored_at) ` +
      `VALUES (${quoteText(quoteTable(table.destination))}, ${runNumber}, 0, GETUTCDATE(), NULL, NULL);\nSELECT CONVERT(int, SCOPE_IDENTITY());`,
  );
  return Number(row?.[0]);
}

/**
 * Fills #snapshot_row from a snapshot. The values of all snapshots stand in one state table, one row a value, so that no
 * table has to be created while a run is under way: a login without DDL rights could not.
 */
export async function readSnapshot(
  session: DestinationSession,
  state: StateTables,
  table: PlannedEventTable,
  snapshot: number,
): Promise<void> {
  const values = table.columns.map(({ destination, type }) => {
    // One value each: MAX only takes it out of its row, and in this collation it needs no language's rules.
    const text = `MAX(CASE WHEN v.column_name = ${quoteText(destination)} THEN v.value COLLATE Latin1_General_BIN2 END)`;
    return `CONVERT(${typeDeclaration(type)}, ${text}${styleOf(type)})`;
  });
  const columns = table.columns.map(({ destination }) => quoteName(destination)).join(', ');
  // A batch of its own: statements are bound to the temporary table that stands when their batch is compiled.
  await session.batch(`DROP TABLE IF EXISTS ${snapshotRows}; DROP TABLE IF EXISTS ${newRows};`);
  await session.batch(
    [
      `CREATE TABLE ${snapshotRows} (${eventColumnDefinitions(table)});`,
      `CREATE TABLE ${newRows} (n int IDENTITY(1, 1) NOT NULL, ${eventColumnDefinitions(table)});`,
      `INSERT INTO ${snapshotRows} (${columns}) SELECT ${values.join(', ')}`,
      `FROM ${state.table('event_snapshot_value')} v WHERE v.snapshot = ${snapshot} GROUP BY v.row_number;`,
    ].join('\n'),
  );
}

/** Statements that add the rows of #event_row to a snapshot. */
export function addToSnapshotSql(state: StateTables, table: PlannedEventTable, snapshot: number): string {
  const values = state.table('event_snapshot_value');
  const inserts = table.columns.map(
    ({ destination, type }) =>
      `INSERT INTO ${values} (snapshot, row_number, column_name, value) SELECT ${snapshot}, @before + r.n, ${quoteText(destination)}, ` +
      `CONVERT(nvarchar(450), r.${quoteName(destination)}${styleOf(type)}) FROM ${newRows} r;`,
  );
  return [
    `DECLARE @before bigint = (SELECT COALESCE(MAX(row_number), 0) FROM ${values} WHERE snapshot = ${snapshot});`,
    ...inserts,
  ].join('\n');
}

/** The snapshot is restored: its values are no longer needed. */
export async function closeSnapshot(
  { session, runNumber }: WriteTransaction,
  state: StateTables,
  snapshot: number,
): Promise<void> {
  await session.batch(
    `UPDATE ${state.table('event_snapshot')} SET restored_by = ${runNumber}, restored_at = GETUTCDATE() WHERE number = ${snapshot};\n` +
      `DELETE FROM ${state.table('event_snapshot_value')} WHERE snapshot = ${snapshot};`,
  );
}
