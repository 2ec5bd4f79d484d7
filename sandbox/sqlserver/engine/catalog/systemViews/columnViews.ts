import {
  bit,
  column,
  constant,
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

/** Views of columns: sys.columns, sys.identity_columns, sys.computed_columns. */

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

export const columnViews: readonly SystemView[] = [
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
];
