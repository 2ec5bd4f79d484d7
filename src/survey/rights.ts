import { tableKey, type Factory } from '../factory/factory.js';
import { flag, text } from '../factory/rowValues.js';
import { BadInputError } from '../plan/badInput.js';
import type { TableName } from '../plan/refreshPlan.js';
import { quoteName, quoteText } from '../sqlserver/quoteName.js';
import type { ReadDatabase, SqlRow } from '../sqlserver/readDatabase.js';
import type { DestinationRights, TableRights } from './facts.js';

/** What the login may do with every table it can see, in one statement a database (HAS_PERMS_BY_NAME). */
export async function readTableRights(db: ReadDatabase, factory: Factory): Promise<Record<string, TableRights>> {
  const databases = new Set(Object.values(factory.tables).map((table) => table.name.database));
  const result: Record<string, TableRights> = {};
  for (const database of databases) {
    for (const row of await db.query(rightsQuery(database))) {
      const name: TableName = { database, schema: text(row, 'schema_name'), table: text(row, 'table_name') };
      result[tableKey(name)] = rightsOf(row);
    }
  }
  return result;
}

function rightsQuery(database: string | null): string {
  const prefix = database === null ? '' : `${quoteName(database)}.`;
  const name = `${quoteText(prefix)} + QUOTENAME(s.name) + N'.' + QUOTENAME(t.name)`;
  const may = (right: string): string => `HAS_PERMS_BY_NAME(${name}, N'OBJECT', N'${right}')`;
  return `SELECT s.name AS schema_name, t.name AS table_name, ${may('SELECT')} AS may_select, ${may('INSERT')} AS may_insert,
  ${may('UPDATE')} AS may_update, ${may('DELETE')} AS may_delete, ${may('ALTER')} AS may_alter
FROM ${prefix}sys.tables t INNER JOIN ${prefix}sys.schemas s ON s.schema_id = t.schema_id`;
}

function rightsOf(row: SqlRow): TableRights {
  return {
    select: flag(row, 'may_select'),
    insert: flag(row, 'may_insert'),
    update: flag(row, 'may_update'),
    delete: flag(row, 'may_delete'),
    alter: flag(row, 'may_alter'),
  };
}

/** The destination's rights, with what the state schema needs. */
export async function readDestinationRights(
  db: ReadDatabase,
  factory: Factory,
  stateSchema: string,
): Promise<DestinationRights> {
  const [row] = await db.query(
    `SELECT HAS_PERMS_BY_NAME(DB_NAME(), N'DATABASE', N'CREATE TABLE') AS create_table,
  HAS_PERMS_BY_NAME(DB_NAME(), N'DATABASE', N'CREATE SCHEMA') AS create_schema,
  CASE WHEN EXISTS (SELECT 1 FROM sys.schemas WHERE name = @schema) THEN 1 ELSE 0 END AS schema_exists`,
    { schema: { type: 'nvarchar', value: stateSchema } },
  );
  return {
    createTable: row !== undefined && flag(row, 'create_table'),
    createSchema: row !== undefined && flag(row, 'create_schema'),
    schemaExists: row !== undefined && flag(row, 'schema_exists'),
    tables: await readTableRights(db, factory),
  };
}

/**
 * The source login must be able to read every table concerned and, unless allowed, to write none.
 * Throws BadInputError (SOURCE_UNREADABLE, SOURCE_WRITABLE).
 */
export function assertSourceRights(
  environment: { readonly name: string; readonly allowWritableSource: boolean },
  rights: Readonly<Record<string, TableRights>>,
  tables: readonly TableName[],
): void {
  const unreadable = tables.filter((table) => rights[tableKey(table)]?.select !== true).map((table) => table.table);
  if (unreadable.length > 0) {
    throw new BadInputError(
      'SOURCE_UNREADABLE',
      `The login of ${environment.name} may not read ${someOf(unreadable)}.`,
      'Give it SELECT on these tables.',
      unreadable,
    );
  }
  if (environment.allowWritableSource) return;
  const writable = Object.entries(rights).flatMap(([name, right]) =>
    right.insert || right.update || right.delete ? [name.replace(/^\./, '')] : [],
  );
  if (writable.length > 0) {
    throw new BadInputError(
      'SOURCE_WRITABLE',
      `The login of ${environment.name} could write its tables: ${someOf(writable)}.`,
      'Use a login with SELECT only, or set allowWritableSource: true for this environment.',
      writable,
    );
  }
}

function someOf(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}
