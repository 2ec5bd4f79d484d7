import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, inject } from 'vitest';
import { SqlSession, type SessionOptions } from './sqlSession.js';
import type { SqlServerAddress } from './sqlServerSetup.js';

/** The server of this test run: the shared sandbox, or the one of TEST_SQLSERVER_URL. */
export function testServer(): SqlServerAddress {
  return inject('sqlServer');
}

export interface DatabaseOptions {
  /** Latin1_General_CI_AS when absent. */
  readonly collation?: string;
  readonly allowSnapshotIsolation?: boolean;
  readonly readCommittedSnapshot?: boolean;
}

export interface TestDatabase {
  readonly name: string;
  /** A session of its own in this database; drop() closes it. */
  connect(options?: SessionOptions): Promise<SqlSession>;
  /** Closes the sessions and drops the database. */
  drop(): Promise<void>;
}

/** A name that no other test uses. */
export function uniqueName(prefix: string): string {
  return `${prefix}_${randomBytes(6).toString('hex')}`;
}

/** Opens a session in a database; the caller closes it. */
export function connect(database: string, options: SessionOptions = {}): Promise<SqlSession> {
  return SqlSession.open(testServer(), database, options);
}

/** Runs statements as administrator outside of any test's database. */
export async function asAdministrator(...batches: readonly string[]): Promise<void> {
  const session = await connect('master');
  try {
    for (const batch of batches) await session.batch(batch);
  } finally {
    await session.close();
  }
}

/** Makes a database with a name of its own; the caller drops it. */
export async function createDatabase(options: DatabaseOptions = {}): Promise<TestDatabase> {
  const name = uniqueName('refresh_test');
  await asAdministrator(
    `CREATE DATABASE [${name}] COLLATE ${options.collation ?? 'Latin1_General_CI_AS'}`,
    ...(options.allowSnapshotIsolation === true ? [`ALTER DATABASE [${name}] SET ALLOW_SNAPSHOT_ISOLATION ON`] : []),
    ...(options.readCommittedSnapshot === true ? [`ALTER DATABASE [${name}] SET READ_COMMITTED_SNAPSHOT ON`] : []),
  );
  const sessions: SqlSession[] = [];
  return {
    name,
    async connect(sessionOptions = {}) {
      const session = await connect(name, sessionOptions);
      sessions.push(session);
      return session;
    },
    async drop() {
      await Promise.all(sessions.map((session) => session.close()));
      await asAdministrator(`DROP DATABASE [${name}]`);
    },
  };
}

/** Gives a test file (or describe block) a database that lives as long as its tests. */
export function useDatabase(options: DatabaseOptions = {}): TestDatabase {
  let database: TestDatabase | undefined;
  beforeAll(async () => {
    database = await createDatabase(options);
  });
  afterAll(async () => {
    await database?.drop();
  });
  const current = (): TestDatabase => {
    if (database === undefined) throw new Error('the database exists only while tests run');
    return database;
  };
  return {
    get name() {
      return current().name;
    },
    connect: (sessionOptions) => current().connect(sessionOptions),
    drop: () => current().drop(),
  };
}

const requestLimitMs = 20_000;

/**
 * Waits until the running request of a session is as a condition on sys.dm_exec_requests says: blocked by another
 * session, or inside WAITFOR. Throws when it does not get there in 20 s.
 */
export async function untilRequest(observer: SqlSession, spid: number, condition: string): Promise<void> {
  const text = `SELECT COUNT(*) FROM sys.dm_exec_requests WHERE session_id = ${spid} AND ${condition}`;
  for (const deadline = Date.now() + requestLimitMs; Date.now() < deadline;) {
    if (Number(await observer.value(text)) > 0) return;
  }
  throw new Error(`session ${spid} had no request with ${condition}`);
}
