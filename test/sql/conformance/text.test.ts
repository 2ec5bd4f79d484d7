import { beforeAll, describe, expect, it } from 'vitest';
import { useDatabase } from '../../support/sqlServer.js';
import type { SqlSession } from '../../support/sqlSession.js';

const database = useDatabase();
const accentInsensitive = useDatabase({ collation: 'Latin1_General_CI_AI' });
let session: SqlSession;
let insensitive: SqlSession;

beforeAll(async () => {
  session = await database.connect();
  insensitive = await accentInsensitive.connect();
});

/** Whether a condition holds. */
const holds = async (condition: string, on = session) =>
  (await on.value(`SELECT CASE WHEN ${condition} THEN 1 ELSE 0 END`)) === 1;

describe('comparison: SQL Server follows ANSI/ISO SQL-92 padding; Collation and Unicode support', () => {
  it.each([
    ["'a' = 'a '", true],
    ["N'a' = N'a   '", true],
    ["'' = '   '", true],
    ["' a' = 'a'", false],
    ["'a' = 'A'", true],
    ["'a' = 'á'", false],
    ["'a' < 'B'", true],
    ["'a' = 'A' COLLATE Latin1_General_BIN2", false],
    ["'a' = 'a ' COLLATE Latin1_General_BIN2", true],
    ["'a' = 'á' COLLATE Latin1_General_CI_AI", true],
    ["'a' = 'A' COLLATE Latin1_General_CS_AS", false],
    ["'a' IN ('b', 'A ')", true],
  ])('%s is %s under Latin1_General_CI_AS', async (condition, expected) => {
    expect(await holds(condition)).toBe(expected);
  });

  it('a database with an accent-insensitive collation', async () => {
    expect(await holds("N'São' = N'sao'", insensitive)).toBe(true);
    expect(await holds("'ç' = 'C'", insensitive)).toBe(true);
  });

  it('LIKE counts trailing blanks of the pattern, not of the text: LIKE (Transact-SQL)', async () => {
    expect(await holds("'a' LIKE 'a '")).toBe(false);
    expect(await holds("'a ' LIKE 'a'")).toBe(true);
    expect(await holds("N'a ' LIKE N'a'")).toBe(false);
  });

  it('LIKE takes wildcards, sets, ESCAPE and the collation: LIKE (Transact-SQL)', async () => {
    expect(await holds("'Recruiting' LIKE 'recr%'")).toBe(true);
    expect(await holds("'abc' LIKE 'a[a-c]_'")).toBe(true);
    expect(await holds("'abc' LIKE 'a[^b]_'")).toBe(false);
    expect(await holds("'50%' LIKE '50!%' ESCAPE '!'")).toBe(true);
    expect(await holds("'a_b' LIKE 'a[_]b'")).toBe(true);
    expect(await holds("'axb' LIKE 'a[_]b'")).toBe(false);
  });
});

describe('keys: Collation and Unicode support', () => {
  it('a unique key sees a, A and a with blanks as one', async () => {
    await session.batch('CREATE TABLE dbo.keys (k nvarchar(20) NOT NULL PRIMARY KEY)');
    await session.batch("INSERT INTO dbo.keys VALUES (N'a')");
    for (const text of ["N'A'", "N'a  '"]) {
      expect(await session.errorNumber(`INSERT INTO dbo.keys VALUES (${text})`)).toBe(2627);
    }
    expect(await session.errorNumber("INSERT INTO dbo.keys VALUES (N'á')")).toBeUndefined();
  });

  it('and á too under an accent-insensitive collation', async () => {
    await insensitive.batch(
      "CREATE TABLE dbo.keys (k nvarchar(20) NOT NULL PRIMARY KEY); INSERT INTO dbo.keys VALUES (N'a')",
    );
    expect(await insensitive.errorNumber("INSERT INTO dbo.keys VALUES (N'á')")).toBe(2627);
  });

  it('GROUP BY and DISTINCT see them as one', async () => {
    const from = "FROM (VALUES (N'a'), (N'A'), (N'a '), (N'b')) t (v)";
    expect(await session.value(`SELECT COUNT(*) FROM (SELECT v ${from} GROUP BY v) g`)).toBe(2);
    expect(await session.value(`SELECT COUNT(DISTINCT v) ${from}`)).toBe(2);
  });

  it('joins compare so too', async () => {
    const text = "SELECT COUNT(*) FROM (VALUES (N'Key')) a (v) JOIN (VALUES (N'KEY ')) b (v) ON a.v = b.v";
    expect(await session.value(text)).toBe(1);
  });

  it('names of objects follow the collation of the database', async () => {
    await session.batch('CREATE TABLE dbo.MixedCase (SomeColumn int)');
    expect(await session.errorNumber('SELECT SOMECOLUMN FROM DBO.mixedcase')).toBeUndefined();
  });
});

describe('LEN (Transact-SQL), DATALENGTH (Transact-SQL)', () => {
  it.each([
    ["LEN('ab  ')", 2],
    ["LEN('  ab')", 4],
    ["DATALENGTH('ab  ')", 4],
    ["DATALENGTH(N'ab')", 4],
    ["LEN(N'\u{1F600}')", 2],
    ["DATALENGTH(N'\u{1F600}')", 4],
    ["LEN('')", 0],
    ["DATALENGTH(CAST('ab' AS char(5)))", 5],
  ])('%s is %i', async (expression, expected) => {
    expect(await session.value(`SELECT ${expression}`)).toBe(expected);
  });

  it('LEN(NULL) is NULL', async () => {
    expect(await session.value('SELECT LEN(NULL)')).toBeNull();
  });
});

describe('ORDER BY Clause (Transact-SQL)', () => {
  it('NULL is the lowest value', async () => {
    const from = 'FROM (VALUES (2), (NULL), (1)) t (v)';
    expect(await session.rows(`SELECT v ${from} ORDER BY v`)).toEqual([[null], [1], [2]]);
    expect(await session.rows(`SELECT v ${from} ORDER BY v DESC`)).toEqual([[2], [1], [null]]);
  });

  it('text follows the collation', async () => {
    expect(await session.rows("SELECT v FROM (VALUES ('b'), ('A'), ('C')) t (v) ORDER BY v")).toEqual([
      ['A'],
      ['b'],
      ['C'],
    ]);
    expect(
      await session.rows("SELECT v FROM (VALUES ('b'), ('A'), ('C')) t (v) ORDER BY v COLLATE Latin1_General_BIN2"),
    ).toEqual([['A'], ['C'], ['b']]);
  });
});

describe('Collation precedence (Transact-SQL)', () => {
  beforeAll(async () => {
    await session.batch(`CREATE TABLE dbo.mixed (i nvarchar(10) COLLATE Latin1_General_CI_AS, s nvarchar(10) COLLATE Latin1_General_CS_AS);
      INSERT INTO dbo.mixed VALUES (N'a', N'A')`);
  });

  it('468: columns of two collations cannot be compared', async () => {
    const { errors } = await session.run('SELECT * FROM dbo.mixed WHERE i = s');
    expect(errors[0]?.number).toBe(468);
    expect(errors[0]?.message).toContain('Latin1_General_CS_AS');
    expect(errors[0]?.message).toContain('equal to operation');
  });

  it('COLLATE decides', async () => {
    expect(await session.value('SELECT COUNT(*) FROM dbo.mixed WHERE i = s COLLATE Latin1_General_CI_AS')).toBe(1);
    expect(await session.value('SELECT COUNT(*) FROM dbo.mixed WHERE i COLLATE Latin1_General_CS_AS = s')).toBe(0);
    expect(await session.value('SELECT COUNT(*) FROM dbo.mixed WHERE i = s COLLATE DATABASE_DEFAULT')).toBe(1);
  });

  it('a column wins over a literal or variable', async () => {
    expect(await session.value("SELECT COUNT(*) FROM dbo.mixed WHERE s = N'a'")).toBe(0);
    expect(await session.value("DECLARE @v nvarchar(10) = N'A'; SELECT COUNT(*) FROM dbo.mixed WHERE i = @v")).toBe(1);
  });

  it('448: an unknown collation', async () => {
    expect(await session.errorNumber("SELECT 'a' COLLATE No_Such_Collation")).toBe(448);
  });
});

describe('truncation: MSSQLSERVER_8152, 2628; CAST and CONVERT (Transact-SQL)', () => {
  it('writing a longer text is refused', async () => {
    await session.batch('CREATE TABLE dbo.short (t nvarchar(3), b varbinary(2))');
    expect([2628, 8152]).toContain(await session.errorNumber("INSERT INTO dbo.short (t) VALUES (N'abcd')"));
    expect([2628, 8152]).toContain(await session.errorNumber('INSERT INTO dbo.short (b) VALUES (0x010203)'));
    expect(await session.errorNumber("INSERT INTO dbo.short (t) VALUES (N'abc   ')")).toBeUndefined();
  });

  it('CAST, variables and parameters cut silently', async () => {
    expect(await session.value("SELECT CAST(N'abcdef' AS nvarchar(3))")).toBe('abc');
    expect(await session.value("DECLARE @v varchar(2) = 'abc'; SELECT @v")).toBe('ab');
    expect(await session.value("SELECT DATALENGTH(CAST(REPLICATE('x', 50) AS varchar))")).toBe(30);
  });
});

describe('string functions (Transact-SQL)', () => {
  it.each([
    ["'a' + NULL", null],
    ["CONCAT('a', NULL, 1)", 'a1'],
    ["ISNULL(CAST(NULL AS varchar(3)), 'abcdef')", 'abc'],
    ["SUBSTRING('abcdef', 0, 3)", 'ab'],
    ["SUBSTRING('abcdef', 4, 100)", 'def'],
    ["LEFT('abc', 10)", 'abc'],
    ["RIGHT('abc', 2)", 'bc'],
    ["STUFF('abcdef', 2, 3, 'ijklmn')", 'aijklmnef'],
    ["CHARINDEX('C', 'abc')", 3],
    ["PATINDEX('%[0-9]%', 'ab7')", 3],
    ["REPLACE('aAa', 'A', 'b')", 'bbb'],
    ["REPLICATE('ab', 3)", 'ababab'],
    ["QUOTENAME('a]b')", '[a]]b]'],
    ["REVERSE('abc')", 'cba'],
    ['STR(3.14159, 6, 2)', '  3.14'],
    ["CAST(N'日' AS varchar(5)) COLLATE Latin1_General_CI_AS", '?'],
    ['CHAR(65) + NCHAR(8364)', 'A€'],
    ["ASCII('A') + UNICODE(N'€')", 8429],
    ["UPPER('straße') + LOWER('ÀB')", 'STRAßEàb'],
    ["LTRIM('  a ') + RTRIM(' b  ')", 'a  b'],
    ["SPACE(2) + 'x'", '  x'],
  ])('%s', async (expression, expected) => {
    expect(await session.value(`SELECT ${expression}`)).toBe(expected);
  });

  it('the empty string is not NULL', async () => {
    expect(await session.rows("SELECT CASE WHEN '' IS NULL THEN 1 ELSE 0 END, LEN('')")).toEqual([[0, 0]]);
  });

  it
    .skipIf((process.env['TEST_SQLSERVER_URL'] ?? '') !== '')
    .each([
      "STRING_AGG(name, ',')",
      "CONCAT_WS(',', name, name)",
      'TRIM(name)',
      "TRANSLATE(name, 'a', 'b')",
      'GREATEST(1, 2)',
      "(SELECT COUNT(*) FROM STRING_SPLIT('a', ',', 1))",
    ])('what SQL Server 2016 does not have is refused, though newer versions take it: %s', async (expression) => {
    const { errors } = await session.run(`SELECT ${expression} FROM sys.databases`);
    expect(errors[0]).toMatchObject({ number: 50001 });
    expect(errors[0]?.message).toContain('SQL Server 2016');
  });

  it('STRING_SPLIT gives a column value: STRING_SPLIT (Transact-SQL)', async () => {
    expect(await session.rows("SELECT value FROM STRING_SPLIT('b,a,,c', ',') ORDER BY value")).toEqual([
      [''],
      ['a'],
      ['b'],
      ['c'],
    ]);
  });
});

describe('MIN, MAX (Transact-SQL): of text, "the lowest or highest value in the collating sequence"', () => {
  beforeAll(async () => {
    for (const on of [session, insensitive]) {
      await on.batch(`CREATE TABLE dbo.written (id int NOT NULL, n nvarchar(20) NULL, v varchar(20) NULL);
        INSERT INTO dbo.written VALUES (1, N'12', '2024-01-01'), (2, N'7', '2024-05-01'), (3, NULL, NULL)`);
    }
  });

  it.each([
    ['CAST(MIN(n) AS int) + CAST(MAX(n) AS bigint)', '19'],
    ['CONVERT(decimal(9, 2), MAX(n))', '7.00'],
    ['CAST(MIN(n) AS float) + CAST(MIN(n) AS money)', '24'],
    ['DATEDIFF(month, CONVERT(datetime, MIN(v)), CAST(MAX(v) AS date))', '4'],
    ["REPLACE(MIN(n), N'1', N'x') + QUOTENAME(MAX(n))", 'x2[7]'],
    ["PATINDEX('%2%', MIN(n)) + CHARINDEX(N'2', MIN(n)) + ISNUMERIC(MAX(n))", '5'],
    ["CASE WHEN MIN(n) LIKE N'1%' AND MIN(n) < MAX(n) THEN MIN(n) + MAX(n) END", '127'],
    ['CAST(MIN(n COLLATE Latin1_General_CS_AS) AS int)', '12'],
  ])('%s converts, compares and is searched like any text', async (expression, expected) => {
    const statement = `SELECT CAST(${expression} AS varchar(40)) FROM dbo.written`;
    expect(await session.value(statement)).toBe(expected);
    expect(await insensitive.value(statement)).toBe(expected);
  });

  it('also over a window, and 245 for what is no number: OVER clause (Transact-SQL)', async () => {
    expect(
      await session.rows('SELECT CAST(MAX(n) OVER (PARTITION BY id) AS int) FROM dbo.written ORDER BY id'),
    ).toEqual([[12], [7], [null]]);
    expect(await session.errorNumber('SELECT CAST(MIN(v) AS int) FROM dbo.written')).toBe(245);
  });
});
