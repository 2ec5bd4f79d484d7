import { takeApplicationLock } from '../../sqlserver/applicationLock.js';
import { quoteName, quoteText } from '../../sqlserver/quoteName.js';
import type { DestinationSession } from '../../sqlserver/session.js';
import { longestTextKey, type StateTableName, type StateTables } from './stateTables.js';
import { inTransaction } from './transaction.js';

/** Columns and constraints of each table; constraint names are left to SQL Server, so that two schemas never clash. */
const definitions: readonly { readonly name: StateTableName; readonly columns: string; readonly escalates: boolean }[] =
  [
    {
      name: 'run',
      escalates: true,
      // `is_open` is 1 or NULL: its unique index admits one open run a destination, however runs were started.
      columns: `
      number int IDENTITY NOT NULL PRIMARY KEY,
      id nvarchar(64) NOT NULL UNIQUE,
      workflow_id nvarchar(255) NOT NULL,
      source nvarchar(128) NOT NULL,
      destination nvarchar(128) NOT NULL,
      request nvarchar(max) NOT NULL,
      plan_hash nvarchar(64) NOT NULL,
      is_open bit NULL,
      state nvarchar(10) NOT NULL,
      epoch int NOT NULL,
      ending nvarchar(20) NULL,
      wrote_data bit NOT NULL,
      opened_at datetime NOT NULL,
      closed_at datetime NULL`,
    },
    {
      name: 'plan',
      escalates: true,
      columns: 'hash nvarchar(64) NOT NULL PRIMARY KEY, content nvarchar(max) NOT NULL, stored_at datetime NOT NULL',
    },
    {
      name: 'report',
      escalates: true,
      columns: 'run int NOT NULL PRIMARY KEY, content nvarchar(max) NOT NULL, stored_at datetime NOT NULL',
    },
    {
      name: 'ledger',
      escalates: false,
      // The primary key is what keeps an overlapping attempt from committing the same batch twice.
      columns: `
      run int NOT NULL,
      work_item nvarchar(64) NOT NULL,
      batch int NOT NULL,
      entity int NULL,
      end_key nvarchar(450) NULL,
      last bit NOT NULL,
      rows_read bigint NOT NULL,
      rows_written bigint NOT NULL,
      rows_matched bigint NOT NULL,
      rows_filtered bigint NOT NULL,
      rows_quarantined bigint NOT NULL,
      references_orphaned bigint NOT NULL,
      references_unmapped bigint NOT NULL,
      references_deferred bigint NOT NULL,
      digest nvarchar(80) NULL,
      committed_at datetime NOT NULL,
      PRIMARY KEY (run, work_item, batch)`,
    },
    {
      name: 'key_owner',
      escalates: true,
      columns: `
      owner int IDENTITY NOT NULL PRIMARY KEY,
      source nvarchar(128) NOT NULL,
      espace_key nvarchar(75) NOT NULL,
      entity_key nvarchar(75) NOT NULL,
      attribute_key nvarchar(75) NOT NULL,
      UNIQUE (source, espace_key, entity_key, attribute_key)`,
    },
    {
      name: 'key_map',
      escalates: false,
      columns:
        'owner int NOT NULL, source_key bigint NOT NULL, destination_key bigint NOT NULL, run int NOT NULL, PRIMARY KEY CLUSTERED (owner, source_key)',
    },
    {
      name: 'key_map_text',
      escalates: false,
      columns:
        `owner int NOT NULL, source_key nvarchar(${longestTextKey}) NOT NULL, ` +
        `destination_key nvarchar(${longestTextKey}) NOT NULL, run int NOT NULL, PRIMARY KEY CLUSTERED (owner, source_key)`,
    },
    {
      name: 'key_reservation',
      escalates: true,
      columns: `
      run int NOT NULL,
      work_item nvarchar(64) NOT NULL,
      batch int NOT NULL,
      table_name nvarchar(400) NOT NULL,
      base bigint NOT NULL,
      row_count int NOT NULL,
      PRIMARY KEY (run, work_item, batch)`,
    },
    {
      name: 'deferred_reference',
      escalates: false,
      columns: `
      id bigint IDENTITY NOT NULL,
      run int NOT NULL,
      entity int NOT NULL,
      column_number int NOT NULL,
      row_key bigint NULL,
      row_key_text nvarchar(${longestTextKey}) NULL,
      source_key bigint NULL,
      source_key_text nvarchar(${longestTextKey}) NULL,
      exists_in_source bit NOT NULL,
      PRIMARY KEY CLUSTERED (run, entity, column_number, id)`,
    },
    {
      name: 'event_snapshot',
      escalates: true,
      columns: `
      number int IDENTITY NOT NULL PRIMARY KEY,
      table_name nvarchar(400) NOT NULL,
      run int NOT NULL,
      row_count int NOT NULL,
      taken_at datetime NOT NULL,
      restored_by int NULL,
      restored_at datetime NULL`,
    },
    {
      name: 'event_snapshot_value',
      escalates: true,
      // The values are compared with nothing: as bytes they come back as they were.
      columns:
        'snapshot int NOT NULL, row_number bigint NOT NULL, column_name nvarchar(128) NOT NULL, value nvarchar(450) COLLATE Latin1_General_BIN2 NULL, ' +
        'PRIMARY KEY CLUSTERED (snapshot, row_number, column_name)',
    },
    {
      name: 'quarantine',
      escalates: false,
      columns: `
      id bigint IDENTITY NOT NULL,
      run int NOT NULL,
      entity int NOT NULL,
      work_item nvarchar(64) NOT NULL,
      batch int NOT NULL,
      source_key nvarchar(450) NOT NULL,
      attribute nvarchar(128) NOT NULL,
      reason nvarchar(30) NOT NULL,
      PRIMARY KEY CLUSTERED (run, entity, id)`,
    },
    {
      name: 'chosen_key',
      escalates: false,
      // Source rows that move where it is not a whole table: top processes, users.
      columns:
        'run int NOT NULL, node int NOT NULL, source_key bigint NOT NULL, PRIMARY KEY CLUSTERED (run, node, source_key)',
    },
    {
      name: 'note',
      escalates: true,
      columns:
        'run int NOT NULL, name nvarchar(128) NOT NULL, content nvarchar(max) NOT NULL, written_at datetime NOT NULL, PRIMARY KEY (run, name)',
    },
  ];

/**
 * T-SQL that creates what is missing of the state schema; running it again changes nothing. Lock escalation is off on
 * the tables that several writers fill at once, so that one writer's batch cannot lock out the others.
 */
export function createStateSql(state: StateTables): string[] {
  const schema = quoteName(state.schema);
  const statements = [
    `IF SCHEMA_ID(${quoteText(state.schema)}) IS NULL EXEC (${quoteText(`CREATE SCHEMA ${schema}`)});`,
  ];
  for (const { name, columns, escalates } of definitions) {
    const table = state.table(name);
    const escalation = escalates ? '' : ` ALTER TABLE ${table} SET (LOCK_ESCALATION = DISABLE);`;
    statements.push(
      `IF OBJECT_ID(${quoteText(table)}, 'U') IS NULL BEGIN CREATE TABLE ${table} (${columns});${escalation} END;`,
    );
  }
  const run = state.table('run');
  statements.push(
    `IF NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID(${quoteText(run)}) AND name = N'one_open_run') ` +
      `CREATE UNIQUE INDEX one_open_run ON ${run} (is_open) WHERE is_open = 1;`,
  );
  return statements;
}

/**
 * Creates the state schema where the login may; an existing one is left as it is. Two that start at once come one after
 * the other, and whoever dies leaves nothing half made.
 */
export async function createState(session: DestinationSession, state: StateTables): Promise<void> {
  await inTransaction(session, async () => {
    await takeApplicationLock(session, 'refresh:state', 'Exclusive');
    for (const statement of createStateSql(state)) await session.batch(statement);
  });
}

/** True if a refresh has been here: the schema has its run table. */
export async function stateExists(session: DestinationSession, state: StateTables): Promise<boolean> {
  const [row] = await session.rows(`SELECT OBJECT_ID(${quoteText(state.table('run'))}, 'U');`);
  return row?.[0] !== null && row?.[0] !== undefined;
}
