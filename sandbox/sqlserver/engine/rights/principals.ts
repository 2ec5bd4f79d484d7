import { SqlError } from '../api.js';
import { currentDatetime } from '../clock.js';
import type { PrincipalEntity } from '../catalog/entities.js';
import type { AlterRoleStatement, CreateRoleStatement, UserStatement } from '../../tsql/ast.js';
import type { Session } from '../session/session.js';
import { hasPermission } from './access.js';

/** Users, roles and role membership of the current database. */

export function requireDatabasePermission(session: Session, permission: string): void {
  if (hasPermission(session.catalog, session.user, permission, { databaseId: session.database.id })) return;
  throw new SqlError(15247, 'User does not have permission to perform this action.');
}

export function principalMissing(action: string, kind: string, name: string): SqlError {
  return new SqlError(
    15151,
    `Cannot ${action} the ${kind} '${name}', because it does not exist or you do not have permission.`,
  );
}

export async function defineUser(session: Session, statement: UserStatement): Promise<void> {
  requireDatabasePermission(session, 'ALTER ANY USER');
  if (statement.action === 'create') await createUser(session, statement);
  else await alterUser(session, statement);
}

async function createUser(session: Session, statement: UserStatement): Promise<void> {
  const { catalog, database } = session;
  const { name } = statement;
  if (catalog.principal(database.id, name) !== undefined) {
    throw new SqlError(15023, `User, group, or role '${name}' already exists in the current database.`);
  }
  const login = statement.withoutLogin ? undefined : catalog.login(statement.login ?? name);
  if (!statement.withoutLogin && login === undefined) {
    throw new SqlError(15007, `'${statement.login ?? name}' is not a valid login or you do not have permission.`);
  }
  for (const principal of catalog.ofKind('principal')) {
    if (principal.databaseId !== database.id || login === undefined || principal.loginId !== login.id) continue;
    throw new SqlError(15063, 'The login already has an account under a different user name.');
  }
  await catalog.put({
    kind: 'principal',
    databaseId: database.id,
    id: nextPrincipalId(session),
    name,
    type: 'S',
    fixedRole: false,
    defaultSchema: statement.defaultSchema ?? 'dbo',
    loginId: login?.id ?? null,
    owningPrincipal: null,
    createDate: currentDatetime().toString(),
    roles: [],
  });
}

async function alterUser(session: Session, statement: UserStatement): Promise<void> {
  const { catalog, database } = session;
  const user = catalog.principal(database.id, statement.name);
  if (user === undefined || user.type !== 'S') throw principalMissing('alter', 'user', statement.name);
  const login = statement.login === undefined ? undefined : catalog.login(statement.login);
  if (statement.login !== undefined && login === undefined) {
    throw new SqlError(15007, `'${statement.login}' is not a valid login or you do not have permission.`);
  }
  await catalog.put({
    ...user,
    name: statement.newName ?? user.name,
    defaultSchema: statement.defaultSchema ?? user.defaultSchema,
    loginId: login?.id ?? user.loginId,
  });
}

function nextPrincipalId(session: Session): number {
  let id = 5;
  while (session.catalog.principalById(session.database.id, id) !== undefined) id += 1;
  return id;
}

export async function createRole(session: Session, statement: CreateRoleStatement): Promise<void> {
  requireDatabasePermission(session, 'ALTER ANY ROLE');
  const { catalog, database } = session;
  if (catalog.principal(database.id, statement.name) !== undefined) {
    throw new SqlError(15023, `User, group, or role '${statement.name}' already exists in the current database.`);
  }
  const owner =
    statement.authorization === undefined ? session.user : catalog.principal(database.id, statement.authorization);
  if (owner === undefined) throw principalMissing('find', 'principal', statement.authorization ?? '');
  await catalog.put({
    kind: 'principal',
    databaseId: database.id,
    id: nextPrincipalId(session),
    name: statement.name,
    type: 'R',
    fixedRole: false,
    defaultSchema: null,
    loginId: null,
    owningPrincipal: owner.id,
    createDate: currentDatetime().toString(),
    roles: [],
  });
}

/** ALTER ROLE. */
export async function alterRole(session: Session, statement: AlterRoleStatement): Promise<void> {
  if (statement.change === 'rename') {
    requireDatabasePermission(session, 'ALTER ANY ROLE');
    const role = session.catalog.principal(session.database.id, statement.role);
    if (role?.type !== 'R' || role.fixedRole) throw principalMissing('alter', 'role', statement.role);
    await session.catalog.put({ ...role, name: statement.name });
    return;
  }
  await changeRoleMember(session, statement.role, statement.name, statement.change === 'addMember');
}

export async function changeRoleMember(
  session: Session,
  roleName: string,
  memberName: string,
  add: boolean,
): Promise<void> {
  const { catalog, database } = session;
  const role = catalog.principal(database.id, roleName);
  const isOwner = hasPermission(catalog, session.user, 'CONTROL', { databaseId: database.id });
  // Members of db_securityadmin may change roles of their database's own making, not the fixed ones.
  const allowed =
    isOwner ||
    (role?.fixedRole === false && hasPermission(catalog, session.user, 'ALTER ANY ROLE', { databaseId: database.id }));
  if (role?.type !== 'R' || !allowed) throw principalMissing('alter', 'role', roleName);
  const member = catalog.principal(database.id, memberName);
  if (member === undefined) throw principalMissing('add', 'principal', memberName);
  if (member.name === 'dbo') throw new SqlError(15405, `Cannot use the special principal 'dbo'.`);
  const roles = member.roles.filter((id) => id !== role.id);
  await catalog.put({ ...member, roles: add ? [...roles, role.id] : roles });
}

export async function dropPrincipal(
  session: Session,
  kind: 'user' | 'role',
  name: string,
  ifExists: boolean,
): Promise<void> {
  requireDatabasePermission(session, kind === 'user' ? 'ALTER ANY USER' : 'ALTER ANY ROLE');
  const { catalog, database } = session;
  const principal = catalog.principal(database.id, name);
  if (principal === undefined || (principal.type === 'R') !== (kind === 'role')) {
    if (ifExists) return;
    throw principalMissing('drop', kind, name);
  }
  if (principal.id < 5 || principal.fixedRole) throw new SqlError(15150, `Cannot drop the ${kind} '${name}'.`);
  checkDroppable(session, principal);
  const permissions = catalog.permissions(database.id);
  await catalog.put({
    ...permissions,
    entries: permissions.entries.filter((entry) => entry.grantee !== principal.id),
  });
  await catalog.delete(principal);
}

function checkDroppable(session: Session, principal: PrincipalEntity): void {
  const { catalog, database } = session;
  for (const schema of catalog.ofKind('schema')) {
    if (schema.databaseId !== database.id || schema.ownerId !== principal.id) continue;
    throw new SqlError(15138, 'The database principal owns a schema in the database, and cannot be dropped.');
  }
  for (const other of catalog.ofKind('principal')) {
    if (other.databaseId !== database.id || !other.roles.includes(principal.id)) continue;
    throw new SqlError(15144, 'The role has members. It must be empty before it can be dropped.');
  }
}
