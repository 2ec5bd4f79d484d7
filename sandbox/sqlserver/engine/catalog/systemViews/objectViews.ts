import {
  bit,
  char,
  choose,
  column,
  constant,
  datetime,
  int,
  longText,
  sysname,
  text,
  tinyint,
  type SystemView,
  type SystemViewColumn,
  type SystemViewContext,
} from './definition.js';

/** Views of objects: sys.objects, sys.tables, sys.triggers ... */

const typeNames = {
  U: 'USER_TABLE',
  V: 'VIEW',
  TR: 'SQL_TRIGGER',
  PK: 'PRIMARY_KEY_CONSTRAINT',
  UQ: 'UNIQUE_CONSTRAINT',
  F: 'FOREIGN_KEY_CONSTRAINT',
  C: 'CHECK_CONSTRAINT',
  D: 'DEFAULT_CONSTRAINT',
};

export const objectColumns: readonly SystemViewColumn[] = [
  column('name', sysname, 'o.name', false),
  column('object_id', int, 'o.object_id', false),
  constant('principal_id', int, null),
  column('schema_id', int, 'o.schema_id', false),
  column('parent_object_id', int, 'o.parent_object_id', false),
  column('type', char(2), "rpad(o.type, 2, ' ')"),
  column('type_desc', text(60), choose('o.type', typeNames)),
  column('create_date', datetime, 'o.create_date', false),
  column('modify_date', datetime, 'o.modify_date', false),
  constant('is_ms_shipped', bit, 0),
  constant('is_published', bit, 0),
  constant('is_schema_published', bit, 0),
];

const owner = 'case when o.parent_object_id = 0 then o.object_id else o.parent_object_id end';

/** Objects of a kind that are visible, or whose table is. */
export function objects(condition: string, joins = ''): (context: SystemViewContext) => string {
  return ({ databaseId, visible }) =>
    `sandbox.object o ${joins} where o.database_id = ${databaseId} and ${condition} and ${visible(owner)}`;
}

/** Rows of a table beside sandbox.object that have the same object id. */
export function joined(table: string, alias: string): string {
  return `join sandbox."${table}" ${alias} on ${alias}.database_id = o.database_id and ${alias}.object_id = o.object_id`;
}

const tableColumns: readonly SystemViewColumn[] = [
  ...objectColumns,
  constant('lob_data_space_id', int, 0),
  constant('filestream_data_space_id', int, null),
  column(
    'max_column_id_used',
    int,
    '(select max(m.column_id) from sandbox."column" m where m.database_id = o.database_id and m.object_id = o.object_id)',
    false,
  ),
  constant('lock_on_bulk_load', bit, 0),
  constant('uses_ansi_nulls', bit, 1),
  constant('is_replicated', bit, 0),
  constant('has_replication_filter', bit, 0),
  constant('is_merge_published', bit, 0),
  constant('is_sync_tran_subscribed', bit, 0),
  constant('has_unchecked_assembly_data', bit, 0),
  constant('text_in_row_limit', int, 0),
  constant('large_value_types_out_of_row', bit, 0),
  constant('is_tracked_by_cdc', bit, 0),
  column('lock_escalation', tinyint, "case o.lock_escalation when 'TABLE' then 0 when 'DISABLE' then 1 else 2 end"),
  column('lock_escalation_desc', text(60), 'o.lock_escalation'),
  constant('is_filetable', bit, 0),
  constant('is_memory_optimized', bit, 0),
  constant('durability', tinyint, 0),
  constant('durability_desc', text(60), 'SCHEMA_AND_DATA'),
  constant('temporal_type', tinyint, 0),
  constant('temporal_type_desc', text(60), 'NON_TEMPORAL_TABLE'),
  constant('history_table_id', int, null),
  constant('is_external', bit, 0),
];

export const objectViews: readonly SystemView[] = [
  { schema: 'sys', name: 'objects', columns: objectColumns, source: objects('true') },
  { schema: 'sys', name: 'all_objects', columns: objectColumns, source: objects('true') },
  { schema: 'sys', name: 'tables', columns: tableColumns, source: objects("o.type = 'U'") },
  {
    schema: 'sys',
    name: 'views',
    columns: [
      ...objectColumns,
      constant('is_replicated', bit, 0),
      constant('has_replication_filter', bit, 0),
      constant('has_opaque_metadata', bit, 0),
      constant('has_unchecked_assembly_data', bit, 0),
      column('with_check_option', bit, 'o.with_check_option', false),
      constant('is_date_correlation_view', bit, 0),
    ],
    source: objects("o.type = 'V'"),
  },
  {
    schema: 'sys',
    name: 'triggers',
    columns: [
      column('name', sysname, 'o.name', false),
      column('object_id', int, 'o.object_id', false),
      constant('parent_class', tinyint, 1),
      constant('parent_class_desc', text(60), 'OBJECT_OR_COLUMN'),
      column('parent_id', int, 'o.parent_object_id', false),
      column('type', char(2), "rpad(o.type, 2, ' ')", false),
      constant('type_desc', text(60), 'SQL_TRIGGER'),
      column('create_date', datetime, 'o.create_date', false),
      column('modify_date', datetime, 'o.modify_date', false),
      constant('is_ms_shipped', bit, 0),
      column('is_disabled', bit, 'x.is_disabled', false),
      column('is_not_for_replication', bit, 'x.is_not_for_replication', false),
      constant('is_instead_of_trigger', bit, 0),
    ],
    source: objects('true', joined('trigger', 'x')),
  },
  {
    schema: 'sys',
    name: 'trigger_events',
    columns: [
      column('object_id', int, 'o.object_id', false),
      column('type', int, 'e.type', false),
      column('type_desc', text(60), 'e.type_desc'),
      constant('is_first', bit, 0),
      constant('is_last', bit, 0),
      constant('event_group_type', int, null),
      constant('event_group_type_desc', text(60), null),
      constant('is_trigger_event', bit, 1),
    ],
    source: objects(
      'true',
      `${joined('trigger', 'x')} join (values (1, 'INSERT'), (2, 'UPDATE'), (3, 'DELETE')) e(type, type_desc)
        on (e.type = 1 and x.on_insert = 1) or (e.type = 2 and x.on_update = 1) or (e.type = 3 and x.on_delete = 1)`,
    ),
  },
  {
    schema: 'sys',
    name: 'sql_modules',
    columns: [
      column('object_id', int, 'o.object_id', false),
      column('definition', longText, 'o.definition'),
      constant('uses_ansi_nulls', bit, 1),
      constant('uses_quoted_identifier', bit, 1),
      column('is_schema_bound', bit, 'o.schema_binding'),
      constant('uses_database_collation', bit, 0),
      constant('is_recompiled', bit, 0),
      constant('null_on_null_input', bit, 0),
      constant('execute_as_principal_id', int, null),
    ],
    source: objects("o.type in ('V', 'TR')"),
  },
  {
    schema: 'sys',
    name: 'extended_properties',
    columns: [
      constant('class', tinyint, 0),
      constant('class_desc', text(60), ''),
      constant('major_id', int, 0),
      constant('minor_id', int, 0),
      constant('name', sysname, ''),
      constant('value', text(4000), null),
    ],
    source: () => '(select 1) e where false',
  },
];
