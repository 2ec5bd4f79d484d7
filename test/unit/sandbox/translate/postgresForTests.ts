import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { startPostgres, type PostgresCluster } from '../../../../sandbox/sqlserver/postgres/cluster.js';
import { supportFunctionsSql } from '../../../../sandbox/sqlserver/postgres/supportFunctions.js';

/** A PostgreSQL of the test file's own, with the support functions. */
export interface PostgresForTests {
  readonly client: pg.Client;
  query(text: string, values?: readonly unknown[]): Promise<unknown[][]>;
  stop(): Promise<void>;
}

export async function startPostgresForTests(): Promise<PostgresForTests> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'translate-test-'));
  const cluster: PostgresCluster = await startPostgres(directory);
  const client = new pg.Client({ host: path.dirname(cluster.socketPath), user: cluster.user, database: 'postgres' });
  // int8 as bigint, everything else that is not a plain number as text.
  client.setTypeParser(20, (text) => BigInt(text));
  await client.connect();
  await client.query(await supportFunctionsSql());
  return {
    client,
    query: async (text, values = []) => {
      const result = await client.query<unknown[]>({ text, values: [...values], rowMode: 'array' });
      return result.rows;
    },
    stop: async () => {
      await client.end();
      await cluster.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
