import { quoteName } from '../sqlserver/quoteName.js';
import type { ReadDatabase, SqlRow } from '../sqlserver/readDatabase.js';
import type { ColumnType } from '../plan/refreshPlan.js';
import { tableKey, type ForeignKey, type PhysicalColumn, type PhysicalTable, type UniqueIndex } from './factory.js';
import { groupBy } from './groupBy.js';
import { flag, integer, text, textOrNull } from './rowValues.js';

/**
 * Every table of one database with columns, unique indexes, foreign keys and triggers, in six statements.
 * `database` null: the connection's own; else another of the same instance, read by three-part names (trap 88).
 */
export async function readTables(db: ReadDatabase, database: string | null): Promise<Record<string, PhysicalTable>> {
  const sys = database === null ? 'sys' : `${quoteName(database)}.sys`;
  const [tables, columns, indexes, foreignKeys, triggers] = await Promise.all([
    db.query(tablesQuery(sys)),
    db.query(columnsQuery(sys)),
    db.query(uniqueIndexesQuery(sys)),
    db.query(foreignKeysQuery(sys)),
    db.query(triggersQuery(sys)),
  ]);
  const columnNames = new Map(
    columns.map((row) => [columnRef(row, 'table_id', 'column_id'), text(row, 'column_name')]),
  );
  const names = new Map(
    tables.map((row) => [
      integer(row, 'table_id'),
      { database, schema: text(row, 'schema_name'), table: text(row, 'table_name') },
    ]),
  );
  const columnsOf = groupBy(columns, (row) => integer(row, 'table_id'));
  const indexesOf = groupBy(indexes, (row) => integer(row, 'table_id'));
  const foreignKeysOf = groupBy(foreignKeys, (row) => integer(row, 'table_id'));
  const triggersOf = groupBy(triggers, (row) => integer(row, 'table_id'));
  const result: Record<string, PhysicalTable> = {};
  for (const [id, name] of names) {
    result[tableKey(name)] = {
      name,
      columns: (columnsOf.get(id) ?? []).map(physicalColumnOf),
      uniqueIndexes: uniqueIndexesOf(indexesOf.get(id) ?? [], columnNames),
      foreignKeys: foreignKeysOfTable(foreignKeysOf.get(id) ?? [], names, columnNames),
      triggers: (triggersOf.get(id) ?? []).map((row) => ({
        name: text(row, 'trigger_name'),
        enabled: !flag(row, 'is_disabled'),
      })),
    };
  }
  return result;
}

function tablesQuery(sys: string): string {
  return `SELECT t.object_id AS table_id, s.name AS schema_name, t.name AS table_name
FROM ${sys}.tables t INNER JOIN ${sys}.schemas s ON s.schema_id = t.schema_id`;
}

function columnsQuery(sys: string): string {
  return `SELECT c.object_id AS table_id, c.column_id, c.name AS column_name, ty.name AS type_name, c.max_length, c.[precision] AS type_precision,
  c.scale AS type_scale, c.collation_name, c.is_nullable, c.is_identity, c.is_computed, c.default_object_id
FROM ${sys}.columns c INNER JOIN ${sys}.tables t ON t.object_id = c.object_id
  INNER JOIN ${sys}.types ty ON ty.user_type_id = c.system_type_id
ORDER BY c.object_id, c.column_id`;
}

function uniqueIndexesQuery(sys: string): string {
  return `SELECT i.object_id AS table_id, i.index_id, i.name AS index_name, i.is_primary_key, i.has_filter, ic.column_id
FROM ${sys}.indexes i
  INNER JOIN ${sys}.tables t ON t.object_id = i.object_id
  INNER JOIN ${sys}.index_columns ic ON ic.object_id = i.object_id AND ic.index_id = i.index_id
WHERE i.is_unique = 1 AND ic.is_included_column = 0
ORDER BY i.object_id, i.index_id, ic.key_ordinal`;
}

function foreignKeysQuery(sys: string): string {
  return `SELECT f.parent_object_id AS table_id, f.object_id AS constraint_id, f.name AS constraint_name, f.referenced_object_id AS referenced_id,
  f.delete_referential_action, f.is_not_trusted, f.is_disabled, fc.parent_column_id, fc.referenced_column_id
FROM ${sys}.foreign_keys f INNER JOIN ${sys}.foreign_key_columns fc ON fc.constraint_object_id = f.object_id
ORDER BY f.object_id, fc.constraint_column_id`;
}

function triggersQuery(sys: string): string {
  return `SELECT tr.parent_id AS table_id, tr.name AS trigger_name, tr.is_disabled
FROM ${sys}.triggers tr INNER JOIN ${sys}.tables t ON t.object_id = tr.parent_id
ORDER BY tr.name`;
}

function physicalColumnOf(row: SqlRow): PhysicalColumn {
  return {
    name: text(row, 'column_name'),
    type: columnType(row),
    identity: flag(row, 'is_identity'),
    computed: flag(row, 'is_computed') || text(row, 'type_name') === 'timestamp',
    hasDefault: integer(row, 'default_object_id') !== 0,
  };
}

/** sys.columns counts n(var)char lengths in bytes, two a character. */
function columnType(row: SqlRow): ColumnType {
  const name = text(row, 'type_name').toLowerCase();
  const bytes = integer(row, 'max_length');
  const wide = name === 'nvarchar' || name === 'nchar';
  const sized = wide || name === 'varchar' || name === 'char' || name === 'varbinary' || name === 'binary';
  const numeric = name === 'decimal' || name === 'numeric';
  const fractional = name === 'datetime2' || name === 'time' || name === 'datetimeoffset';
  return {
    name,
    length: sized ? (wide && bytes > 0 ? bytes / 2 : bytes) : null,
    precision: numeric ? integer(row, 'type_precision') : null,
    scale: numeric || fractional ? integer(row, 'type_scale') : null,
    collation: textOrNull(row, 'collation_name'),
    nullable: flag(row, 'is_nullable'),
  };
}

function uniqueIndexesOf(rows: readonly SqlRow[], columnNames: ReadonlyMap<string, string>): UniqueIndex[] {
  return [...groupBy(rows, (row) => integer(row, 'index_id')).values()].flatMap((parts) => {
    const [first] = parts;
    if (first === undefined) return [];
    return {
      name: text(first, 'index_name'),
      primaryKey: flag(first, 'is_primary_key'),
      filtered: flag(first, 'has_filter'),
      columns: parts.map((part) => columnNames.get(columnRef(part, 'table_id', 'column_id')) ?? ''),
    };
  });
}

function foreignKeysOfTable(
  rows: readonly SqlRow[],
  names: ReadonlyMap<number, PhysicalTable['name']>,
  columnNames: ReadonlyMap<string, string>,
): ForeignKey[] {
  return [...groupBy(rows, (row) => integer(row, 'constraint_id')).values()].flatMap((parts) => {
    const [first] = parts;
    const referenced = first === undefined ? undefined : names.get(integer(first, 'referenced_id'));
    if (first === undefined || referenced === undefined) return [];
    return {
      name: text(first, 'constraint_name'),
      columns: parts.map((part) => columnNames.get(columnRef(part, 'table_id', 'parent_column_id')) ?? ''),
      referencedTable: referenced,
      referencedColumns: parts.map(
        (part) => columnNames.get(columnRef(part, 'referenced_id', 'referenced_column_id')) ?? '',
      ),
      onDelete:
        (['noAction', 'cascade', 'setNull', 'setDefault'] as const)[integer(first, 'delete_referential_action')] ??
        'noAction',
      trusted: !flag(first, 'is_not_trusted') && !flag(first, 'is_disabled'),
      enabled: !flag(first, 'is_disabled'),
    };
  });
}

function columnRef(row: SqlRow, table: string, column: string): string {
  return `${integer(row, table)}/${integer(row, column)}`;
}
