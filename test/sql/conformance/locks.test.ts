import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testServer, untilRequest, useDatabase } from '../../support/sqlServer.js';
import type { SqlSession } from '../../support/sqlSession.js';

const database = useDatabase();
const snapshotDatabase = useDatabase({ allowSnapshotIsolation: true });
let first: SqlSession;
let second: SqlSession;

beforeAll(async () => {
  first = await database.connect();
  second = await database.connect();
  await first.batch(
    'CREATE TABLE dbo.t (id int NOT NULL PRIMARY KEY, a int NOT NULL); INSERT INTO dbo.t VALUES (1, 0), (2, 0)',
  );
});

beforeEach(async () => {
  for (const session of [first, second]) await session.batch('IF @@TRANCOUNT > 0 ROLLBACK; SET LOCK_TIMEOUT -1');
});

/** Return code of sp_getapplock. */
const getLock = async (session: SqlSession, resource: string, mode: string, owner = 'Session', timeout = 0) => {
  const { results } = await session.run(
    `DECLARE @r int; EXEC @r = sp_getapplock @Resource = N'${resource}', @LockMode = N'${mode}', @LockOwner = N'${owner}',
       @LockTimeout = ${timeout}; SELECT @r`,
  );
  return results.at(-1)?.rows[0]?.[0];
};

const releaseLock = async (session: SqlSession, resource: string, owner = 'Session') => {
  const { results } = await session.run(
    `DECLARE @r int; EXEC @r = sp_releaseapplock @Resource = N'${resource}', @LockOwner = N'${owner}'; SELECT @r`,
  );
  return results.at(-1)?.rows[0]?.[0];
};

describe('sp_getapplock (Transact-SQL), sp_releaseapplock (Transact-SQL)', () => {
  it('0: granted at once; -1: not granted within the time-out', async () => {
    expect(await getLock(first, 'a', 'Exclusive')).toBe(0);
    expect(await getLock(second, 'a', 'Exclusive')).toBe(-1);
    expect(await getLock(second, 'a', 'Shared')).toBe(-1);
    expect(await releaseLock(first, 'a')).toBe(0);
    expect(await getLock(second, 'a', 'Exclusive')).toBe(0);
    await releaseLock(second, 'a');
  });

  it('shared locks go together, and not with an exclusive one', async () => {
    expect(await getLock(first, 's', 'Shared')).toBe(0);
    expect(await getLock(second, 's', 'Shared')).toBe(0);
    expect(await getLock(second, 's', 'Exclusive')).toBe(-1);
    await releaseLock(first, 's');
    await releaseLock(second, 's');
  });

  it('1: granted after others gave it back', async () => {
    const observer = await database.connect();
    const spid = Number(await second.value('SELECT @@SPID'));
    await getLock(first, 'w', 'Exclusive');
    const waiting = getLock(second, 'w', 'Exclusive', 'Session', 20_000);
    await untilRequest(observer, spid, 'blocking_session_id <> 0');
    await releaseLock(first, 'w');
    expect(await waiting).toBe(1);
    await releaseLock(second, 'w');
    await observer.close();
  });

  it('a lock asked for twice is given back twice', async () => {
    await getLock(first, 'twice', 'Exclusive');
    await getLock(first, 'twice', 'Exclusive');
    await releaseLock(first, 'twice');
    expect(await getLock(second, 'twice', 'Exclusive')).toBe(-1);
    await releaseLock(first, 'twice');
    expect(await getLock(second, 'twice', 'Exclusive')).toBe(0);
    await releaseLock(second, 'twice');
  });

  it('-999: a transaction as owner outside of a transaction, and a lock that is not held', async () => {
    expect(await getLock(first, 'x', 'Exclusive', 'Transaction')).toBe(-999);
    expect(await releaseLock(first, 'never taken')).toBe(-999);
  });

  it.each(['COMMIT', 'ROLLBACK'])('a lock of the transaction ends with %s', async (end) => {
    await first.batch('BEGIN TRAN');
    expect(await getLock(first, 't', 'Exclusive', 'Transaction')).toBe(0);
    expect(await getLock(second, 't', 'Exclusive')).toBe(-1);
    await first.batch(end);
    expect(await getLock(second, 't', 'Exclusive')).toBe(0);
    await releaseLock(second, 't');
  });

  it('a lock of the session outlives a rollback and ends with the session', async () => {
    const other = await database.connect();
    await other.batch('BEGIN TRAN');
    await getLock(other, 'o', 'Exclusive');
    await other.batch('ROLLBACK');
    expect(await getLock(first, 'o', 'Exclusive')).toBe(-1);
    await other.close();
    expect(await getLock(first, 'o', 'Exclusive', 'Session', 20_000)).toBeGreaterThanOrEqual(0);
    await releaseLock(first, 'o');
  });

  it('-3: chosen as a deadlock victim', async () => {
    const observer = await database.connect();
    const spid = Number(await second.value('SELECT @@SPID'));
    await getLock(first, 'd1', 'Exclusive');
    await getLock(second, 'd2', 'Exclusive');
    const waiting = getLock(second, 'd1', 'Exclusive', 'Session', 60_000);
    await untilRequest(observer, spid, 'blocking_session_id <> 0');
    const outcomes = await Promise.all([
      getLock(first, 'd2', 'Exclusive', 'Session', 60_000).then(async (code) => {
        if (code === -3) await releaseLock(first, 'd1');
        return code;
      }),
      waiting.then(async (code) => {
        if (code === -3) await releaseLock(second, 'd2');
        return code;
      }),
    ]);
    expect([...outcomes].sort()).toEqual([-3, 1]);
    for (const session of [first, second]) for (const name of ['d1', 'd2']) await releaseLock(session, name);
    await observer.close();
  });

  it('APPLOCK_MODE and APPLOCK_TEST tell what is held and what could be', async () => {
    await getLock(first, 'm', 'Exclusive');
    expect(await first.value("SELECT APPLOCK_MODE('public', 'm', 'Session')")).toBe('Exclusive');
    expect(await second.value("SELECT APPLOCK_TEST('public', 'm', 'Shared', 'Session')")).toBe(0);
    await releaseLock(first, 'm');
    expect(await first.value("SELECT APPLOCK_MODE('public', 'm', 'Session')")).toBe('NoLock');
    expect(await second.value("SELECT APPLOCK_TEST('public', 'm', 'Shared', 'Session')")).toBe(1);
  });

  it('belongs to its database', async () => {
    const elsewhere = await snapshotDatabase.connect();
    await getLock(first, 'db', 'Exclusive');
    expect(await getLock(elsewhere, 'db', 'Exclusive')).toBe(0);
    await elsewhere.close();
    await releaseLock(first, 'db');
  });
});

describe('SET LOCK_TIMEOUT (Transact-SQL)', () => {
  it('1222 ends the statement; the transaction stays open', async () => {
    await first.batch('BEGIN TRAN; UPDATE dbo.t SET a = 1 WHERE id = 1');
    const { errors, results } = await second.run(
      'SET LOCK_TIMEOUT 50; BEGIN TRAN; UPDATE dbo.t SET a = 5 WHERE id = 2; UPDATE dbo.t SET a = 2 WHERE id = 1; SELECT @@TRANCOUNT',
    );
    expect(errors.map((error) => error.number)).toEqual([1222]);
    expect(results.at(-1)?.rows).toEqual([[1]]);
    await second.batch('ROLLBACK');
    await first.batch('ROLLBACK');
  });

  it('0 does not wait at all', async () => {
    await first.batch('BEGIN TRAN; UPDATE dbo.t SET a = 1 WHERE id = 1');
    expect(await second.errorNumber('SET LOCK_TIMEOUT 0; UPDATE dbo.t SET a = 2 WHERE id = 1')).toBe(1222);
    await first.batch('ROLLBACK');
  });
});

describe('Deadlocks guide, SET DEADLOCK_PRIORITY (Transact-SQL)', () => {
  it.each(['LOW', 'NORMAL', 'HIGH', '-10', '10', '@text', '@number'])('a priority may be %s', async (priority) => {
    const text = `DECLARE @text nvarchar(12) = N'low', @number int = 7; SET DEADLOCK_PRIORITY ${priority}`;
    const session = await database.connect();
    expect(await session.errorNumber(text)).toBeUndefined();
    await session.close();
  });

  it.each(['-11', '11', 'MIDDLE', '@text', '@number'])('a priority of %s is refused', async (priority) => {
    const text = `DECLARE @text nvarchar(12) = N'middle', @number int = 11; SET DEADLOCK_PRIORITY ${priority}`;
    const session = await database.connect();
    expect(await session.errorNumber(text)).toBeDefined();
    await session.close();
  });

  it('1205 rolls the victim back, which is the session of LOW priority', async () => {
    const observer = await database.connect();
    const spid = Number(await first.value('SELECT @@SPID'));
    await first.batch('SET DEADLOCK_PRIORITY NORMAL; BEGIN TRAN; UPDATE dbo.t SET a = 1 WHERE id = 1');
    await second.batch('SET DEADLOCK_PRIORITY LOW; BEGIN TRAN; UPDATE dbo.t SET a = 2 WHERE id = 2');
    const survivor = first.run('UPDATE dbo.t SET a = 1 WHERE id = 2');
    await untilRequest(observer, spid, 'blocking_session_id <> 0');
    const victim = await second.run('UPDATE dbo.t SET a = 2 WHERE id = 1; SELECT 1 AS after');
    expect(victim.errors[0]).toMatchObject({ number: 1205, class: 13 });
    expect(victim.results).toHaveLength(0);
    expect(await second.value('SELECT @@TRANCOUNT')).toBe(0);
    expect((await survivor).errors).toEqual([]);
    await first.batch('COMMIT');
    expect(await first.rows('SELECT a FROM dbo.t ORDER BY id')).toEqual([[1], [1]]);
    await second.batch('SET DEADLOCK_PRIORITY NORMAL');
    await observer.close();
  });
});

describe('Table Hints (Transact-SQL)', () => {
  it('UPDLOCK holds rows against writers until the transaction ends', async () => {
    await first.batch('BEGIN TRAN; SELECT a FROM dbo.t WITH (UPDLOCK) WHERE id = 1');
    expect(await second.errorNumber('SET LOCK_TIMEOUT 0; UPDATE dbo.t SET a = 2 WHERE id = 1')).toBe(1222);
    expect(await second.errorNumber('SET LOCK_TIMEOUT 0; SELECT a FROM dbo.t WITH (UPDLOCK) WHERE id = 1')).toBe(1222);
    expect(await second.errorNumber('SET LOCK_TIMEOUT 0; UPDATE dbo.t SET a = 2 WHERE id = 2')).toBeUndefined();
    await first.batch('ROLLBACK');
  });

  it('READPAST leaves out rows that others hold', async () => {
    await first.batch('BEGIN TRAN; SELECT a FROM dbo.t WITH (UPDLOCK, ROWLOCK) WHERE id = 1');
    expect(
      await second.rows('BEGIN TRAN; SELECT id FROM dbo.t WITH (UPDLOCK, READPAST, ROWLOCK) ORDER BY id; ROLLBACK'),
    ).toEqual([[2]]);
    await first.batch('ROLLBACK');
  });

  it('TABLOCKX with HOLDLOCK holds the table', async () => {
    await first.batch('BEGIN TRAN; SELECT COUNT(*) FROM dbo.t WITH (TABLOCKX, HOLDLOCK)');
    expect(await second.errorNumber('SET LOCK_TIMEOUT 0; INSERT INTO dbo.t VALUES (9, 9)')).toBe(1222);
    await first.batch('ROLLBACK');
  });

  it('NOLOCK does not wait for writers', async () => {
    await first.batch('BEGIN TRAN; UPDATE dbo.t SET a = 1 WHERE id = 1');
    expect(await second.errorNumber('SET LOCK_TIMEOUT 0; SELECT COUNT(*) FROM dbo.t WITH (NOLOCK)')).toBeUndefined();
    await first.batch('ROLLBACK');
  });
});

describe('Table Hints (Transact-SQL): what does not go together', () => {
  it.each([
    [1065, 'DELETE FROM dbo.t WITH (NOLOCK) WHERE 1 = 0'],
    [1065, 'UPDATE dbo.t WITH (READUNCOMMITTED) SET a = 1 WHERE 1 = 0'],
    [1047, 'SELECT a FROM dbo.t WITH (NOLOCK, HOLDLOCK)'],
    [1047, 'SELECT a FROM dbo.t WITH (ROWLOCK, TABLOCK)'],
    [1047, 'SELECT a FROM dbo.t WITH (UPDLOCK, NOLOCK)'],
    [1047, 'SELECT a FROM dbo.t WITH (UPDLOCK, XLOCK)'],
    [650, 'SELECT a FROM dbo.t WITH (READPAST, HOLDLOCK)'],
    [650, 'SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; SELECT a FROM dbo.t WITH (READPAST)'],
    [undefined, 'SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; SELECT a FROM dbo.t WITH (READPAST, READCOMMITTEDLOCK)'],
    [4102, 'INSERT INTO dbo.t WITH (READPAST) SELECT 1, 1 WHERE 1 = 0'],
    [1069, 'UPDATE dbo.t WITH (INDEX (1)) SET a = 1 WHERE 1 = 0'],
    [308, 'SELECT a FROM dbo.t WITH (INDEX (no_such_index))'],
    [307, 'SELECT a FROM dbo.t WITH (INDEX (9))'],
    [undefined, 'SELECT a FROM dbo.t WITH (INDEX (0))'],
    [321, 'SELECT a FROM dbo.t WITH (NO_SUCH_HINT)'],
  ])('error %s: %s', async (number, statement) => {
    const other = await database.connect();
    expect(await other.errorNumber(statement)).toBe(number);
    await other.close();
  });

  it('NOLOCK in FROM is ignored for the target of UPDATE and DELETE; UPDLOCK, HOLDLOCK and ROWLOCK go together', async () => {
    const other = await database.connect();
    for (const statement of [
      'UPDATE x SET a = a FROM dbo.t AS x WITH (NOLOCK) WHERE 1 = 0',
      'DELETE FROM x FROM dbo.t AS x WITH (NOLOCK) WHERE 1 = 0',
      'SELECT a FROM dbo.t WITH (UPDLOCK, HOLDLOCK, ROWLOCK) WHERE 1 = 0',
    ]) {
      expect([statement, await other.errorNumber(statement)]).toEqual([statement, undefined]);
    }
    await other.close();
  });
});

describe('SET TRANSACTION ISOLATION LEVEL (Transact-SQL): SNAPSHOT', () => {
  it('3952: a database that does not allow it', async () => {
    const other = await database.connect();
    await other.batch('SET TRANSACTION ISOLATION LEVEL SNAPSHOT');
    expect(await other.errorNumber('SELECT COUNT(*) FROM dbo.t')).toBe(3952);
    await other.close();
  });

  it('sees the data as of its start, and 3960 when it changes rows changed since', async () => {
    const reader = await snapshotDatabase.connect();
    const writer = await snapshotDatabase.connect();
    await writer.batch(
      'CREATE TABLE dbo.s (id int NOT NULL PRIMARY KEY, a int NOT NULL); INSERT INTO dbo.s VALUES (1, 1)',
    );
    await reader.batch('SET TRANSACTION ISOLATION LEVEL SNAPSHOT; BEGIN TRAN; SELECT COUNT(*) FROM dbo.s');
    await writer.batch('UPDATE dbo.s SET a = 2; INSERT INTO dbo.s VALUES (2, 2)');
    expect(await reader.rows('SELECT id, a FROM dbo.s')).toEqual([[1, 1]]);
    const { errors } = await reader.run('UPDATE dbo.s SET a = 3 WHERE id = 1');
    expect(errors[0]?.number).toBe(3960);
    expect(await reader.value('SELECT @@TRANCOUNT')).toBe(0);
    await reader.close();
    await writer.close();
  });
});

describe('the server', () => {
  it('names itself and the session: @@SERVERNAME, @@SPID, DB_NAME, ORIGINAL_LOGIN (Transact-SQL)', async () => {
    const [row] = await first.rows('SELECT @@SERVERNAME, @@SPID, DB_NAME(), ORIGINAL_LOGIN(), APP_NAME()');
    expect(row?.[0]).toBeTruthy();
    expect(row?.[1]).toBeGreaterThan(50);
    expect(row?.slice(2)).toEqual([database.name, testServer().user, 'refresh tests']);
  });
});
