import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { useDatabase } from '../../support/sqlServer.js';
import type { SqlSession } from '../../support/sqlSession.js';

const database = useDatabase();
let session: SqlSession;

beforeAll(async () => {
  session = await database.connect();
});

beforeEach(async () => {
  await session.batch(`DROP TABLE IF EXISTS dbo.n; DROP TABLE IF EXISTS dbo.m;
    CREATE TABLE dbo.n (id int IDENTITY(1, 1) NOT NULL PRIMARY KEY, a int NULL);
    CREATE TABLE dbo.m (id int IDENTITY(100, 10) NOT NULL, a int NULL)`);
});

const ids = (table = 'dbo.n') =>
  session.rows(`SELECT id FROM ${table} ORDER BY id`).then((rows) => rows.map((row) => row[0]));

describe('SET IDENTITY_INSERT (Transact-SQL)', () => {
  it.each(['(NULL, 1)', '(7, 1), (NULL, 1)', '(DEFAULT, 1)'])('339: no value for the identity: %s', async (values) => {
    const { errors } = await session.run(`SET IDENTITY_INSERT dbo.n ON; INSERT INTO dbo.n (id, a) VALUES ${values}`);
    expect(errors[0]).toMatchObject({ number: 339, class: 16 });
    await session.batch('SET IDENTITY_INSERT dbo.n OFF');
  });

  it('544: an explicit value while it is OFF', async () => {
    expect(await session.errorNumber('INSERT INTO dbo.n (id, a) VALUES (5, 1)')).toBe(544);
  });

  it('8101: an explicit value without a column list', async () => {
    expect(await session.errorNumber('SET IDENTITY_INSERT dbo.n ON; INSERT INTO dbo.n SELECT 5, 1')).toBe(8101);
    await session.batch('SET IDENTITY_INSERT dbo.n OFF');
  });

  it('545: no value while it is ON', async () => {
    expect(await session.errorNumber('SET IDENTITY_INSERT dbo.n ON; INSERT INTO dbo.n (a) VALUES (1)')).toBe(545);
    await session.batch('SET IDENTITY_INSERT dbo.n OFF');
  });

  it('8107: ON for a second table of the session', async () => {
    expect(await session.errorNumber('SET IDENTITY_INSERT dbo.n ON; SET IDENTITY_INSERT dbo.m ON')).toBe(8107);
    await session.batch('SET IDENTITY_INSERT dbo.n OFF; SET IDENTITY_INSERT dbo.m ON; SET IDENTITY_INSERT dbo.m OFF');
  });

  it('8106: a table without identity column', async () => {
    await session.batch('CREATE TABLE dbo.plain (id int)');
    expect(await session.errorNumber('SET IDENTITY_INSERT dbo.plain ON')).toBe(8106);
  });

  it('an explicit value above the current identity becomes the current one; a lower one does not', async () => {
    await session.batch(`SET IDENTITY_INSERT dbo.n ON;
      INSERT INTO dbo.n (id) VALUES (50); INSERT INTO dbo.n (id) VALUES (20);
      SET IDENTITY_INSERT dbo.n OFF; INSERT INTO dbo.n (a) VALUES (1)`);
    expect(await ids()).toEqual([20, 50, 51]);
  });

  it('belongs to its session', async () => {
    const other = await database.connect();
    await session.batch('SET IDENTITY_INSERT dbo.n ON');
    expect(await other.errorNumber('INSERT INTO dbo.n (id) VALUES (9)')).toBe(544);
    expect(await other.errorNumber('SET IDENTITY_INSERT dbo.n ON; SET IDENTITY_INSERT dbo.n OFF')).toBeUndefined();
    await session.batch('SET IDENTITY_INSERT dbo.n OFF');
    await other.close();
  });
});

describe('CREATE TABLE (Transact-SQL) IDENTITY (Property)', () => {
  it('uses seed and increment', async () => {
    await session.batch('INSERT INTO dbo.m (a) VALUES (1), (2); INSERT INTO dbo.m DEFAULT VALUES');
    expect(await ids('dbo.m')).toEqual([100, 110, 120]);
  });

  it('does not give values back on rollback or failure', async () => {
    await session.batch(
      'BEGIN TRAN; INSERT INTO dbo.n (a) VALUES (1), (2); ROLLBACK; INSERT INTO dbo.n (a) VALUES (3)',
    );
    expect(await ids()).toEqual([3]);
  });

  it('8102: an identity column cannot be updated', async () => {
    expect(await session.errorNumber('UPDATE dbo.n SET id = 2')).toBe(8102);
  });

  it('INSERT ... SELECT ... ORDER BY numbers rows in that order: INSERT (Transact-SQL)', async () => {
    await session.batch('INSERT INTO dbo.n (a) SELECT v FROM (VALUES (30), (10), (20)) t (v) ORDER BY v');
    expect(await session.rows('SELECT id, a FROM dbo.n ORDER BY id')).toEqual([
      [1, 10],
      [2, 20],
      [3, 30],
    ]);
  });

  it('OUTPUT shows the new values: OUTPUT Clause (Transact-SQL)', async () => {
    const { results } = await session.batch('INSERT INTO dbo.n (a) OUTPUT inserted.id, inserted.a VALUES (7), (8)');
    expect(results[0]?.rows).toEqual([
      [1, 7],
      [2, 8],
    ]);
  });

  it('SELECT INTO keeps the property for a plain column: SELECT - INTO Clause (Transact-SQL)', async () => {
    await session.batch(
      'INSERT INTO dbo.n (a) VALUES (1); SELECT id, a INTO #copy FROM dbo.n; INSERT INTO #copy (a) VALUES (2)',
    );
    expect(await ids('#copy')).toEqual([1, 2]);
    await session.batch('DROP TABLE #copy');
  });

  it('TRUNCATE TABLE starts again at the seed, DELETE does not: TRUNCATE TABLE (Transact-SQL)', async () => {
    await session.batch('INSERT INTO dbo.n (a) VALUES (1), (2); DELETE FROM dbo.n; INSERT INTO dbo.n (a) VALUES (3)');
    expect(await ids()).toEqual([3]);
    await session.batch('TRUNCATE TABLE dbo.n; INSERT INTO dbo.n (a) VALUES (4)');
    expect(await ids()).toEqual([1]);
  });

  it.each([3, 5_000])('TRUNCATE TABLE of a #table with %i rows does so too, and can be rolled back', async (rows) => {
    const ten = '(SELECT v.n FROM (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) v (n))';
    await session.batch(`CREATE TABLE #many (id int IDENTITY(7, 1) PRIMARY KEY, a nchar(20));
      INSERT INTO #many (a) SELECT TOP (${rows}) N'a' FROM ${ten} a CROSS JOIN ${ten} b CROSS JOIN ${ten} c CROSS JOIN ${ten} d;
      BEGIN TRANSACTION; TRUNCATE TABLE #many; INSERT INTO #many (a) VALUES (N'b'); ROLLBACK TRANSACTION;`);
    expect(await session.value('SELECT COUNT(*) FROM #many')).toBe(rows);
    await session.batch("TRUNCATE TABLE #many; INSERT INTO #many (a) VALUES (N'c')");
    expect(await session.value('SELECT SUM(id) FROM #many')).toBe(7);
    await session.batch('DROP TABLE #many');
  });
});

describe('DBCC CHECKIDENT (Transact-SQL)', () => {
  it('RESEED on a table that never had rows: the first row gets the value itself', async () => {
    await session.batch("DBCC CHECKIDENT (N'dbo.n', RESEED, 40) WITH NO_INFOMSGS; INSERT INTO dbo.n (a) VALUES (1)");
    expect(await ids()).toEqual([40]);
  });

  it('RESEED after TRUNCATE TABLE: the first row gets the value itself', async () => {
    await session.batch(`INSERT INTO dbo.n (a) VALUES (1); TRUNCATE TABLE dbo.n;
      DBCC CHECKIDENT ('dbo.n', RESEED, 40) WITH NO_INFOMSGS; INSERT INTO dbo.n (a) VALUES (1)`);
    expect(await ids()).toEqual([40]);
  });

  it('RESEED on a table emptied by DELETE: the next row gets the value plus the increment', async () => {
    await session.batch(`INSERT INTO dbo.n (a) VALUES (1); DELETE FROM dbo.n;
      DBCC CHECKIDENT ('dbo.n', RESEED, 40) WITH NO_INFOMSGS; INSERT INTO dbo.n (a) VALUES (1)`);
    expect(await ids()).toEqual([41]);
  });

  it('RESEED below existing rows gives values that collide', async () => {
    await session.batch(
      `INSERT INTO dbo.n (a) VALUES (1), (2), (3); DBCC CHECKIDENT ('dbo.n', RESEED, 1) WITH NO_INFOMSGS`,
    );
    expect(await session.errorNumber('INSERT INTO dbo.n (a) VALUES (4)')).toBe(2627);
  });

  it('without a value raises a current identity that is below the maximum', async () => {
    await session.batch(`INSERT INTO dbo.n (a) VALUES (1), (2), (3); DBCC CHECKIDENT ('dbo.n', RESEED, 1) WITH NO_INFOMSGS;
      DBCC CHECKIDENT ('dbo.n') WITH NO_INFOMSGS; INSERT INTO dbo.n (a) VALUES (4)`);
    expect(await ids()).toEqual([1, 2, 3, 4]);
  });

  it('NORESEED reports and changes nothing', async () => {
    await session.batch('INSERT INTO dbo.n (a) VALUES (1), (2)');
    const { messages } = await session.batch("DBCC CHECKIDENT ('dbo.n', NORESEED)");
    expect(messages.map((message) => message.message).join('\n')).toContain("current identity value '2'");
  });
});

describe('IDENT_CURRENT, IDENT_SEED, IDENT_INCR, SCOPE_IDENTITY, @@IDENTITY (Transact-SQL)', () => {
  it('IDENT_CURRENT is the seed before the first row, then the last value of any session', async () => {
    expect(Number(await session.value("SELECT IDENT_CURRENT('dbo.m')"))).toBe(100);
    const other = await database.connect();
    await other.batch('INSERT INTO dbo.m (a) VALUES (1), (2)');
    await other.close();
    expect(Number(await session.value("SELECT IDENT_CURRENT('dbo.m')"))).toBe(110);
    expect(await session.value("SELECT IDENT_CURRENT('dbo.missing')")).toBeNull();
  });

  it('IDENT_SEED and IDENT_INCR', async () => {
    const [row] = await session.rows("SELECT IDENT_SEED('dbo.m'), IDENT_INCR('dbo.m')");
    expect(row?.map(Number)).toEqual([100, 10]);
  });

  it('SCOPE_IDENTITY is NULL in the batch after an insert inside sp_executesql; @@IDENTITY has it', async () => {
    const other = await database.connect();
    const [row] = await other.rows(
      "EXEC sp_executesql N'INSERT INTO dbo.n (a) VALUES (1)'; SELECT SCOPE_IDENTITY(), @@IDENTITY",
    );
    await other.close();
    expect([row?.[0], Number(row?.[1])]).toEqual([null, 1]);
  });

  it('both are the last value of a statement of many rows', async () => {
    const [row] = await session.rows('INSERT INTO dbo.n (a) VALUES (1), (2), (3); SELECT SCOPE_IDENTITY(), @@IDENTITY');
    expect(row?.map(Number)).toEqual([3, 3]);
  });
});
