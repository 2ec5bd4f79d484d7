import type { ColumnType, TableName } from '../../plan/refreshPlan.js';
import { quoteName, quoteText } from '../../sqlserver/quoteName.js';
import type { SqlRowArray } from '../../sqlserver/session.js';

/** A column as the catalogue has it. */
export interface TableColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly identity: boolean;
}

interface Queryable {
  query(sql: string): Promise<SqlRowArray[]>;
}

/** Columns that can be written: neither computed nor a row version. */
export async function readTableColumns(session: Queryable, table: TableName): Promise<TableColumn[]> {
  const sys = table.database === null ? 'sys' : `${quoteName(table.database)}.sys`;
  const rows = await session.query(
    `SELECT c.name, y.name, c.max_length, c.precision, c.scale, c.collation_name, c.is_nullable, c.is_identity ` +
      `FROM ${sys}.columns c JOIN ${sys}.types y ON y.user_type_id = c.system_type_id ` +
      `JOIN ${sys}.tables t ON t.object_id = c.object_id JOIN ${sys}.schemas s ON s.schema_id = t.schema_id ` +
      `WHERE t.name = ${quoteText(table.table)} AND s.name = ${quoteText(table.schema)} AND c.is_computed = 0 ` +
      `AND y.name <> N'timestamp' ORDER BY c.column_id`,
  );
  return rows.map((row) => ({ name: String(row[0]), type: columnType(row), identity: row[7] === true }));
}

function columnType(row: SqlRowArray): ColumnType {
  const name = String(row[1]);
  const bytes = Number(row[2]);
  const characters = name === 'nchar' || name === 'nvarchar';
  const sized = characters || ['char', 'varchar', 'binary', 'varbinary'].includes(name);
  return {
    name,
    length: !sized ? null : bytes === -1 ? -1 : characters ? bytes / 2 : bytes,
    precision: Number(row[3]),
    scale: Number(row[4]),
    collation: typeof row[5] === 'string' ? row[5] : null,
    nullable: row[6] === true,
  };
}
