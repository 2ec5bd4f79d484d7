import { SqlError } from '../api.js';
import type { PermissionEntity, PrincipalEntity } from '../catalog/entities.js';
import type { Permission, PermissionStatement } from '../../tsql/ast.js';
import { unsupported } from '../../tsql/unsupported.js';
import type { Session } from '../session/session.js';
import { sameName } from '../catalog/names.js';
import { invalidColumn } from '../translate/errors.js';
import { hasPermission, securableClass } from './access.js';
import { principalMissing } from './principals.js';

const objectPermissions = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'REFERENCES'];

const permissionsOfClass: Readonly<Record<'object' | 'schema' | 'database', readonly string[]>> = {
  object: [
    ...objectPermissions,
    'EXECUTE',
    'ALTER',
    'CONTROL',
    'VIEW DEFINITION',
    'TAKE OWNERSHIP',
    'VIEW CHANGE TRACKING',
  ],
  schema: [...objectPermissions, 'EXECUTE', 'ALTER', 'CONTROL', 'VIEW DEFINITION', 'TAKE OWNERSHIP', 'CREATE SEQUENCE'],
  database: [
    ...objectPermissions,
    'EXECUTE',
    'ALTER',
    'CONTROL',
    'CONNECT',
    'VIEW DEFINITION',
    'VIEW DATABASE STATE',
    'CREATE TABLE',
    'CREATE VIEW',
    'CREATE SCHEMA',
    'CREATE PROCEDURE',
    'CREATE FUNCTION',
    'CREATE ROLE',
    'ALTER ANY SCHEMA',
    'ALTER ANY USER',
    'ALTER ANY ROLE',
    'BACKUP DATABASE',
    'TAKE OWNERSHIP',
  ],
};

interface Target {
  readonly class: number;
  readonly databaseId: number;
  readonly majorId: number;
  readonly schemaId?: number;
  readonly kind: 'object' | 'schema' | 'database';
}

/** GRANT, DENY, REVOKE. */
export async function changePermissions(session: Session, statement: PermissionStatement): Promise<void> {
  const target = findTarget(session, statement);
  const grantees = statement.principals.map((name) => granteeNamed(session, target.databaseId, name));
  const wanted = statement.permissions.flatMap((permission) => expand(session, permission, target, statement));
  requireGrantRight(session, target);
  const permissions = session.catalog.permissions(target.databaseId);
  let entries = permissions.entries;
  for (const grantee of grantees) {
    for (const one of wanted) entries = changed(entries, statement, target, grantee, one, session.user.id);
  }
  await session.catalog.put({ ...permissions, entries });
}

function findTarget(session: Session, statement: PermissionStatement): Target {
  const { securable } = statement;
  const { database } = session;
  if (securable === undefined || securable.class === 'database') {
    if (securable !== undefined && session.databaseNamed(securable.name.object).id !== database.id) {
      throw new SqlError(
        15151,
        `Cannot find the database '${securable.name.object}', because it does not exist or you do not have permission.`,
      );
    }
    return { class: securableClass.database, kind: 'database', databaseId: database.id, majorId: 0 };
  }
  if (securable.class === 'schema') {
    const schema = session.catalog.schema(database.id, securable.name.object);
    if (schema === undefined) throw principalMissing('find', 'schema', securable.name.object);
    return {
      class: securableClass.schema,
      kind: 'schema',
      databaseId: database.id,
      majorId: schema.id,
      schemaId: schema.id,
    };
  }
  if (securable.class !== 'object') throw unsupported(`permissions on a ${securable.class}`, securable.span);
  const object = session.resolve(securable.name);
  if (object === undefined || object.databaseId !== database.id)
    throw principalMissing('find', 'object', securable.name.object);
  return {
    class: securableClass.object,
    kind: 'object',
    databaseId: database.id,
    majorId: object.objectId,
    schemaId: object.schemaId,
  };
}

function granteeNamed(session: Session, databaseId: number, name: string): PrincipalEntity {
  const principal = session.catalog.principal(databaseId, name);
  if (principal === undefined) throw principalMissing('find', 'user', name);
  if (
    principal.fixedRole ||
    principal.name === 'dbo' ||
    principal.name === 'sys' ||
    principal.name === 'INFORMATION_SCHEMA'
  ) {
    throw new SqlError(4617, 'Cannot grant, deny or revoke permissions to or from special roles.');
  }
  return principal;
}

/** One permission on the securable, or on a column of it. */
interface WantedPermission {
  readonly name: string;
  /** 0: the whole securable. */
  readonly columnId: number;
}

const columnPermissionNames = ['SELECT', 'UPDATE', 'REFERENCES'];

function expand(
  session: Session,
  permission: Permission,
  target: Target,
  statement: PermissionStatement,
): WantedPermission[] {
  const onAll = (names: readonly string[]) => names.map((name) => ({ name, columnId: 0 }));
  if (permission.columns.length > 0) return onColumns(session, permission, target, statement);
  if (permission.name === 'ALL')
    return onAll(target.kind === 'object' ? objectPermissions : permissionsOfClass.database.slice(9, 14));
  if (permissionsOfClass[target.kind].includes(permission.name)) return onAll([permission.name]);
  throw new SqlError(102, `Incorrect syntax near '${permission.name}'.`, { class: 15, line: statement.span.line });
}

/** Only SELECT, UPDATE and REFERENCES go by column ("GRANT Object Permissions"). Error 1020 for others. */
function onColumns(
  session: Session,
  permission: Permission,
  target: Target,
  statement: PermissionStatement,
): WantedPermission[] {
  const object = session.catalog.objectById(target.databaseId, target.majorId);
  if (target.kind !== 'object' || object === undefined || !columnPermissionNames.includes(permission.name)) {
    throw new SqlError(
      1020,
      'Sub-entity lists (such as column or security expressions) cannot be specified for entity-level permissions.',
      {
        class: 15,
        line: statement.span.line,
      },
    );
  }
  const collation = session.catalog.collationOf(target.databaseId);
  return permission.columns.map((written) => {
    const column = object.columns.find(({ name }) => sameName(name, written, collation));
    if (column === undefined) throw invalidColumn(written, statement.span);
    return { name: permission.name, columnId: column.id };
  });
}

/** Who may give a permission: those with CONTROL of the securable. */
function requireGrantRight(session: Session, target: Target): void {
  const securable = {
    databaseId: target.databaseId,
    ...(target.schemaId === undefined ? {} : { schemaId: target.schemaId }),
    ...(target.kind === 'object' ? { objectId: target.majorId } : {}),
  };
  if (hasPermission(session.catalog, session.user, 'CONTROL', securable)) return;
  throw new SqlError(4613, 'Grantor does not have GRANT permission.');
}

function changed(
  entries: readonly PermissionEntity[],
  statement: PermissionStatement,
  target: Target,
  grantee: PrincipalEntity,
  { name: permission, columnId: minorId }: WantedPermission,
  grantor: number,
): PermissionEntity[] {
  // What is said of the whole object takes the place of what was said of its columns.
  const same = (entry: PermissionEntity) =>
    entry.class === target.class &&
    entry.majorId === target.majorId &&
    (minorId === 0 || entry.minorId === minorId) &&
    entry.grantee === grantee.id &&
    entry.permission === permission;
  const others = entries.filter((entry) => !same(entry));
  if (statement.action === 'revoke') {
    if (!statement.grantOptionFor) return others;
    return entries.map((entry) =>
      same(entry) && entry.state === 'grantWithGrantOption' ? { ...entry, state: 'grant' } : entry,
    );
  }
  const state = statement.action === 'deny' ? 'deny' : statement.withGrantOption ? 'grantWithGrantOption' : 'grant';
  return [
    ...others,
    { class: target.class, majorId: target.majorId, minorId, grantee: grantee.id, grantor, permission, state },
  ];
}
