import type mssql from 'mssql';
import { createApplicationState } from '../applicationState.js';
import { Content } from '../data/content.js';
import type { EnvironmentName, FactoryModel } from '../model.js';
import { assignIdentifiers } from './assignIdentifiers.js';
import { quote } from './connection.js';
import { writeDirectory } from './directory.js';
import { writeQueues, writeSubscriptions } from './events.js';
import { Identifiers } from './identifiers.js';
import { Loader } from './load.js';
import { writeMetamodel } from './metamodel.js';
import { physicalNames } from './physicalNames.js';
import { createPlatformKeys, createPlatformTables } from './platformTables.js';
import { writeProcesses } from './processes.js';
import { writeRows } from './rows.js';
import { createEventTable, createForeignKeys, createIndexes, createTable, tableOwners } from './tables.js';
import { Target, type Catalog } from './target.js';
import { writeTimers } from './timers.js';
import { createEventTrigger } from './triggers.js';

export interface EnvironmentDescription {
  readonly environment: EnvironmentName;
  readonly database: string;
  /** Rows written, by 'Module.Entity'; deleted entities end in ' (deleted)'. */
  readonly rows: Readonly<Record<string, number>>;
  readonly processes: number;
  readonly activities: number;
  readonly subscriptions: number;
  /** Physical tables, by 'Module.Entity' of active entities. */
  readonly tables: Readonly<Record<string, string>>;
}

const collation = 'Latin1_General_100_CI_AI_SC';

/** Drops and creates an empty database, with the options that OutSystems installations have. */
export async function recreateDatabase(master: mssql.ConnectionPool, database: string): Promise<void> {
  await master.request().batch(`DROP DATABASE IF EXISTS ${quote(database)}`);
  await master.request().batch(`CREATE DATABASE ${quote(database)} COLLATE ${collation}`);
  await master.request().batch(`ALTER DATABASE ${quote(database)} SET ALLOW_SNAPSHOT_ISOLATION ON`);
}

export function createTarget(
  pool: mssql.ConnectionPool,
  model: FactoryModel,
  environment: EnvironmentName,
  rows: number,
  seed: number,
  catalog: Catalog | null = null,
): Target {
  const content = new Content(model, environment, rows, seed);
  const target = new Target(
    content,
    new Identifiers(environment, seed),
    physicalNames(content.index, seed),
    new Loader(pool),
    catalog,
  );
  assignIdentifiers(target);
  return target;
}

/**
 * Writes one environment into an empty database. Triggers and keys come last, so that loading neither fires events
 * nor minds the order of tables; the keys are then checked against all rows.
 */
export async function writeEnvironment(
  pool: mssql.ConnectionPool,
  target: Target,
): Promise<Omit<EnvironmentDescription, 'database'>> {
  const { loader, index, content } = target;
  const owners = tableOwners(target);
  await createPlatformTables(loader);
  for (const owner of owners) await target.loaderOf(owner).execute(createTable(target, owner));
  for (const owner of index.entities) {
    const { eventTable } = target.physical(owner);
    if (eventTable !== null) await target.loaderOf(owner).execute(createEventTable(target, owner, eventTable));
  }
  await writeMetamodel(target);
  await writeDirectory(target);
  const rows: Record<string, number> = {};
  for (const owner of owners)
    rows[`${owner.path}${owner.item.active ? '' : ' (deleted)'}`] = await writeRows(target, owner);
  const { processes, activities } = await writeProcesses(target);
  await writeTimers(target);
  await writeQueues(target);
  let subscriptions = 0;
  for (const owner of index.entities) {
    const { eventTable } = target.physical(owner);
    if (eventTable !== null) subscriptions += await writeSubscriptions(target, owner, eventTable);
  }
  await createPlatformKeys(loader);
  for (const owner of owners) {
    for (const statement of [...createIndexes(target, owner), ...createForeignKeys(target, owner)])
      await target.loaderOf(owner).execute(statement);
  }
  for (const owner of index.entities) {
    const { eventTable } = target.physical(owner);
    if (eventTable !== null) await target.loaderOf(owner).execute(createEventTrigger(target, owner, eventTable));
  }
  await createApplicationState(pool);
  return {
    environment: content.environment,
    rows,
    processes,
    activities,
    subscriptions,
    tables: Object.fromEntries(
      index.entities.filter((each) => each.item.active).map((each) => [each.path, target.physical(each).table]),
    ),
  };
}
