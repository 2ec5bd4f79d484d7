import {
  bigint,
  bit,
  choose,
  column,
  constant,
  int,
  longText,
  smallint,
  sysname,
  text,
  tinyint,
  type SystemView,
  type SystemViewContext,
} from './definition.js';

/** Views of indexes and what they hold: sys.indexes, sys.index_columns, sys.partitions ... */

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

export const indexViews: readonly SystemView[] = [
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
];
