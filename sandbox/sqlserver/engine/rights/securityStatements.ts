import { SqlError, type ResultSink } from '../api.js';
import type { SecurityStatement } from '../../tsql/ast.js';
import type { Session } from '../session/session.js';
import { uncommittable } from '../session/transactions.js';
import { alterDatabase, createDatabase, dropDatabase } from './databases.js';
import { alterServerRole, defineLogin, dropLogin } from './logins.js';
import { changePermissions } from './permissions.js';
import { alterRole, createRole, defineUser } from './principals.js';

/** Runs a statement about databases, logins, users, roles or permissions, all of it or nothing. */
export async function runSecurityStatement(
  session: Session,
  statement: SecurityStatement,
  sink: ResultSink,
): Promise<void> {
  if (session.transactions.state === -1) throw uncommittable();
  refuseInTransaction(session, statement);
  await session.transactions.atomic(session.settings.isolation, () => run(session, statement));
  session.rowCount = 0n;
  sink.statementDone(undefined, 'other');
}

/** Error 226: statements about databases stand alone. */
function refuseInTransaction(session: Session, statement: SecurityStatement): void {
  if (statement.kind !== 'createDatabase' && statement.kind !== 'alterDatabase') return;
  if (session.transactions.isOpen)
    throw notInTransaction(statement.kind === 'createDatabase' ? 'CREATE DATABASE' : 'ALTER DATABASE');
}

function notInTransaction(what: string): SqlError {
  return new SqlError(226, `${what} statement not allowed within multi-statement transaction.`, { state: 6 });
}

async function run(session: Session, statement: SecurityStatement): Promise<void> {
  switch (statement.kind) {
    case 'createDatabase':
      return createDatabase(session, statement);
    case 'alterDatabase':
      return alterDatabase(session, statement);
    case 'login':
      return defineLogin(session, statement);
    case 'user':
      return defineUser(session, statement);
    case 'createRole':
      return createRole(session, statement);
    case 'alterRole':
      return statement.server ? alterServerRole(session, statement) : alterRole(session, statement);
    case 'permission':
      return changePermissions(session, statement);
  }
}

/** DROP DATABASE, DROP LOGIN. */
export async function dropServerObjects(
  session: Session,
  kind: 'database' | 'login',
  names: readonly string[],
  ifExists: boolean,
): Promise<void> {
  if (kind === 'database' && session.transactions.isUsers) throw notInTransaction('DROP DATABASE');
  for (const name of names) {
    if (kind === 'database') await dropDatabase(session, name, ifExists);
    else await dropLogin(session, name, ifExists);
  }
}
