import { takeApplicationLock } from '../../sqlserver/applicationLock.js';
import { quoteName, quoteText } from '../../sqlserver/quoteName.js';
import type { DestinationSession } from '../../sqlserver/session.js';
import { stateDefinition, type StateColumn, type StateTable } from '../../state/stateDefinition.js';
import type { StateTables } from './stateTables.js';
import { inTransaction } from './transaction.js';

/**
 * T-SQL that creates what is missing of a state schema; running it again changes nothing. Lock escalation is off on
 * the tables that several writers fill at once, so that one writer's batch cannot lock out the others.
 */
export function createStateSql(state: StateTables, schema: string): string[] {
  return [
    `IF SCHEMA_ID(${quoteText(schema)}) IS NULL EXEC (${quoteText(`CREATE SCHEMA ${quoteName(schema)}`)});`,
    ...stateDefinition.map((definition) => {
      const table = state.table(definition.name);
      const escalation = definition.shared ? ` ALTER TABLE ${table} SET (LOCK_ESCALATION = DISABLE);` : '';
      return `IF OBJECT_ID(${quoteText(table)}, 'U') IS NULL BEGIN CREATE TABLE ${table} (${columnsOf(definition)});${escalation} END;`;
    }),
  ];
}

/** Constraint names are left to SQL Server, so that two schemas never clash. */
function columnsOf({ columns, key, unique }: StateTable): string {
  return [
    ...columns.map((column) => `${column.name} ${typeOf(column)}`),
    `PRIMARY KEY CLUSTERED (${key.join(', ')})`,
    ...unique.map((names) => `UNIQUE (${names.join(', ')})`),
  ].join(', ');
}

function typeOf({ type, numbered, nullable }: StateColumn): string {
  return `${sqlType(type)}${numbered ? ' IDENTITY' : ''} ${nullable ? 'NULL' : 'NOT NULL'}`;
}

function sqlType(type: StateColumn['type']): string {
  switch (type.kind) {
    case 'text':
      return `nvarchar(${type.length})`;
    case 'longText':
      return 'nvarchar(max)';
    case 'integer':
      return 'int';
    case 'longInteger':
      return 'bigint';
    case 'boolean':
      return 'bit';
    case 'dateTime':
      return 'datetime';
  }
}

/**
 * Creates the state schema where the login may; an existing one is left as it is. Two that start at once come one after
 * the other, and whoever dies leaves nothing half made. The tables of a module are published, not created.
 */
export async function createState(session: DestinationSession, state: StateTables): Promise<void> {
  const { place } = state;
  if (!('schema' in place)) return;
  await inTransaction(session, async () => {
    await takeApplicationLock(session, 'refresh:state', 'Exclusive');
    for (const statement of createStateSql(state, place.schema)) await session.batch(statement);
  });
}

/** True if a refresh can have been here: there is a run table. */
export async function stateExists(session: DestinationSession, state: StateTables): Promise<boolean> {
  if (!state.names('run')) return false;
  const [row] = await session.rows(`SELECT OBJECT_ID(${quoteText(state.table('run'))}, 'U');`);
  return row?.[0] !== null && row?.[0] !== undefined;
}
