import type mssql from 'mssql';
import { stringify } from 'yaml';
import { inject } from 'vitest';
import { sampleConfiguration } from '../../sandbox/configuration.js';
import {
  setApplicationsEnabled,
  startScheduler,
  writeFactories,
  type FactoryDescription,
} from '../../sandbox/factories/index.js';
import type { FactoryModel } from '../../sandbox/factories/model.js';
import { connect } from '../../sandbox/factories/write/connection.js';
import { parseConfigurationText, type Configuration } from '../../src/config.js';
import { connectTo, dropDatabase, dropFactories, passwords } from '../sql/factories/support.js';
import { uniqueName } from './sqlServer.js';

export interface PreparedEnvironments {
  readonly factories: FactoryDescription;
  /** Environments `production` and `qa`, with the logins that a refresh uses. */
  readonly configuration: Configuration;
  /** The same as text, for a process, with the variables that it names. */
  readonly configurationText: string;
  readonly variables: Readonly<Record<string, string>>;
  /** The second databases, if there are any. */
  readonly catalog: { readonly productionDatabase: string; readonly qaDatabase: string } | undefined;
  /** Administrator's connections, closed by drop(). */
  readonly production: mssql.ConnectionPool;
  readonly qa: mssql.ConnectionPool;
  /** Plays Service Center in QA. */
  setApplicationsEnabled(names: readonly string[], enabled: boolean): Promise<void>;
  drop(): Promise<void>;
}

export interface PreparedOptions {
  readonly rows?: number;
  readonly seed?: number;
  readonly model?: FactoryModel;
  /** Modules whose tables lie in a second database on each side. */
  readonly catalogModules?: readonly string[];
  /** False: nothing empties QA's event queues. */
  readonly scheduler?: boolean;
}

/** Writes two environments into databases of the test file's own, on the SQL Server that all tests share. */
export async function preparedEnvironments(options: PreparedOptions = {}): Promise<PreparedEnvironments> {
  const address = inject('sqlServer');
  const { rows = 300, seed = 5, model, catalogModules, scheduler: wanted = true } = options;
  const productionDatabase = uniqueName('production');
  const qaDatabase = uniqueName('qa');
  const catalog =
    catalogModules === undefined
      ? undefined
      : {
          modules: catalogModules,
          productionDatabase: uniqueName('production_catalog'),
          qaDatabase: uniqueName('qa_catalog'),
        };
  const factories = await writeFactories({
    ...address,
    productionDatabase,
    qaDatabase,
    rows,
    seed,
    passwords,
    ...(model === undefined ? {} : { model }),
    ...(catalog === undefined ? {} : { catalog }),
  });
  const server = { host: address.server, port: address.port, productionDatabase, qaDatabase };
  const configurationText = stringify(sampleConfiguration(server, inject('temporalAddress')));
  const variables = { PROD_PASSWORD: passwords.prod_reader, QA_PASSWORD: passwords.qa_refresh };
  const production = await connectTo(productionDatabase);
  const qa = await connectTo(qaDatabase);
  const maintenance = await connect(address, qaDatabase);
  const scheduler = wanted ? await startScheduler({ ...address, database: qaDatabase }) : undefined;
  return {
    factories,
    catalog,
    configuration: parseConfigurationText(configurationText, variables),
    configurationText,
    variables,
    production,
    qa,
    setApplicationsEnabled: (names, enabled) => setApplicationsEnabled(maintenance, names, enabled),
    async drop() {
      await scheduler?.stop();
      for (const pool of [production, qa, maintenance]) await pool.close();
      await dropFactories(factories);
      for (const database of catalog ? [catalog.productionDatabase, catalog.qaDatabase] : [])
        await dropDatabase(database);
    },
  };
}
