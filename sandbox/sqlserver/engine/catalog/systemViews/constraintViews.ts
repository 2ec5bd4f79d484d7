import { bit, choose, column, constant, int, longText, text, tinyint, type SystemView } from './definition.js';
import { joined, objectColumns, objects } from './objectViews.js';

/** Views of keys and constraints: sys.key_constraints, sys.foreign_keys ... */

const action = { 0: 'NO_ACTION', 1: 'CASCADE', 2: 'SET_NULL', 3: 'SET_DEFAULT' };

const constraintName = column('is_system_named', bit, 'x.system_named', false);

export const constraintViews: readonly SystemView[] = [
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
];
