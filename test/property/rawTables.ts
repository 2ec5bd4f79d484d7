/** Everything in a database as it is stored, to see what was touched. */
import type mssql from 'mssql';
import { quote } from '../../sandbox/factories/write/connection.js';

/** Table -> its rows as sorted texts; tables of other schemas are left out. */
export type RawTables = ReadonlyMap<string, readonly string[]>;

interface Column {
  readonly table_name: string;
  readonly name: string;
  readonly type: string;
}

export async function readRawTables(pool: mssql.ConnectionPool): Promise<RawTables> {
  const { recordset } = await pool.request().query<Column>(
    `SELECT o.name AS table_name, c.name, t.name AS type FROM sys.columns c INNER JOIN sys.objects o ON o.object_id = c.object_id
     INNER JOIN sys.types t ON t.user_type_id = c.user_type_id WHERE o.type = 'U' AND o.schema_id = SCHEMA_ID(N'dbo')
     ORDER BY o.name, c.column_id`,
  );
  const tables = new Map<string, string[]>();
  for (const { table_name: table, name, type } of recordset)
    tables.set(table, [...(tables.get(table) ?? []), exactly(name, type)]);
  const found = new Map<string, readonly string[]>();
  for (const [table, columns] of tables) {
    const rows = await pool
      .request()
      .query<Record<string, unknown>>(`SELECT ${columns.join(', ')} FROM [dbo].${quote(table)}`);
    found.set(table, rows.recordset.map((row) => JSON.stringify(row)).sort());
  }
  return found;
}

function exactly(name: string, type: string): string {
  const column = quote(name);
  if (type === 'datetime') return `CONVERT(nvarchar(30), ${column}, 121) AS ${column}`;
  if (type === 'decimal') return `CONVERT(nvarchar(60), ${column}) AS ${column}`;
  if (type === 'bigint') return `CONVERT(nvarchar(30), ${column}) AS ${column}`;
  if (type === 'image') return `CONVERT(varbinary(max), ${column}) AS ${column}`;
  return column;
}

/** What differs between two readings, a line a table, but for the tables named. */
export function touchedTables(before: RawTables, after: RawTables, except: (table: string) => boolean): string[] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((table) => {
    if (except(table)) return [];
    const [here, there] = [before.get(table), after.get(table)];
    if (here === undefined || there === undefined)
      return [`table ${table} was ${here === undefined ? 'created' : 'dropped'}`];
    const gone = here.filter((row) => !there.includes(row));
    const added = there.filter((row) => !here.includes(row));
    return gone.length + added.length + Math.abs(here.length - there.length) === 0
      ? []
      : [`${table} was touched: - ${gone[0] ?? ''} (${gone.length}) + ${added[0] ?? ''} (${added.length})`];
  });
}

/** State of triggers, constraints and indexes of the schema dbo. */
export async function readObjectStates(pool: mssql.ConnectionPool): Promise<readonly string[]> {
  const { recordset } = await pool.request().query<{ name: string; state: number }>(
    `SELECT CONCAT(N'trigger ', name) AS name, CONVERT(int, is_disabled) AS state FROM sys.triggers
     UNION ALL SELECT CONCAT(N'foreign key ', name), CONVERT(int, is_disabled) * 2 + CONVERT(int, is_not_trusted) FROM sys.foreign_keys
     UNION ALL SELECT CONCAT(N'index ', i.name), CONVERT(int, i.is_disabled) FROM sys.indexes i
       INNER JOIN sys.objects o ON o.object_id = i.object_id WHERE o.type = 'U' AND o.schema_id = SCHEMA_ID(N'dbo') AND i.name IS NOT NULL`,
  );
  return recordset.map((each) => `${each.name} ${each.state}`).sort();
}

/** Identity columns whose last value lies below the highest key: the next insert would fail. */
export async function identitiesBehind(pool: mssql.ConnectionPool): Promise<string[]> {
  const { recordset } = await pool.request().query<{ table_name: string; name: string }>(
    `SELECT o.name AS table_name, c.name FROM sys.identity_columns c INNER JOIN sys.objects o ON o.object_id = c.object_id
     WHERE o.type = 'U' AND o.schema_id = SCHEMA_ID(N'dbo')`,
  );
  const text = recordset
    .map(
      ({ table_name: table, name }) =>
        `SELECT N'${table}' AS name FROM [dbo].${quote(table)} HAVING MAX(${quote(name)}) > CONVERT(bigint, IDENT_CURRENT(N'dbo.${table}'))`,
    )
    .join(' UNION ALL ');
  if (text === '') return [];
  return (await pool.request().query<{ name: string }>(text)).recordset.map(
    (each) => `${each.name}: identity is behind its keys`,
  );
}
