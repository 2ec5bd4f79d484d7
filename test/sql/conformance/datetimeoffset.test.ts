import { TYPES } from 'tedious';
import { beforeAll, describe, expect, it } from 'vitest';
import { useDatabase } from '../../support/sqlServer.js';
import type { SqlSession } from '../../support/sqlSession.js';

const database = useDatabase();
let session: SqlSession;

beforeAll(async () => {
  session = await database.connect();
});

const cast = (written: string, scale = 7) => `CAST('${written}' AS datetimeoffset(${scale}))`;
const shown = (expression: string) => session.value(`SELECT CONVERT(varchar(40), ${expression}, 121)`);

describe('datetimeoffset (Transact-SQL): what is written and shown', () => {
  it.each([
    ['2007-05-08 12:35:29.1234567 +12:15', 7, '2007-05-08 12:35:29.1234567 +12:15'],
    ['2007-05-08 12:35:29.1234567 +12:15', 3, '2007-05-08 12:35:29.123 +12:15'],
    ['2007-05-08 12:35:29.9 -03:30', 0, '2007-05-08 12:35:30 -03:30'],
    ['2007-05-08T12:35:29-14:00', 7, '2007-05-08 12:35:29.0000000 -14:00'],
    ['2007-05-08T12:35:29Z', 0, '2007-05-08 12:35:29 +00:00'],
    ['2007-05-08 12:35', 0, '2007-05-08 12:35:00 +00:00'],
    ['2007-05-08', 0, '2007-05-08 00:00:00 +00:00'],
    ['0001-01-01 00:00:00', 7, '0001-01-01 00:00:00.0000000 +00:00'],
    ['9999-12-31 23:59:59.9999999', 7, '9999-12-31 23:59:59.9999999 +00:00'],
  ])("'%s' of scale %i is %s", async (written, scale, expected) => {
    expect(await shown(cast(written, scale))).toBe(expected);
    expect(await session.value(`SELECT CAST(${cast(written, scale)} AS varchar(40))`)).toBe(expected);
  });

  it('241: an offset beyond 14 hours, and what is no date', async () => {
    expect(await session.errorNumber(`SELECT ${cast('2007-05-08 12:35:29 +14:01')}`)).toBe(241);
    expect(await session.errorNumber(`SELECT ${cast('2007-05-08 12:35:29 +03:60')}`)).toBe(241);
    expect(await session.errorNumber(`SELECT ${cast('soon +01:00')}`)).toBe(241);
    expect(await session.value(`SELECT TRY_CAST('2007-05-08 12:35:29 +15:00' AS datetimeoffset)`)).toBeNull();
  });
});

describe('datetimeoffset (Transact-SQL): conversions', () => {
  const value = cast('2007-05-08 23:35:29.1234567 -05:00');

  it('other types get date and time of its own clock', async () => {
    expect(await shown(`CAST(${value} AS datetime2)`)).toBe('2007-05-08 23:35:29.1234567');
    expect(await shown(`CAST(${value} AS datetime)`)).toBe('2007-05-08 23:35:29.123');
    expect(await shown(`CAST(${value} AS date)`)).toBe('2007-05-08');
    expect(await shown(`CAST(${value} AS time(3))`)).toBe('23:35:29.123');
    expect(await shown(`CAST(${value} AS smalldatetime)`)).toBe('2007-05-08 23:35:00.000');
  });

  it('other types are taken as UTC', async () => {
    const from = (type: string) => shown(`CAST(CAST('2007-05-08T12:35:00' AS ${type}) AS datetimeoffset(0))`);
    expect(await from('datetime2')).toBe('2007-05-08 12:35:00 +00:00');
    expect(await from('datetime')).toBe('2007-05-08 12:35:00 +00:00');
    expect(await from('smalldatetime')).toBe('2007-05-08 12:35:00 +00:00');
    expect(await shown("CAST(CAST('2007-05-08' AS date) AS datetimeoffset(0))")).toBe('2007-05-08 00:00:00 +00:00');
    expect(await shown("CAST(CAST('12:35' AS time) AS datetimeoffset(0))")).toBe('1900-01-01 12:35:00 +00:00');
    expect(await session.errorNumber('SELECT CAST(1 AS datetimeoffset)')).toBe(529);
  });

  it('has the highest precedence: Data type precedence (Transact-SQL)', async () => {
    const case_ = `CASE WHEN 1 = 0 THEN ${value} ELSE CAST('2024-01-01' AS datetime2(0)) END`;
    expect(await shown(case_)).toBe('2024-01-01 00:00:00.0000000 +00:00');
  });
});

describe('datetimeoffset (Transact-SQL): values compare by their instant in UTC', () => {
  beforeAll(async () => {
    await session.batch(`CREATE TABLE dbo.instants (id int NOT NULL PRIMARY KEY, at datetimeoffset(3) NULL);
      INSERT INTO dbo.instants VALUES (1, '2024-01-01 12:00:00 +02:00'), (2, '2024-01-01 10:00:00 +00:00'),
        (3, '2024-01-01 11:00:00 +02:00'), (4, NULL), (5, '2024-01-01 09:30:00 -01:00')`);
  });

  it('in WHERE, ORDER BY, GROUP BY, DISTINCT, MIN and MAX', async () => {
    const where = (condition: string) => session.rows(`SELECT id FROM dbo.instants WHERE ${condition} ORDER BY id`);
    expect(await where("at = '2024-01-01 10:00:00'")).toEqual([[1], [2]]);
    expect(await where("at < CAST('2024-01-01T10:00:00' AS datetime2)")).toEqual([[3]]);
    expect(await where("at IN ('2024-01-01 05:00:00 -05:00', '2024-01-01 10:30:00 +00:00')")).toEqual([[1], [2], [5]]);
    expect(await session.rows('SELECT id FROM dbo.instants ORDER BY at, id')).toEqual([[4], [3], [1], [2], [5]]);
    expect(await session.rows('SELECT COUNT(*) FROM dbo.instants GROUP BY at ORDER BY at')).toEqual([
      [1],
      [1],
      [2],
      [1],
    ]);
    expect(await session.value('SELECT COUNT(DISTINCT at) FROM dbo.instants')).toBe(3);
    expect(await shown('(SELECT MIN(at) FROM dbo.instants)')).toBe('2024-01-01 11:00:00.000 +02:00');
    expect(await shown('(SELECT MAX(at) FROM dbo.instants)')).toBe('2024-01-01 09:30:00.000 -01:00');
  });

  it('in unique keys (2601) and foreign keys', async () => {
    await session.batch(`CREATE TABLE dbo.moments (at datetimeoffset(0) NOT NULL);
      CREATE UNIQUE INDEX UX_moments ON dbo.moments (at);
      CREATE TABLE dbo.readings (at datetimeoffset(0) NULL REFERENCES dbo.moments (at));
      INSERT INTO dbo.moments VALUES ('2024-01-01 12:00:00 +02:00')`);
    expect(await session.errorNumber("INSERT INTO dbo.moments VALUES ('2024-01-01 10:00:00 +00:00')")).toBe(2601);
    expect(await session.errorNumber("INSERT INTO dbo.readings VALUES ('2024-01-01 10:00:00 +00:00')")).toBeUndefined();
    expect(await session.errorNumber("INSERT INTO dbo.readings VALUES ('2024-01-01 12:00:00 +00:00')")).toBe(547);
  });

  it('joins, variables, defaults and updates keep the offset', async () => {
    expect(
      await session.rows('SELECT a.id, b.id FROM dbo.instants a JOIN dbo.instants b ON b.at = a.at AND b.id > a.id'),
    ).toEqual([[1, 2]]);
    expect(
      await session.value(`DECLARE @at datetimeoffset(0) = '2024-01-01 12:00:00 +05:30';
      SELECT CONVERT(varchar(40), @at, 121)`),
    ).toBe('2024-01-01 12:00:00 +05:30');
    await session.batch(`CREATE TABLE dbo.stamped (id int NOT NULL, at datetimeoffset(0) NOT NULL
        CONSTRAINT DF_stamped DEFAULT ('2000-01-01 00:00:00 -08:00'));
      INSERT INTO dbo.stamped (id) VALUES (1), (2);
      UPDATE dbo.stamped SET at = '2001-01-01 00:00:00 +01:00' WHERE id = 2`);
    expect(await session.rows('SELECT CONVERT(varchar(40), at, 121) FROM dbo.stamped ORDER BY id')).toEqual([
      ['2000-01-01 00:00:00 -08:00'],
      ['2001-01-01 00:00:00 +01:00'],
    ]);
  });
});

describe('datetimeoffset on the wire: [MS-TDS] 2.2.5.5.1.9, sys.columns', () => {
  it('parameters and results carry the instant', async () => {
    const when = new Date('2024-02-29T12:34:56.120Z');
    const { results } = await session.query('SELECT @at, CONVERT(varchar(40), @at, 121)', (request) =>
      request.addParameter('at', TYPES.DateTimeOffset, when, { scale: 3 }),
    );
    expect(results[0]?.rows[0]?.[0]).toEqual(when);
    expect((await session.batch(`SELECT ${cast('2024-02-29 14:34:56.12 +02:00')}`)).results[0]?.rows).toEqual([[when]]);
  });

  it('is described with its precision, scale and length', async () => {
    await session.batch(`CREATE TABLE dbo.described (a datetimeoffset, b datetimeoffset(3), c datetimeoffset(0))`);
    expect(
      await session.rows(`SELECT TYPE_NAME(system_type_id), max_length, precision, scale FROM sys.columns
        WHERE object_id = OBJECT_ID('dbo.described') ORDER BY column_id`),
    ).toEqual([
      ['datetimeoffset', 10, 34, 7],
      ['datetimeoffset', 9, 30, 3],
      ['datetimeoffset', 8, 26, 0],
    ]);
    expect(await session.value(`SELECT DATALENGTH(${cast('2024-01-01')})`)).toBe(10);
  });

  it('a bulk load keeps instants, also into a column of another scale: [MS-TDS] Bulk Load BCP', async () => {
    const when = new Date('2024-02-29T12:34:56.127Z');
    await session.batch(
      'CREATE TABLE dbo.arrived (id int NOT NULL, a datetimeoffset(7) NULL, b datetimeoffset(0) NULL)',
    );
    const columns = ['a', 'b'].map((name) => ({ name, type: TYPES.DateTimeOffset, scale: 7 }));
    await session.bulkLoad(
      'dbo.arrived',
      [{ name: 'id', type: TYPES.Int, nullable: false }, ...columns],
      [
        [1, when, when],
        [2, null, null],
      ],
    );
    expect(await session.rows('SELECT a, b FROM dbo.arrived ORDER BY id')).toEqual([
      [when, new Date('2024-02-29T12:34:56.000Z')],
      [null, null],
    ]);
  });
});
