import type { StateConfiguration } from '../../config.js';
import { BadInputError } from '../../plan/badInput.js';
import { quoteName } from '../../sqlserver/quoteName.js';

/** Tables of the state schema, which lives in the destination database so that its rows commit with the data. */
export const stateTableNames = [
  'run',
  'plan',
  'report',
  'ledger',
  'key_owner',
  'key_map',
  'key_map_text',
  'key_reservation',
  'deferred_reference',
  'event_snapshot',
  'event_snapshot_value',
  'quarantine',
  'chosen_key',
  'note',
] as const;
export type StateTableName = (typeof stateTableNames)[number];

/** Quoted names of the state tables of one destination. */
export interface StateTables {
  readonly schema: string;
  table(name: StateTableName): string;
}

/** The state tables that the configuration names. */
export function stateTablesOf(configuration: StateConfiguration): StateTables {
  if ('schema' in configuration) return stateTables(configuration.schema);
  throw new BadInputError(
    'STATE_ESPACE_UNSUPPORTED',
    `State tables in the entities of module ${configuration.espace} are not supported yet.`,
    'Give the destination login CREATE TABLE in a schema of its own and set state: { schema: refresh }.',
  );
}

export const defaultStateSchema = 'refresh';

export function stateTables(schema: string = defaultStateSchema): StateTables {
  const quoted = quoteName(schema);
  return {
    schema,
    table: (name) => `${quoted}.${quoteName(name)}`,
  };
}

/**
 * Longest text key that the map holds, in characters: with the owner it fills the 900 bytes of a clustered key, which
 * is also the longest key that a primary key of an entity can have.
 */
export const longestTextKey = 446;
