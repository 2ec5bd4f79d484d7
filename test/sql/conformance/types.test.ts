import { TYPES } from 'tedious';
import { beforeAll, describe, expect, it } from 'vitest';
import { useDatabase } from '../../support/sqlServer.js';
import type { SqlSession } from '../../support/sqlSession.js';

const database = useDatabase();
let session: SqlSession;

beforeAll(async () => {
  session = await database.connect();
});

const text = (expression: string) => session.value(`SELECT CONVERT(varchar(60), ${expression})`);

describe('datetime (Transact-SQL): rounding to .000, .003 and .007 seconds', () => {
  it.each([
    ['2024-01-01T23:59:59.998', '2024-01-01 23:59:59.997'],
    ['2024-01-01T23:59:59.999', '2024-01-02 00:00:00.000'],
    ['2024-01-01T00:00:00.001', '2024-01-01 00:00:00.000'],
    ['2024-01-01T00:00:00.002', '2024-01-01 00:00:00.003'],
    ['2024-01-01T00:00:00.004', '2024-01-01 00:00:00.003'],
    ['2024-01-01T00:00:00.005', '2024-01-01 00:00:00.007'],
    ['2024-01-01T00:00:00.008', '2024-01-01 00:00:00.007'],
    ['2024-01-01T00:00:00.009', '2024-01-01 00:00:00.010'],
    ['1753-01-01', '1753-01-01 00:00:00.000'],
    ['', '1900-01-01 00:00:00.000'],
  ])('%s is %s', async (written, stored) => {
    expect(await session.value(`SELECT CONVERT(varchar(30), CAST('${written}' AS datetime), 121)`)).toBe(stored);
  });

  it('242: a date out of its range; 241: no date', async () => {
    expect(await session.errorNumber("SELECT CAST('1752-12-31T00:00:00' AS datetime)")).toBe(242);
    expect(await session.errorNumber("SELECT CAST('yesterday' AS datetime)")).toBe(241);
    expect(await session.errorNumber("SELECT CAST('2024-02-30T00:00:00' AS datetime)")).toBe(242);
  });

  it('smalldatetime rounds to the minute; date and time cut', async () => {
    expect(
      await session.value("SELECT CONVERT(varchar(30), CAST('2024-01-01T12:35:29.998' AS smalldatetime), 120)"),
    ).toBe('2024-01-01 12:35:00');
    expect(await session.value("SELECT CONVERT(varchar(30), CAST('2024-01-01T12:35:30' AS smalldatetime), 120)")).toBe(
      '2024-01-01 12:36:00',
    );
    expect(
      await session.value("SELECT CONVERT(varchar(30), CAST(CAST('2024-01-01T23:59:00' AS datetime) AS date), 23)"),
    ).toBe('2024-01-01');
  });

  it.each([
    ['CAST(stamp AS datetime)', '2024-01-02 03:04:05'],
    ['CAST(stamp AS smalldatetime)', '2024-01-02 03:04:00'],
    ['CAST(instant AS datetime)', '2024-01-02 03:04:05'],
    ['CAST(day AS datetime)', '2024-01-02 00:00:00'],
    ['CAST(day AS smalldatetime)', '2024-01-02 00:00:00'],
    ['CAST(moment AS smalldatetime)', '2024-01-02 03:04:00'],
    ['moment + 1', '2024-01-03 03:04:05'],
    ['moment - 0.5', '2024-01-01 15:04:05'],
    ['DATEADD(month, 1, moment)', '2024-02-02 03:04:05'],
  ])('columns convert and add like constants: %s', async (expression, expected) => {
    await session.batch(`DROP TABLE IF EXISTS dbo.moments;
      CREATE TABLE dbo.moments (stamp datetime2(3), instant datetimeoffset(3), day date, moment datetime);
      INSERT INTO dbo.moments VALUES ('2024-01-02T03:04:05', '2024-01-02T03:04:05', '2024-01-02', '2024-01-02T03:04:05')`);
    expect(await session.value(`SELECT CONVERT(varchar(19), ${expression}, 120) FROM dbo.moments`)).toBe(expected);
  });
});

describe('CAST and CONVERT (Transact-SQL): styles', () => {
  it.each([
    [120, '2024-02-29 13:04:05'],
    [121, '2024-02-29 13:04:05.123'],
    [126, '2024-02-29T13:04:05.123'],
    [112, '20240229'],
    [23, '2024-02-29'],
    [113, '29 Feb 2024 13:04:05:123'],
    [20, '2024-02-29 13:04:05'],
  ])('datetime style %i', async (style, expected) => {
    const value = "CAST('2024-02-29T13:04:05.123' AS datetime)";
    expect(await session.value(`SELECT CONVERT(varchar(40), ${value}, ${style})`)).toBe(expected);
  });

  it.each([
    ['CONVERT(varchar(20), CAST(1234.5678 AS money), 0)', '1234.57'],
    ['CONVERT(varchar(20), CAST(1234.5678 AS money), 1)', '1,234.57'],
    ['CONVERT(varchar(20), CAST(1234.5678 AS money), 2)', '1234.5678'],
    ['CONVERT(varchar(20), 0x0aff, 1)', '0x0AFF'],
    ['CONVERT(varchar(20), 0x0aff, 2)', '0AFF'],
    ["CONVERT(varchar(20), CONVERT(varbinary(4), '0x0AFF', 1), 2)", '0AFF'],
    ['CONVERT(varchar(20), CAST(1234567.0 AS float))', '1.23457e+006'],
    ['CONVERT(varchar(20), CAST(0.1 AS float))', '0.1'],
  ])('%s', async (expression, expected) => {
    expect(await session.value(`SELECT ${expression}`)).toBe(expected);
  });
});

describe('CAST and CONVERT (Transact-SQL): float style 3', () => {
  it('keeps every digit', async () => {
    for (const value of ['0.1', '1e0 / 3', '1e300']) {
      const [row] = await session.rows(
        `SELECT CONVERT(varchar(40), v, 3), v FROM (SELECT CAST(${value} AS float) AS v) t`,
      );
      expect(Number(row?.[0])).toBe(row?.[1]);
    }
  });
});

describe('Precision, scale, and length (Transact-SQL)', () => {
  const typeOf = async (expression: string) => {
    const { results } = await session.batch(`SELECT ${expression} AS x`);
    const column = results[0]?.columns[0];
    return [column?.precision, column?.scale];
  };
  const currency = (value: string) => `CAST(${value} AS decimal(37, 8))`;

  it.each([
    [`${currency('1')} + ${currency('2')}`, [38, 8]],
    [`${currency('1')} * ${currency('2')}`, [38, 6]],
    [`${currency('1')} / ${currency('3')}`, [38, 6]],
    ['CAST(1 AS decimal(10, 2)) + CAST(1 AS decimal(8, 4))', [13, 4]],
    ['CAST(1 AS decimal(10, 2)) * CAST(1 AS decimal(8, 4))', [19, 6]],
    ['CAST(1 AS decimal(10, 2)) / CAST(1 AS decimal(8, 4))', [23, 11]],
    ['2147483648', [10, 0]],
  ])('%s is decimal%j', async (expression, expected) => {
    expect(await typeOf(expression)).toEqual(expected);
  });

  it.each([
    [`${currency('1')} / ${currency('3')}`, '0.333333'],
    [`${currency('2')} / ${currency('3')}`, '0.666666'],
    [currency('90071992.54740993'), '90071992.54740993'],
    [currency('12345678901234567890123456789.12345678'), '12345678901234567890123456789.12345678'],
    ['CAST(1.005 AS decimal(10, 2))', '1.01'],
    ['CAST(-1.005 AS decimal(10, 2))', '-1.01'],
    ['CAST(0.1 AS decimal(5, 2))', '0.10'],
  ])('%s is %s', async (expression, expected) => {
    expect(await text(expression)).toBe(expected);
  });

  it('8115: a value that its type cannot hold', async () => {
    expect(await session.errorNumber('SELECT CAST(1000 AS decimal(5, 2))')).toBe(8115);
    expect(await session.errorNumber('SELECT CAST(2147483647 AS int) + 1')).toBe(8115);
    expect(await session.errorNumber('SELECT SUM(v) FROM (VALUES (2147483647), (1)) t (v)')).toBe(8115);
  });

  it('220: an integer that tinyint or smallint cannot hold', async () => {
    expect(await session.errorNumber('DECLARE @i int = 256; SELECT CAST(@i AS tinyint)')).toBe(220);
    expect(await session.errorNumber('DECLARE @i int = 40000; SELECT CAST(@i AS smallint)')).toBe(220);
  });
});

describe('arithmetic: / (Division), % (Modulus), Operator precedence (Transact-SQL)', () => {
  it.each([
    ['5 / 2', 2],
    ['-5 / 2', -2],
    ['-5 % 3', -2],
    ['5 % -3', 2],
    ["'1' + 1", 2],
    ['1 + NULL', null],
    ['CAST(1.9 AS int)', 1],
    ['CAST(-1.9 AS int)', -1],
    ["CAST(' 12 ' AS int)", 12],
    ["CAST('' AS int)", 0],
    ['AVG(v) FROM (VALUES (1), (2)) t (v)', 1],
    ['COUNT(v) FROM (VALUES (1), (NULL)) t (v)', 1],
    ['5 & 3 | 8 ^ 1', 8],
    ['~5', -6],
    ['CAST(5 AS bit) + 0', 1],
    ["CAST('true' AS bit) + 0", 1],
    ['SIGN(-3)', -1],
    ["ISNUMERIC('12a')", 0],
    ["DATEDIFF(year, '2023-12-31', '2024-01-01')", 1],
    ["DATEDIFF(day, '2024-01-01T23:59:59', '2024-01-02')", 1],
    ["DATEPART(quarter, '2024-05-01')", 2],
    ["DATENAME(month, '2024-05-01')", 'May'],
  ])('%s is %s', async (expression, expected) => {
    expect(await session.value(`SELECT ${expression}`)).toBe(expected);
  });

  it.each([
    ['-100.0/-100.0*10.0', '0.1'],
    ['ROUND(123.9994, 3)', '123.9990'],
    ['ROUND(150.75, 0, 1)', '150.00'],
    ['ROUND(748.58, -2)', '700.00'],
    ['CEILING(1.2)', '2'],
    ['FLOOR(-1.2)', '-2'],
    ["CONVERT(varchar(10), DATEADD(month, 1, CAST('2024-01-31' AS date)), 23)", '2024-02-29'],
    ["CONVERT(varchar(10), EOMONTH('2024-02-10'), 23)", '2024-02-29'],
    ['CAST(1.00005 AS money)', '1.00'],
    ['CONVERT(varchar(10), CAST(1.00005 AS money), 2)', '1.0001'],
  ])('%s is %s', async (expression, expected) => {
    const value = await text(expression);
    expect(Number.isNaN(Number(value)) ? value : Number(value)).toBe(
      Number.isNaN(Number(expected)) ? expected : Number(expected),
    );
  });

  it.each(['CAST(-32768 AS smallint)', 'CAST(-2147483648 AS int)', 'CAST(-9223372036854775808 AS bigint)'])(
    '8115: the least value has no opposite: -%s',
    async (least) => {
      expect(await session.errorNumber(`SELECT -${least}`)).toBe(8115);
    },
  );

  it('8134: division by zero', async () => {
    expect(await session.errorNumber('SELECT 1 / 0')).toBe(8134);
  });
});

describe('Data type conversion and precedence (Transact-SQL)', () => {
  it.each([
    [245, "SELECT CAST('1.5' AS int)", "Conversion failed when converting the varchar value '1.5' to data type int."],
    [245, "SELECT 1 + N'x'", "Conversion failed when converting the nvarchar value 'x' to data type int."],
    [8114, "SELECT CAST('x' AS decimal(5, 2))", 'Error converting data type varchar to numeric.'],
    [8114, "SELECT CAST('x' AS float)", 'Error converting data type varchar to float.'],
    [8114, "SELECT CAST('x' AS bigint)", 'Error converting data type varchar to bigint.'],
    [235, "SELECT CAST('x' AS money)", 'Cannot convert a char value to money. The char value has incorrect syntax.'],
    [
      8169,
      "SELECT CAST('x' AS uniqueidentifier)",
      'Conversion failed when converting from a character string to uniqueidentifier.',
    ],
    [529, 'SELECT CAST(CAST(1 AS int) AS date)', undefined],
    [529, 'SELECT CAST(CAST(1 AS int) AS uniqueidentifier)', undefined],
  ])('error %i: %s', async (number, statement, message) => {
    const { errors } = await session.run(statement);
    expect(errors[0]?.number).toBe(number);
    if (message !== undefined) expect(errors[0]?.message).toBe(message);
  });

  it('TRY_CAST and TRY_CONVERT give NULL: TRY_CAST (Transact-SQL)', async () => {
    expect(await session.rows("SELECT TRY_CAST('x' AS int), TRY_CONVERT(datetime, 'x'), TRY_CAST('7' AS int)")).toEqual(
      [[null, null, 7]],
    );
  });

  it('the type of higher precedence wins in UNION, CASE and COALESCE', async () => {
    expect(await session.errorNumber("SELECT 1 AS x UNION ALL SELECT 'a'")).toBe(245);
    expect(await session.value("SELECT CASE WHEN 1 = 1 THEN '5' ELSE 1 END")).toBe(5);
    expect(await session.value("SELECT COALESCE(NULL, '5', 1)")).toBe(5);
  });

  it('257: text is not made binary without CONVERT', async () => {
    await session.batch('CREATE TABLE dbo.binaries (b varbinary(10))');
    expect(await session.errorNumber("INSERT INTO dbo.binaries VALUES ('x')")).toBe(257);
    expect(await session.errorNumber("INSERT INTO dbo.binaries VALUES (CONVERT(varbinary(10), 'x'))")).toBeUndefined();
  });
});

describe('parameters and values of the driver: sp_executesql (Transact-SQL), [MS-TDS]', () => {
  it('values come back as they were sent', async () => {
    const when = new Date('2024-02-29T12:34:56.120Z');
    const { results } = await session.query('SELECT @i, @l, @t, @d, @b, @n', (request) => {
      request.addParameter('i', TYPES.Int, 5);
      request.addParameter('l', TYPES.BigInt, '9223372036854775807');
      request.addParameter('t', TYPES.NVarChar, 'déjà');
      request.addParameter('d', TYPES.DateTime, when);
      request.addParameter('b', TYPES.VarBinary, Buffer.from('0001', 'hex'));
      request.addParameter('n', TYPES.NVarChar, null);
    });
    expect(results[0]?.rows).toEqual([[5, '9223372036854775807', 'déjà', when, Buffer.from('0001', 'hex'), null]]);
  });

  it('8003: more than 2,100 parameters: Maximum capacity specifications', async () => {
    const names = (count: number) => Array.from({ length: count }, (_, index) => `p${index}`);
    const sum = (count: number) =>
      session.runQuery(
        `SELECT ${names(count)
          .map((name) => `@${name}`)
          .join('+')}`,
        (request) => {
          for (const name of names(count)) request.addParameter(name, TYPES.Int, 1);
        },
      );
    expect((await sum(2101)).errors[0]?.number).toBe(8003);
    expect((await sum(300)).results[0]?.rows).toEqual([[300]]);
  });

  it('long texts and binaries travel whole', async () => {
    const long = 'é'.repeat(100_000);
    const { results } = await session.query('SELECT LEN(@t), @t', (request) =>
      request.addParameter('t', TYPES.NVarChar, long),
    );
    expect(results[0]?.rows[0]?.[1]).toBe(long);
    expect(Number(results[0]?.rows[0]?.[0])).toBe(100_000);
  });

  it('columns carry their type, length, precision and scale', async () => {
    await session.batch('CREATE TABLE dbo.described (n nvarchar(50) NULL, d decimal(37, 8) NULL, m varchar(max) NULL)');
    const { results } = await session.batch('SELECT n, d, m FROM dbo.described');
    expect(results[0]?.columns).toMatchObject([
      { name: 'n', type: 'NVarChar', length: 100 },
      { name: 'd', precision: 37, scale: 8 },
      { name: 'm', type: 'VarChar', length: 65535 },
    ]);
  });
});
