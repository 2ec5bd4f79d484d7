/**
 * Writes the two sample environments into a SQL Server, a real one too:
 *   SAMPLES_SA_PASSWORD=… PROD_PASSWORD=… QA_PASSWORD=… QA_WRITER_PASSWORD=… tsx sandbox/loadSamples.ts --server HOST
 * Databases that an earlier call wrote to its end are kept unless --fresh is given. With --serve it then plays the
 * platform of QA until it is stopped, as docker-compose.yml uses it.
 */
import { Command, Option } from 'commander';
import { setTimeout as delay } from 'node:timers/promises';
import { searchAttributeNames } from '../src/contract.js';
import { writeFactories } from './factories/index.js';
import { connect, literal, quote, type ServerAddress } from './factories/write/connection.js';
import { defaultRows, defaultSeed, wholeNumber } from './sampleSize.js';
import { startServiceCenter } from './serviceCenter.js';
import { registerSearchAttributes } from './temporal/searchAttributes.js';

interface LoadOptions {
  readonly server: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly prodPassword: string;
  readonly qaPassword: string;
  readonly qaWriterPassword: string;
  readonly productionDatabase: string;
  readonly qaDatabase: string;
  readonly rows: number;
  readonly seed: number;
  readonly fresh?: boolean;
  readonly registerAt?: string;
  readonly serve?: number;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function load(options: LoadOptions): Promise<void> {
  const { server, port, user, password, productionDatabase, qaDatabase, rows, seed } = options;
  const address: ServerAddress = { server, port, user, password, encrypt: true };
  if (options.fresh !== true && (await written(address, options))) {
    say(`Sample environments: kept (${productionDatabase}, ${qaDatabase})`);
  } else {
    say(`Sample environments: writing ${productionDatabase} and ${qaDatabase} …`);
    await writeFactories({
      ...address,
      productionDatabase,
      qaDatabase,
      rows,
      seed,
      passwords: {
        prod_reader: options.prodPassword,
        qa_refresh: options.qaPassword,
        qa_writer: options.qaWriterPassword,
      },
    });
    say(`Sample environments: written (${rows} rows, seed ${seed})`);
  }
  if (options.registerAt !== undefined) await register(options.registerAt);
  if (options.serve !== undefined) await serve(address, options.qaDatabase, options.serve);
}

/** The user of the last grant is there: every earlier step was done. */
async function written(address: ServerAddress, { productionDatabase, qaDatabase }: LoadOptions): Promise<boolean> {
  const master = await connect(address, 'master');
  try {
    const { recordset } = await master
      .request()
      .query<{ n: number }>(
        `SELECT COUNT(*) AS n FROM sys.databases WHERE name IN (${literal(productionDatabase)}, ${literal(qaDatabase)})`,
      );
    if (Number(recordset[0]?.n) < 2) return false;
    const users = await master
      .request()
      .query<{ n: number }>(
        `SELECT COUNT(*) AS n FROM ${quote(qaDatabase)}.sys.database_principals WHERE name = N'qa_writer'`,
      );
    return Number(users.recordset[0]?.n) === 1;
  } finally {
    await master.close();
  }
}

/** A Temporal server that has just been started takes a while to know its namespace. */
async function register(address: string): Promise<void> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    try {
      await registerSearchAttributes(address, searchAttributeNames);
      return say(`Search attributes: registered at ${address}`);
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await delay(1_000);
    }
  }
}

async function serve(address: ServerAddress, database: string, port: number): Promise<void> {
  const center = await startServiceCenter(address, database, port, '0.0.0.0');
  say(`Maintenance endpoint and scheduler of QA: port ${center.port}`);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  await center.stop();
}

const secret = (flag: string, variable: string): Option =>
  new Option(flag, `default: ${variable}`).env(variable).makeOptionMandatory();

const program = new Command('loadSamples')
  .description('Write the two sample environments into a SQL Server.')
  .requiredOption('--server <host>', 'SQL Server')
  .option('--port <n>', 'its port', wholeNumber, 1433)
  .option('--user <login>', 'a login that may create databases and logins', 'sa')
  .addOption(secret('--password <password>', 'SAMPLES_SA_PASSWORD'))
  .addOption(secret('--prod-password <password>', 'PROD_PASSWORD'))
  .addOption(secret('--qa-password <password>', 'QA_PASSWORD'))
  .addOption(secret('--qa-writer-password <password>', 'QA_WRITER_PASSWORD'))
  .option('--production-database <name>', 'dropped and created', 'outsystems_production')
  .option('--qa-database <name>', 'dropped and created', 'outsystems_qa')
  .option('--rows <n>', "rows of production's biggest entity", wholeNumber, defaultRows)
  .option('--seed <n>', 'the same seed writes the same data', wholeNumber, defaultSeed)
  .option('--fresh', 'write them anew even if they are there')
  .option('--register-at <host:port>', 'register the search attributes of a refresh at this Temporal server')
  .option('--serve <port>', 'then play the platform of QA on this port until stopped', wholeNumber)
  .parse();
try {
  await load(program.opts<LoadOptions>());
} catch (error) {
  process.stderr.write(`loadSamples: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
