/** Writes two OutSystems-shaped environments: production with data, qa with other ids, names, users and left-overs. */
import type { EnvironmentName, FactoryModel } from './model.js';
import { recruitingFactory } from './recruitingFactory.js';
import { validateModel } from './validateModel.js';
import { connect, type ServerAddress } from './write/connection.js';
import { createTarget, recreateDatabase, writeEnvironment, type EnvironmentDescription } from './write/environment.js';
import { ensureLogin, grantOwner, grantReader, grantWriter } from './write/logins.js';
import { Loader } from './write/load.js';
import type { Catalog, Target } from './write/target.js';

export { startScheduler, consumeQueues, type Scheduler } from './scheduler.js';
export { setApplicationsEnabled, readApplicationsEnabled } from './applicationState.js';
export { recruitingFactory } from './recruitingFactory.js';
export type { EnvironmentDescription } from './write/environment.js';

/** Logins and their passwords; the names are the server's, shared by all factories on it. */
export interface FactoryLogins {
  /** Reads production. */
  readonly prod_reader: string;
  /** Owns the qa database. */
  readonly qa_refresh: string;
  /** Reads qa, writes its application tables only. */
  readonly qa_writer: string;
}

export interface FactoryOptions extends ServerAddress {
  readonly productionDatabase: string;
  readonly qaDatabase: string;
  /** Rows of production's biggest entity; the others follow in fixed proportions. Default 20,000. */
  readonly rows?: number;
  /** The same seed writes the same data. Default 1. */
  readonly seed?: number;
  readonly model?: FactoryModel;
  /** Modules whose tables lie in a second database of each environment, which is created under these names. */
  readonly catalog?: {
    readonly modules: readonly string[];
    readonly productionDatabase: string;
    readonly qaDatabase: string;
  };
  /** Passwords by login. */
  readonly passwords: FactoryLogins;
}

export interface FactoryDescription {
  readonly model: FactoryModel;
  readonly seed: number;
  readonly production: EnvironmentDescription;
  readonly qa: EnvironmentDescription;
  readonly logins: {
    readonly production: { readonly reader: Login };
    readonly qa: { readonly owner: Login; readonly writer: Login };
  };
}

interface Login {
  readonly user: string;
  readonly password: string;
}

/**
 * Creates both databases (existing ones of the names are dropped) and the logins. The given user must be able to
 * create databases and logins.
 */
export async function writeFactories(options: FactoryOptions): Promise<FactoryDescription> {
  const { rows = 20_000, seed = 1, model = recruitingFactory(), passwords } = options;
  validateModel(model);
  const master = await connect(options, 'master');
  try {
    for (const login of ['prod_reader', 'qa_refresh', 'qa_writer'] as const)
      await ensureLogin(master, login, passwords[login]);
    for (const { productionDatabase, qaDatabase } of [options, ...(options.catalog ? [options.catalog] : [])]) {
      for (const database of [productionDatabase, qaDatabase]) await recreateDatabase(master, database);
    }
  } finally {
    await master.close();
  }
  const write = async (
    environment: EnvironmentName,
    database: string,
    grant: (target: Target) => Promise<void>,
  ): Promise<EnvironmentDescription> => {
    const pool = await connect(options, database);
    const second = await openCatalog(options, environment, database);
    try {
      const target = createTarget(pool, model, environment, rows, seed, second?.catalog);
      const description = await writeEnvironment(pool, target);
      await grant(target);
      return { ...description, database };
    } finally {
      await pool.close();
      await second?.pool.close();
    }
  };
  const production = await write('production', options.productionDatabase, (target) =>
    grantReader(target, 'prod_reader'),
  );
  const qa = await write('qa', options.qaDatabase, async (target) => {
    await grantOwner(target, 'qa_refresh');
    await grantWriter(target, 'qa_writer');
  });
  const login = (user: keyof FactoryLogins): Login => ({ user, password: passwords[user] });
  return {
    model,
    seed,
    production,
    qa,
    logins: {
      production: { reader: login('prod_reader') },
      qa: { owner: login('qa_refresh'), writer: login('qa_writer') },
    },
  };
}

async function openCatalog(
  options: FactoryOptions,
  environment: EnvironmentName,
  platform: string,
): Promise<{ readonly pool: Awaited<ReturnType<typeof connect>>; readonly catalog: Catalog } | undefined> {
  if (options.catalog === undefined) return undefined;
  const { modules, productionDatabase, qaDatabase } = options.catalog;
  const database = environment === 'production' ? productionDatabase : qaDatabase;
  const pool = await connect(options, database);
  return { pool, catalog: { database, platform, modules: new Set(modules), loader: new Loader(pool) } };
}
