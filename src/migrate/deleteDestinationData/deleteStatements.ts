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
 * any order.
 */
export function clearSql(deletion: PlannedDeletion, rows: number): string | null {
  if (deletion.clearFirst.length === 0) return null;
  const assignments = deletion.clearFirst.map((column) => `d.${quoteName(column)} = NULL`);
  const set = deletion.clearFirst.map((column) => `d.${quoteName(column)} IS NOT NULL`);
  const filter = deletionFilter(deletion);
  return [
    `UPDATE TOP (${rows}) d SET ${assignments.join(', ')} FROM ${quoteTable(deletion.table)} d`,
    `WHERE (${set.join(' OR ')})${filter === '' ? '' : ` AND ${filter}`};`,
  ].join('\n');
}

/** Deletes one batch of rows. */
export function deleteSql(deletion: PlannedDeletion, rows: number): string {
  const filter = deletionFilter(deletion);
  return `DELETE TOP (${rows}) d FROM ${quoteTable(deletion.table)} d${filter === '' ? '' : `\nWHERE ${filter}`};`;
}

/** One pass over one table: its references to NULL, or its rows away. */
export interface Pass {
  readonly kind: 'clear' | 'delete';
  readonly deletion: PlannedDeletion;
  readonly workItem: string;
  /** A batch of it: clearSql or deleteSql. */
  readonly sql: string;
  /** Rows of a batch at most. */
  readonly rows: number;
}

/**
 * A batch of the first pass, and of those behind it as long as each pass before was finished with it and all together
 * found few rows. Answers a row of each pass that was begun, in their order: its place, and its rows.
 * @param fewRows after more than that the next pass is not begun
 */
export function passesSql(passes: readonly Pass[], fewRows: number): string {
  return [
    'SET NOCOUNT ON;',
    'DECLARE @rows int, @all int = 0, @goesOn bit = 1;',
    'DECLARE @begun TABLE (place int NOT NULL PRIMARY KEY, pass_rows int NOT NULL);',
    ...passes.flatMap(({ sql, rows }, place) => [
      'IF @goesOn = 1 BEGIN',
      sql,
      'SET @rows = @@ROWCOUNT;',
      `INSERT INTO @begun (place, pass_rows) VALUES (${place}, @rows);`,
      'SET @all = @all + @rows;',
      `IF @rows >= ${rows} OR @all > ${fewRows} SET @goesOn = 0;`,
      'END;',
    ]),
    'SELECT place, pass_rows FROM @begun ORDER BY place;',
  ].join('\n');
}
