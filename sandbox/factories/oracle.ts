/**
 * An independent look at one environment: every row by a business marker, every identifier replaced by the marker of
 * what it stands for, so that two environments can be compared with no key map. Shares no code with the product.
 */
import type mssql from 'mssql';
import type { FactoryModel } from './model.js';
import { readDirectory, type OracleDirectory } from './oracle/directory.js';
import { readPublished } from './oracle/metamodel.js';
import { readProcesses, type OracleProcesses } from './oracle/processes.js';
import { References } from './oracle/references.js';
import { readRows } from './oracle/rows.js';
import { readSubscriptions } from './oracle/subscriptions.js';
import type { OracleRow } from './oracle/values.js';

export type { OracleReference, OracleRow, OracleValue } from './oracle/values.js';

export interface OracleReading {
  /** 'Module.Entity' -> marker -> attribute -> value. Multi-tenant rows have '#tenant' too. */
  readonly entities: ReadonlyMap<string, ReadonlyMap<string, OracleRow>>;
  readonly directory: OracleDirectory;
  readonly processes: OracleProcesses['processes'];
  readonly activities: OracleProcesses['activities'];
  /** 'Module.Entity' -> its event subscriptions as sorted JSON texts. */
  readonly subscriptions: ReadonlyMap<string, readonly string[]>;
}

export interface OracleOptions {
  /** Only these application entities ('Module.Entity'); default all. All their rows are held in memory. */
  readonly entities?: readonly string[];
  /** True: further users of one login in one tenant, inactive ones last, are 'login#2' wherever they are referred to. */
  readonly tellUsersApart?: boolean;
  /** True: users have their PASSWORD too. */
  readonly passwords?: boolean;
}

/**
 * Reads an environment by markers, finding tables by SS_Keys in that environment's own metamodel. Rows whose marker
 * repeats are numbered ('X', 'X#2'); identifiers that stand for nothing are kept as `missing`. Throws if the
 * metamodel contradicts itself.
 */
export async function readByMarkers(
  connection: mssql.ConnectionPool,
  model: FactoryModel,
  options: OracleOptions = {},
): Promise<OracleReading> {
  const factory = await readPublished(connection, model);
  const references = new References(connection, factory, options.tellUsersApart ?? false);
  const entities = new Map<string, ReadonlyMap<string, OracleRow>>();
  const subscriptions = new Map<string, readonly string[]>();
  for (const entity of factory.entities) {
    if (!entity.model.systemTable && (options.entities?.includes(entity.path) ?? true))
      entities.set(entity.path, await readRows(connection, references, entity));
    if (entity.eventFrom !== null)
      subscriptions.set(entity.path, await readSubscriptions(connection, references, entity, entity.eventFrom));
  }
  return {
    entities,
    directory: await readDirectory(connection, references, options.passwords ?? false),
    ...(await readProcesses(connection, references)),
    subscriptions,
  };
}
