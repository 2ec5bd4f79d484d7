/**
 * Longest text key that the map holds, in characters: with the owner it fills the 900 bytes of a clustered key, which
 * is also the longest key that a primary key of an entity can have.
 */
export const longestTextKey = 446;

/** Types that both a column of SQL Server and an attribute of an OutSystems entity can have; text lengths in characters. */
export type StateType =
  | { readonly kind: 'text'; readonly length: number }
  | { readonly kind: 'longText' | 'integer' | 'longInteger' | 'boolean' | 'dateTime' };

export interface StateColumn {
  readonly name: string;
  readonly type: StateType;
  readonly nullable: boolean;
  /** The database numbers the rows. */
  readonly numbered: boolean;
}

export interface StateTable {
  readonly name: string;
  readonly purpose: string;
  readonly columns: readonly StateColumn[];
  /** Columns of the primary key. */
  readonly key: readonly string[];
  /** Further sets of columns that no two rows may share. */
  readonly unique: readonly (readonly string[])[];
  /** True if several writers fill it at once: one writer's locks must not be escalated to the table. */
  readonly shared: boolean;
}

const column = (name: string, type: StateType, more: Partial<StateColumn> = {}): StateColumn => ({
  name,
  type,
  nullable: false,
  numbered: false,
  ...more,
});
const text = (name: string, length: number): StateColumn => column(name, { kind: 'text', length });
const longText = (name: string): StateColumn => column(name, { kind: 'longText' });
const integer = (name: string): StateColumn => column(name, { kind: 'integer' });
const longInteger = (name: string): StateColumn => column(name, { kind: 'longInteger' });
const boolean = (name: string): StateColumn => column(name, { kind: 'boolean' });
const dateTime = (name: string): StateColumn => column(name, { kind: 'dateTime' });
const nullable = (of: StateColumn): StateColumn => ({ ...of, nullable: true });
const numbered = (of: StateColumn): StateColumn => ({ ...of, numbered: true });

/** A key map: whose keys, the source's key, the destination's, the run that wrote or checked the row. */
const mapColumns = (key: (name: string) => StateColumn): StateColumn[] => [
  integer('owner'),
  key('source_key'),
  key('destination_key'),
  integer('run'),
];

interface Rules {
  readonly unique?: StateTable['unique'];
  readonly shared?: boolean;
}

function table<Name extends string>(
  name: Name,
  purpose: string,
  columns: readonly StateColumn[],
  key: readonly string[],
  { unique = [], shared = false }: Rules = {},
): StateTable & { readonly name: Name } {
  return { name, purpose, columns, key, unique, shared };
}

/**
 * The tables of a run's state: ledger, key maps, snapshots of event subscriptions, plans, reports. They live in the
 * destination's database, so that their rows commit with the data, in a schema of their own or as the entities of a
 * published module. Nothing else may be relied on than what both can have: these types, one primary key, unique indexes.
 */
export const stateDefinition = [
  table(
    'run',
    'Runs; of one destination at most one is open.',
    [
      numbered(integer('number')),
      text('id', 64),
      // `open`, or the id of a run that is not: being unique it admits one open run, however runs are started.
      text('slot', 64),
      text('workflow_id', 255),
      text('source', 128),
      text('destination', 128),
      longText('request'),
      text('plan_hash', 64),
      text('state', 10),
      integer('epoch'),
      nullable(text('ending', 20)),
      boolean('wrote_data'),
      dateTime('opened_at'),
      nullable(dateTime('closed_at')),
    ],
    ['number'],
    { unique: [['id'], ['slot']] },
  ),
  table('plan', 'Plans by their hash.', [text('hash', 64), longText('content'), dateTime('stored_at')], ['hash']),
  table(
    'report',
    'Reports of runs that have closed.',
    [integer('run'), longText('content'), dateTime('stored_at')],
    ['run'],
  ),
  // The key is what keeps an overlapping attempt from committing the same batch twice.
  table(
    'ledger',
    'One row a batch, committed with what the batch wrote.',
    [
      integer('run'),
      text('work_item', 64),
      integer('batch'),
      nullable(integer('entity')),
      nullable(text('end_key', 450)),
      boolean('last'),
      longInteger('rows_read'),
      longInteger('rows_written'),
      longInteger('rows_matched'),
      longInteger('rows_filtered'),
      longInteger('rows_quarantined'),
      longInteger('references_orphaned'),
      longInteger('references_unmapped'),
      longInteger('references_deferred'),
      nullable(text('digest', 80)),
      dateTime('committed_at'),
    ],
    ['run', 'work_item', 'batch'],
    { shared: true },
  ),
  table(
    'key_owner',
    'The entities whose keys are mapped, each with a number.',
    [
      numbered(integer('owner')),
      text('source', 128),
      text('espace_key', 75),
      text('entity_key', 75),
      text('attribute_key', 75),
    ],
    ['owner'],
    { unique: [['source', 'espace_key', 'entity_key', 'attribute_key']] },
  ),
  table('key_map', 'Numeric keys: source to destination.', mapColumns(longInteger), ['owner', 'source_key'], {
    shared: true,
  }),
  table(
    'key_map_text',
    'Text keys: source to destination.',
    mapColumns((name) => text(name, longestTextKey)),
    ['owner', 'source_key'],
    { shared: true },
  ),
  table(
    'key_reservation',
    'Blocks of new keys, recorded before they are used.',
    [
      integer('run'),
      text('work_item', 64),
      integer('batch'),
      text('table_name', 400),
      longInteger('base'),
      integer('row_count'),
    ],
    ['run', 'work_item', 'batch'],
  ),
  table(
    'deferred_reference',
    'References to be set after all rows exist.',
    [
      numbered(longInteger('id')),
      integer('run'),
      integer('entity'),
      integer('column_number'),
      nullable(longInteger('row_key')),
      nullable(text('row_key_text', longestTextKey)),
      nullable(longInteger('source_key')),
      nullable(text('source_key_text', longestTextKey)),
      boolean('exists_in_source'),
    ],
    ['run', 'entity', 'column_number', 'id'],
    { shared: true },
  ),
  table(
    'event_snapshot',
    'Event tables whose subscriptions were taken away.',
    [
      numbered(integer('number')),
      text('table_name', 400),
      integer('run'),
      integer('row_count'),
      dateTime('taken_at'),
      nullable(integer('restored_by')),
      nullable(dateTime('restored_at')),
    ],
    ['number'],
  ),
  table(
    'event_snapshot_value',
    'The subscriptions, one row a value.',
    [integer('snapshot'), longInteger('row_number'), text('column_name', 128), nullable(text('value', 450))],
    ['snapshot', 'row_number', 'column_name'],
  ),
  table(
    'quarantine',
    'Rows that were set aside, and why.',
    [
      numbered(longInteger('id')),
      integer('run'),
      integer('entity'),
      text('work_item', 64),
      integer('batch'),
      text('source_key', 450),
      text('attribute', 128),
      text('reason', 30),
    ],
    ['run', 'entity', 'id'],
    { shared: true },
  ),
  // By the destination's key, which is not what the key maps are sought by.
  table(
    'written_row',
    'Rows that a run wrote of entities whose rows are updated where they match.',
    [integer('run'), integer('entity'), text('row_key', longestTextKey)],
    ['run', 'entity', 'row_key'],
    { shared: true },
  ),
  // Source rows that move where it is not a whole table: top processes, users.
  table(
    'chosen_key',
    'Source rows that move where not all of a table do.',
    [integer('run'), integer('node'), longInteger('source_key')],
    ['run', 'node', 'source_key'],
    { shared: true },
  ),
  // moment: 0 before the users are mapped, 1 after; role 0 stands for the user itself.
  table(
    'effective_role',
    'What users may do in the destination before and after a run.',
    [integer('run'), integer('moment'), longInteger('user_id'), longInteger('role_id')],
    ['run', 'moment', 'user_id', 'role_id'],
    { shared: true },
  ),
  table(
    'note',
    'Facts that a run leaves for its later stages and its report.',
    [integer('run'), text('name', 128), longText('content'), dateTime('written_at')],
    ['run', 'name'],
  ),
] as const;

export type StateTableName = (typeof stateDefinition)[number]['name'];
