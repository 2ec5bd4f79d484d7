import type { Session } from '../session/session.js';
import type { ObjectUse } from '../translate/result.js';
import {
  cannotAccessDatabase,
  columnPermissionDenied,
  columnPermissions,
  hasPermission,
  isSysadmin,
  permissionDenied,
  userIn,
} from './access.js';

/** Throws 229, or 230 for a column, if the session's user lacks a permission that the statement takes. */
export function checkUses(session: Session, uses: readonly ObjectUse[]): void {
  if (uses.length === 0 || isSysadmin(session.login)) return;
  // A trigger works on its owner's objects by ownership chaining; all objects belong to dbo here.
  if (session.frame?.trigger !== undefined) return;
  for (const { table, permission, columns } of uses) {
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
    const rights = columnPermissions(session.catalog, user, permission, securable);
    const names = [permission, table.name, table.database, table.schema] as const;
    if (hasPermission(session.catalog, user, permission, securable)) {
      const denied = [...columns].find((column) => rights.denied.has(column.columnId));
      if (denied !== undefined) throw columnPermissionDenied(denied.name, ...names);
      continue;
    }
    // Grants of columns help who lacks the right on the table and is not denied it.
    if (rights.granted.size === 0) throw permissionDenied(...names);
    const missing = [...columns].find((column) => !rights.granted.has(column.columnId));
    if (missing !== undefined) throw columnPermissionDenied(missing.name, ...names);
  }
}
