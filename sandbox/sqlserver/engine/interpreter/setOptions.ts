import { SqlError, type IsolationLevel } from '../api.js';
import type { SetIdentityInsertStatement, SetSwitch, SetSwitchStatement, SetValueStatement } from '../../tsql/ast.js';
import { unsupported } from '../../tsql/unsupported.js';
import { requireAlter, tableNamed } from '../ddl/tableLookup.js';
import type { Session } from '../session/session.js';
import type { SessionSettings } from '../session/settings.js';
import { evaluate } from './expressions.js';

type Switchable = {
  [Name in keyof SessionSettings]: SessionSettings[Name] extends boolean ? Name : never;
}[keyof SessionSettings];

/** Options with an effect or shown by @@OPTIONS. */
const effective: Partial<Record<SetSwitch, Switchable>> = {
  FMTONLY: 'formatOnly',
  NOCOUNT: 'noCount',
  XACT_ABORT: 'xactAbort',
  IMPLICIT_TRANSACTIONS: 'implicitTransactions',
  ANSI_WARNINGS: 'ansiWarnings',
  ANSI_PADDING: 'ansiPadding',
  ANSI_NULL_DFLT_ON: 'ansiNullDefaultOn',
  ARITHABORT: 'arithAbort',
  QUOTED_IDENTIFIER: 'quotedIdentifier',
  CONCAT_NULL_YIELDS_NULL: 'concatNullYieldsNull',
  NUMERIC_ROUNDABORT: 'numericRoundAbort',
};

/** The only value that the sandbox works with. */
const fixedValues: Partial<Record<SetSwitch, boolean>> = {
  ANSI_NULL_DFLT_OFF: false,
  ARITHIGNORE: false,
  CURSOR_CLOSE_ON_COMMIT: false,
  FORCEPLAN: false,
  NOEXEC: false,
  PARSEONLY: false,
  REMOTE_PROC_TRANSACTIONS: false,
  NUMERIC_ROUNDABORT: false,
  ANSI_DEFAULTS: true,
  ANSI_NULLS: true,
  ANSI_WARNINGS: true,
  ANSI_PADDING: true,
};

export function setSwitch(session: Session, statement: SetSwitchStatement): void {
  for (const option of statement.options) {
    const fixed = fixedValues[option];
    if (fixed !== undefined && fixed !== statement.on) {
      throw unsupported(`SET ${option} ${statement.on ? 'ON' : 'OFF'}`, statement.span);
    }
    if (option === 'ANSI_DEFAULTS') {
      session.settings = {
        ...session.settings,
        quotedIdentifier: true,
        implicitTransactions: true,
      };
      continue;
    }
    const name = effective[option];
    if (name !== undefined) session.settings = { ...session.settings, [name]: statement.on };
  }
}

const dateFormats = ['mdy', 'dmy', 'ymd', 'ydm', 'myd', 'dym'];
const englishNames = ['us_english', 'english'];

export async function setValue(session: Session, statement: SetValueStatement): Promise<void> {
  const { option } = statement;
  if (option === 'CONTEXT_INFO') {
    const value = await evaluate(session, statement.value, { name: 'varbinary', length: 128 });
    const info = Buffer.alloc(128);
    (value as Buffer | null)?.copy(info);
    session.contextInfo = info;
    return;
  }
  const value = await evaluate(session, statement.value);
  const number = Number(value);
  const text = String(value as string).toLowerCase();
  const change = (changes: Partial<SessionSettings>) => (session.settings = { ...session.settings, ...changes });
  switch (option) {
    case 'DATEFIRST':
      if (number < 1 || number > 7)
        throw new SqlError(2742, 'SET DATEFIRST specified an invalid first day of the week.');
      change({ dateFirst: number });
      return;
    case 'DATEFORMAT':
      if (!dateFormats.includes(text)) throw new SqlError(2741, `SET DATEFORMAT date order '${text}' is invalid.`);
      change({ dateFormat: text });
      return;
    case 'DEADLOCK_PRIORITY':
      change({ deadlockPriority: deadlockPriority(value, statement) });
      session.core.deadlocks.watch();
      return;
    case 'LANGUAGE':
      if (!englishNames.includes(text)) throw unsupported(`SET LANGUAGE ${text}`, statement.span);
      change({ language: 'us_english', dateFormat: 'mdy', dateFirst: 7 });
      return;
    case 'LOCK_TIMEOUT':
      change({ lockTimeout: number < 0 ? -1 : number });
      return;
    case 'ROWCOUNT':
      change({ rowCount: number });
      return;
    case 'TEXTSIZE':
      change({ textSize: number <= 0 ? 4096 : number });
      return;
  }
}

const namedPriorities: ReadonlyMap<unknown, number> = new Map([
  ['LOW', -5],
  ['NORMAL', 0],
  ['HIGH', 5],
]);

/** LOW, NORMAL, HIGH, or -10 to 10. No document gives the number of SQL Server's error for others. */
function deadlockPriority(value: unknown, statement: SetValueStatement): number {
  const named = typeof value === 'string' ? namedPriorities.get(value.toUpperCase()) : Number(value ?? NaN);
  if (named === undefined || !Number.isInteger(named) || Math.abs(named) > 10)
    throw unsupported('SET DEADLOCK_PRIORITY to anything but LOW, NORMAL, HIGH and -10 to 10', statement.span);
  return named;
}

/** SET IDENTITY_INSERT: one table of a session at a time (8107), which must have an identity column (8106). */
export function setIdentityInsert(session: Session, statement: SetIdentityInsertStatement): void {
  const table = tableNamed(session, statement.table);
  requireAlter(session, table);
  const { database, schema } = session.namesOf(table);
  const name = `${database}.${schema}.${table.name}`;
  if (!table.columns.some((column) => column.identity !== undefined)) {
    throw new SqlError(
      8106,
      `Table '${table.name}' does not have the identity property. Cannot perform SET operation.`,
    );
  }
  const current = session.identityInsertTable;
  const isCurrent = current?.objectId === table.objectId && current.databaseId === table.databaseId;
  if (!statement.on) {
    if (isCurrent) session.identityInsertTable = undefined;
    return;
  }
  const other = current === undefined ? undefined : session.tableById(current.databaseId, current.objectId);
  if (other !== undefined && !isCurrent) {
    const names = session.namesOf(other);
    throw new SqlError(
      8107,
      `IDENTITY_INSERT is already ON for table '${names.database}.${names.schema}.${other.name}'. Cannot perform SET operation for table '${name}'.`,
    );
  }
  session.identityInsertTable = { databaseId: table.databaseId, objectId: table.objectId };
}

const strictness: readonly IsolationLevel[] = ['readUncommitted', 'readCommitted', 'repeatableRead', 'serializable'];

/**
 * SET TRANSACTION ISOLATION LEVEL. A transaction that runs already keeps PostgreSQL's level, so inside of it only levels
 * that ask for no more are taken; the change to SNAPSHOT is an error there (3951), as in SQL Server.
 */
export async function setIsolationLevel(session: Session, level: IsolationLevel): Promise<void> {
  const running = session.transactions.isolation;
  if (running !== undefined && running !== level) {
    if (level === 'snapshot') {
      throw new SqlError(
        3951,
        `Transaction failed in database '${session.database.name}' because the statement was run under snapshot isolation but the transaction did not start in snapshot isolation. You cannot change the isolation level of the transaction to snapshot after the transaction has started unless the transaction was originally started under snapshot isolation level.`,
      );
    }
    if (running !== 'snapshot' && strictness.indexOf(level) > Math.max(1, strictness.indexOf(running))) {
      throw unsupported('a stricter isolation level inside a transaction');
    }
  }
  session.settings = { ...session.settings, isolation: level };
  return Promise.resolve();
}
