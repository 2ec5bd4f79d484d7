import type { Session } from '../session/session.js';
import type { ObjectUse } from '../translate/result.js';
import { cannotAccessDatabase, hasPermission, isSysadmin, permissionDenied, userIn } from './access.js';

/** Throws 229 if the session's user lacks a permission that the statement takes. */
export function checkUses(session: Session, uses: readonly ObjectUse[]): void {
  if (uses.length === 0 || isSysadmin(session.login)) return;
  // A trigger works on its owner's objects by ownership chaining; all objects belong to dbo here.
  if (session.frame?.trigger !== undefined) return;
  for (const { table, permission } of uses) {
    if (table.kind !== 'table' && table.kind !== 'view') continue;
    const database = session.databaseNamed(table.database);
    const user = userIn(session.catalog, session.login, database.id);
    if (user === undefined) throw cannotAccessDatabase(session.login.name, database.name);
    const schemaId = session.catalog.schema(database.id, table.schema)?.id;
    const securable = {
      databaseId: database.id,
      objectId: table.objectId,
      ...(schemaId === undefined ? {} : { schemaId }),
    };
    if (hasPermission(session.catalog, user, permission, securable)) continue;
    throw permissionDenied(permission, table.name, table.database, table.schema);
  }
}
