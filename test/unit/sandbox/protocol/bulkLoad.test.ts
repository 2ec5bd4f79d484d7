import sql from 'mssql';
import tedious from 'tedious';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  SqlError,
  type ColumnMetadata,
  type SqlType,
  type SqlValue,
} from '../../../../sandbox/sqlserver/engine/api.js';
import type { TdsListener } from '../../../../sandbox/sqlserver/protocol/server.js';
import { closeTedious, connectTedious, mssqlConfig, run, type ClientType } from './clients.js';
import { ScriptedEngine, startListener } from './scriptedEngine.js';
import { valuePages } from './valuePages.js';

const { TYPES } = tedious;

let engine: ScriptedEngine;
let listener: TdsListener;
let connection: tedious.Connection;

beforeAll(async () => {
  engine = new ScriptedEngine();
  listener = await startListener(engine);
});

beforeEach(async () => {
  connection = await connectTedious({ port: listener.port });
  return () => closeTedious(connection);
});

afterAll(() => listener.close());

interface Loaded {
  statement: string;
  columns: readonly ColumnMetadata[];
  rows: (readonly SqlValue[])[];
}

/** Makes the engine take a whole load. */
function takeLoad(): Loaded {
  const loaded: Loaded = { statement: '', columns: [], rows: [] };
  engine.onBulkLoad = async (request, sink) => {
    loaded.statement = request.statement;
    loaded.columns = request.columns;
    for await (const page of request.rowsInto(valuePages(request.columns.length))) loaded.rows.push(...page);
    sink.statementDone(BigInt(loaded.rows.length), 'insert');
  };
  return loaded;
}

type Column = readonly [string, ClientType, Parameters<tedious.BulkLoad['addColumn']>[2]];

function load(
  columns: readonly Column[],
  rows: Iterable<unknown[]> | AsyncIterable<unknown[]>,
  options: Parameters<tedious.Connection['newBulkLoad']>[1] = {},
  started: (bulkLoad: tedious.BulkLoad) => void = () => undefined,
): Promise<{ error: (Error & { number?: number }) | undefined; rowCount: number | undefined }> {
  return new Promise((resolve) => {
    const bulkLoad = connection.newBulkLoad('[dbo].[target]', options as object, (error, rowCount) => {
      resolve({ error: error ?? undefined, rowCount });
    });
    for (const [name, type, column] of columns) bulkLoad.addColumn(name, type, column);
    started(bulkLoad);
    connection.execBulkLoad(bulkLoad, rows as Iterable<unknown[]>);
  });
}

const at = new Date('2024-02-29T13:14:15.123Z');
const leapDay = 738_944n;
const unitsPerDay = 864_000_000_000n;
const clock = 476_551_230_000n;
const long = 'Ωé'.repeat(60_000);
const bytes = Buffer.alloc(20_000, 5);

type Case = readonly [ClientType, object, unknown, SqlType, SqlValue];

const cases: readonly Case[] = [
  [TYPES.Bit, {}, true, { name: 'bit' }, 1],
  [TYPES.TinyInt, {}, 255, { name: 'tinyint' }, 255],
  [TYPES.SmallInt, {}, -1, { name: 'smallint' }, -1],
  [TYPES.Int, {}, 2_147_483_647, { name: 'int' }, 2_147_483_647],
  [TYPES.BigInt, {}, 9_007_199_254_740_993n, { name: 'bigint' }, 9_007_199_254_740_993n],
  [TYPES.Real, {}, 0.5, { name: 'real' }, 0.5],
  [TYPES.Float, {}, Math.PI, { name: 'float' }, Math.PI],
  [TYPES.Decimal, { precision: 18, scale: 4 }, -0.5, { name: 'decimal', precision: 18, scale: 4 }, '-0.5000'],
  [TYPES.Money, {}, 12.5, { name: 'money' }, '12.5000'],
  [TYPES.SmallMoney, {}, -12.5, { name: 'smallmoney' }, '-12.5000'],
  [TYPES.Date, {}, at, { name: 'date' }, leapDay],
  [TYPES.Time, { scale: 7 }, at, { name: 'time', scale: 7 }, clock],
  [TYPES.DateTime, {}, at, { name: 'datetime' }, 45_349n * 25_920_000n + 14_296_537n],
  [TYPES.SmallDateTime, {}, at, { name: 'smalldatetime' }, 45_349n * 1440n + 794n],
  [TYPES.DateTime2, { scale: 3 }, at, { name: 'datetime2', scale: 3 }, leapDay * unitsPerDay + clock],
  [TYPES.VarChar, { length: 20 }, 'São €', { name: 'varchar', length: 20 }, 'São €'],
  [TYPES.NVarChar, { length: 20 }, 'Ω💧', { name: 'nvarchar', length: 20 }, 'Ω💧'],
  [TYPES.NVarChar, { length: Infinity }, long, { name: 'nvarchar', length: 'max' }, long],
  [TYPES.NVarChar, { length: Infinity }, '', { name: 'nvarchar', length: 'max' }, ''],
  [TYPES.NChar, { length: 2 }, 'ab', { name: 'nchar', length: 2 }, 'ab'],
  [TYPES.VarBinary, { length: Infinity }, bytes, { name: 'varbinary', length: 'max' }, bytes],
  [TYPES.VarBinary, { length: 10 }, Buffer.of(1), { name: 'varbinary', length: 10 }, Buffer.of(1)],
  [TYPES.Text, {}, 'täxt', { name: 'text' }, 'täxt'],
  [TYPES.NText, {}, long, { name: 'ntext' }, long],
  [TYPES.Image, {}, bytes, { name: 'image' }, bytes],
  [
    TYPES.UniqueIdentifier,
    {},
    '01234567-89ab-cdef-0123-456789abcdef',
    { name: 'uniqueidentifier' },
    '01234567-89AB-CDEF-0123-456789ABCDEF',
  ],
];

describe('bulk load', () => {
  it.each(cases.map((one) => [`${one[0].name} ${JSON.stringify(one[3])}`, one] as const))(
    'of %s',
    async (_name, one) => {
      const [type, options, value, sqlType, sqlValue] = one;
      const loaded = takeLoad();
      const columns: Column[] = [
        ['c', type, { nullable: true, ...options }],
        ['last', TYPES.Int, { nullable: false }],
      ];
      const { error, rowCount } = await load(columns, [
        [value, 1],
        [null, 2],
      ]);
      expect(error).toBeUndefined();
      expect(rowCount).toBe(2);
      expect(loaded.columns).toMatchObject([
        { name: 'c', type: sqlType, nullable: true },
        { name: 'last', type: { name: 'int' }, nullable: false },
      ]);
      expect(loaded.rows).toEqual([
        [sqlValue, 1],
        [null, 2],
      ]);
    },
  );

  it('hands over the statement with its options', async () => {
    const loaded = takeLoad();
    await load([['id', TYPES.Int, { nullable: false }]], [[1]], { keepNulls: true, lockTable: true });
    expect(loaded.statement).toBe('insert bulk [dbo].[target]([id] int) WITH (KEEP_NULLS,TABLOCK)');
  });

  it('of no rows', async () => {
    const loaded = takeLoad();
    expect(await load([['id', TYPES.Int, { nullable: false }]], [])).toEqual({ error: undefined, rowCount: 0 });
    expect(loaded.rows).toEqual([]);
  });

  it('through mssql, with packets of every size', async () => {
    for (const packetSize of [512, 4096, 32_767]) {
      const pool = await new sql.ConnectionPool(
        mssqlConfig(listener.port, { options: { packetSize } as object }),
      ).connect();
      const loaded = takeLoad();
      const table = new sql.Table('#stage');
      table.columns.add('id', sql.Int, { nullable: false });
      table.columns.add('name', sql.NVarChar(200), { nullable: true });
      for (let id = 0; id < 3000; id++) table.rows.add(id, id % 7 === 0 ? null : 'n'.repeat(id % 200));
      const { rowsAffected } = await pool.request().bulk(table, { keepNulls: true });
      expect(rowsAffected).toBe(3000);
      expect(loaded.rows).toHaveLength(3000);
      expect(loaded.rows.every(([id, name], index) => id === index && (name === null) === (index % 7 === 0))).toBe(
        true,
      );
      await pool.close();
    }
  });

  it('that the engine refuses midway is answered after the rest was skipped', async () => {
    engine.onBulkLoad = async (request) => {
      for await (const page of request.rowsInto(valuePages(1))) {
        if (page.length > 0) throw new SqlError(2627, 'Violation of PRIMARY KEY constraint.', { class: 14 });
      }
    };
    const rows = Array.from({ length: 50_000 }, (_, id) => [id]);
    const { error } = await load([['id', TYPES.Int, { nullable: false }]], rows);
    expect(error).toMatchObject({ number: 2627, class: 14 });
    expect((await run(connection, 'set nocount on')).error).toBeUndefined();
  });

  it('of values longer than their column says is refused, the connection living on', async () => {
    takeLoad();
    const columns: Column[] = [['name', TYPES.NVarChar, { nullable: true, length: 3 }]];
    expect((await load(columns, [['abc'], ['abcd']])).error).toMatchObject({ number: 4815 });
    expect((await run(connection, 'set nocount on')).error).toBeUndefined();
  });

  it('that the client cancels ends the load', async () => {
    let attended: AbortSignal | undefined;
    engine.onBulkLoad = async (request, _sink, attention) => {
      attended = attention;
      for await (const _page of request.rowsInto(valuePages(1))) bulkLoad!.cancel();
    };
    let bulkLoad: tedious.BulkLoad | undefined;
    function* rows(): Generator<unknown[]> {
      for (let id = 0; id < 200_000; id++) yield [id];
    }
    const columns: Column[] = [['id', TYPES.Int, { nullable: false }]];
    const { error } = await load(columns, rows(), {}, (made) => (bulkLoad = made));
    expect(error).toMatchObject({ code: 'ECANCEL' });
    expect(attended!.aborted).toBe(true);
    expect((await run(connection, 'set nocount on')).error).toBeUndefined();
  });

  it('whose client disappears ends the load and closes the session', async () => {
    const own = await connectTedious({ port: listener.port });
    const session = engine.sessions.at(-1)!;
    let failure: unknown;
    engine.onBulkLoad = async (request) => {
      try {
        for await (const _page of request.rowsInto(valuePages(1))) own.close();
      } catch (error) {
        failure = error;
        throw error;
      }
    };
    const bulkLoad = own.newBulkLoad('t', () => undefined);
    bulkLoad.addColumn('text', TYPES.NVarChar, { nullable: false, length: 4000 });
    function* rows(): Generator<unknown[]> {
      for (;;) yield ['x'.repeat(4000)];
    }
    own.execBulkLoad(bulkLoad, rows());
    await engine.until(() => session.closed);
    expect(failure).toBeInstanceOf(Error);
  });
});
