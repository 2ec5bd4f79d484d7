import type { PlannedEventTable } from '../../plan/refreshPlan.js';
import { quoteName } from '../../sqlserver/quoteName.js';
import { typeDeclaration } from '../transport.js';

/** Quoted columns of the destination's event table. */
export function eventColumns(table: PlannedEventTable): string[] {
  return table.columns.map((column) => quoteName(column.destination));
}

/** Column definitions with the types and collations of the event table: of a temporary copy. */
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
