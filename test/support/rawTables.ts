import { createHash } from 'node:crypto';
import type mssql from 'mssql';

/** Digest of every table's rows as they are stored, by name, and the state of triggers and constraints. */
export type RawTables = ReadonlyMap<string, string>;

/** Reads all tables but those that a pattern names; the order of rows does not count. */
export async function readRawTables(
  pool: mssql.ConnectionPool,
  leftOut: (table: string) => boolean,
): Promise<RawTables> {
  const rows = async (text: string): Promise<Record<string, unknown>[]> =>
    (await pool.request().query<Record<string, unknown>>(text)).recordset;
  const found = new Map<string, string>();
  const tables = await rows(
    `SELECT s.name AS schema_name, t.name AS table_name FROM sys.tables t INNER JOIN sys.schemas s ON s.schema_id = t.schema_id WHERE s.name = N'dbo'`,
  );
  for (const { table_name: table } of tables) {
    if (!leftOut(String(table))) found.set(String(table), digest(await rows(`SELECT * FROM [dbo].[${String(table)}]`)));
  }
  found.set('(triggers)', digest(await rows('SELECT name, is_disabled FROM sys.triggers')));
  found.set('(foreign keys)', digest(await rows('SELECT name, is_disabled, is_not_trusted FROM sys.foreign_keys')));
  return found;
}

/** Names of what differs between two readings. */
export function rawDifferences(before: RawTables, after: RawTables): string[] {
  return [...new Set([...before.keys(), ...after.keys()])].filter((name) => before.get(name) !== after.get(name));
}

function digest(rows: readonly Record<string, unknown>[]): string {
  const lines = rows.map((row) => JSON.stringify(row)).sort();
  return `${lines.length} rows ${createHash('sha256').update(lines.join('\n')).digest('hex')}`;
}
