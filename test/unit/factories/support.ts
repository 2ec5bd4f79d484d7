import type mssql from 'mssql';
import type { EnvironmentName, FactoryModel } from '../../../sandbox/factories/model.js';
import { createTarget, writeEnvironment } from '../../../sandbox/factories/write/environment.js';
import type { CellValue } from '../../../sandbox/factories/write/load.js';

export interface RecordedTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly CellValue[])[];
}

export interface Recording {
  readonly statements: readonly string[];
  readonly tables: ReadonlyMap<string, RecordedTable>;
}

/** Writes an environment to no server: keeps the statements, and the rows that would be bulk-loaded. */
export async function recordEnvironment(
  model: FactoryModel,
  environment: EnvironmentName,
  rows = 500,
  seed = 1,
): Promise<Recording> {
  const statements: string[] = [];
  const tables = new Map<string, RecordedTable>();
  const request = {
    batch: (text: string) => {
      statements.push(text);
      return Promise.resolve({ recordset: [], rowsAffected: [0] });
    },
  };
  const pool = { request: () => request } as unknown as mssql.ConnectionPool;
  const target = createTarget(pool, model, environment, rows, seed);
  target.loader.load = (table, columns, values) => {
    const loaded = [...values];
    tables.set(table, { columns, rows: loaded });
    return Promise.resolve(loaded.length);
  };
  await writeEnvironment(pool, target);
  return { statements, tables };
}

export function column(recording: Recording, table: string, name: string): CellValue[] {
  const found = recording.tables.get(table);
  if (!found) throw new Error(`Nothing was written to ${table}.`);
  const at = found.columns.indexOf(name);
  if (at < 0) throw new Error(`${table} was written without ${name}.`);
  return found.rows.map((row) => row[at] ?? null);
}

/** Rows as objects. */
export function records(recording: Recording, table: string): Record<string, CellValue>[] {
  const found = recording.tables.get(table);
  if (!found) throw new Error(`Nothing was written to ${table}.`);
  return found.rows.map((row) => Object.fromEntries(found.columns.map((name, at) => [name, row[at] ?? null])));
}
