import type { Session } from '../../session/session.js';
import {
  bigint,
  bit,
  column,
  constant,
  datetime,
  int,
  smallint,
  sysname,
  text,
  tinyint,
  type SystemView,
  type SystemViewContext,
} from './definition.js';

/** Views of what runs now: their rows come from the engine's memory and stand in the text of the view. */

type Cell = string | number | null;

function literal(value: Cell): string {
  if (value === null) return 'null';
  if (typeof value === 'number') return String(value);
  const plain = value.replaceAll('\0', '').replaceAll("'", "''");
  return plain.includes('\\') ? ` E'${plain.replaceAll('\\', '\\\\')}'` : `'${plain}'`;
}

/** A VALUES list under an alias, empty lists too. `types` are PostgreSQL's. */
function rowsAs(alias: string, columns: Readonly<Record<string, string>>, rows: readonly (readonly Cell[])[]): string {
  const names = Object.keys(columns);
  const types = Object.values(columns);
  const empty = `select ${types.map((type) => `null::${type}`).join(', ')} where false`;
  const values = rows.map(
    (row) => `select ${row.map((cell, index) => `${literal(cell)}::${types[index] ?? 'text'}`).join(', ')}`,
  );
  return `(${[empty, ...values].join(' union all ')}) ${alias}(${names.join(', ')})`;
}

const daysBefore1970 = 25_567;

function datetimeUnits(moment: Date): number {
  return Math.round(((moment.getTime() + daysBefore1970 * 86_400_000) * 3) / 10);
}

const lockModes: Readonly<Record<string, string>> = {
  IntentShared: 'IS',
  Shared: 'S',
  Update: 'U',
  IntentExclusive: 'IX',
  Exclusive: 'X',
};

function visibleSessions({ session }: SystemViewContext): Session[] {
  return [...session.core.sessions.values()];
}

/** SQL Server's name of a statement: 'SELECT', 'WAITFOR', 'CREATE TABLE'. */
function commandOf(session: Session): string {
  const kind = session.statementKind ?? 'selectStatement';
  if (kind === 'selectStatement') return 'SELECT';
  if (kind === 'insertBulk') return 'BULK INSERT';
  return kind
    .replace(/[A-Z]/g, (letter) => ` ${letter}`)
    .toUpperCase()
    .slice(0, 32);
}

/** The session that holds the application lock that a session waits for; 0 when it waits for none. */
function applicationLockHolder(session: Session): number {
  const locks = session.core.applicationLocks.list();
  const waited = locks.find((lock) => !lock.granted && lock.spid === session.spid);
  const holder = locks.find(
    (lock) => lock.granted && lock.databaseId === waited?.databaseId && lock.resource === waited.resource,
  );
  return holder?.spid ?? 0;
}

/** Requests with the sessions that block them: of application locks as the engine knows, else as PostgreSQL does. */
function runningRequests(context: SystemViewContext): string {
  const sessions = visibleSessions(context);
  const backends = rowsAs(
    'k',
    { session_id: 'int2', pid: 'int4' },
    sessions.map((session) => [session.spid, session.connection.processId]),
  );
  const requests = rowsAs(
    'q',
    {
      session_id: 'int2',
      start_time: 'int8',
      command: 'text',
      database_id: 'int2',
      transactions: 'int4',
      pid: 'int4',
      holder: 'int2',
    },
    sessions
      .filter((session) => session.requestText !== undefined)
      .map((session) => [
        session.spid,
        datetimeUnits(new Date()),
        commandOf(session),
        session.database.id,
        session.transactions.count,
        session.connection.processId,
        applicationLockHolder(session),
      ]),
  );
  const blocker = `coalesce(nullif(q.holder, 0), (select k.session_id from ${backends} where k.pid = any (pg_blocking_pids(q.pid)) limit 1), 0::int2)`;
  return `(select b.*, case when b.blocker <> 0 then 'LCK_M_X' when b.command = 'WAITFOR' then 'WAITFOR' end wait_type
    from (select q.*, ${blocker} blocker from ${requests}) b) r`;
}

export const activityViews: readonly SystemView[] = [
  {
    schema: 'sys',
    name: 'dm_exec_sessions',
    volatile: true,
    columns: [
      column('session_id', smallint, 's.session_id', false),
      column('login_time', datetime, 's.login_time', false),
      column('host_name', sysname, 's.host_name'),
      column('program_name', sysname, 's.program_name'),
      constant('host_process_id', int, null),
      constant('client_interface_name', text(32), 'TDS'),
      column('login_name', sysname, 's.login_name', false),
      column('original_login_name', sysname, 's.login_name', false),
      column('status', text(30), 's.status', false),
      constant('is_user_process', bit, 1),
      column('database_id', smallint, 's.database_id', false),
      column('open_transaction_count', int, 's.transactions', false),
      column('transaction_isolation_level', smallint, 's.isolation', false),
      column('lock_timeout', int, 's.lock_timeout', false),
      column('deadlock_priority', int, 's.deadlock_priority', false),
      column('row_count', bigint, 's.row_count', false),
      column('last_request_start_time', datetime, 's.login_time', false),
      column('last_request_end_time', datetime, 's.login_time'),
    ],
    source: (context) =>
      rowsAs(
        's',
        {
          session_id: 'int2',
          login_time: 'int8',
          host_name: 'text',
          program_name: 'text',
          login_name: 'text',
          status: 'text',
          database_id: 'int2',
          transactions: 'int4',
          isolation: 'int2',
          lock_timeout: 'int4',
          deadlock_priority: 'int4',
          row_count: 'int8',
        },
        visibleSessions(context).map((session) => [
          session.spid,
          datetimeUnits(session.loginTime),
          session.facts.hostName,
          session.facts.applicationName,
          session.login.name,
          session.requestText === undefined ? 'sleeping' : 'running',
          session.database.id,
          session.transactions.isUsers ? session.transactions.count : 0,
          { readUncommitted: 1, readCommitted: 2, repeatableRead: 3, serializable: 4, snapshot: 5 }[
            session.settings.isolation
          ],
          session.settings.lockTimeout,
          session.settings.deadlockPriority,
          Number(session.rowCount),
        ]),
      ),
  },
  {
    schema: 'sys',
    name: 'dm_exec_requests',
    volatile: true,
    columns: [
      column('session_id', smallint, 'r.session_id', false),
      constant('request_id', int, 0),
      column('start_time', datetime, 'r.start_time', false),
      column('status', text(30), "case when r.wait_type is null then 'running' else 'suspended' end", false),
      column('command', text(32), 'r.command', false),
      column('database_id', smallint, 'r.database_id', false),
      column('open_transaction_count', int, 'r.transactions', false),
      column('blocking_session_id', smallint, 'r.blocker', false),
      column('wait_type', text(60), 'r.wait_type'),
      constant('percent_complete', { name: 'real' }, 0),
    ],
    source: runningRequests,
  },
  {
    schema: 'sys',
    name: 'dm_tran_locks',
    volatile: true,
    columns: [
      constant('resource_type', text(60), 'APPLICATION'),
      constant('resource_subtype', text(60), ''),
      column('resource_database_id', int, 'l.database_id', false),
      column('resource_description', text(256), "'0:[' || l.resource || ']:(00000000)'", false),
      constant('resource_associated_entity_id', bigint, 0),
      column('request_mode', text(60), 'l.mode', false),
      constant('request_type', text(60), 'LOCK'),
      column('request_status', text(60), 'l.status', false),
      column('request_session_id', int, 'l.session_id', false),
      column('request_owner_type', text(60), 'l.owner', false),
      constant('request_reference_count', smallint, 1),
      constant('request_lifetime', int, 0),
      constant('request_exec_context_id', int, 0),
      constant('request_request_id', int, 0),
      constant('resource_lock_partition', tinyint, 0),
    ],
    source: ({ session }) =>
      rowsAs(
        'l',
        { database_id: 'int4', resource: 'text', mode: 'text', status: 'text', session_id: 'int4', owner: 'text' },
        session.core.applicationLocks.list().map((lock) => [
          lock.databaseId,
          // Only the first 32 characters of an application lock's name are shown in clear.
          lock.resource.slice(0, 32),
          lockModes[lock.mode] ?? lock.mode,
          lock.granted ? 'GRANT' : 'WAIT',
          lock.spid,
          lock.owner === 'Session' ? 'SESSION' : 'TRANSACTION',
        ]),
      ),
  },
];
