import sql from 'mssql';
import tedious from 'tedious';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Parameter, SqlType, SqlValue } from '../../../../sandbox/sqlserver/engine/api.js';
import { SqlError } from '../../../../sandbox/sqlserver/engine/api.js';
import type { TdsListener } from '../../../../sandbox/sqlserver/protocol/server.js';
import { closeTedious, connectTedious, mssqlConfig, run, type ClientType } from './clients.js';
import { ScriptedEngine, startListener } from './scriptedEngine.js';

const { TYPES } = tedious;

let engine: ScriptedEngine;
let listener: TdsListener;
let connection: tedious.Connection;
let pool: sql.ConnectionPool;

beforeAll(async () => {
  engine = new ScriptedEngine();
  listener = await startListener(engine);
  connection = await connectTedious({ port: listener.port });
  pool = await new sql.ConnectionPool(mssqlConfig(listener.port)).connect();
});

afterAll(async () => {
  await closeTedious(connection);
  await pool.close();
  await listener.close();
});

const execSql = (target: tedious.Connection, request: tedious.Request) => target.execSql(request);
const call = (target: tedious.Connection, request: tedious.Request) => target.callProcedure(request);

/** Runs a text by sp_executesql and returns the parameters that the engine got. */
async function parametersOf(prepare: (request: tedious.Request) => void): Promise<readonly Parameter[]> {
  let got: readonly Parameter[] = [];
  const text = engine.on(({ parameters }) => void (got = parameters));
  const { error } = await run(connection, text, { send: execSql, prepare });
  expect(error).toBeUndefined();
  return got;
}

const at = new Date('2024-02-29T13:14:15.123Z');
const leapDay = 738_944n;
const unitsPerDay = 864_000_000_000n;
const clock = 476_551_230_000n;
const longText = 'Ω'.repeat(10_000);
const bytes = Buffer.alloc(9000, 3);

type Case = readonly [ClientType, Parameters<tedious.Request['addParameter']>[3], unknown, SqlType, SqlValue];

const cases: readonly Case[] = [
  [TYPES.Bit, {}, true, { name: 'bit' }, 1],
  [TYPES.TinyInt, {}, 200, { name: 'tinyint' }, 200],
  [TYPES.SmallInt, {}, -5, { name: 'smallint' }, -5],
  [TYPES.Int, {}, -70_000, { name: 'int' }, -70_000],
  [TYPES.BigInt, {}, '9007199254740993', { name: 'bigint' }, 9_007_199_254_740_993n],
  [TYPES.Real, {}, 0.5, { name: 'real' }, 0.5],
  [TYPES.Float, {}, 1e300, { name: 'float' }, 1e300],
  [TYPES.Decimal, { precision: 10, scale: 3 }, -12.5, { name: 'decimal', precision: 10, scale: 3 }, '-12.500'],
  [TYPES.Numeric, { precision: 38, scale: 0 }, 7, { name: 'numeric', precision: 38, scale: 0 }, '7'],
  [TYPES.Money, {}, -1.25, { name: 'money' }, '-1.2500'],
  [TYPES.SmallMoney, {}, 3.5, { name: 'smallmoney' }, '3.5000'],
  [TYPES.Date, {}, at, { name: 'date' }, leapDay],
  [TYPES.Time, { scale: 3 }, at, { name: 'time', scale: 3 }, clock],
  [TYPES.DateTime, {}, at, { name: 'datetime' }, 45_349n * 25_920_000n + 14_296_537n],
  [TYPES.SmallDateTime, {}, at, { name: 'smalldatetime' }, 45_349n * 1440n + 794n],
  [TYPES.DateTime2, { scale: 7 }, at, { name: 'datetime2', scale: 7 }, leapDay * unitsPerDay + clock],
  [TYPES.VarChar, {}, 'São €', { name: 'varchar', length: 5 }, 'São €'],
  [
    TYPES.VarChar,
    { length: Infinity },
    longText.replaceAll('Ω', 'é'),
    { name: 'varchar', length: 'max' },
    'é'.repeat(10_000),
  ],
  [TYPES.Char, { length: 4 }, 'ab', { name: 'char', length: 4 }, 'ab'],
  [TYPES.NVarChar, { length: 50 }, 'Ω💧', { name: 'nvarchar', length: 50 }, 'Ω💧'],
  [TYPES.NVarChar, {}, longText, { name: 'nvarchar', length: 'max' }, longText],
  [TYPES.NVarChar, {}, '', { name: 'nvarchar', length: 1 }, ''],
  [TYPES.NChar, { length: 3 }, 'Ω', { name: 'nchar', length: 3 }, 'Ω'],
  [TYPES.Text, {}, 'täxt', { name: 'text' }, 'täxt'],
  [TYPES.NText, {}, longText, { name: 'ntext' }, longText],
  [TYPES.Binary, { length: 2 }, Buffer.of(1, 2), { name: 'binary', length: 2 }, Buffer.of(1, 2)],
  [TYPES.VarBinary, { length: 20 }, Buffer.of(9), { name: 'varbinary', length: 20 }, Buffer.of(9)],
  [TYPES.VarBinary, {}, bytes, { name: 'varbinary', length: 'max' }, bytes],
  [TYPES.Image, {}, bytes, { name: 'image' }, bytes],
  [
    TYPES.UniqueIdentifier,
    {},
    '01234567-89ab-cdef-0123-456789abcdef',
    { name: 'uniqueidentifier' },
    '01234567-89AB-CDEF-0123-456789ABCDEF',
  ],
];

describe('parameters of sp_executesql', () => {
  it.each(cases.map((one) => [`${one[0].name} ${JSON.stringify(one[3])}`, one] as const))('%s', async (_name, one) => {
    const [type, options, value, sqlType, sqlValue] = one;
    const got = await parametersOf((request) => {
      request.addParameter('value', type, value, options);
      request.addParameter('nothing', type, null, options);
    });
    expect(got[0]).toEqual({ name: '@value', type: sqlType, value: sqlValue, output: false });
    expect(got[1]).toMatchObject({ name: '@nothing', type: { name: sqlType.name }, value: null });
  });

  it('keeps the instant and the offset of a datetimeoffset', async () => {
    const got = await parametersOf((request) => request.addParameter('p', TYPES.DateTimeOffset, at, { scale: 7 }));
    expect(got[0]).toMatchObject({
      type: { name: 'datetimeoffset', scale: 7 },
      value: { utc: leapDay * unitsPerDay + clock, offsetMinutes: -at.getTimezoneOffset() || 0 },
    });
  });

  it('takes many parameters and a statement of several megabytes', async () => {
    let got = 0;
    const text = engine.on(({ parameters }) => void (got = parameters.length), `select ${'1,'.repeat(1_500_000)}1`);
    const { error } = await run(connection, text, {
      send: execSql,
      prepare: (request) => {
        for (let index = 0; index < 2000; index++) request.addParameter(`p${index}`, TYPES.Int, index);
      },
    });
    expect(error).toBeUndefined();
    expect(got).toBe(2000);
  });

  it('refuses table-valued parameters by name', async () => {
    const table = new sql.Table('dbo.ids');
    table.columns.add('id', sql.Int);
    table.rows.add(1);
    const request = pool.request().input('ids', table);
    await expect(request.query(engine.on(() => undefined))).rejects.toThrow(/table-valued parameter/);
  });
});

describe('what a procedure call answers', () => {
  it('results as DONEINPROC, then status, output parameters and DONEPROC', async () => {
    const text = engine.on(({ sink, parameters }) => {
      sink.columns([{ name: 'n', type: { name: 'int' }, nullable: true }]);
      void sink.row([1]);
      sink.statementDone(1n, 'select');
      sink.statementDone(4n, 'update');
      for (const { name, type, output } of parameters) if (output) sink.returnValue(name, type, 42);
    });
    const { error, rows, dones, returned, status } = await run(connection, text, {
      send: execSql,
      prepare: (request) => {
        request.addParameter('given', TYPES.Int, 1);
        request.addOutputParameter('out', TYPES.Int);
      },
    });
    expect(error).toBeUndefined();
    expect(rows).toEqual([[1]]);
    expect(dones).toEqual([
      { event: 'doneInProc', rowCount: 1, more: true },
      { event: 'doneInProc', rowCount: 4, more: true },
      { event: 'doneProc', rowCount: undefined, more: false },
    ]);
    expect(returned).toEqual({ out: 42 });
    expect(status).toBe(0);
  });

  it('output parameters of every kind of length', async () => {
    const request = pool
      .request()
      .output('text', sql.NVarChar(sql.MAX))
      .output('amount', sql.Decimal(20, 4))
      .output('stamp', sql.DateTime2(7))
      .output('none', sql.VarChar(10));
    const values = new Map<string, SqlValue>([
      ['@text', longText],
      ['@amount', '1234567890.1234'],
      ['@stamp', leapDay * unitsPerDay + clock],
      ['@none', null],
    ]);
    const text = engine.on(({ sink, parameters }) => {
      for (const { name, type } of parameters) sink.returnValue(name, type, values.get(name)!);
    });
    const { output } = await request.query(text);
    expect(output).toEqual({ text: longText, amount: 1234567890.1234, stamp: at, none: null });
  });

  it('output parameters that were passed by position', async () => {
    const text = engine.on(({ sink, parameters }) => {
      parameters.forEach(({ name, type }, index) => sink.returnValue(name, type, index + 10));
    });
    const { error, returned } = await run(connection, 'sp_executesql', {
      send: call,
      prepare: (request) => {
        request.addParameter('', TYPES.NVarChar, text);
        request.addParameter('', TYPES.NVarChar, '@a int output, @b int, @c int output');
        request.addOutputParameter('', TYPES.Int, 1);
        request.addParameter('', TYPES.Int, 2);
        request.addOutputParameter('', TYPES.Int, 3);
      },
    });
    expect(error).toBeUndefined();
    expect(returned).toEqual({ a: 10, c: 12 });
  });

  it('the return value of a procedure, called by name', async () => {
    engine.on(({ sink, parameters }) => {
      sink.returnStatus(-999);
      sink.returnValue('@result', { name: 'nvarchar', length: 20 }, `got ${String(parameters[0]!.value)}`);
    }, 'sp_getapplock');
    const answer = await pool
      .request()
      .input('Resource', sql.NVarChar(255), 'refresh')
      .output('result', sql.NVarChar(20))
      .execute('sp_getapplock');
    expect(answer.returnValue).toBe(-999);
    expect(answer.output).toEqual({ result: 'got refresh' });
  });

  it('an unknown procedure, and a cursor procedure by its name', async () => {
    expect((await run(connection, 'sp_nothing', { send: call })).error).toMatchObject({ number: 2812 });
    expect((await run(connection, 'sp_cursoropen', { send: call })).error).toMatchObject({
      number: 50001,
      message: 'The sandbox does not support sp_cursoropen.',
    });
  });

  it('an error with the rows before it', async () => {
    const text = engine.on(({ sink }) => {
      sink.columns([{ name: 'n', type: { name: 'int' }, nullable: true }]);
      void sink.row([1]);
      throw new SqlError(8134, 'Divide by zero error encountered.', { line: 2 });
    });
    const { error, rows, dones } = await run(connection, text, { send: execSql });
    expect(rows).toEqual([[1]]);
    expect(error).toMatchObject({ number: 8134, lineNumber: 2 });
    expect(dones.at(-1)).toEqual({ event: 'doneProc', rowCount: undefined, more: false });
  });
});

describe('prepared statements', () => {
  it('are prepared once, run with values, and unprepared', async () => {
    const seen: SqlValue[][] = [];
    const text = engine.on(({ sink, parameters }) => {
      seen.push(parameters.map(({ value }) => value));
      sink.columns([{ name: 'v', type: { name: 'nvarchar', length: 20 }, nullable: true }]);
      void sink.row([`${String(parameters[0]!.value)} ${String(parameters[1]!.value)}`]);
      sink.statementDone(1n, 'select');
    });
    const statement = new sql.PreparedStatement(pool);
    statement.input('n', sql.Int);
    statement.input('t', sql.NVarChar(5));
    await statement.prepare(text);
    const first = await statement.execute({ n: 1, t: 'a' });
    const second = await statement.execute({ n: null, t: 'Ω' });
    expect([first.recordset, second.recordset]).toEqual([[{ v: '1 a' }], [{ v: 'null Ω' }]]);
    expect(seen).toEqual([
      [1, 'a'],
      [null, 'Ω'],
    ]);
    await expect(statement.execute({ n: 1, t: 'too long' })).rejects.toMatchObject({ number: 8016 });
    await statement.unprepare();
  });

  it('tell at once of a text that cannot be prepared', async () => {
    const request = new tedious.Request('select from nowhere', () => undefined);
    const failed = new Promise((resolve) => request.once('error', resolve));
    connection.prepare(request);
    expect(await failed).toMatchObject({ errors: [{ number: 208 }, { number: 8180 }] });
  });

  it('are gone after a reset of the connection', async () => {
    const own = await connectTedious({ port: listener.port });
    const text = engine.on(({ sink }) => sink.statementDone(1n, 'update'));
    const request = new tedious.Request(text, () => undefined);
    request.addParameter('n', TYPES.Int, undefined);
    const prepared = new Promise((resolve) => request.once('prepared', resolve));
    own.prepare(request);
    await prepared;
    const session = engine.sessions.at(-1)!;
    await new Promise<void>((resolve, reject) => own.reset((error) => (error ? reject(error) : resolve())));
    expect(session.resets).toBe(1);
    const failed = await new Promise<Error & { number?: number }>((resolve) => {
      request.userCallback = resolve as typeof request.userCallback;
      own.execute(request, { n: 1 });
    });
    expect(failed).toMatchObject({ number: 8179 });
    await closeTedious(own);
  });
});
