import type { StateConfiguration } from '../../config.js';
import { tableNamed } from '../../factory/tableNames.js';
import { refuse } from '../../sqlserver/errors.js';
import { quoteName, quoteTable, quoteText } from '../../sqlserver/quoteName.js';
import type { DestinationSession } from '../../sqlserver/session.js';
import type { StateTableName } from '../../state/stateDefinition.js';
import { stateEntityName } from '../../state/stateModule.js';

/**
 * Where the state tables of one destination are. Their columns are called alike wherever they live, so every statement
 * is the same for a schema and for a module.
 */
export interface StateTables {
  readonly place: StateConfiguration;
  /**
   * The quoted name of a table.
   * @throws RefreshError if the module has no entity for it
   */
  table(name: StateTableName): string;
  /** False if the module has no entity for the table. */
  names(name: StateTableName): boolean;
}

export const defaultStateSchema = 'refresh';

/** State tables in a schema of their own. */
export function stateTables(schema: string = defaultStateSchema): StateTables {
  const quoted = quoteName(schema);
  return { place: { schema }, table: (name) => `${quoted}.${quoteName(name)}`, names: () => true };
}

/** The state tables that the configuration names; for a module its published entities are looked up. */
export async function findStateTables(
  session: DestinationSession,
  configuration: StateConfiguration,
): Promise<StateTables> {
  if ('schema' in configuration) return stateTables(configuration.schema);
  return moduleTables(configuration.espace, await session.rows(entitiesQuery(configuration.espace)));
}

/** Entities are found by name: SS_Keys are the module's own, and physical names each environment's (trap 80). */
function entitiesQuery(espace: string): string {
  return (
    'SELECT e.NAME, e.PHYSICAL_TABLE_NAME FROM dbo.OSSYS_ENTITY e INNER JOIN dbo.OSSYS_ESPACE m ON m.ID = e.ESPACE_ID ' +
    `WHERE m.NAME = ${quoteText(espace)} AND m.IS_ACTIVE = 1 AND e.IS_ACTIVE = 1;`
  );
}

function moduleTables(espace: string, rows: readonly (readonly unknown[])[]): StateTables {
  const entities = new Map(rows.map(([entity, table]) => [String(entity).toLowerCase(), String(table)]));
  const physical = (name: StateTableName): string | undefined => entities.get(stateEntityName(name).toLowerCase());
  return {
    place: { espace },
    names: (name) => physical(name) !== undefined,
    table: (name) => {
      const table = physical(name);
      if (table !== undefined) return quoteTable(tableNamed(table, null, {}));
      throw refuse(
        'stateEntityMissing',
        'the module that holds the state of runs has no active entity of this name',
        'Publish the module again as docs/state-module.md says, then retry.',
        `${espace}.${stateEntityName(name)}`,
      );
    },
  };
}
