import { SqlError } from '../api.js';
import { currentDatetime } from '../clock.js';
import type { DatabaseEntity } from '../catalog/entities.js';
import { databaseEntities } from '../catalog/fixedEntities.js';
import { postgresSchema, serverCollation } from '../catalog/names.js';
import type { AlterDatabaseStatement, CreateDatabaseStatement, DatabaseChange } from '../../tsql/ast.js';
import { unsupported } from '../../tsql/unsupported.js';
import type { Session } from '../session/session.js';
import { findCollation } from '../translate/types/collations.js';
import { hasPermission, hasServerRole, userIn } from './access.js';

const systemDatabases = ['master', 'tempdb', 'model', 'msdb'];

export async function createDatabase(session: Session, statement: CreateDatabaseStatement): Promise<void> {
  const { catalog, login } = session;
  if (!hasServerRole(login, 'dbcreator')) {
    throw new SqlError(262, "CREATE DATABASE permission denied in database 'master'.", { class: 14 });
  }
  if (catalog.database(statement.name) !== undefined) {
    throw new SqlError(1801, `Database '${statement.name}' already exists. Choose a different database name.`, {
      state: 3,
    });
  }
  const collation = statement.collation ?? serverCollation;
  findCollation(collation);
  const id = session.core.store.nextDatabaseId();
  const now = currentDatetime().toString();
  for (const entity of databaseEntities(id, statement.name, collation, login.id, now, 'FULL'))
    await catalog.put(entity);
  await session.connection.execute(`create schema ${postgresSchema(statement.name, 'dbo')}`);
  await session.connection.execute(`create schema ${postgresSchema(statement.name, 'guest')}`);
}

export async function dropDatabase(session: Session, name: string, ifExists: boolean): Promise<void> {
  const { catalog } = session;
  const database = catalog.database(name);
  if (database === undefined) {
    if (ifExists) return;
    throw cannotDropDatabase(name);
  }
  if (systemDatabases.includes(database.name)) {
    throw new SqlError(3708, `Cannot drop the database '${name}' because it is a system database.`, { state: 4 });
  }
  const user = userIn(catalog, session.login, database.id);
  if (user === undefined || !hasPermission(catalog, user, 'CONTROL', { databaseId: database.id })) {
    throw cannotDropDatabase(name);
  }
  for (const other of session.core.sessions.values()) {
    if (other.database.id !== database.id) continue;
    throw new SqlError(3702, `Cannot drop database "${database.name}" because it is currently in use.`, { state: 3 });
  }
  await dropContents(session, database);
}

function cannotDropDatabase(name: string): SqlError {
  return new SqlError(
    3701,
    `Cannot drop the database '${name}', because it does not exist or you do not have permission.`,
    { class: 11 },
  );
}

async function dropContents(session: Session, database: DatabaseEntity): Promise<void> {
  const { catalog } = session;
  for (const object of [...catalog.objects(database.id)]) await catalog.delete(object);
  for (const schema of [...catalog.ofKind('schema')]) {
    if (schema.databaseId !== database.id) continue;
    await session.connection.execute(`drop schema if exists ${postgresSchema(database.name, schema.name)} cascade`);
    await catalog.delete(schema);
  }
  for (const principal of [...catalog.ofKind('principal')]) {
    if (principal.databaseId === database.id) await catalog.delete(principal);
  }
  await catalog.delete(catalog.permissions(database.id));
  await catalog.delete(database);
}

export async function alterDatabase(session: Session, statement: AlterDatabaseStatement): Promise<void> {
  const { catalog } = session;
  const database = statement.name === undefined ? session.currentDatabase : catalog.database(statement.name);
  const user = database === undefined ? undefined : userIn(catalog, session.login, database.id);
  if (
    database === undefined ||
    user === undefined ||
    !hasPermission(catalog, user, 'ALTER', { databaseId: database.id })
  ) {
    throw new SqlError(
      5011,
      `User does not have permission to alter database '${statement.name ?? ''}', the database does not exist, or the database is not in a state that allows access checks.`,
      { class: 14, state: 5 },
    );
  }
  let changed = database;
  for (const change of statement.changes) changed = withChange(changed, change, statement);
  await catalog.put(changed);
}

function withChange(
  database: DatabaseEntity,
  change: DatabaseChange,
  statement: AlterDatabaseStatement,
): DatabaseEntity {
  if (change.kind === 'collate') throw unsupported('ALTER DATABASE ... COLLATE', statement.span);
  const on = change.value === 'ON';
  switch (change.name) {
    case 'ALLOW_SNAPSHOT_ISOLATION':
      return { ...database, snapshotIsolation: on };
    case 'READ_COMMITTED_SNAPSHOT':
      return { ...database, readCommittedSnapshot: on };
    case 'RECOVERY':
      return { ...database, recoveryModel: change.value as DatabaseEntity['recoveryModel'] };
    case 'COMPATIBILITY_LEVEL':
      return { ...database, compatibilityLevel: Number(change.value) };
    case 'MULTI_USER':
      return { ...database, userAccess: 'MULTI_USER' };
    case 'AUTO_CLOSE':
    case 'AUTO_SHRINK':
      if (!on) return database;
      throw unsupported(`ALTER DATABASE ... SET ${change.name} ON`, statement.span);
    case 'AUTO_CREATE_STATISTICS':
    case 'AUTO_UPDATE_STATISTICS':
    case 'AUTO_UPDATE_STATISTICS_ASYNC':
      return database;
    default:
      throw unsupported(`ALTER DATABASE ... SET ${change.name}`, statement.span);
  }
}
