import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { quoteName } from '../../../src/sqlserver/quoteName.js';
import { shapeOf, type EntityShape } from '../../../src/migrate/migrateEntities/entityShape.js';
import { readPage } from '../../../src/migrate/migrateEntities/readPage.js';
import { createStagingSql, loadPage, stagingTable } from '../../../src/migrate/migrateEntities/stagingTable.js';
import type { RowPath } from '../../../src/migrate/transport.js';
import type { ColumnType, RefreshPlan } from '../../../src/plan/refreshPlan.js';
import { DestinationSession, SourceSession } from '../../../src/sqlserver/session.js';
import { testServer, useDatabase } from '../../support/sqlServer.js';

/** A column type with values for its rows; `exact` makes equal texts of equal values only. */
interface Sample {
  readonly type: string;
  readonly values: readonly string[];
  readonly exact?: (column: string) => string;
}

const dated = (column: string): string => `CONVERT(nvarchar(40), ${column}, 121)`;
const binary = (column: string): string =>
  `CONVERT(nvarchar(70), HASHBYTES('SHA2_256', CONVERT(varbinary(max), ${column})), 2)`;
const binaryCollation = `COLLATE Latin1_General_BIN2`;

const samples: readonly Sample[] = [
  { type: 'bit', values: ['0', '1'] },
  { type: 'tinyint', values: ['0', '255'] },
  { type: 'smallint', values: ['-32768', '32767'] },
  { type: 'int', values: ['-2147483648', '2147483647'] },
  { type: 'bigint', values: ['-9223372036854775808', '9223372036854775807'] },
  { type: 'float', values: ['0.1E0', '-1.7976931348623157E308'], exact: (c) => `CONVERT(nvarchar(40), ${c}, 3)` },
  { type: 'real', values: ['0.1E0', '3.4028235E38'], exact: (c) => `CONVERT(nvarchar(40), ${c}, 3)` },
  {
    type: 'decimal(37,8)',
    values: ["N'99999999999999999999999999999.99999999'", "N'-0.00000001'", "N'184467440737.09551616'"],
  },
  { type: 'decimal(9,0)', values: ['999999999', '-1'] },
  {
    type: 'money',
    values: ["N'922337203685477.5807'", "N'-922337203685477.5808'"],
    exact: (c) => `CONVERT(nvarchar(40), ${c}, 2)`,
  },
  { type: 'smallmoney', values: ["N'214748.3647'", "N'-214748.3648'"], exact: (c) => `CONVERT(nvarchar(40), ${c}, 2)` },
  { type: 'uniqueidentifier', values: ["N'0F3B6288-E5B3-4804-97E2-9B1EA18FC12E'"] },
  {
    type: 'datetime',
    values: ["'1753-01-01T00:00:00.000'", "'9999-12-31T23:59:59.997'", "'1900-01-01T13:45:59.003'"],
    exact: dated,
  },
  { type: 'smalldatetime', values: ["'1900-01-01T00:00:00'", "'2079-06-06T23:59:00'"], exact: dated },
  { type: 'date', values: ["'0001-01-01'", "'9999-12-31'"], exact: dated },
  { type: 'time(7)', values: ["'23:59:59.9999999'", "'00:00:00.0000001'"], exact: dated },
  { type: 'time(3)', values: ["'23:59:59.999'"], exact: dated },
  { type: 'datetime2(7)', values: ["'0001-01-01T00:00:00.0000001'", "'9999-12-31T23:59:59.9999999'"], exact: dated },
  { type: 'datetime2(0)', values: ["'2026-03-29T01:30:00'"], exact: dated },
  {
    type: 'datetimeoffset(7)',
    values: [
      "'0001-01-01 00:00:00.0000001 -14:00'",
      "'9999-12-31 23:59:59.9999999 +14:00'",
      "'2026-03-29 01:30 +05:45'",
    ],
    exact: dated,
  },
  { type: 'datetimeoffset(0)', values: ["'2026-03-29 01:30:00 -03:30'"], exact: dated },
  { type: 'char(6)', values: ["'ab'", "''"], exact: binary },
  { type: 'varchar(50)', values: ["N'áß€ '", "''", "'a  '"], exact: binary },
  { type: `varchar(50) ${binaryCollation}`, values: ["N'é€'"], exact: binary },
  { type: 'varchar(max)', values: ["REPLICATE(CONVERT(varchar(max), 'long é '), 3000)", "''"], exact: binary },
  { type: 'nchar(6)', values: ["N'日本'"], exact: binary },
  { type: 'nvarchar(50)', values: ["N'🏳️‍🌈 ]'''", "N''", "N' '"], exact: binary },
  { type: 'nvarchar(4000)', values: ["REPLICATE(N'ж', 4000)"], exact: binary },
  { type: 'nvarchar(max)', values: ["REPLICATE(CONVERT(nvarchar(max), N'日本 '), 20000)", "N''"], exact: binary },
  { type: 'binary(4)', values: ['0x01', '0xD1D2FDFF'], exact: binary },
  { type: 'varbinary(50)', values: ['0x', '0x00FF00'], exact: binary },
  {
    type: 'varbinary(max)',
    values: ['0x', "CONVERT(varbinary(max), REPLICATE(CONVERT(nvarchar(max), N'bytes'), 30000))"],
    exact: binary,
  },
  { type: 'image', values: ['0x', '0xD1D2'], exact: binary },
  { type: 'text', values: ["'old text'", "''"], exact: (c) => binary(`CONVERT(varchar(max), ${c})`) },
  { type: 'ntext', values: ["N'old 日本'"], exact: (c) => binary(`CONVERT(nvarchar(max), ${c})`) },
];

const rowCount = 7;

/** nvarchar(50), decimal(37,8), varchar(50) COLLATE … as the plan has them. */
function columnType(text: string, collation: string): ColumnType {
  const [, name = '', first, second, own] = /^(\w+)(?:\((\w+)(?:,(\d+))?\))?(?: COLLATE (\w+))?$/.exec(text) ?? [];
  const character = /char|text/.test(name);
  const scaled = ['time', 'datetime2', 'datetimeoffset'].includes(name);
  const numeric = name === 'decimal';
  return {
    name,
    length: first === undefined || numeric || scaled ? null : first === 'max' ? -1 : Number(first),
    precision: numeric ? Number(first) : null,
    scale: numeric ? Number(second) : scaled ? Number(first) : null,
    collation: character ? (own ?? collation) : null,
    nullable: true,
  };
}

const keyTypes = ['bigint', 'int', 'smallint', 'decimal(12,0)', 'uniqueidentifier', 'nvarchar(36)', 'varchar(36)'];

/** The n-th key of a type, in the order of the type. */
function keyValue(type: string, n: number): string {
  if (type === 'uniqueidentifier') return `N'00000000-0000-0000-0000-00000000000${n}'`;
  if (type.includes('char')) return `N'key é ${n}'`;
  return String(n - 3);
}

const database = useDatabase();
let source: SourceSession;
let destination: DestinationSession;
let collation: string;

beforeEach(async () => {
  const connection = { encrypt: true, trustServerCertificate: true, readOnlyIntent: false };
  const settings = { ...testServer(), database: database.name, ...connection };
  source = await SourceSession.open(settings);
  destination = await DestinationSession.open(settings);
  const [row] = await destination.rows("SELECT CONVERT(nvarchar(128), DATABASEPROPERTYEX(DB_NAME(), 'Collation'))");
  collation = String(row?.[0]);
});

afterEach(() => {
  source?.close();
  destination?.close();
});

/** A table of one key and the samples; every third row has NULLs only, as many as make a server use null bitmaps. */
async function createTables(keyType: string): Promise<void> {
  const administrator = await database.connect();
  const columns = samples.map(({ type }, index) => `v${index} ${type} NULL`).join(', ');
  for (const table of ['came', 'went'])
    await administrator.batch(
      `DROP TABLE IF EXISTS ${table}; CREATE TABLE ${table} (id ${keyType} NOT NULL PRIMARY KEY, ${columns});`,
    );
  for (let n = 1; n <= rowCount; n += 1) {
    const values = samples.map(({ values: each }) => (n % 3 === 0 ? 'NULL' : (each[n % each.length] ?? 'NULL')));
    await administrator.batch(`INSERT INTO went VALUES (${[keyValue(keyType, n), ...values].join(', ')});`);
  }
}

function shape(keyType: string, path: RowPath): { readonly plan: RefreshPlan; readonly shape: EntityShape } {
  const column = (name: string, type: string, kind: 'key' | 'copy') => ({
    attribute: name,
    source: { column: name, type: columnType(type, collation) },
    destination: { column: name, type: columnType(type, collation) },
    treatment: { kind },
  });
  const plan = {
    nodes: [{ node: 0, espace: 'Test', entity: 'Types', origin: 'preserved', keyKind: 'integer', source: null }],
    entities: [
      {
        node: 0,
        sourceTable: { database: null, schema: 'dbo', table: 'went' },
        destinationTable: { database: null, schema: 'dbo', table: 'came' },
        where: null,
        highWater: null,
        splitAt: [],
        match: [],
        columns: [column('id', keyType, 'key'), ...samples.map(({ type }, index) => column(`v${index}`, type, 'copy'))],
      },
    ],
  } as unknown as RefreshPlan;
  return { plan, shape: shapeOf(plan, 0, new Map(), path) };
}

/** Moves all rows in pages of three, and answers how many pages there were. */
async function move(keyType: string, path: RowPath): Promise<number> {
  const { plan, shape: moved } = shape(keyType, path);
  await destination.batch(`DROP TABLE IF EXISTS ${stagingTable}; ${createStagingSql(plan, moved)}`);
  const names = moved.staged.map(({ planned }) => quoteName(planned.destination.column));
  const values = moved.staged.map(({ name, transport, planned }) =>
    transport.write(`s.${name}`, planned.destination.type),
  );
  let after: string | null = null;
  for (let pages = 1; ; pages += 1) {
    const page = await readPage(source, plan, moved, { after, upTo: null }, { rows: 3, bytes: 16_000_000 });
    expect(page.content.path).toBe(path);
    await destination.batch(`TRUNCATE TABLE ${stagingTable};`);
    await loadPage(destination, moved, page.content);
    await destination.batch(
      `INSERT INTO came (${names.join(', ')}) SELECT ${values.join(', ')} FROM ${stagingTable} s ORDER BY s.n;`,
    );
    if (page.last) return pages;
    after = page.endKey;
  }
}

/** Columns in which a row that came is not the one that went. */
async function differing(): Promise<string[]> {
  const different: string[] = [];
  for (const [index, { type, exact = (c: string) => `CONVERT(nvarchar(80), ${c})` }] of samples.entries()) {
    const [left, right] = ['w', 'c'].map((table) => `COALESCE(${exact(`${table}.v${index}`)}, N'-')`);
    const [row] = await destination.rows(
      `SELECT COUNT(*) FROM went w LEFT JOIN came c ON c.id = w.id WHERE c.id IS NULL OR ${left} <> ${right} COLLATE Latin1_General_BIN2;`,
    );
    if (Number(row?.[0]) > 0) different.push(`${type}: ${String(row?.[0])} rows`);
  }
  return different;
}

describe.each(['relay', 'driver'] as const)('rows by the %s', (path) => {
  it('arrive as they were, in every type', async () => {
    await createTables('bigint');
    expect(await move('bigint', path)).toBe(3);
    expect(await differing()).toEqual([]);
  });

  it.each(keyTypes)('come page after page by a key of type %s', async (keyType) => {
    await createTables(keyType);
    expect(await move(keyType, path)).toBe(3);
    const [row] = await destination.rows('SELECT COUNT(*), COUNT(w.id) FROM came c LEFT JOIN went w ON w.id = c.id;');
    expect(row?.map(Number)).toEqual([rowCount, rowCount]);
  });
});

describe('a relayed read', () => {
  it('reports what the server refuses, and ends the session', async () => {
    const connection = { encrypt: true, trustServerCertificate: true, readOnlyIntent: false };
    const session = await SourceSession.open({ ...testServer(), database: database.name, ...connection });
    await expect(session.queryBytes('SELECT CONVERT(int, 1) / 0 AS n')).rejects.toMatchObject({
      details: { sqlNumber: 8134 },
    });
    expect(session.broken).toBe(true);
  });

  it('is cancelled by the signal', async () => {
    const connection = { encrypt: true, trustServerCertificate: true, readOnlyIntent: false };
    const controller = new AbortController();
    const session = await SourceSession.open(
      { ...testServer(), database: database.name, ...connection },
      { signal: controller.signal },
    );
    const reading = session.queryBytes("WAITFOR DELAY '00:01:00'; SELECT 1 AS n");
    controller.abort();
    await expect(reading).rejects.toMatchObject({ type: 'Infrastructure' });
  });

  it('refuses what it does not carry, which the session does not outlive', async () => {
    const connection = { encrypt: true, trustServerCertificate: true, readOnlyIntent: false };
    const session = await SourceSession.open({ ...testServer(), database: database.name, ...connection });
    await expect(session.queryBytes("SELECT CONVERT(ntext, N'a') AS n")).rejects.toMatchObject({ name: 'RelayError' });
    expect(session.broken).toBe(true);
  });
});
