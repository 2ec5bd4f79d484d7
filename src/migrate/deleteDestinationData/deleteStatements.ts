import type { PlannedDeletion } from '../../plan/refreshPlan.js';
import { integerList, quoteName, quoteTable, textList } from '../../sqlserver/quoteName.js';

/** Rows a statement, below the 5,000 row locks at which SQL Server locks the whole table; fewer on platform tables. */
export function deletionRows(deletion: PlannedDeletion, batchRows: number): number {
  const most = deletion.table.table.toUpperCase().startsWith('OSSYS_') ? 2_000 : 4_500;
  return Math.max(1, Math.min(most, batchRows));
}

/** Condition on `d` for the rows that go; empty for all. */
export function deletionFilter(deletion: PlannedDeletion): string {
  const conditions = [filterCondition(deletion)];
  if (deletion.keepKeys.length > 0) {
    conditions.push(
      `CONVERT(nvarchar(450), d.${quoteName(deletion.keyColumn)}) COLLATE DATABASE_DEFAULT NOT IN (${textList(deletion.keepKeys)})`,
    );
  }
  return conditions.filter((condition) => condition !== '').join(' AND ');
}

function filterCondition({ filter }: PlannedDeletion): string {
  switch (filter.kind) {
    case 'all':
      return '';
    case 'referring':
      return `(${filter.columns.map((column) => `d.${quoteName(column)} IS NOT NULL`).join(' OR ')})`;
    case 'tenants':
      return `d.${quoteName(filter.column)} IN (${integerList(filter.ids)})`;
    case 'processes':
      return processCondition(filter.path, filter.definitionIds);
  }
}

const process = 'dbo.OSSYS_BPM_PROCESS';
const activity = 'dbo.OSSYS_BPM_ACTIVITY';

function processCondition(path: 'own' | 'PROCESS_ID' | 'ACTIVITY_ID', definitionIds: readonly number[]): string {
  const definitions = integerList(definitionIds);
  switch (path) {
    case 'own':
      return `d.PROCESS_DEF_ID IN (${definitions})`;
    case 'PROCESS_ID':
      return `EXISTS (SELECT 1 FROM ${process} p WHERE p.ID = d.PROCESS_ID AND p.PROCESS_DEF_ID IN (${definitions}))`;
    case 'ACTIVITY_ID':
      return `EXISTS (SELECT 1 FROM ${activity} a JOIN ${process} p ON p.ID = a.PROCESS_ID WHERE a.ID = d.ACTIVITY_ID AND p.PROCESS_DEF_ID IN (${definitions}))`;
  }
}

/**
 * Sets the references of one batch of rows to NULL: rows of a cycle, or that refer to each other, cannot be deleted in
 * any order. Answers the number of rows.
 */
export function clearSql(deletion: PlannedDeletion, rows: number): string | null {
  if (deletion.clearFirst.length === 0) return null;
  const assignments = deletion.clearFirst.map((column) => `d.${quoteName(column)} = NULL`);
  const set = deletion.clearFirst.map((column) => `d.${quoteName(column)} IS NOT NULL`);
  const filter = deletionFilter(deletion);
  return [
    `UPDATE TOP (${rows}) d SET ${assignments.join(', ')} FROM ${quoteTable(deletion.table)} d`,
    `WHERE (${set.join(' OR ')})${filter === '' ? '' : ` AND ${filter}`};`,
    'SELECT @@ROWCOUNT;',
  ].join('\n');
}

/** Deletes one batch of rows; answers their number. */
export function deleteSql(deletion: PlannedDeletion, rows: number): string {
  const filter = deletionFilter(deletion);
  return [
    `DELETE TOP (${rows}) d FROM ${quoteTable(deletion.table)} d${filter === '' ? '' : `\nWHERE ${filter}`};`,
    'SELECT @@ROWCOUNT;',
  ].join('\n');
}
