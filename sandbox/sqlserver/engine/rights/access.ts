import { SqlError } from '../api.js';
import type { CatalogView } from '../catalog/catalogView.js';
import type { LoginEntity, PermissionEntity, PrincipalEntity, TableEntity, ViewEntity } from '../catalog/entities.js';
import { dboId, fixedDatabaseRoles, publicRoleId, saLoginId, serverRoles } from '../catalog/fixedEntities.js';

/** Classes of securables in sys.database_permissions. */
export const securableClass = { database: 0, object: 1, schema: 3, principal: 4, server: 100 } as const;

/** What a permission at a securable, or above it, is implied by. */
const coveringPermissions: Readonly<Record<string, readonly string[]>> = {
  SELECT: ['CONTROL'],
  INSERT: ['CONTROL'],
  UPDATE: ['CONTROL'],
  DELETE: ['CONTROL'],
  REFERENCES: ['CONTROL'],
  EXECUTE: ['CONTROL'],
  ALTER: ['CONTROL'],
  'VIEW DEFINITION': ['CONTROL'],
  'TAKE OWNERSHIP': ['CONTROL'],
  'CREATE TABLE': ['ALTER', 'CONTROL'],
  'CREATE VIEW': ['ALTER', 'CONTROL'],
  'CREATE SCHEMA': ['ALTER ANY SCHEMA', 'ALTER', 'CONTROL'],
  'ALTER ANY SCHEMA': ['ALTER', 'CONTROL'],
  'ALTER ANY USER': ['ALTER', 'CONTROL'],
  'ALTER ANY ROLE': ['ALTER', 'CONTROL'],
  'VIEW DATABASE STATE': ['CONTROL'],
  CONNECT: ['CONTROL'],
};

export function isSysadmin(login: LoginEntity): boolean {
  return login.id === saLoginId || login.roles.includes(serverRoles['sysadmin'] ?? -1);
}

export function hasServerRole(login: LoginEntity, role: string): boolean {
  return isSysadmin(login) || login.roles.includes(serverRoles[role] ?? -1);
}

/** The database user that a login works as; undefined when it may not enter the database. */
export function userIn(catalog: CatalogView, login: LoginEntity, databaseId: number): PrincipalEntity | undefined {
  if (isSysadmin(login) || catalog.databaseById(databaseId)?.ownerLogin === login.id) {
    return catalog.principalById(databaseId, dboId);
  }
  for (const principal of catalog.ofKind('principal')) {
    if (principal.databaseId === databaseId && principal.loginId === login.id) return principal;
  }
  // guest may enter the system databases, and no others unless it is granted CONNECT there.
  const guestIsEnabled = databaseId <= 4 && databaseId !== 3;
  return guestIsEnabled ? catalog.principalById(databaseId, 2) : undefined;
}

/** The principal, the roles that it is a member of directly or through others, and public. */
export function principalIds(catalog: CatalogView, principal: PrincipalEntity): Set<number> {
  const ids = new Set<number>([publicRoleId]);
  const visit = (id: number) => {
    if (ids.has(id) && id !== publicRoleId) return;
    ids.add(id);
    for (const role of catalog.principalById(principal.databaseId, id)?.roles ?? []) visit(role);
  };
  visit(principal.id);
  return ids;
}

export interface Securable {
  readonly databaseId: number;
  /** Undefined: the database itself. */
  readonly schemaId?: number;
  /** Undefined: the schema, or the database. */
  readonly objectId?: number;
}

const roleGrants: Readonly<Record<string, readonly string[]>> = {
  db_datareader: ['SELECT'],
  db_datawriter: ['INSERT', 'UPDATE', 'DELETE'],
  db_ddladmin: [
    'ALTER',
    'REFERENCES',
    'CREATE TABLE',
    'CREATE VIEW',
    'CREATE SCHEMA',
    'ALTER ANY SCHEMA',
    'VIEW DEFINITION',
  ],
  db_accessadmin: ['ALTER ANY USER', 'CREATE SCHEMA'],
  db_securityadmin: ['ALTER ANY ROLE', 'CREATE SCHEMA', 'VIEW DEFINITION'],
};

const roleDenials: Readonly<Record<string, readonly string[]>> = {
  db_denydatareader: ['SELECT'],
  db_denydatawriter: ['INSERT', 'UPDATE', 'DELETE'],
};

/** True if the principal has the permission on the securable: a DENY anywhere outweighs every grant. */
export function hasPermission(
  catalog: CatalogView,
  principal: PrincipalEntity,
  permission: string,
  securable: Securable,
): boolean {
  if (principal.id === dboId) return true;
  const ids = principalIds(catalog, principal);
  if (ids.has(fixedDatabaseRoles['db_owner'] ?? -1)) return true;
  const held = (roles: Readonly<Record<string, readonly string[]>>) =>
    Object.entries(roles).some(
      ([role, names]) => ids.has(fixedDatabaseRoles[role] ?? -1) && names.includes(permission),
    );
  if (held(roleDenials)) return false;
  const entries = catalog
    .permissions(securable.databaseId)
    .entries.filter((entry) => ids.has(entry.grantee) && applies(entry, securable) && covers(entry, permission));
  if (entries.some((entry) => entry.state === 'deny')) return false;
  if (held(roleGrants) || entries.length > 0) return true;
  const schema =
    securable.schemaId === undefined ? undefined : catalog.schemaById(securable.databaseId, securable.schemaId);
  return schema !== undefined && ids.has(schema.ownerId);
}

function applies(entry: PermissionEntity, securable: Securable): boolean {
  switch (entry.class) {
    case securableClass.database:
      return true;
    case securableClass.schema:
      return entry.majorId === securable.schemaId;
    case securableClass.object:
      return entry.majorId === securable.objectId && entry.minorId === 0;
    default:
      return false;
  }
}

/** Identifiers of the columns that the principal has, or is denied, a permission on by an entry of their own. */
export function columnPermissions(
  catalog: CatalogView,
  principal: PrincipalEntity,
  permission: string,
  securable: Securable,
): { readonly granted: ReadonlySet<number>; readonly denied: ReadonlySet<number> } {
  const granted = new Set<number>();
  const denied = new Set<number>();
  const entries = catalog
    .permissions(securable.databaseId)
    .entries.filter((entry) => entry.minorId !== 0 && entry.majorId === securable.objectId);
  if (principal.id === dboId || entries.length === 0) return { granted, denied };
  const ids = principalIds(catalog, principal);
  if (ids.has(fixedDatabaseRoles['db_owner'] ?? -1)) return { granted, denied };
  for (const { grantee, permission: name, state, minorId } of entries) {
    if (name === permission && ids.has(grantee)) (state === 'deny' ? denied : granted).add(minorId);
  }
  for (const id of denied) granted.delete(id);
  return { granted, denied };
}

function covers(entry: PermissionEntity, permission: string): boolean {
  if (entry.permission === permission) return true;
  return (coveringPermissions[permission] ?? ['CONTROL']).includes(entry.permission);
}

/** Metadata visibility: an object is seen by those who own it or have any permission on it or on one of its columns. */
export function canSee(catalog: CatalogView, principal: PrincipalEntity, object: TableEntity | ViewEntity): boolean {
  const securable = { databaseId: object.databaseId, schemaId: object.schemaId, objectId: object.objectId };
  return (
    ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'REFERENCES', 'ALTER', 'VIEW DEFINITION', 'EXECUTE', 'CONTROL'].some(
      (permission) => hasPermission(catalog, principal, permission, securable),
    ) || isGrantedColumn(catalog, principal, object)
  );
}

function isGrantedColumn(
  catalog: CatalogView,
  principal: PrincipalEntity,
  { databaseId, objectId }: TableEntity | ViewEntity,
): boolean {
  const entries = catalog
    .permissions(databaseId)
    .entries.filter((entry) => entry.minorId !== 0 && entry.majorId === objectId && entry.state !== 'deny');
  if (entries.length === 0) return false;
  const ids = principalIds(catalog, principal);
  return entries.some(({ grantee }) => ids.has(grantee));
}

/** Error 229. */
export function permissionDenied(permission: string, object: string, database: string, schema: string): SqlError {
  return new SqlError(
    229,
    `The ${permission} permission was denied on the object '${object}', database '${database}', schema '${schema}'.`,
    { class: 14, state: 5 },
  );
}

/** Error 230. */
export function columnPermissionDenied(
  column: string,
  permission: string,
  object: string,
  database: string,
  schema: string,
): SqlError {
  return new SqlError(
    230,
    `The ${permission} permission was denied on the column '${column}' of the object '${object}', database '${database}', schema '${schema}'.`,
    { class: 14 },
  );
}

/** Error 916. */
export function cannotAccessDatabase(login: string, database: string): SqlError {
  return new SqlError(
    916,
    `The server principal "${login}" is not able to access the database "${database}" under the current security context.`,
    { class: 14, state: 2 },
  );
}
