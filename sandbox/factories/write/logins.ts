/** Logins with the rights that real installations give: see facts on permissions in the vendor's documentation. */
import mssql from 'mssql';
import { literal, quote } from './connection.js';
import type { Loader } from './load.js';
import { tableOwners } from './tables.js';
import type { Target } from './target.js';

const alreadyExists = 15025;

/** Creates a login of the server, or gives an existing one this password. Works when several do it at once. */
export async function ensureLogin(pool: mssql.ConnectionPool, name: string, password: string): Promise<void> {
  const set = `LOGIN ${quote(name)} WITH PASSWORD = ${literal(password)}`;
  try {
    await pool.request().batch(`CREATE ${set}, CHECK_POLICY = OFF`);
  } catch (error) {
    if (!(error instanceof mssql.RequestError) || error.number !== alreadyExists) throw error;
    await pool.request().batch(`ALTER ${set}`);
  }
}

/** Reads everything, writes nothing: the only login that a refresh needs in production. */
export async function grantReader(target: Target, login: string): Promise<void> {
  await addMember(target, login, 'db_datareader');
  for (const loader of loadersOf(target)) {
    await loader.execute(`GRANT VIEW DATABASE STATE TO ${quote(login)}`);
    await loader.execute(`GRANT VIEW DEFINITION TO ${quote(login)}`);
  }
}

export async function grantOwner(target: Target, login: string): Promise<void> {
  await addMember(target, login, 'db_owner');
}

/** As in OutSystems Cloud: reads everything, writes application tables only. */
export async function grantWriter(target: Target, login: string): Promise<void> {
  await addMember(target, login, 'db_datareader');
  for (const owner of tableOwners(target)) {
    await target
      .loaderOf(owner)
      .execute(`GRANT INSERT, UPDATE, DELETE ON [dbo].${quote(target.physical(owner).table)} TO ${quote(login)}`);
  }
}

/** A login needs its rights in every database of the environment. */
function loadersOf({ loader, catalog }: Target): Loader[] {
  return catalog === null ? [loader] : [loader, catalog.loader];
}

async function addMember(target: Target, login: string, role: string): Promise<void> {
  for (const loader of loadersOf(target)) {
    await loader.execute(`CREATE USER ${quote(login)} FOR LOGIN ${quote(login)}`);
    await loader.execute(`ALTER ROLE ${quote(role)} ADD MEMBER ${quote(login)}`);
  }
}
