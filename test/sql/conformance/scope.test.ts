import { beforeAll, describe, expect, it } from 'vitest';
import { useDatabase } from '../../support/sqlServer.js';
import type { SqlSession } from '../../support/sqlSession.js';

const database = useDatabase();
let session: SqlSession;

beforeAll(async () => {
  session = await database.connect();
});

/** The stand-in gives what a session leaves behind to the next one. */
describe('a new session: SET Statements (Transact-SQL), sp_set_session_context (Transact-SQL)', () => {
  const seen = `SELECT CONCAT(OBJECT_ID(N'tempdb..#left'), '|', CONVERT(nvarchar(20), SESSION_CONTEXT(N'left')), '|',
    @@LOCK_TIMEOUT, '|', @@TRANCOUNT, '|', SCOPE_IDENTITY(), '|', @@IDENTITY)`;

  it('has nothing of a session that ended before it', async () => {
    const fresh = await database.connect();
    const before = await fresh.value(seen);
    await fresh.close();
    for (let round = 0; round < 3; round++) {
      const ended = await database.connect();
      expect(await ended.value(seen)).toBe(before);
      await ended.batch('CREATE TABLE #left (a int IDENTITY, b int); INSERT INTO #left (b) VALUES (1)');
      await ended.batch("EXEC sp_set_session_context N'left', N'behind'; SET LOCK_TIMEOUT 5");
      await ended.batch('BEGIN TRAN; UPDATE #left SET b = 2');
      expect(await ended.value(seen)).not.toBe(before);
      await ended.close();
    }
  });
});

describe('temporary tables: CREATE TABLE (Transact-SQL), sp_executesql (Transact-SQL)', () => {
  it('a #table made in a batch lasts for the session', async () => {
    await session.batch('CREATE TABLE #kept (a int); INSERT INTO #kept VALUES (1)');
    expect(await session.value('SELECT a FROM #kept')).toBe(1);
    await session.batch('DROP TABLE #kept');
  });

  it('a #table made inside sp_executesql is gone when it returns', async () => {
    await session.query('CREATE TABLE #inner (a int); INSERT INTO #inner VALUES (1)');
    expect(await session.errorNumber('SELECT a FROM #inner')).toBe(208);
  });

  it('a #table of the batch is visible inside sp_executesql', async () => {
    await session.batch('CREATE TABLE #outer (a int); INSERT INTO #outer VALUES (7)');
    const { results } = await session.query('SELECT a FROM #outer');
    expect(results[0]?.rows).toEqual([[7]]);
    await session.batch("EXEC sp_executesql N'INSERT INTO #outer VALUES (8)'");
    expect(await session.value('SELECT COUNT(*) FROM #outer')).toBe(2);
    await session.batch('DROP TABLE #outer');
  });

  it('two sessions have #tables of the same name', async () => {
    const other = await database.connect();
    await session.batch('CREATE TABLE #same (a int)');
    await other.batch('CREATE TABLE #same (b int); INSERT INTO #same VALUES (1)');
    expect(await session.value('SELECT COUNT(*) FROM #same')).toBe(0);
    await other.close();
    expect(await session.errorNumber('SELECT a FROM #same')).toBeUndefined();
    await session.batch('DROP TABLE #same');
  });

  it('OBJECT_ID finds a #table as an object of tempdb: OBJECT_ID (Transact-SQL)', async () => {
    await session.batch('CREATE TABLE #found (a int)');
    expect(await session.value("SELECT OBJECT_ID(N'tempdb..#found')")).not.toBeNull();
    await session.batch('DROP TABLE #found');
    expect(await session.value("SELECT OBJECT_ID(N'tempdb..#found')")).toBeNull();
  });

  it('a second #table of the same name is refused', async () => {
    await session.batch('CREATE TABLE #twice (a int)');
    expect(await session.errorNumber('CREATE TABLE #twice (a int)')).toBe(2714);
    await session.batch('DROP TABLE #twice');
  });

  it('rolling back undoes the making and the filling of a #table', async () => {
    await session.batch('BEGIN TRAN; CREATE TABLE #undone (a int); ROLLBACK');
    expect(await session.value("SELECT OBJECT_ID(N'tempdb..#undone')")).toBeNull();
  });
});

describe('variables: sp_executesql (Transact-SQL), DECLARE @local_variable (Transact-SQL)', () => {
  it('variables of a batch are not known inside sp_executesql', async () => {
    expect(await session.errorNumber("DECLARE @a int = 1; EXEC sp_executesql N'SELECT @a'")).toBe(137);
  });

  it('table variables are not known inside sp_executesql', async () => {
    expect(await session.errorNumber("DECLARE @t TABLE (a int); EXEC sp_executesql N'SELECT a FROM @t'")).toBe(1087);
  });

  it('variables end with their batch', async () => {
    await session.batch('DECLARE @gone int = 1');
    expect(await session.errorNumber('SELECT @gone')).toBe(137);
  });

  it('parameters of sp_executesql come back through OUTPUT', async () => {
    const text =
      "DECLARE @out int; EXEC sp_executesql N'SET @n = @m * 2', N'@m int, @n int OUTPUT', @m = 21, @n = @out OUTPUT; " +
      'SELECT @out';
    expect(await session.value(text)).toBe(42);
  });

  it('a rollback leaves variables and the rows of table variables: table (Transact-SQL)', async () => {
    const text =
      'DECLARE @t TABLE (a int); DECLARE @v int = 1; BEGIN TRAN; INSERT INTO @t VALUES (1); SET @v = 2; ROLLBACK; ' +
      'SELECT COUNT(*), @v FROM @t';
    expect(await session.rows(text)).toEqual([[1, 2]]);
  });
});

describe('table variables and transactions: table (Transact-SQL)', () => {
  it('one declared inside of the transaction keeps rows and identity', async () => {
    const text =
      "BEGIN TRAN; DECLARE @t TABLE (id int IDENTITY(5, 1), a nvarchar(9), b AS (id * 2)); INSERT INTO @t (a) VALUES (N'q\"\\,'), (NULL); " +
      "ROLLBACK; INSERT INTO @t (a) VALUES (N''); SELECT id, a, b FROM @t ORDER BY id";
    expect(await session.rows(text)).toEqual([
      [5, 'q"\\,', 10],
      [6, null, 12],
      [7, '', 14],
    ]);
  });

  it('a rollback to a savepoint keeps them too', async () => {
    const text =
      'DECLARE @t TABLE (a int); BEGIN TRAN; SAVE TRAN s; INSERT INTO @t VALUES (1); ROLLBACK TRAN s; DELETE FROM @t WHERE a = 2; COMMIT; SELECT a FROM @t';
    expect(await session.rows(text)).toEqual([[1]]);
  });

  it('a statement that fails leaves no rows in them', async () => {
    const text = 'DECLARE @t TABLE (a int PRIMARY KEY); INSERT INTO @t VALUES (1), (1); SELECT COUNT(*) FROM @t';
    expect((await session.run(text)).results.at(-1)?.rows).toEqual([[0]]);
  });
});

describe('SET options: SET Statements (Transact-SQL)', () => {
  it('an option set in a batch lasts for the session', async () => {
    await session.batch('SET LOCK_TIMEOUT 4321');
    expect(await session.value('SELECT @@LOCK_TIMEOUT')).toBe(4321);
    await session.batch('SET LOCK_TIMEOUT -1');
    expect(await session.value('SELECT @@LOCK_TIMEOUT')).toBe(-1);
  });

  it('an option set inside sp_executesql is restored when it returns', async () => {
    await session.query('SET LOCK_TIMEOUT 1234');
    expect(await session.value('SELECT @@LOCK_TIMEOUT')).toBe(-1);
    await session.batch("SET XACT_ABORT OFF; EXEC sp_executesql N'SET XACT_ABORT ON'");
    expect(await session.value('SELECT @@OPTIONS & 16384')).toBe(0);
  });

  it('@@OPTIONS shows XACT_ABORT (16384) and NOCOUNT (512): @@OPTIONS (Transact-SQL)', async () => {
    await session.batch('SET XACT_ABORT ON; SET NOCOUNT ON');
    expect(await session.value('SELECT @@OPTIONS & 16896')).toBe(16896);
    await session.batch('SET XACT_ABORT OFF; SET NOCOUNT OFF');
    expect(await session.value('SELECT @@OPTIONS & 16896')).toBe(0);
  });

  it('another database chosen inside EXECUTE lasts until its end: EXECUTE (Transact-SQL)', async () => {
    await session.batch("EXEC (N'USE master')");
    expect(await session.value('SELECT DB_NAME()')).toBe(database.name);
  });
});

describe('results: SET NOCOUNT (Transact-SQL)', () => {
  it('a batch brings its result sets and row counts in order', async () => {
    await session.batch('CREATE TABLE #r (a int)');
    const { results, rowCounts } = await session.batch(
      'INSERT INTO #r VALUES (1), (2), (3); SELECT a FROM #r ORDER BY a; UPDATE #r SET a = a + 1 WHERE a > 1; SELECT 1 AS x',
    );
    expect(rowCounts).toEqual([3, 3, 2, 1]);
    expect(results.map((result) => result.rows)).toEqual([[[1], [2], [3]], [[1]]]);
    expect(results.map((result) => result.columns[0]?.name)).toEqual(['a', 'x']);
  });

  it('NOCOUNT ON hides the counts of statements; @@ROWCOUNT is kept', async () => {
    const { results, rowCounts } = await session.batch(
      'SET NOCOUNT ON; UPDATE #r SET a = 0; SELECT @@ROWCOUNT; SET NOCOUNT OFF',
    );
    expect(rowCounts).toEqual([]);
    expect(results[0]?.rows).toEqual([[3]]);
    await session.batch('DROP TABLE #r');
  });
});
