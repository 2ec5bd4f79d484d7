import { SqlError } from '../api.js';
import { PostgresError } from '../../postgres/wireMessages.js';
import { currentDatetime } from '../clock.js';
import type { LoginEntity } from '../catalog/entities.js';
import { saLoginId, serverRoles } from '../catalog/fixedEntities.js';
import type { AlterRoleStatement, LoginStatement } from '../../tsql/ast.js';
import type { Session } from '../session/session.js';
import { hasServerRole } from './access.js';
import { hashPassword } from './passwords.js';
import { principalMissing } from './principals.js';

/** Logins and server roles. They belong to the server, but take part in the session's transaction like the rest. */

function requireServerRole(session: Session, role: string): void {
  if (hasServerRole(session.login, role)) return;
  throw new SqlError(15247, 'User does not have permission to perform this action.');
}

export async function defineLogin(session: Session, statement: LoginStatement): Promise<void> {
  const isOwn = statement.action === 'alter' && session.catalog.login(statement.name)?.id === session.login.id;
  if (!isOwn) requireServerRole(session, 'securityadmin');
  if (statement.action === 'create') await createLogin(session, statement);
  else await alterLogin(session, statement);
}

async function createLogin(session: Session, statement: LoginStatement): Promise<void> {
  const { catalog } = session;
  if (catalog.login(statement.name) !== undefined) {
    throw loginExists(statement.name);
  }
  checkDefaultDatabase(session, statement.defaultDatabase);
  const login: LoginEntity = {
    kind: 'login',
    id: session.core.store.nextLoginId(),
    name: statement.name,
    type: 'S',
    passwordHash: hashPassword(statement.password ?? ''),
    defaultDatabase: statement.defaultDatabase ?? 'master',
    disabled: false,
    createDate: currentDatetime().toString(),
    roles: [],
  };
  try {
    await catalog.put(login);
  } catch (error) {
    // Another session has made it meanwhile.
    if (error instanceof PostgresError && error.code === '23505') throw loginExists(statement.name);
    throw error;
  }
}

function loginExists(name: string): SqlError {
  return new SqlError(15025, `The server principal '${name}' already exists.`);
}

async function alterLogin(session: Session, statement: LoginStatement): Promise<void> {
  const login = loginNamed(session, statement.name, 'alter');
  checkDefaultDatabase(session, statement.defaultDatabase);
  await session.catalog.put({
    ...login,
    name: statement.newName ?? login.name,
    passwordHash: statement.password === undefined ? login.passwordHash : hashPassword(statement.password),
    defaultDatabase: statement.defaultDatabase ?? login.defaultDatabase,
    disabled: statement.enable === undefined ? login.disabled : !statement.enable,
  });
}

function checkDefaultDatabase(session: Session, name: string | undefined): void {
  if (name === undefined || session.catalog.database(name) !== undefined) return;
  throw new SqlError(
    15010,
    `The database '${name}' does not exist. Supply a valid database name. To see available databases, use sys.databases.`,
  );
}

function loginNamed(session: Session, name: string, action: string): LoginEntity {
  const login = session.catalog.login(name);
  if (login?.type !== 'S') throw principalMissing(action, 'login', name);
  return login;
}

export async function dropLogin(session: Session, name: string, ifExists: boolean): Promise<void> {
  requireServerRole(session, 'securityadmin');
  if (ifExists && session.catalog.login(name) === undefined) return;
  const login = loginNamed(session, name, 'drop');
  if (login.id === saLoginId) throw new SqlError(15150, `Cannot drop the login '${name}'.`);
  for (const other of session.core.sessions.values()) {
    if (other !== session && other.facts.login.id === login.id) {
      throw new SqlError(15434, `Could not drop login '${name}' as the user is currently logged in.`);
    }
  }
  for (const database of session.catalog.ofKind('database')) {
    if (database.ownerLogin !== login.id) continue;
    throw new SqlError(
      15174,
      `Login '${name}' owns one or more database(s). Change the owner of the database(s) before dropping the login.`,
    );
  }
  await session.catalog.delete(login);
}

/** ALTER SERVER ROLE ... ADD | DROP MEMBER. */
export async function alterServerRole(session: Session, statement: AlterRoleStatement): Promise<void> {
  requireServerRole(session, 'sysadmin');
  const role = serverRoles[statement.role.toLowerCase()];
  if (role === undefined || statement.change === 'rename')
    throw principalMissing('alter', 'server role', statement.role);
  const login = loginNamed(session, statement.name, 'add');
  const roles = login.roles.filter((id) => id !== role);
  await session.catalog.put({ ...login, roles: statement.change === 'addMember' ? [...roles, role] : roles });
}
