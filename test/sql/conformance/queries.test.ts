import { beforeAll, describe, expect, it } from 'vitest';
import { useDatabase } from '../../support/sqlServer.js';
import type { SqlSession } from '../../support/sqlSession.js';

const database = useDatabase();
let session: SqlSession;

beforeAll(async () => {
  session = await database.connect();
  await session.batch(`
    CREATE TABLE dbo.person (id int NOT NULL PRIMARY KEY, name nvarchar(20) NOT NULL, boss int NULL, pay int NULL);
    INSERT INTO dbo.person VALUES (1, N'Ana', NULL, 100), (2, N'Bo', 1, 80), (3, N'Cy', 1, 80), (4, N'Di', 2, NULL)`);
});

const rows = (text: string) => session.rows(text);

describe('SELECT (Transact-SQL)', () => {
  it('TOP, OFFSET and FETCH', async () => {
    expect(await rows('SELECT TOP (2) id FROM dbo.person ORDER BY id DESC')).toEqual([[4], [3]]);
    expect(await rows('SELECT id FROM dbo.person ORDER BY id OFFSET 1 ROWS FETCH NEXT 2 ROWS ONLY')).toEqual([
      [2],
      [3],
    ]);
    expect(await rows('DECLARE @n int = 1; SELECT TOP (@n) id FROM dbo.person ORDER BY id')).toEqual([[1]]);
  });

  it('joins, APPLY and derived tables', async () => {
    expect(
      await rows('SELECT p.name, b.name FROM dbo.person p LEFT JOIN dbo.person b ON b.id = p.boss ORDER BY p.id'),
    ).toEqual([
      ['Ana', null],
      ['Bo', 'Ana'],
      ['Cy', 'Ana'],
      ['Di', 'Bo'],
    ]);
    expect(
      await rows(
        'SELECT p.id, x.n FROM dbo.person p CROSS APPLY (SELECT COUNT(*) AS n FROM dbo.person c WHERE c.boss = p.id) x WHERE x.n > 0 ORDER BY p.id',
      ),
    ).toEqual([
      [1, 2],
      [2, 1],
    ]);
    expect(
      await rows(
        'SELECT v, w FROM (VALUES (1, 2), (3, 4)) t (v, w) FULL JOIN (SELECT 3 AS z) u ON u.z = t.v ORDER BY v',
      ),
    ).toHaveLength(2);
  });

  it('groups and window functions', async () => {
    expect(await rows('SELECT pay, COUNT(*) FROM dbo.person GROUP BY pay HAVING COUNT(*) > 1')).toEqual([[80, 2]]);
    const result = await rows(`SELECT id, ROW_NUMBER() OVER (ORDER BY pay DESC, id), RANK() OVER (ORDER BY pay DESC),
        DENSE_RANK() OVER (ORDER BY pay DESC), SUM(pay) OVER (PARTITION BY boss), LAG(id) OVER (ORDER BY id) FROM dbo.person ORDER BY id`);
    expect(result).toEqual([
      [1, '1', '1', '1', 100, null],
      [2, '2', '2', '2', 160, 1],
      [3, '3', '2', '2', 160, 2],
      [4, '4', '4', '3', null, 3],
    ]);
  });

  it('recursive common table expressions: WITH common_table_expression (Transact-SQL)', async () => {
    expect(
      await rows(`WITH tree AS (SELECT id, 0 AS depth FROM dbo.person WHERE boss IS NULL
        UNION ALL SELECT p.id, t.depth + 1 FROM dbo.person p JOIN tree t ON t.id = p.boss) SELECT id, depth FROM tree ORDER BY id`),
    ).toEqual([
      [1, 0],
      [2, 1],
      [3, 1],
      [4, 2],
    ]);
  });

  it('UNION, EXCEPT and INTERSECT see NULLs as equal: Set Operators', async () => {
    expect(await rows('SELECT NULL AS x UNION SELECT NULL')).toEqual([[null]]);
    expect(await rows('SELECT pay FROM dbo.person EXCEPT SELECT 80 ORDER BY pay')).toEqual([[null], [100]]);
    expect(await rows('SELECT pay FROM dbo.person INTERSECT SELECT NULL')).toEqual([[null]]);
  });

  it('NOT IN of a list with NULL is never true: IN (Transact-SQL)', async () => {
    expect(await session.value('SELECT COUNT(*) FROM dbo.person WHERE id NOT IN (1, NULL)')).toBe(0);
  });

  it('130: no subquery stands in the argument of an aggregate', async () => {
    const inside = (text: string) => session.batch(`SELECT ${text} FROM (VALUES (1), (2)) v (a)`);
    for (const text of [
      'SUM((SELECT 1))',
      'SUM(CASE WHEN EXISTS (SELECT 1) THEN 1 ELSE 0 END)',
      'COUNT(CASE WHEN v.a IN (SELECT 1) THEN 1 END)',
    ])
      await expect(inside(text)).rejects.toMatchObject({ number: 130 });
    await inside('SUM(v.a), (SELECT 1)');
  });

  it('aggregates leave out NULL, and of nothing are NULL, COUNT is 0', async () => {
    expect(await rows('SELECT COUNT(*), COUNT(pay), SUM(pay), AVG(pay), MIN(pay), MAX(pay) FROM dbo.person')).toEqual([
      [4, 3, 260, 86, 80, 100],
    ]);
    expect(await rows('SELECT COUNT(*), SUM(pay) FROM dbo.person WHERE 1 = 0')).toEqual([[0, null]]);
  });

  it('assigns variables, the last row winning; none leaves them: SELECT @local_variable', async () => {
    expect(await session.value('DECLARE @v int = 7; SELECT @v = id FROM dbo.person WHERE 1 = 0; SELECT @v')).toBe(7);
    expect(await session.value('DECLARE @v int; SELECT @v = id FROM dbo.person ORDER BY id; SELECT @v')).toBe(4);
    expect(
      await session.value('DECLARE @v int = 7; SET @v = (SELECT id FROM dbo.person WHERE 1 = 0); SELECT @v'),
    ).toBeNull();
  });
});

describe('errors of queries: Database Engine events and errors', () => {
  it.each([
    [207, 'SELECT missing FROM dbo.person', "Invalid column name 'missing'."],
    [208, 'SELECT * FROM dbo.missing', "Invalid object name 'dbo.missing'."],
    [209, 'SELECT id FROM dbo.person a JOIN dbo.person b ON a.id = b.id', "Ambiguous column name 'id'."],
    [4104, 'SELECT x.id FROM dbo.person p', 'The multi-part identifier "x.id" could not be bound.'],
    [1013, 'SELECT 1 FROM dbo.person, dbo.person', undefined],
    [205, 'SELECT 1, 2 UNION SELECT 1', undefined],
    [512, 'SELECT (SELECT id FROM dbo.person)', undefined],
    [116, 'SELECT (SELECT id, name FROM dbo.person WHERE id = 1)', undefined],
    [8120, 'SELECT name, COUNT(*) FROM dbo.person GROUP BY pay', undefined],
    [147, 'SELECT id FROM dbo.person WHERE COUNT(*) > 1', undefined],
    [
      10757,
      'SELECT MAX(name) WITHIN GROUP (ORDER BY id) FROM dbo.person',
      "The function 'max' may not have a WITHIN GROUP clause.",
    ],
    [137, 'SELECT @missing', 'Must declare the scalar variable "@missing".'],
    [195, 'SELECT NO_SUCH_FUNCTION(1)', "'NO_SUCH_FUNCTION' is not a recognized built-in function name."],
    [2812, 'EXEC no_such_procedure', "Could not find stored procedure 'no_such_procedure'."],
    [
      213,
      'INSERT INTO dbo.person VALUES (9)',
      'Column name or number of supplied values does not match table definition.',
    ],
    [109, 'INSERT INTO dbo.person (id, name) VALUES (9)', undefined],
    [110, "INSERT INTO dbo.person (id, name) VALUES (9, N'x', 1)", undefined],
    [120, 'INSERT INTO dbo.person (id, name) SELECT 1', undefined],
    [121, "INSERT INTO dbo.person (id, name) SELECT 1, N'x', 2", undefined],
    [264, 'INSERT INTO dbo.person (id, id) VALUES (1, 2)', undefined],
    [530, 'WITH r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT COUNT(*) FROM r', undefined],
  ])('error %i: %s', async (number, statement, message) => {
    const { errors } = await session.run(statement);
    expect(errors[0]?.number).toBe(number);
    if (message !== undefined) expect(errors[0]?.message).toBe(message);
  });

  it('tell the line of the statement', async () => {
    expect((await session.run('SELECT 1\n\nSELECT missing\nFROM dbo.person')).errors[0]?.line).toBe(3);
  });
});

describe('UPDATE, DELETE, MERGE, INSERT (Transact-SQL)', () => {
  beforeAll(async () => {
    await session.batch('CREATE TABLE dbo.w (id int NOT NULL PRIMARY KEY, a int NULL, b int NULL)');
  });

  const fill = () => session.batch('DELETE FROM dbo.w; INSERT INTO dbo.w VALUES (1, 1, 10), (2, 2, 20), (3, 3, 30)');
  const all = () => rows('SELECT id, a, b FROM dbo.w ORDER BY id');

  it('UPDATE reads old values everywhere', async () => {
    await fill();
    await session.batch('UPDATE dbo.w SET a = b, b = a WHERE id = 1');
    expect((await all())[0]).toEqual([1, 10, 1]);
  });

  it('UPDATE of an alias with joins; DELETE of an alias with joins', async () => {
    await fill();
    await session.batch('UPDATE x SET a = s.n FROM dbo.w AS x JOIN (VALUES (2, 200)) s (id, n) ON s.id = x.id');
    expect(await session.value('SELECT a FROM dbo.w WHERE id = 2')).toBe(200);
    const { rowCounts } = await session.batch('DELETE x FROM dbo.w x JOIN (VALUES (1), (3)) s (id) ON s.id = x.id');
    expect([rowCounts, (await all()).length]).toEqual([[2], 1]);
  });

  it('UPDATE of a table that FROM names again updates its rows', async () => {
    await fill();
    await session.batch('UPDATE dbo.w SET a = 9 FROM dbo.w JOIN (VALUES (3)) s (id) ON s.id = dbo.w.id');
    expect((await all()).map((row) => row[1])).toEqual([1, 2, 9]);
  });

  it('UPDATE of a row that joins to several changes and counts it once', async () => {
    await fill();
    const { rowCounts } = await session.batch(
      'UPDATE x SET a = 5 FROM dbo.w x JOIN (VALUES (1), (1)) s (id) ON s.id = x.id',
    );
    expect(rowCounts).toEqual([1]);
  });

  it('TOP (n) limits DELETE and UPDATE', async () => {
    await fill();
    const { rowCounts } = await session.batch('DELETE TOP (2) FROM dbo.w; UPDATE TOP (1) dbo.w SET a = 0');
    expect(rowCounts).toEqual([2, 1]);
  });

  it('UPDATE assigns variables with columns: UPDATE (Transact-SQL)', async () => {
    await fill();
    expect(await session.value('DECLARE @v int; UPDATE dbo.w SET @v = a = a + 100 WHERE id = 1; SELECT @v')).toBe(101);
  });

  it('a CTE can be updated and deleted from', async () => {
    await fill();
    await session.batch('WITH c AS (SELECT TOP (1) * FROM dbo.w ORDER BY id DESC) DELETE FROM c');
    await session.batch('WITH c AS (SELECT id, a FROM dbo.w WHERE id = 1) UPDATE c SET a = 77');
    expect(await all()).toEqual([
      [1, 77, 10],
      [2, 2, 20],
    ]);
  });

  it('a CTE with ROW_NUMBER deletes duplicates; SET of an expression column is refused (4406)', async () => {
    await fill();
    await session.batch('UPDATE dbo.w SET b = 10 WHERE id < 3');
    const { rowCounts } = await session.batch(
      'WITH c AS (SELECT b, ROW_NUMBER() OVER (PARTITION BY b ORDER BY id) AS n FROM dbo.w) DELETE FROM c WHERE n > 1',
    );
    expect([rowCounts, (await all()).map((row) => row[0])]).toEqual([[1], [1, 3]]);
    expect(await session.errorNumber('WITH c AS (SELECT id, a + 1 AS n FROM dbo.w) UPDATE c SET n = 1')).toBe(4406);
    expect(
      await session.errorNumber('WITH c AS (SELECT a, COUNT(*) AS n FROM dbo.w GROUP BY a) UPDATE c SET a = 1'),
    ).toBe(4403);
  });

  it('a CTE is updated in a join, under an alias', async () => {
    await fill();
    await session.batch(
      'WITH c AS (SELECT id AS k, a AS v FROM dbo.w) UPDATE x SET v = s.n FROM c AS x JOIN (VALUES (2, 20)) s (id, n) ON s.id = x.k',
    );
    expect((await all()).map((row) => row[1])).toEqual([1, 20, 3]);
  });

  it('SET @variable = expression sees the row as it was', async () => {
    await fill();
    expect(
      await rows(
        'DECLARE @old int, @new int; UPDATE dbo.w SET @old = a, @new = a = b WHERE id = 2; SELECT @old, @new, @@ROWCOUNT',
      ),
    ).toEqual([[2, 20, 1]]);
  });

  it('MERGE counts all its rows; @@ROWCOUNT too', async () => {
    await fill();
    const { rowCounts, results } =
      await session.batch(`MERGE dbo.w AS t USING (VALUES (3, 33), (4, 44)) AS s (id, a) ON t.id = s.id
      WHEN MATCHED THEN UPDATE SET a = s.a WHEN NOT MATCHED THEN INSERT (id, a) VALUES (s.id, s.a)
      WHEN NOT MATCHED BY SOURCE AND t.id = 1 THEN DELETE; SELECT @@ROWCOUNT`);
    expect(rowCounts[0]).toBe(3);
    expect(results[0]?.rows).toEqual([[3]]);
    expect(await all()).toEqual([
      [2, 2, 20],
      [3, 33, 30],
      [4, 44, null],
    ]);
  });

  it('8672: MERGE that would change a row twice', async () => {
    await fill();
    const text =
      'MERGE dbo.w AS t USING (VALUES (1, 5), (1, 6)) AS s (id, a) ON t.id = s.id WHEN MATCHED THEN UPDATE SET a = s.a;';
    expect(await session.errorNumber(text)).toBe(8672);
    expect((await all())[0]).toEqual([1, 1, 10]);
  });

  it('MERGE that never matches inserts all and shows source columns in OUTPUT', async () => {
    await session.batch(
      'CREATE TABLE #new (id int IDENTITY(1, 1), a int); CREATE TABLE #pairs (new_id int, old_id int)',
    );
    await session.batch(`MERGE #new AS t USING (SELECT id, a FROM dbo.w) AS s ON 1 = 0
      WHEN NOT MATCHED THEN INSERT (a) VALUES (s.a) OUTPUT inserted.id, s.id INTO #pairs;`);
    expect(
      await session.value(
        'SELECT COUNT(*) FROM #pairs p JOIN #new n ON n.id = p.new_id JOIN dbo.w w ON w.id = p.old_id WHERE n.a = w.a',
      ),
    ).toBe(await session.value('SELECT COUNT(*) FROM dbo.w'));
    await session.batch('DROP TABLE #new; DROP TABLE #pairs');
  });

  it('SELECT INTO makes a table with the types and nullability of its columns', async () => {
    await session.batch('SELECT id, name, pay * 2 AS twice INTO dbo.made FROM dbo.person');
    expect(
      await rows(
        "SELECT c.name, t.name, c.max_length, c.is_nullable FROM sys.columns c JOIN sys.types t ON t.user_type_id = c.user_type_id WHERE c.object_id = OBJECT_ID('dbo.made') ORDER BY c.column_id",
      ),
    ).toEqual([
      ['id', 'int', 4, false],
      ['name', 'nvarchar', 40, false],
      ['twice', 'int', 4, true],
    ]);
    await session.batch('DROP TABLE dbo.made');
  });
});

describe('control-of-flow language (Transact-SQL)', () => {
  it('IF, WHILE, BREAK, CONTINUE and RETURN', async () => {
    const { results } = await session.batch(`
      DECLARE @i int = 0, @s varchar(20) = '';
      WHILE 1 = 1 BEGIN SET @i += 1; IF @i = 2 CONTINUE; IF @i > 4 BREAK; SET @s = @s + CAST(@i AS varchar(5)) END
      SELECT @s; RETURN; SELECT 'never'`);
    expect(results.map((result) => result.rows)).toEqual([[['134']]]);
  });

  it('IF EXISTS guards, and a branch not taken is not run', async () => {
    expect(await session.value("IF EXISTS (SELECT 1 FROM dbo.person WHERE id = 1) SELECT 'yes' ELSE SELECT 'no'")).toBe(
      'yes',
    );
    expect(await session.errorNumber('IF 1 = 0 SELECT * FROM dbo.missing')).toBeUndefined();
  });

  it.each([
    [135, 'BREAK'],
    [136, 'IF 1 = 1 CONTINUE'],
    [135, 'WHILE 1 = 0 PRINT 1; BREAK'],
    [148, "WAITFOR DELAY '24:00'"],
    [148, "WAITFOR DELAY '0:60'"],
    [2754, "RAISERROR ('x', 19, 1)"],
    [2732, 'RAISERROR (50000, 16, 1)'],
    [18054, 'RAISERROR (50001, 16, 1)'],
  ])('error %i: %s', async (number, statement) => {
    expect(await session.errorNumber(statement)).toBe(number);
  });

  it('PRINT sends a message: PRINT (Transact-SQL)', async () => {
    const { messages } = await session.batch("PRINT 'hello ' + CAST(1 AS varchar(2))");
    expect(messages.map((message) => message.message)).toEqual(['hello 1']);
  });

  it('views can be read and, when of one table, written: CREATE VIEW (Transact-SQL)', async () => {
    await session.batch('CREATE VIEW dbo.paid AS SELECT id, name, pay FROM dbo.person WHERE pay IS NOT NULL');
    expect(await session.value('SELECT COUNT(*) FROM dbo.paid')).toBe(3);
    await session.batch('UPDATE dbo.paid SET pay = 81 WHERE id = 2; UPDATE dbo.paid SET pay = 80 WHERE id = 2');
    expect(await session.value('SELECT pay FROM dbo.person WHERE id = 2')).toBe(80);
  });
});

describe('SET FMTONLY (Transact-SQL)', () => {
  it('ON gives columns without rows and runs nothing, until OFF', async () => {
    const { results } = await session.batch(
      'SET FMTONLY ON SELECT id, name FROM dbo.person DELETE FROM dbo.person SET FMTONLY OFF SELECT COUNT(*) FROM dbo.person',
    );
    expect(results[0]?.columns.map((column) => column.name)).toEqual(['id', 'name']);
    expect(results.map((result) => result.rows)).toEqual([[], [[4]]]);
  });
});

describe('TOP, ORDER BY clause (Transact-SQL): how many rows', () => {
  it.each([
    [127, 'SELECT TOP (-1) id FROM dbo.person'],
    [127, 'DECLARE @n int = -1; DELETE TOP (@n) FROM dbo.person WHERE 1 = 0'],
    [1014, 'DECLARE @n int; SELECT TOP (@n) id FROM dbo.person'],
    [1060, 'SELECT TOP (1.5) id FROM dbo.person'],
    [1060, "SELECT TOP ('1') id FROM dbo.person"],
    [10742, 'SELECT id FROM dbo.person ORDER BY id OFFSET -1 ROWS'],
    [10744, 'SELECT id FROM dbo.person ORDER BY id OFFSET 0 ROWS FETCH NEXT 0 ROWS ONLY'],
    [10744, 'DECLARE @n int = 0; SELECT id FROM dbo.person ORDER BY id OFFSET @n ROWS FETCH NEXT @n ROWS ONLY'],
  ])('error %i: %s', async (number, statement) => {
    const { errors } = await session.run(statement);
    expect(errors[0]).toMatchObject({ number, class: 15 });
  });

  it('TOP takes 0 and more than an int', async () => {
    expect(await session.rows('SELECT TOP (0) id FROM dbo.person')).toEqual([]);
    expect(await session.rows('SELECT TOP (3000000000) id FROM dbo.person WHERE id = 1')).toEqual([[1]]);
  });
});

describe('Query Hints (Transact-SQL)', () => {
  it.each([
    [102, 'OPTION (NO_SUCH_HINT)'],
    [310, 'OPTION (MAXRECURSION 32768)'],
    [1042, 'OPTION (MAXDOP 1, MAXDOP 2)'],
    [undefined, 'OPTION (MAXDOP 1, RECOMPILE, HASH JOIN, LOOP JOIN, OPTIMIZE FOR UNKNOWN)'],
  ])('error %s: %s', async (number, option) => {
    expect(await session.errorNumber(`SELECT id FROM dbo.person ${option}`)).toBe(number);
  });
});

describe('FROM clause (Transact-SQL): names of sources', () => {
  it.each([
    [1011, 'UPDATE p SET name = name FROM dbo.person AS p, dbo.person AS p WHERE 1 = 0'],
    [1011, 'DELETE p FROM dbo.person AS p JOIN dbo.person AS p ON 1 = 0'],
    [1011, 'SELECT 1 FROM dbo.person AS p, dbo.person AS p'],
  ])('error %i: %s', async (number, statement) => {
    expect(await session.errorNumber(statement)).toBe(number);
  });
});
