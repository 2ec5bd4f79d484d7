import { beforeAll, describe, expect, it } from 'vitest';
import { useDatabase } from '../../support/sqlServer.js';
import type { SqlSession } from '../../support/sqlSession.js';

const database = useDatabase();
let session: SqlSession;

beforeAll(async () => {
  session = await database.connect();
});

interface Range {
  readonly type: string;
  readonly style: number;
  /** Least and greatest value, as text of the style. */
  readonly ends: readonly [string, string];
  /** What lies beyond each end, as an expression, with its error. */
  readonly beyond: readonly (readonly [string, number])[];
}

/** The documents are the pages of the types in the Transact-SQL reference. */
const ranges: readonly Range[] = [
  {
    type: 'smallmoney',
    style: 2,
    ends: ['-214748.3648', '214748.3647'],
    beyond: [
      ['CAST(-214748.3649 AS decimal(12, 4))', 8115],
      ['CAST(214748.3648 AS decimal(12, 4))', 8115],
    ],
  },
  {
    type: 'money',
    style: 2,
    ends: ['-922337203685477.5808', '922337203685477.5807'],
    beyond: [
      ['CAST(-922337203685477.5809 AS decimal(24, 4))', 8115],
      ['CAST(922337203685477.5808 AS decimal(24, 4))', 8115],
    ],
  },
  {
    type: 'smalldatetime',
    style: 120,
    ends: ['1900-01-01 00:00:00', '2079-06-06 23:59:00'],
    beyond: [
      ["'1899-12-31T23:59:00'", 242],
      ["'2079-06-07T00:00:00'", 242],
      ["CAST('2079-06-06T23:59:45' AS datetime2)", 242],
      ['65536', 8115],
      ['-1', 8115],
    ],
  },
  {
    type: 'datetime',
    style: 121,
    ends: ['1753-01-01 00:00:00.000', '9999-12-31 23:59:59.997'],
    beyond: [
      ["'1752-12-31T23:59:59'", 242],
      ["CAST('1752-12-31' AS datetime2)", 242],
      ['-53691', 8115],
      ['2958464', 8115],
    ],
  },
  { type: 'date', style: 23, ends: ['0001-01-01', '9999-12-31'], beyond: [["'0000-12-31'", 241]] },
  { type: 'time(7)', style: 121, ends: ['00:00:00.0000000', '23:59:59.9999999'], beyond: [["'24:00:00'", 241]] },
  {
    type: 'datetime2(7)',
    style: 121,
    ends: ['0001-01-01 00:00:00.0000000', '9999-12-31 23:59:59.9999999'],
    beyond: [["'0000-12-31T00:00:00'", 241]],
  },
];

describe.each(ranges)(
  'money and smallmoney, smalldatetime, datetime, … (Transact-SQL): the range of $type',
  (range) => {
    const { type, style, ends, beyond } = range;

    it('takes both ends, from text, in a column and in arithmetic', async () => {
      for (const end of ends) {
        expect(await session.value(`SELECT CONVERT(varchar(40), CAST('${end}' AS ${type}), ${style})`)).toBe(end);
        await session.batch(`CREATE TABLE #kept (v ${type} NULL); INSERT INTO #kept VALUES ('${end}')`);
        expect(await session.value(`SELECT CONVERT(varchar(40), MAX(v), ${style}) FROM #kept`)).toBe(end);
        expect(await session.errorNumber('SELECT v FROM #kept')).toBeUndefined();
        await session.batch('DROP TABLE #kept');
      }
    });

    it('refuses what lies beyond', async () => {
      for (const [expression, number] of beyond) {
        expect([expression, await session.errorNumber(`SELECT CAST(${expression} AS ${type})`)]).toEqual([
          expression,
          number,
        ]);
        expect(await session.value(`SELECT TRY_CAST(${expression} AS ${type})`)).toBeNull();
      }
    });
  },
);

describe('smalldatetime (Transact-SQL)', () => {
  it('242 names both types', async () => {
    const { errors } = await session.run("SELECT CAST('2079-06-07T00:00:00' AS smalldatetime)");
    expect(errors[0]?.message).toBe(
      'The conversion of a varchar data type to a smalldatetime data type resulted in an out-of-range value.',
    );
  });

  it('65535 is its last day; DATEADD ends there (517): DATEADD (Transact-SQL)', async () => {
    expect(await session.value('SELECT CONVERT(varchar(20), CAST(65535 AS smalldatetime), 120)')).toBe(
      '2079-06-06 00:00:00',
    );
    const added = (days: number) => `SELECT DATEADD(day, ${days}, CAST('2079-06-05T23:59:00' AS smalldatetime))`;
    expect(await session.errorNumber(added(1))).toBeUndefined();
    expect(await session.errorNumber(added(2))).toBe(517);
  });
});
