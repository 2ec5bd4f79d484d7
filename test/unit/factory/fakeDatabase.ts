import type { ReadDatabase, SqlRow } from '../../../src/sqlserver/readDatabase.js';

/** Columns as 'NAME type', with '!' for NOT NULL. */
export interface FakeTable {
  readonly columns: readonly string[];
  readonly rows?: readonly SqlRow[];
  readonly foreignKeys?: Readonly<Record<string, string>>;
  readonly triggers?: readonly string[];
}

/** Answers the catalogue queries from a description, and SELECTs from platform tables with the columns asked for. */
export class FakeDatabase implements ReadDatabase {
  readonly statements: string[] = [];

  constructor(private readonly tables: Readonly<Record<string, FakeTable>>) {}

  query(sql: string): Promise<SqlRow[]> {
    this.statements.push(sql);
    return Promise.resolve(this.answer(sql));
  }

  queryAll(statements: readonly string[]): Promise<SqlRow[][]> {
    return Promise.all(statements.map((sql) => this.query(sql)));
  }

  private answer(sql: string): SqlRow[] {
    const names = Object.keys(this.tables);
    const id = (table: string): number => names.indexOf(table) + 1;
    const columnId = (table: string, column: string): number =>
      (this.tables[table]?.columns ?? []).findIndex((each) => each.split(' ')[0] === column) + 1;
    const all = Object.entries(this.tables);
    if (sql.includes('sys.foreign_key_columns')) {
      return all.flatMap(([table, { foreignKeys = {} }]) =>
        Object.entries(foreignKeys).map(([column, target], index) => ({
          table_id: id(table),
          constraint_id: id(table) * 100 + index,
          constraint_name: `FK_${column}`,
          referenced_id: id(target),
          delete_referential_action: 0,
          is_not_trusted: false,
          is_disabled: false,
          parent_column_id: columnId(table, column),
          referenced_column_id: 1,
        })),
      );
    }
    if (sql.includes('sys.index_columns')) return [];
    if (sql.includes('sys.triggers'))
      return all.flatMap(([table, { triggers = [] }]) =>
        triggers.map((name) => ({ table_id: id(table), trigger_name: name, is_disabled: false })),
      );
    if (sql.includes('sys.columns'))
      return all.flatMap(([table, { columns }]) =>
        columns.map((each, index) => catalogueColumn(id(table), index + 1, each)),
      );
    if (sql.includes('sys.schemas'))
      return names.map((table) => ({ table_id: id(table), schema_name: 'dbo', table_name: table }));
    const [, list = '', table = ''] = /^SELECT (.*) FROM dbo\.\[(\w+)\]$/.exec(sql) ?? [];
    const columns = list.split(', ').map((each) => each.slice(1, -1));
    return (this.tables[table]?.rows ?? []).map((row) =>
      Object.fromEntries(columns.map((column) => [column, row[column] ?? null])),
    );
  }
}

function catalogueColumn(table: number, column: number, text: string): SqlRow {
  const [name, type = 'int'] = text.replace('!', '').split(' ');
  const [, base = type, size] = /^(\w+)(?:\((\d+)\))?/.exec(type) ?? [];
  return {
    table_id: table,
    column_id: column,
    column_name: name,
    type_name: base,
    max_length: size === undefined ? 4 : Number(size) * (base.startsWith('n') ? 2 : 1),
    type_precision: 0,
    type_scale: 0,
    collation_name: base.includes('char') ? 'Latin1_General_CI_AI' : null,
    is_nullable: !text.includes('!'),
    is_identity: name === 'ID',
    is_computed: false,
    default_object_id: 0,
  };
}

const definition = {
  columns: [
    'ID!',
    'ESPACE_ID',
    'PROCESS_DEF_ID',
    'ACTIVITY_DEF_ID',
    'NAME nvarchar(250)',
    'SS_KEY nvarchar(75)',
    'IS_ACTIVE bit',
    'IS_TERMINAL bit',
  ],
};

/** The platform tables that every environment has, empty. */
export const platformTables: Readonly<Record<string, FakeTable>> = {
  OSSYS_APPLICATION: { columns: ['ID!', 'NAME nvarchar(250)', 'KEY nvarchar(36)', 'IS_ACTIVE bit'] },
  OSSYS_APP_DEFINITION_MODULE: { columns: ['ID!', 'APPLICATION_ID', 'MODULE_ID'] },
  OSSYS_MODULE: { columns: ['ID!', 'ESPACE_ID', 'EXTENSION_ID'] },
  OSSYS_ESPACE: {
    columns: ['ID!', 'NAME nvarchar(250)', 'SS_KEY nvarchar(75)', 'IS_ACTIVE bit', 'IS_SYSTEM bit', 'DBCATALOG_ID'],
  },
  OSSYS_EXTENSION: { columns: ['ID!', 'NAME nvarchar(250)', 'SS_KEY nvarchar(75)', 'IS_ACTIVE bit'] },
  OSSYS_ENTITY: {
    columns: [
      'ID!',
      'NAME nvarchar(250)',
      'PHYSICAL_TABLE_NAME nvarchar(128)',
      'ESPACE_ID',
      'EXTENSION_ID',
      'SS_KEY nvarchar(75)',
      'PRIMARYKEY_SS_KEY nvarchar(75)',
      'IS_ACTIVE bit',
      'DATA_KIND nvarchar(50)',
      'EVENT_TABLE_NAME nvarchar(128)',
      'EXPOSE_PROCESS_EVENTS bit',
    ],
  },
  OSSYS_ENTITY_ATTR: {
    columns: [
      'ID!',
      'ENTITY_ID',
      'NAME nvarchar(128)',
      'TYPE nvarchar(100)',
      'LENGTH',
      'DECIMALS',
      'IS_MANDATORY bit',
      'IS_AUTONUMBER bit',
      'DELETE_RULE nvarchar(20)',
      'SS_KEY nvarchar(75)',
      'IS_ACTIVE bit',
      'DATABASE_NAME nvarchar(128)',
    ],
  },
  OSSYS_ENTITY_RECORD: {
    columns: [
      'ID!',
      'DATA_ID nvarchar(50)',
      'NAME nvarchar(250)',
      'SS_KEY nvarchar(75)',
      'ENTITY_SS_KEY nvarchar(75)',
      'ESPACE_ID',
      'IS_ACTIVE bit',
    ],
  },
  OSSYS_TENANT: { columns: ['ID!', 'NAME nvarchar(50)', 'ESPACE_ID', 'IS_ACTIVE bit'] },
  OSSYS_ROLE: { columns: ['ID!', 'ESPACE_ID', 'SS_KEY nvarchar(75)', 'NAME nvarchar(250)', 'IS_ACTIVE bit'] },
  OSSYS_USER: { columns: ['ID!', 'TENANT_ID', 'USERNAME nvarchar(250)'] },
  OSSYS_BPM_PROCESS_DEFINITION: definition,
  OSSYS_BPM_PROCESS_INPUT_DEF: definition,
  OSSYS_BPM_PROCESS_OUTPUT_DEF: definition,
  OSSYS_BPM_ACTIVITY_DEFINITION: definition,
  OSSYS_BPM_ACTIVITY_OUTPUT_DEF: definition,
  OSSYS_BPM_PROCESS_STATUS: definition,
  OSSYS_BPM_ACTIVITY_STATUS: definition,
};
