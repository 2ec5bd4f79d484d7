import type mssql from 'mssql';
import { inject } from 'vitest';
import { writeFactories, type FactoryDescription, type FactoryOptions } from '../../../sandbox/factories/index.js';
import { connect, type ServerAddress } from '../../../sandbox/factories/write/connection.js';

export const passwords = { prod_reader: 'Read-0nly!', qa_refresh: 'Refresh-1!', qa_writer: 'Write-2!' };

export function server(): ServerAddress {
  return inject('sqlServer');
}

/** Writes both environments into databases of the test file's own. */
export function writeSmallFactories(name: string, options: Partial<FactoryOptions> = {}): Promise<FactoryDescription> {
  return writeFactories({
    ...server(),
    productionDatabase: `${name}_production`,
    qaDatabase: `${name}_qa`,
    rows: 300,
    seed: 5,
    passwords,
    ...options,
  });
}

export async function dropFactories(factories: FactoryDescription | undefined): Promise<void> {
  for (const each of factories ? [factories.production, factories.qa] : []) await dropDatabase(each.database);
}

export async function dropDatabase(name: string): Promise<void> {
  const master = await connectTo('master');
  await master.request().batch(`DROP DATABASE [${name}]`);
  await master.close();
}

export async function connectAs(user: keyof typeof passwords, database: string): Promise<mssql.ConnectionPool> {
  return await connect({ ...server(), user, password: passwords[user] }, database);
}

export async function connectTo(database: string): Promise<mssql.ConnectionPool> {
  return await connect(server(), database);
}

export async function rowsOf<T>(pool: mssql.ConnectionPool, text: string): Promise<T[]> {
  return (await pool.request().query<T>(text)).recordset;
}

export async function count(pool: mssql.ConnectionPool, table: string, where = '1 = 1'): Promise<number> {
  return (await rowsOf<{ n: number }>(pool, `SELECT COUNT(*) AS n FROM [dbo].[${table}] WHERE ${where}`))[0]?.n ?? NaN;
}
