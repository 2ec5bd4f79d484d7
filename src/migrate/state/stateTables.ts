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
  'quarantine',
  'process_tree',
  'note',
] as const;
export type StateTableName = (typeof stateTableNames)[number];

/** Quoted names of the state tables of one destination. */
export interface StateTables {
  readonly schema: string;
  table(name: StateTableName): string;
  /** A table of the schema that belongs to one event table: holds its rows while subscriptions are cleared. */
  mirror(number: number): string;
}

export const defaultStateSchema = 'refresh';

export function stateTables(schema: string = defaultStateSchema): StateTables {
  const quoted = quoteName(schema);
  return {
    schema,
    table: (name) => `${quoted}.${quoteName(name)}`,
    mirror: (number) => `${quoted}.${quoteName(`event_snapshot_${number}`)}`,
  };
}

/**
 * Longest text key that the map holds, in characters: with the owner it fills the 900 bytes of a clustered key, which
 * is also the longest key that a primary key of an entity can have.
 */
export const longestTextKey = 446;
