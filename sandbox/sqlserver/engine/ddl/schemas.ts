import { SqlError } from '../api.js';
import { postgresSchema } from '../catalog/names.js';
import type { CreateSchemaStatement } from '../../tsql/ast.js';
import { hasPermission } from '../rights/access.js';
import type { Session } from '../session/session.js';
import { objectExists, permissionDeniedInDatabase } from './ddlErrors.js';

/** CREATE SCHEMA in the current database; the owner is the user that makes it unless AUTHORIZATION names another. */
export async function createSchema(session: Session, statement: CreateSchemaStatement): Promise<void> {
  const { catalog, database, user } = session;
  if (!hasPermission(catalog, user, 'CREATE SCHEMA', { databaseId: database.id })) {
    throw permissionDeniedInDatabase('CREATE SCHEMA', database.name);
  }
  if (catalog.schema(database.id, statement.name) !== undefined) throw objectExists(statement.name);
  const owner = statement.authorization === undefined ? user : catalog.principal(database.id, statement.authorization);
  if (owner === undefined) {
    throw new SqlError(
      15151,
      `Cannot find the user '${statement.authorization ?? ''}', because it does not exist or you do not have permission.`,
    );
  }
  let id = 5;
  while (catalog.schemaById(database.id, id) !== undefined) id += 1;
  await session.connection.execute(`create schema ${postgresSchema(database.name, statement.name)}`);
  await catalog.put({ kind: 'schema', databaseId: database.id, id, name: statement.name, ownerId: owner.id });
}

/** DROP SCHEMA: error 3729 while objects are in it. */
export async function dropSchema(session: Session, name: string, ifExists: boolean): Promise<void> {
  const { catalog, database } = session;
  const schema = catalog.schema(database.id, name);
  if (schema === undefined) {
    if (ifExists) return;
    throw new SqlError(
      15151,
      `Cannot drop the schema '${name}', because it does not exist or you do not have permission.`,
    );
  }
  if (schema.id <= 4) throw new SqlError(15150, `Cannot drop the schema '${name}'.`);
  if (!hasPermission(catalog, session.user, 'ALTER ANY SCHEMA', { databaseId: database.id })) {
    throw new SqlError(
      15151,
      `Cannot drop the schema '${name}', because it does not exist or you do not have permission.`,
    );
  }
  for (const object of catalog.objects(database.id)) {
    if (object.schemaId !== schema.id) continue;
    throw new SqlError(3729, `Cannot drop schema '${name}' because it is being referenced by object '${object.name}'.`);
  }
  await session.connection.execute(`drop schema ${postgresSchema(database.name, schema.name)}`);
  await catalog.delete(schema);
}
