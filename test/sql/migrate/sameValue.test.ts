import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ColumnType } from '../../../src/plan/refreshPlan.js';
import { sameValue } from '../../../src/migrate/verify/sameValue.js';
import { useDatabase } from '../../support/sqlServer.js';
import type { SqlSession } from '../../support/sqlSession.js';

const database = useDatabase();
let session: SqlSession;

beforeAll(async () => {
  session = await database.connect();
});

afterAll(() => session?.close());

function columnType(declaration: string): ColumnType {
  const [, name = '', length] = /^(\w+)(?:\((\w+)[^)]*\))?/.exec(declaration) ?? [];
  return {
    name,
    length: length === undefined ? null : length === 'max' ? -1 : Number(length),
    precision: null,
    scale: null,
    collation: null,
    nullable: true,
  };
}

function same(type: string, one: string, other: string): Promise<unknown> {
  const condition = sameValue('e.v', 'd.v', columnType(type));
  return session.value(
    `SELECT CASE WHEN ${condition} THEN N'same' ELSE N'differ' END FROM (SELECT CONVERT(${type}, ${one}) AS v) e CROSS JOIN (SELECT CONVERT(${type}, ${other}) AS v) d`,
  );
}

const texts = ['nvarchar(20)', 'nvarchar(max)', 'varchar(20)', 'varchar(8000)', 'nvarchar(4000)', 'ntext', 'text'];

it.each([
  ...texts.flatMap((type) => [
    { type, one: "N'Ana'", other: "N'Ana'", answer: 'same', of: 'a text and itself' },
    { type, one: "N'Ana'", other: "N'ana'", answer: 'differ', of: 'texts in another case' },
    { type, one: "N'Ana'", other: "N'Ana '", answer: 'differ', of: 'a text and one with a blank more' },
    { type, one: "N'Ané'", other: "N'Ane'", answer: 'differ', of: 'texts with another accent' },
    { type, one: "N''", other: 'NULL', answer: 'differ', of: 'an empty text and NULL' },
    { type, one: 'NULL', other: 'NULL', answer: 'same', of: 'two NULLs' },
  ]),
  { type: 'nchar(5)', one: "N'ab'", other: "N'AB'", answer: 'differ', of: 'padded texts in another case' },
  ...['varbinary(20)', 'varbinary(max)', 'image'].flatMap((type) => [
    { type, one: '0x0102', other: '0x0102', answer: 'same', of: 'bytes and themselves' },
    { type, one: '0x01', other: '0x0100', answer: 'differ', of: 'bytes and the same with a zero more' },
    { type, one: '0x', other: 'NULL', answer: 'differ', of: 'no bytes and NULL' },
  ]),
  { type: 'decimal(37,8)', one: '0.1', other: '0.10000000', answer: 'same', of: 'a number in two forms' },
  { type: 'decimal(37,8)', one: '0.1', other: '0.10000001', answer: 'differ', of: 'numbers in their last digit' },
  { type: 'bigint', one: '9007199254740993', other: '9007199254740992', answer: 'differ', of: 'numbers beyond 2^53' },
  { type: 'bigint', one: '0', other: 'NULL', answer: 'differ', of: 'zero and NULL' },
  { type: 'bit', one: '0', other: '1', answer: 'differ', of: 'true and false' },
  { type: 'float', one: '0.1', other: '0.1', answer: 'same', of: 'a float and itself' },
  {
    type: 'datetime',
    one: "'2020-01-01T00:00:00.003'",
    other: "'2020-01-01T00:00:00.007'",
    answer: 'differ',
    of: 'neighbouring instants',
  },
  {
    type: 'datetime2(7)',
    one: "'2020-01-01T00:00:00.0000001'",
    other: "'2020-01-01T00:00:00.0000002'",
    answer: 'differ',
    of: 'neighbouring instants',
  },
  {
    type: 'datetimeoffset(7)',
    one: "'2020-01-01T12:00:00+00:00'",
    other: "'2020-01-01T13:00:00+01:00'",
    answer: 'differ',
    of: 'an instant told with two offsets',
  },
  {
    type: 'uniqueidentifier',
    one: "'AAAAAAAA-0000-0000-0000-000000000001'",
    other: "'aaaaaaaa-0000-0000-0000-000000000001'",
    answer: 'same',
    of: 'an identifier in two forms',
  },
])('verification calls $of ($type) $answer', async ({ type, one, other, answer }) => {
  expect(await same(type, one, other)).toBe(answer);
});
