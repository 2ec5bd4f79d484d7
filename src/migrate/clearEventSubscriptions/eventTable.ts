import type { PlannedEventTable, RefreshPlan } from '../../plan/refreshPlan.js';
import { quoteName, quoteTable } from '../../sqlserver/quoteName.js';
import { deletionFilter } from '../deleteDestinationData/deleteStatements.js';
import { typeDeclaration } from '../../sqlserver/columnText.js';

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

/** Rows that are taken away while data moves: all, or outside the scope those of activities that the load deletes. */
export function takenRows(plan: RefreshPlan, table: PlannedEventTable, alias: string): string {
  if (!table.outsideScope) return '1 = 1';
  const activity = activityColumn(table);
  const deletion = plan.deletions.find(({ node }) => node !== null && plan.nodes[node]?.kind === 'activity');
  if (activity === null || deletion === undefined) return '1 = 0';
  const filter = deletionFilter(deletion);
  return `EXISTS (SELECT 1 FROM ${quoteTable(deletion.table)} d WHERE d.ID = ${alias}.${activity}${filter === '' ? '' : ` AND ${filter}`})`;
}
