import { randomBytes } from 'node:crypto';
import type mssql from 'mssql';
import { stringify } from 'yaml';
import { sampleConfiguration } from '../sandbox/configuration.js';
import { writeFactories, type FactoryDescription } from '../sandbox/factories/index.js';
import type { FactoryModel } from '../sandbox/factories/model.js';
import { connect, quote } from '../sandbox/factories/write/connection.js';
import { environmentNamed, parseConfigurationText, type Configuration } from '../src/config.js';
import type { ConnectionSettings } from '../src/sqlserver/connectionSettings.js';
import type { BenchServer } from './server.js';

const passwords = { prod_reader: 'Read-0nly!', qa_refresh: 'Refresh-1!', qa_writer: 'Write-2!' };

/** Two environments in databases of their own, written from a model. */
export interface BenchEnvironments {
  readonly factories: FactoryDescription;
  readonly configuration: Configuration;
  readonly configurationText: string;
  /** Passwords, by the variables that the configuration names. */
  readonly variables: Readonly<Record<string, string>>;
  readonly source: ConnectionSettings;
  readonly destination: ConnectionSettings;
  /** Administrator in the destination's database. */
  readonly administrator: mssql.ConnectionPool;
  drop(): Promise<void>;
}

export async function prepareEnvironments(
  server: BenchServer,
  model: FactoryModel,
  rows: number,
  temporalAddress = '127.0.0.1:7233',
): Promise<BenchEnvironments> {
  const suffix = randomBytes(4).toString('hex');
  const [productionDatabase, qaDatabase] = [`bench_production_${suffix}`, `bench_qa_${suffix}`];
  const { address } = server;
  const factories = await writeFactories({
    ...address,
    productionDatabase,
    qaDatabase,
    rows,
    seed: 7,
    passwords,
    model,
  });
  const variables = { PROD_PASSWORD: passwords.prod_reader, QA_PASSWORD: passwords.qa_refresh };
  const configurationText = stringify(
    sampleConfiguration({ host: address.server, port: address.port, productionDatabase, qaDatabase }, temporalAddress),
  );
  const configuration = parseConfigurationText(configurationText, variables);
  const administrator = await connect(address, qaDatabase);
  return {
    factories,
    configuration,
    configurationText,
    variables,
    source: environmentNamed(configuration, 'production'),
    destination: environmentNamed(configuration, 'qa'),
    administrator,
    async drop() {
      await administrator.close();
      const master = await connect(address, 'master');
      try {
        for (const name of [productionDatabase, qaDatabase])
          await master.request().batch(`DROP DATABASE ${quote(name)}`);
      } finally {
        await master.close();
      }
    },
  };
}
