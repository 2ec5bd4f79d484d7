import { SqlError } from '../api.js';
import type { DatabaseEntity, SchemaEntity, TableEntity } from '../catalog/entities.js';
import { cannotAccessDatabase, hasPermission, userIn } from '../rights/access.js';
import type { Session } from '../session/session.js';
import type { ObjectName } from '../../tsql/ast.js';
import { unsupported } from '../../tsql/unsupported.js';
import { objectNotFound, permissionDeniedInDatabase, schemaMissing } from './ddlErrors.js';

/** A name as a user writes it. */
export function writtenName(name: Pick<ObjectName, 'database' | 'schema' | 'object'>): string {
  return [name.database, name.schema, name.object].filter((part) => part !== '').join('.');
}

/** The table of a name; throws `missing` (1088 by default) when there is none. */
export function tableNamed(session: Session, name: ObjectName, missing: 4902 | 4701 | 1088 = 1088): TableEntity {
  const found = session.resolve(name);
  if (found === undefined) throw objectNotFound(missing, writtenName(name));
  if (found.kind !== 'table') {
    throw new SqlError(4909, `Cannot alter '${found.name}' because it is not a table.`);
  }
  return found;
}

/** Throws 1088 unless the session's user may alter the table; temporary tables are everybody's own. */
export function requireAlter(session: Session, table: TableEntity, missing: 4902 | 4701 | 1088 = 1088): void {
  if (mayAlter(session, table)) return;
  throw objectNotFound(missing, table.name);
}

export function mayAlter(
  session: Session,
  table: Pick<TableEntity, 'databaseId' | 'schemaId' | 'objectId' | 'kind'>,
): boolean {
  if ((table as TableEntity).temporary !== undefined) return true;
  const user = userIn(session.catalog, session.login, table.databaseId);
  return user !== undefined && hasPermission(session.catalog, user, 'ALTER', table);
}

export interface NewObjectPlace {
  readonly database: DatabaseEntity;
  readonly schema: SchemaEntity;
}

/**
 * Database and schema in which an object of this name is to be made.
 * @param permission of the database: CREATE TABLE, CREATE VIEW
 */
export function placeOfNew(session: Session, name: ObjectName, permission: string): NewObjectPlace {
  if (name.server !== '') throw unsupported('four-part names', name.span);
  const database = session.databaseNamed(name.database);
  const { catalog, login } = session;
  const user = userIn(catalog, login, database.id);
  if (user === undefined) throw cannotAccessDatabase(login.name, database.name);
  if (!hasPermission(catalog, user, permission, { databaseId: database.id })) {
    throw permissionDeniedInDatabase(permission, database.name);
  }
  const schemaName = name.schema === '' ? (user.defaultSchema ?? 'dbo') : name.schema;
  const schema = catalog.schema(database.id, schemaName);
  const allowed =
    schema !== undefined && hasPermission(catalog, user, 'ALTER', { databaseId: database.id, schemaId: schema.id });
  if (schema === undefined || !allowed) throw schemaMissing(schemaName);
  if (schema.name === 'sys' || schema.name === 'INFORMATION_SCHEMA') throw schemaMissing(schemaName);
  return { database, schema };
}

/** True if the schema has an object, constraint or trigger of this name. */
export function nameIsTaken(session: Session, databaseId: number, schemaId: number, name: string): boolean {
  const { catalog } = session;
  return (
    catalog.object(databaseId, schemaId, name) !== undefined ||
    catalog.ownerOf(databaseId, schemaId, name) !== undefined
  );
}
