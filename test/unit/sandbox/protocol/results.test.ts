import sql from 'mssql';
import type tedious from 'tedious';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SqlType, SqlValue } from '../../../../sandbox/sqlserver/engine/api.js';
import type { TdsListener } from '../../../../sandbox/sqlserver/protocol/server.js';
import { closeTedious, connectTedious, mssqlConfig, run } from './clients.js';
import { ScriptedEngine, startListener } from './scriptedEngine.js';

let engine: ScriptedEngine;
let listener: TdsListener;
let connection: tedious.Connection;

beforeAll(async () => {
  engine = new ScriptedEngine();
  listener = await startListener(engine);
  connection = await connectTedious({ port: listener.port });
});

afterAll(async () => {
  await closeTedious(connection);
  await listener.close();
});

const unitsPerDay = 864_000_000_000n;
/** 2024-02-29, counted from 0001-01-01. */
const leapDay = 738_944n;
/** 13:14:15.1234567 in units of 100 ns. */
const clock = 476_551_234_567n;
const unknownDeltas = (value: unknown): unknown => (value instanceof Date ? value.toISOString() : value);
const money = { name: 'money' } as const;
const longText = 'náïve Ω💧 '.repeat(20_000);
const longBytes = Buffer.alloc(40_000, 7);

const cases: readonly (readonly [SqlType, SqlValue, unknown])[] = [
  [{ name: 'bit' }, 1, true],
  [{ name: 'bit' }, 0, false],
  [{ name: 'tinyint' }, 255, 255],
  [{ name: 'smallint' }, -32_768, -32_768],
  [{ name: 'int' }, -2_147_483_648, -2_147_483_648],
  [{ name: 'bigint' }, -9_223_372_036_854_775_808n, '-9223372036854775808'],
  [{ name: 'bigint' }, 9_223_372_036_854_775_807n, '9223372036854775807'],
  [{ name: 'real' }, Math.fround(1.1), Math.fround(1.1)],
  [{ name: 'float' }, -1.7976931348623157e308, -1.7976931348623157e308],
  [{ name: 'decimal', precision: 9, scale: 2 }, '-1234567.89', -1234567.89],
  [{ name: 'decimal', precision: 18, scale: 0 }, '999999999999999', 999_999_999_999_999],
  [{ name: 'numeric', precision: 28, scale: 8 }, '0.00000001', 1e-8],
  [{ name: 'numeric', precision: 5, scale: 2 }, '7', 7],
  [{ name: 'decimal', precision: 37, scale: 8 }, '-12.34000000', -12.34],
  [money, '-922337203685477.5808', -922_337_203_685_477.6],
  [money, '1234.5678', 1234.5678],
  [{ name: 'smallmoney' }, '-214748.3648', -214_748.3648],
  [{ name: 'date' }, leapDay, '2024-02-29T00:00:00.000Z'],
  [{ name: 'date' }, 0n, '0001-01-01T00:00:00.000Z'],
  [{ name: 'datetime' }, 0n, '1900-01-01T00:00:00.000Z'],
  [{ name: 'datetime' }, -53_690n * 25_920_000n, '1753-01-01T00:00:00.000Z'],
  [{ name: 'datetime' }, 2_958_463n * 25_920_000n + 25_919_999n, '9999-12-31T23:59:59.997Z'],
  [{ name: 'datetime' }, 2n, '1900-01-01T00:00:00.007Z'],
  [{ name: 'smalldatetime' }, 1440n * 65_535n + 1439n, '2079-06-06T23:59:00.000Z'],
  [{ name: 'time', scale: 7 }, clock, '1970-01-01T13:14:15.123Z'],
  [{ name: 'time', scale: 0 }, 476_550_000_000n, '1970-01-01T13:14:15.000Z'],
  [{ name: 'time', scale: 3 }, 476_551_230_000n, '1970-01-01T13:14:15.123Z'],
  [{ name: 'datetime2', scale: 7 }, leapDay * unitsPerDay + clock, '2024-02-29T13:14:15.123Z'],
  [{ name: 'datetime2', scale: 0 }, leapDay * unitsPerDay + 476_550_000_000n, '2024-02-29T13:14:15.000Z'],
  [{ name: 'datetime2', scale: 4 }, leapDay * unitsPerDay + 476_551_234_000n, '2024-02-29T13:14:15.123Z'],
  [{ name: 'datetime2', scale: 7 }, 3_652_059n * unitsPerDay - 1n, '9999-12-31T23:59:59.999Z'],
  [
    { name: 'datetimeoffset', scale: 7 },
    { utc: leapDay * unitsPerDay + clock, offsetMinutes: -330 },
    '2024-02-29T13:14:15.123Z',
  ],
  [{ name: 'char', length: 5 }, 'ab', 'ab   '],
  [{ name: 'varchar', length: 30 }, 'São Tomé €20 “x”', 'São Tomé €20 “x”'],
  [{ name: 'varchar', length: 30 }, 'Ω and 💧', '? and ??'],
  [{ name: 'varchar', length: 30, collation: 'Cyrillic_General_CI_AS' }, 'Привет', 'Привет'],
  [{ name: 'varchar', length: 30, collation: 'SQL_Latin1_General_CP1250_CI_AS' }, 'Łódź', 'Łódź'],
  [{ name: 'varchar', length: 30 }, '', ''],
  [{ name: 'varchar', length: 'max' }, 'é'.repeat(100_000), 'é'.repeat(100_000)],
  [{ name: 'nchar', length: 4 }, 'é', 'é   '],
  [{ name: 'nvarchar', length: 4000 }, 'x'.repeat(3999) + 'Ω', 'x'.repeat(3999) + 'Ω'],
  [{ name: 'nvarchar', length: 'max' }, longText, longText],
  [{ name: 'nvarchar', length: 'max' }, '', ''],
  [{ name: 'text' }, 'old € text', 'old € text'],
  [{ name: 'ntext' }, longText, longText],
  [{ name: 'binary', length: 4 }, Buffer.of(1, 2), Buffer.of(1, 2, 0, 0)],
  [{ name: 'varbinary', length: 8000 }, longBytes.subarray(0, 8000), longBytes.subarray(0, 8000)],
  [{ name: 'varbinary', length: 'max' }, longBytes, longBytes],
  [{ name: 'varbinary', length: 'max' }, Buffer.alloc(0), Buffer.alloc(0)],
  [{ name: 'image' }, longBytes, longBytes],
  [{ name: 'uniqueidentifier' }, '01234567-89AB-CDEF-0123-456789ABCDEF', '01234567-89AB-CDEF-0123-456789ABCDEF'],
];

const named = cases.map(([type, value, seen]) => [JSON.stringify(type), type, value, seen] as const);

describe('values in result rows', () => {
  it.each(named)('%s', async (_name, type, value, seen) => {
    const { error, rows } = await run(connection, engine.onResult([['c', type]], [[value], [null]]));
    expect(error).toBeUndefined();
    expect(rows.map(([cell]) => unknownDeltas(cell))).toEqual([seen, null]);
  });

  it('keeps the digits below a millisecond and the decimals beyond 2^53', async () => {
    const text = engine.onResult(
      [
        ['t', { name: 'time', scale: 7 }],
        ['d', { name: 'decimal', precision: 38, scale: 0 }],
      ],
      [[clock, '12345678901234567890123456789012345678']],
    );
    const { rows } = await run(connection, text);
    expect((rows[0]![0] as { nanosecondsDelta: number }).nanosecondsDelta).toBeCloseTo(0.0004567);
    expect(rows[0]![1]).toBe(12345678901234567890123456789012345678);
  });

  it('sends rows that are mostly NULL exactly, too', async () => {
    const columns = Array.from({ length: 20 }, (_, index) => [`c${index}`, { name: 'int' }] as const);
    const row = (kept: number): SqlValue[] => columns.map((_, index) => (index === kept ? index : null));
    const all = [...columns.map((_, index) => row(index)), columns.map((_, index) => index)];
    expect((await run(connection, engine.onResult(columns, all))).rows).toEqual(all);
  });

  it('sends columns that cannot be NULL as fixed-length types and tells nullability and identity', async () => {
    const text = engine.on(({ sink }) => {
      sink.columns([
        { name: 'Id', type: { name: 'int' }, nullable: false, identity: true },
        { name: 'At', type: { name: 'datetime' }, nullable: false },
        { name: 'Name', type: { name: 'nvarchar', length: 50, collation: 'Latin1_General_CS_AS' }, nullable: true },
      ]);
      void sink.row([7, 300n, 'x']);
      sink.statementDone(1n, 'select');
    });
    const { rows, resultSets } = await run(connection, text);
    expect(rows).toEqual([[7, new Date('1900-01-01T00:00:01Z'), 'x']]);
    const seen = resultSets[0]!.map(({ colName, type, flags, dataLength }) => [colName, type.name, flags, dataLength]);
    expect(seen).toEqual([
      ['Id', 'Int', 0x10, undefined],
      ['At', 'DateTime', 0x08, undefined],
      ['Name', 'NVarChar', 0x09, 100],
    ]);
  });
});

describe('statements of a batch', () => {
  it('answers several result sets with their counts, and DONE without MORE last', async () => {
    const text = engine.on(({ sink }) => {
      const one = [{ name: 'n', type: { name: 'int' }, nullable: true }] as const;
      sink.columns(one);
      void sink.row([1]);
      sink.statementDone(1n, 'select');
      sink.statementDone(5n, 'update');
      sink.columns(one);
      sink.statementDone(0n, 'select');
      sink.statementDone(undefined, 'other');
    });
    const { dones, resultSets, rowCount } = await run(connection, text);
    expect(resultSets).toHaveLength(2);
    expect(rowCount).toBe(6);
    expect(dones).toEqual([
      { event: 'done', rowCount: 1, more: true },
      { event: 'done', rowCount: 5, more: true },
      { event: 'done', rowCount: 0, more: true },
      { event: 'done', rowCount: undefined, more: false },
    ]);
  });

  it('reports rowsAffected and recordsets through mssql', async () => {
    const pool = await sql.connect(mssqlConfig(listener.port));
    const text = engine.on(({ sink }) => {
      sink.statementDone(3_000_000_000n, 'delete');
      sink.columns([{ name: 'n', type: { name: 'bigint' }, nullable: true }]);
      void sink.row([1n]);
      sink.statementDone(1n, 'select');
    });
    const result = await pool.request().batch(text);
    expect(result.rowsAffected).toEqual([3_000_000_000, 1]);
    expect(result.recordset).toEqual([{ n: '1' }]);
    await pool.close();
  });

  it('answers a batch without statements', async () => {
    const { error, dones } = await run(
      connection,
      engine.on(() => undefined),
    );
    expect(error).toBeUndefined();
    expect(dones).toEqual([{ event: 'done', rowCount: undefined, more: false }]);
  });

  it('tells number, state, class, line, procedure and server of errors', async () => {
    const text = engine.on(({ sink }) => {
      const failed = { number: 547, state: 3, class: 16, message: 'conflict', procedure: 'trg', line: 12 };
      sink.message(failed);
      sink.statementDone(undefined, 'insert');
      sink.statementDone(2n, 'insert');
    });
    const { error, rowCount } = await run(connection, text);
    expect(error).toMatchObject({
      message: 'conflict',
      code: 'EREQUEST',
      number: 547,
      state: 3,
      class: 16,
      procName: 'trg',
      lineNumber: 12,
      serverName: 'SANDBOX',
    });
    expect(rowCount).toBe(2);
  });

  it('tells of an error that ends the batch, and of a defect as error 50000', async () => {
    const { SqlError } = await import('../../../../sandbox/sqlserver/engine/api.js');
    const thrown = engine.on(() => Promise.reject(new SqlError(208, "Invalid object name 'x'.", { line: 4 })));
    expect((await run(connection, thrown)).error).toMatchObject({ number: 208, lineNumber: 4 });
    const defect = engine.on(() => Promise.reject(new TypeError('oops')));
    expect((await run(connection, defect)).error).toMatchObject({
      number: 50000,
      message: 'Internal error of the sandbox: oops',
    });
  });

  it('keeps the stream whole when a value does not fit its column', async () => {
    const text = engine.onResult([['c', { name: 'varchar', length: 3 }]], [['abc'], ['abcd']]);
    const { error, rows } = await run(connection, text);
    expect(rows).toEqual([['abc']]);
    expect(error).toMatchObject({ number: 50000 });
    expect((await run(connection, engine.onResult([['c', { name: 'int' }]], [[1]]))).rows).toEqual([[1]]);
  });

  it('refuses collations it lacks by name', async () => {
    const text = engine.onResult([['c', { name: 'varchar', length: 3, collation: 'Japanese_CI_AS' }]], []);
    expect((await run(connection, text)).error?.message).toContain("'Japanese_CI_AS'");
  });

  it('ends the connection after an error of class 20', async () => {
    const own = await connectTedious({ port: listener.port });
    const text = engine.on(({ sink }) => {
      sink.message({ number: 596, state: 1, class: 21, message: 'killed', procedure: '', line: 1 });
    });
    const ended = new Promise((resolve) => own.once('end', resolve));
    expect((await run(own, text)).error).toMatchObject({ number: 596 });
    await ended;
  });

  it('tells of a change of database with its collation, and sends PRINT as information', async () => {
    const seen: unknown[] = [];
    const onChange = (name: string) => seen.push(name);
    const onInfo = ({ message }: { message: string }) => seen.push(message);
    connection.on('databaseChange', onChange);
    connection.on('infoMessage', onInfo);
    const text = engine.on(({ sink, session }) => {
      sink.message({ number: 0, state: 1, class: 0, message: 'hello', procedure: '', line: 1 });
      session.databaseCollation = 'Cyrillic_General_CI_AS';
      sink.environmentChange({ kind: 'database', newValue: 'prod', oldValue: 'master' });
      sink.statementDone(undefined, 'other');
    });
    expect((await run(connection, text)).error).toBeUndefined();
    connection.off('databaseChange', onChange);
    connection.off('infoMessage', onInfo);
    expect(seen).toEqual(['hello', 'prod']);
    expect((connection as unknown as { databaseCollation: { codepage: string } }).databaseCollation.codepage).toBe(
      'CP1251',
    );
    engine.sessions[0]!.databaseCollation = engine.collation;
  });
});

describe('volume', () => {
  const idAndText = [
    { name: 'id', type: { name: 'int' }, nullable: false },
    { name: 'text', type: { name: 'nvarchar', length: 1000 }, nullable: true },
  ] as const;

  it.each([512, 4096, 32_767])('sends many rows in packets of %i bytes', async (packetSize) => {
    const own = await connectTedious({ port: listener.port, options: { packetSize } });
    const rowCount = 3000;
    const text = engine.on(async ({ sink }) => {
      sink.columns(idAndText);
      for (let id = 0; id < rowCount; id++) await sink.row([id, 'x'.repeat(id % 1000)]);
      sink.statementDone(BigInt(rowCount), 'select');
    });
    const { rows } = await run(own, text);
    expect(rows).toHaveLength(rowCount);
    expect(rows.every(([id, value], index) => id === index && (value as string).length === index % 1000)).toBe(true);
    await closeTedious(own);
  });

  it('makes the engine wait for a client that does not read', async () => {
    const rowCount = 30_000;
    let told: () => void;
    const waiting = new Promise<void>((resolve) => (told = resolve));
    const text = engine.on(async ({ sink }) => {
      sink.columns(idAndText);
      for (let id = 0; id < rowCount; id++) {
        const wait = sink.row([id, 'x'.repeat(1000)]);
        if (wait !== undefined) told();
        await wait;
      }
      sink.statementDone(BigInt(rowCount), 'select');
    });
    let request: tedious.Request;
    const outcome = run(connection, text, {
      prepare: (made) => {
        request = made;
        made.pause();
      },
    });
    await waiting;
    request!.resume();
    expect((await outcome).rows).toHaveLength(rowCount);
  });

  it('serves several connections at once', async () => {
    const pool = await new sql.ConnectionPool(mssqlConfig(listener.port, { pool: { max: 8 } })).connect();
    let open = 0;
    let most = 0;
    let release: () => void;
    const all = new Promise<void>((resolve) => (release = resolve));
    const text = engine.on(async ({ sink, parameters }) => {
      most = Math.max(most, ++open);
      if (open === 8) release();
      await all;
      sink.columns([{ name: 'n', type: { name: 'int' }, nullable: true }]);
      void sink.row([parameters[0]!.value]);
      sink.statementDone(1n, 'select');
    });
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) => pool.request().input('n', sql.Int, n).query<{ n: number }>(text)),
    );
    expect(answers.map(({ recordset }) => recordset[0]!.n)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(most).toBe(8);
    await pool.close();
  });
});
