import type { PlannedEventTable } from '../../plan/refreshPlan.js';
import { quoteName, quoteTable, quoteText } from '../../sqlserver/quoteName.js';
import type { DestinationSession } from '../../sqlserver/session.js';
import type { StateTables } from '../state/stateTables.js';
import { typeDeclaration } from '../transport.js';

/** A snapshot of an event table's rows that has not been put back yet. */
export interface OpenSnapshot {
  readonly number: number;
}

/** The snapshot of a table that is still to be restored, whichever run took it. */
export async function findOpenSnapshot(
  session: DestinationSession,
  state: StateTables,
  table: PlannedEventTable,
): Promise<OpenSnapshot | null> {
  const [row] = await session.rows(
    `SELECT MAX(number) FROM ${state.table('event_snapshot')} WHERE table_name = ${quoteText(quoteTable(table.destination))} AND restored_at IS NULL;`,
  );
  return row?.[0] == null ? null : { number: Number(row[0]) };
}

/** Quoted columns of the destination's event table. */
export function eventColumns(table: PlannedEventTable): string[] {
  return table.columns.map((column) => quoteName(column.destination));
}

/** Column definitions with the types and collations of the event table: of its mirror, or of a temporary copy. */
export function eventColumnDefinitions(table: PlannedEventTable): string {
  return table.columns
    .map((column) => {
      const collation =
        column.type.collation === null || !/^\w+$/.test(column.type.collation)
          ? ''
          : ` COLLATE ${column.type.collation}`;
      return `${quoteName(column.destination)} ${typeDeclaration(column.type)}${collation} NULL`;
    })
    .join(', ');
}

/** True for rows that are equal in every column, NULL being equal to NULL. */
export function sameEventRow(table: PlannedEventTable, left: string, right: string): string {
  return eventColumns(table)
    .map(
      (column) =>
        `(${left}.${column} = ${right}.${column} OR (${left}.${column} IS NULL AND ${right}.${column} IS NULL))`,
    )
    .join(' AND ');
}

/** Column that holds the activity a row waits for; null if the table has none. */
export function activityColumn(table: PlannedEventTable): string | null {
  const column = table.columns.find((each) => each.kind === 'activity');
  return column === undefined ? null : quoteName(column.destination);
}
