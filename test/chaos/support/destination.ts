import type mssql from 'mssql';
import { readApplicationsEnabled, setApplicationsEnabled } from '../../../sandbox/factories/applicationState.js';
import {
  startScheduler,
  writeFactories,
  type FactoryDescription,
  type Scheduler,
} from '../../../sandbox/factories/index.js';
import { readByMarkers } from '../../../sandbox/factories/oracle.js';
import { connect, type ServerAddress } from '../../../sandbox/factories/write/connection.js';
import {
  expectedImage,
  imageOf,
  scopeOfApplication,
  type Image,
  type MovedScope,
} from '../../support/expectedImage.js';
import { rawDifferences, readRawTables, type RawTables } from '../../support/rawTables.js';

export const passwords = { prod_reader: 'Read-0nly!', qa_refresh: 'Refresh-1!', qa_writer: 'Write-2!' };

/** What both databases hold, told by markers, and everything that a refresh must leave alone, as it is stored. */
export interface Holding {
  readonly image: Image;
  readonly production: RawTables;
  readonly outside: RawTables;
  /** Roles and groups given twice. */
  readonly doubledLinks: number;
  readonly queued: number;
  readonly disabled: readonly string[];
}

/** A production and a QA environment on a server that comes and goes: every look has a connection of its own. */
export class Destination {
  #scheduler: Scheduler | undefined;

  private constructor(
    private readonly server: () => ServerAddress,
    readonly factories: FactoryDescription,
    private readonly scope: MovedScope,
  ) {}

  static async write(
    server: () => ServerAddress,
    options: { readonly name: string; readonly rows: number; readonly seed: number },
  ): Promise<Destination> {
    const { name, rows, seed } = options;
    const factories = await writeFactories({
      ...server(),
      productionDatabase: `${name}_production`,
      qaDatabase: `${name}_qa`,
      rows,
      seed,
      passwords,
    });
    const destination = new Destination(server, factories, scopeOfApplication(factories.model, 'Recruiting'));
    destination.#scheduler = await startScheduler({ ...server(), database: factories.qa.database });
    return destination;
  }

  /** What a refresh must leave, told without the product. */
  async expected(): Promise<Image> {
    const { model } = this.factories;
    const source = await this.in('production', (pool) => readByMarkers(pool, model));
    const before = await this.in('qa', (pool) => readByMarkers(pool, model));
    return expectedImage(model, this.scope, source, before);
  }

  async read(): Promise<Holding> {
    const production = await this.in('production', (pool) => readRawTables(pool, () => false));
    return this.in('qa', async (pool) => ({
      production,
      image: imageOf(await readByMarkers(pool, this.factories.model), this.scope),
      outside: await readRawTables(pool, (table) => this.isWritten(table)),
      doubledLinks: await doubledLinks(pool),
      queued: await queuedEvents(pool),
      disabled: [...(await readApplicationsEnabled(pool))].filter(([, enabled]) => !enabled).map(([name]) => name),
    }));
  }

  /** Service Center. */
  async setApplicationsEnabled(names: readonly string[], enabled: boolean): Promise<void> {
    await this.in('qa', (pool) => setApplicationsEnabled(pool, names, enabled));
  }

  /** Physical names of the tables that the refresh writes. */
  get tables(): readonly string[] {
    return [...this.scope.entities].flatMap((path) => this.factories.qa.tables[path] ?? []);
  }

  async in<T>(side: 'production' | 'qa', work: (pool: mssql.ConnectionPool) => Promise<T>): Promise<T> {
    const pool = await connect(this.server(), this.factories[side].database);
    try {
      return await work(pool);
    } finally {
      await pool.close();
    }
  }

  async drop(): Promise<void> {
    await this.#scheduler?.stop();
    const master = await connect(this.server(), 'master');
    try {
      for (const side of ['production', 'qa'] as const)
        await master.request().batch(`DROP DATABASE [${this.factories[side].database}]`);
    } finally {
      await master.close();
    }
  }

  private isWritten(table: string): boolean {
    const name = table.toLowerCase();
    return shared.test(name) || this.tables.some((written) => written.toLowerCase() === name);
  }
}

/** Tables that a refresh writes some rows of; the oracle compares these. */
const shared =
  /^(ossys_(bpm_(process|activity)(_input|_output)?|bpm_event(_queue)?|user|group|user_role|group_role|group_user)|osevt_.*|sandbox_application_state)$/;

async function doubledLinks(pool: mssql.ConnectionPool): Promise<number> {
  const links = [
    ['OSSYS_USER_ROLE', 'USER_ID', 'ROLE_ID'],
    ['OSSYS_GROUP_ROLE', 'GROUP_ID', 'ROLE_ID'],
    ['OSSYS_GROUP_USER', 'GROUP_ID', 'USER_ID'],
  ].map(
    ([table, left, right]) =>
      `(SELECT COUNT(*) FROM (SELECT ${left} FROM ${table} GROUP BY ${left}, ${right} HAVING COUNT(*) > 1) twice)`,
  );
  return count(pool, `SELECT ${links.join(' + ')} AS n`);
}

function queuedEvents(pool: mssql.ConnectionPool): Promise<number> {
  const queues = ['OSSYS_BPM_EVENT', 'OSSYS_BPM_EVENT_QUEUE'].map((queue) => `(SELECT COUNT(*) FROM ${queue})`);
  return count(pool, `SELECT ${queues.join(' + ')} AS n`);
}

async function count(pool: mssql.ConnectionPool, text: string): Promise<number> {
  return Number((await pool.request().query<{ n: number }>(text)).recordset[0]?.n);
}

/** Every difference between what an undisturbed run left and what is there now, in words; none if all is well. */
export function differences(undisturbed: Holding, now: Holding): string[] {
  return [
    ...imageDifferences(undisturbed.image, now.image),
    ...rawDifferences(undisturbed.production, now.production).map((table) => `production: ${table}`),
    ...rawDifferences(undisturbed.outside, now.outside).map((table) => `outside of the scope: ${table}`),
    ...(now.doubledLinks === 0 ? [] : [`${now.doubledLinks} roles or groups were given twice`]),
    ...(now.queued === 0 ? [] : [`${now.queued} events in the queues`]),
    ...now.disabled.map((name) => `left disabled: ${name}`),
  ];
}

export function imageDifferences(expected: Image, found: Image): string[] {
  const subjects = new Set([...Object.keys(expected), ...Object.keys(found)]);
  return [...subjects].flatMap((subject) => {
    const [wanted, had] = [expected[subject] ?? [], found[subject] ?? []];
    return [
      ...without(wanted, had).map((line) => `${subject}: lost or changed: ${line}`),
      ...without(had, wanted).map((line) => `${subject}: too much or changed: ${line}`),
    ].slice(0, 6);
  });
}

/** What of the first the second lacks; a line that stands twice must stand there twice. */
function without(some: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1);
  return some.filter((line) => {
    const times = left.get(line) ?? 0;
    left.set(line, times - 1);
    return times <= 0;
  });
}
