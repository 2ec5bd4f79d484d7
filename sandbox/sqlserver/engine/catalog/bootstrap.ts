import type { PostgresConnection } from '../../postgres/connection.js';
import { currentDatetime } from '../clock.js';
import { CatalogStore } from './catalogStore.js';
import { CatalogView } from './catalogView.js';
import type { LoginEntity } from './entities.js';
import { databaseEntities, saLoginId, serverPrincipals } from './fixedEntities.js';
import { catalogSchema } from './flatTables.js';
import { postgresSchema, serverCollation } from './names.js';
import { hashPassword } from '../rights/passwords.js';

const catalogVersion = 1;

/**
 * Opens the catalog: creates it in a new PostgreSQL database, loads it otherwise. What sessions of an earlier process
 * left behind (their temporary tables' entries) is removed, and sa gets the password given.
 */
export async function openCatalog(connection: PostgresConnection, saPassword: string): Promise<CatalogStore> {
  const store = new CatalogStore();
  const [present] = await connection.rows("select to_regclass('sandbox.version')::text");
  if (present?.[0] == null) await createCatalog(connection, store, saPassword);
  else await openExisting(connection, store, saPassword);
  return store;
}

async function openExisting(connection: PostgresConnection, store: CatalogStore, saPassword: string): Promise<void> {
  const [row] = await connection.rows('select version from sandbox.version');
  if (Number(row?.[0]) !== catalogVersion) {
    throw new Error('The data directory was made by another version of the sandbox: remove it and start again.');
  }
  await connection.execute("select sandbox.delete_entity(key) from sandbox.entity where key like 'object:2:%'");
  await store.load(connection);
  const view = new CatalogView(store, connection);
  const sa = view.loginById(saLoginId) as LoginEntity;
  await view.put({ ...sa, passwordHash: hashPassword(saPassword) });
  view.publish();
}

const systemDatabases = ['master', 'tempdb', 'model', 'msdb'];

async function createCatalog(connection: PostgresConnection, store: CatalogStore, saPassword: string): Promise<void> {
  await connection.execute('begin');
  await connection.execute(catalogSchema());
  const view = new CatalogView(store, connection);
  const now = currentDatetime().toString();
  for (const principal of serverPrincipals(hashPassword(saPassword), now)) await view.put(principal);
  for (const [index, name] of systemDatabases.entries()) {
    const entities = databaseEntities(index + 1, name, serverCollation, saLoginId, now, 'SIMPLE');
    for (const entity of entities) await view.put(entity);
    await connection.execute(`create schema ${postgresSchema(name, 'dbo')}`);
    await connection.execute(`create schema ${postgresSchema(name, 'guest')}`);
  }
  await connection.execute(`insert into sandbox.version values (${catalogVersion})`);
  await connection.execute('commit');
  view.publish();
}
