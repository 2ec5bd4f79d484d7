import {
  bigint,
  bit,
  char,
  choose,
  column,
  constant,
  datetime,
  int,
  longText,
  smallint,
  sysname,
  text,
  tinyint,
  wholeNumber,
  type SystemView,
  type SystemViewColumn,
  type SystemViewContext,
} from './definition.js';

/** Views of tables and what belongs to them: sys.objects, sys.columns, sys.indexes ... */

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

const objectColumns: readonly SystemViewColumn[] = [
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

function objects(condition: string, joins = ''): (context: SystemViewContext) => string {
  return ({ databaseId, visible }) =>
    `sandbox.object o ${joins} where o.database_id = ${databaseId} and ${condition} and ${visible(owner)}`;
}

/** Rows of a table beside sandbox.object that have the same object id. */
function joined(table: string, alias: string): string {
  return `join sandbox."${table}" ${alias} on ${alias}.database_id = o.database_id and ${alias}.object_id = o.object_id`;
}

const action = { 0: 'NO_ACTION', 1: 'CASCADE', 2: 'SET_NULL', 3: 'SET_DEFAULT' };

const columnColumns: readonly SystemViewColumn[] = [
  column('object_id', int, 'c.object_id', false),
  column('name', sysname, 'c.name'),
  column('column_id', int, 'c.column_id', false),
  column('system_type_id', tinyint, 'c.system_type_id', false),
  column('user_type_id', int, 'c.user_type_id', false),
  column('max_length', smallint, 'c.max_length', false),
  column('precision', tinyint, 'c.precision', false),
  column('scale', tinyint, 'c.scale', false),
  column('collation_name', sysname, 'c.collation_name'),
  column('is_nullable', bit, 'c.is_nullable'),
  constant('is_ansi_padded', bit, 1),
  column('is_rowguidcol', bit, 'c.is_rowguidcol', false),
  column('is_identity', bit, 'c.is_identity', false),
  column('is_computed', bit, 'c.is_computed', false),
  constant('is_filestream', bit, 0),
  constant('is_replicated', bit, 0),
  constant('is_non_sql_subscribed', bit, 0),
  constant('is_merge_published', bit, 0),
  constant('is_dts_replicated', bit, 0),
  constant('is_xml_document', bit, 0),
  constant('xml_collection_id', int, 0),
  column('default_object_id', int, 'c.default_object_id', false),
  constant('rule_object_id', int, 0),
  constant('is_sparse', bit, 0),
  constant('is_column_set', bit, 0),
  constant('generated_always_type', tinyint, 0),
  constant('generated_always_type_desc', text(60), 'NOT_APPLICABLE'),
  constant('is_hidden', bit, 0),
  constant('is_masked', bit, 0),
  constant('encryption_type', int, null),
  constant('encryption_type_desc', text(64), null),
];

function columnsWhere(condition: string): (context: SystemViewContext) => string {
  return ({ databaseId, visible }) =>
    `sandbox."column" c where c.database_id = ${databaseId} and ${condition} and ${visible('c.object_id')}`;
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

function indexSource({ databaseId, visible }: SystemViewContext): string {
  return `sandbox.index i where i.database_id = ${databaseId} and ${visible('i.object_id')}`;
}

/** sys.partitions and its kin: one row for the heap or clustered index and one for each other index. */
function partitionSource({ databaseId, visible }: SystemViewContext): string {
  return `sandbox.index i
    join sandbox.object t on t.database_id = i.database_id and t.object_id = i.object_id
    cross join lateral (select sandbox.row_count(t.postgres_name) as row_count,
      sandbox.page_count(t.postgres_name) as page_count) s
    where i.database_id = ${databaseId} and ${visible('i.object_id')}`;
}

const constraintName = column('is_system_named', bit, 'x.system_named', false);

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
  { schema: 'sys', name: 'columns', columns: columnColumns, source: columnsWhere('true') },
  { schema: 'sys', name: 'all_columns', columns: columnColumns, source: columnsWhere('true') },
  {
    schema: 'sys',
    name: 'identity_columns',
    columns: [
      ...columnColumns,
      column('seed_value', wholeNumber, 'c.seed'),
      column('increment_value', wholeNumber, 'c.increment'),
      column('last_value', wholeNumber, 'pg_sequence_last_value(c.sequence::regclass)'),
      column('is_not_for_replication', bit, 'c.identity_not_for_replication'),
    ],
    source: columnsWhere('c.is_identity = 1'),
  },
  {
    schema: 'sys',
    name: 'computed_columns',
    columns: [
      ...columnColumns,
      column('definition', longText, 'c.definition'),
      constant('uses_database_collation', bit, 1),
      column('is_persisted', bit, 'c.is_persisted', false),
    ],
    source: columnsWhere('c.is_computed = 1'),
  },
  {
    schema: 'sys',
    name: 'indexes',
    columns: [
      column('object_id', int, 'i.object_id', false),
      column('name', sysname, 'i.name'),
      column('index_id', int, 'i.index_id', false),
      column('type', tinyint, 'i.type', false),
      column('type_desc', text(60), choose('i.type', { 0: 'HEAP', 1: 'CLUSTERED', 2: 'NONCLUSTERED' })),
      column('is_unique', bit, 'i.is_unique'),
      constant('data_space_id', int, 1),
      column('ignore_dup_key', bit, 'i.ignore_dup_key'),
      column('is_primary_key', bit, 'i.is_primary_key'),
      column('is_unique_constraint', bit, 'i.is_unique_constraint'),
      constant('fill_factor', tinyint, 0),
      constant('is_padded', bit, 0),
      constant('is_disabled', bit, 0),
      constant('is_hypothetical', bit, 0),
      constant('is_ignored_in_optimization', bit, 0),
      constant('allow_row_locks', bit, 1),
      constant('allow_page_locks', bit, 1),
      column('has_filter', bit, 'case when i.filter_definition is null then 0 else 1 end'),
      column('filter_definition', longText, 'i.filter_definition'),
    ],
    source: indexSource,
  },
  {
    schema: 'sys',
    name: 'index_columns',
    columns: [
      column('object_id', int, 'k.object_id', false),
      column('index_id', int, 'k.index_id', false),
      column('index_column_id', int, 'k.index_column_id', false),
      column('column_id', int, 'k.column_id', false),
      column('key_ordinal', tinyint, 'k.key_ordinal', false),
      constant('partition_ordinal', tinyint, 0),
      column('is_descending_key', bit, 'k.is_descending_key'),
      column('is_included_column', bit, 'k.is_included_column'),
    ],
    source: ({ databaseId, visible }) =>
      `sandbox.index_column k where k.database_id = ${databaseId} and ${visible('k.object_id')}`,
  },
  {
    schema: 'sys',
    name: 'key_constraints',
    columns: [...objectColumns, column('unique_index_id', int, 'x.index_id'), constraintName],
    source: objects(
      "o.type in ('PK', 'UQ')",
      `join sandbox.index x on x.database_id = o.database_id and x.object_id = o.parent_object_id
        and x.constraint_object_id = o.object_id`,
    ),
  },
  {
    schema: 'sys',
    name: 'foreign_keys',
    columns: [
      ...objectColumns,
      column('referenced_object_id', int, 'x.referenced_object_id'),
      column('key_index_id', int, 'x.key_index_id'),
      column('is_disabled', bit, 'x.is_disabled', false),
      column('is_not_for_replication', bit, 'x.is_not_for_replication', false),
      column('is_not_trusted', bit, 'x.is_not_trusted', false),
      column('delete_referential_action', tinyint, 'x.delete_action'),
      column('delete_referential_action_desc', text(60), choose('x.delete_action', action)),
      column('update_referential_action', tinyint, 'x.update_action'),
      column('update_referential_action_desc', text(60), choose('x.update_action', action)),
      constraintName,
    ],
    source: objects('true', joined('foreign_key', 'x')),
  },
  {
    schema: 'sys',
    name: 'foreign_key_columns',
    columns: [
      column('constraint_object_id', int, 'k.constraint_object_id', false),
      column('constraint_column_id', int, 'k.constraint_column_id', false),
      column('parent_object_id', int, 'k.parent_object_id', false),
      column('parent_column_id', int, 'k.parent_column_id', false),
      column('referenced_object_id', int, 'k.referenced_object_id', false),
      column('referenced_column_id', int, 'k.referenced_column_id', false),
    ],
    source: ({ databaseId, visible }) =>
      `sandbox.foreign_key_column k where k.database_id = ${databaseId} and ${visible('k.parent_object_id')}`,
  },
  {
    schema: 'sys',
    name: 'check_constraints',
    columns: [
      ...objectColumns,
      column('is_disabled', bit, 'x.is_disabled', false),
      column('is_not_for_replication', bit, 'x.is_not_for_replication', false),
      column('is_not_trusted', bit, 'x.is_not_trusted', false),
      column('parent_column_id', int, 'x.parent_column_id', false),
      column('definition', longText, 'x.definition'),
      constant('uses_database_collation', bit, 1),
      constraintName,
    ],
    source: objects('true', joined('check_constraint', 'x')),
  },
  {
    schema: 'sys',
    name: 'default_constraints',
    columns: [
      ...objectColumns,
      column('parent_column_id', int, 'x.parent_column_id', false),
      column('definition', longText, 'x.definition'),
      constraintName,
    ],
    source: objects('true', joined('default_constraint', 'x')),
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
    name: 'partitions',
    columns: [
      column('partition_id', bigint, '(i.object_id::int8 << 20) + i.index_id', false),
      column('object_id', int, 'i.object_id', false),
      column('index_id', int, 'i.index_id', false),
      constant('partition_number', int, 1),
      column('hobt_id', bigint, '(i.object_id::int8 << 20) + i.index_id', false),
      column('rows', bigint, 's.row_count'),
      constant('filestream_filegroup_id', smallint, 0),
      constant('data_compression', tinyint, 0),
      constant('data_compression_desc', text(60), 'NONE'),
    ],
    source: partitionSource,
  },
  {
    schema: 'sys',
    name: 'dm_db_partition_stats',
    columns: [
      column('partition_id', bigint, '(i.object_id::int8 << 20) + i.index_id'),
      column('object_id', int, 'i.object_id', false),
      column('index_id', int, 'i.index_id', false),
      constant('partition_number', int, 1),
      column('in_row_data_page_count', bigint, 's.page_count'),
      column('in_row_used_page_count', bigint, 's.page_count'),
      column('in_row_reserved_page_count', bigint, 's.page_count'),
      constant('lob_used_page_count', bigint, 0),
      constant('lob_reserved_page_count', bigint, 0),
      constant('row_overflow_used_page_count', bigint, 0),
      constant('row_overflow_reserved_page_count', bigint, 0),
      column('used_page_count', bigint, 's.page_count'),
      column('reserved_page_count', bigint, 's.page_count'),
      column('row_count', bigint, 's.row_count'),
    ],
    source: partitionSource,
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
