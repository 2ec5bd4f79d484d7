import type { TableName } from '../plan/refreshPlan.js';

/** SQL Server's limit for an identifier, in UTF-16 units. */
const longestName = 128;

/**
 * The only place that turns a name into T-SQL text: `]` is doubled inside brackets, so no name can end its own quoting.
 * @throws RangeError for what SQL Server cannot hold as a name
 */
export function quoteName(name: string): string {
  if (name.length === 0 || name.length > longestName || name.includes('\u0000')) {
    throw new RangeError('a name must have 1 to 128 characters and no U+0000');
  }
  return `[${name.replaceAll(']', ']]')}]`;
}

/** schema.table, or database.schema.table for a table in another database of the instance. */
export function quoteTable(table: TableName): string {
  const local = `${quoteName(table.schema)}.${quoteName(table.table)}`;
  return table.database === null ? local : `${quoteName(table.database)}.${local}`;
}

/** A Unicode literal; for fixed texts and metadata keys, never for row values. */
export function quoteText(text: string): string {
  if (text.includes('\u0000')) throw new RangeError('a text literal cannot hold U+0000');
  return `N'${text.replaceAll("'", "''")}'`;
}

/** A list of integers for IN (…); an empty list matches nothing. */
export function integerList(ids: readonly number[]): string {
  for (const id of ids) {
    if (!Number.isSafeInteger(id)) throw new RangeError('an id must be a whole number');
  }
  return ids.length === 0 ? 'NULL' : ids.join(', ');
}

/** A list of text literals for IN (…); an empty list matches nothing. */
export function textList(texts: readonly string[]): string {
  return texts.length === 0 ? 'NULL' : texts.map(quoteText).join(', ');
}
