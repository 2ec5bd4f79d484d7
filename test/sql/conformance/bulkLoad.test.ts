import { TYPES } from 'tedious';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { untilRequest, useDatabase } from '../../support/sqlServer.js';
import type { BulkColumn, SqlSession } from '../../support/sqlSession.js';

const database = useDatabase();
let session: SqlSession;

const id: BulkColumn = { name: 'id', type: TYPES.Int, nullable: false };
const a: BulkColumn = { name: 'a', type: TYPES.Int };

beforeAll(async () => {
  session = await database.connect();
  await session.batch('CREATE TABLE dbo.parent (id int NOT NULL PRIMARY KEY); INSERT INTO dbo.parent VALUES (1)');
});

beforeEach(async () => {
  await session.batch(`IF @@TRANCOUNT > 0 ROLLBACK; DROP TABLE IF EXISTS dbo.loaded; DROP TABLE IF EXISTS dbo.fired;
    CREATE TABLE dbo.loaded (id int NOT NULL CONSTRAINT PK_loaded PRIMARY KEY, a int NULL CONSTRAINT DF_loaded_a DEFAULT (7)
        CONSTRAINT CK_loaded_a CHECK (a < 100), b int NULL CONSTRAINT FK_loaded_b REFERENCES dbo.parent (id));
    CREATE TABLE dbo.fired (rows int NOT NULL)`);
  await session.batch(
    'CREATE TRIGGER dbo.loaded_insert ON dbo.loaded AFTER INSERT AS INSERT INTO dbo.fired SELECT COUNT(*) FROM inserted',
  );
});

const loaded = () => session.rows('SELECT id, a FROM dbo.loaded ORDER BY id');

describe('Keep nulls or default values during bulk import (SQL Server)', () => {
  it('a NULL becomes the default of its column', async () => {
    expect(
      await session.bulkLoad(
        'dbo.loaded',
        [id, a],
        [
          [1, null],
          [2, 5],
        ],
      ),
    ).toBe(2);
    expect(await loaded()).toEqual([
      [1, 7],
      [2, 5],
    ]);
  });

  it('a load without rows loads none', async () => {
    expect(await session.bulkLoad('dbo.loaded', [id, a], [])).toBe(0);
    expect(await loaded()).toEqual([]);
  });

  it('KEEP_NULLS keeps it', async () => {
    await session.bulkLoad('dbo.loaded', [id, a], [[1, null]], { keepNulls: true });
    expect(await loaded()).toEqual([[1, null]]);
  });

  it('a NULL stays NULL in a column without default', async () => {
    await session.bulkLoad('dbo.loaded', [id, { name: 'b', type: TYPES.Int }], [[1, null]]);
    expect(await session.rows('SELECT id, a, b FROM dbo.loaded')).toEqual([[1, 7, null]]);
  });
});

describe('Control whether SQL Server fires triggers / checks constraints during bulk import', () => {
  it('CHECK and FOREIGN KEY are not looked at and become not trusted', async () => {
    await session.bulkLoad('dbo.loaded', [id, a, { name: 'b', type: TYPES.Int }], [[1, 500, 99]]);
    expect(await loaded()).toEqual([[1, 500]]);
    expect(
      await session.rows(`SELECT name, is_not_trusted FROM sys.check_constraints WHERE name = 'CK_loaded_a' UNION ALL
        SELECT name, is_not_trusted FROM sys.foreign_keys WHERE name = 'FK_loaded_b'`),
    ).toEqual([
      ['CK_loaded_a', true],
      ['FK_loaded_b', true],
    ]);
  });

  it('CHECK_CONSTRAINTS looks at them (547) and keeps them trusted', async () => {
    const options = { checkConstraints: true };
    await expect(session.bulkLoad('dbo.loaded', [id, a], [[1, 500]], options)).rejects.toMatchObject({ number: 547 });
    await session.bulkLoad('dbo.loaded', [id, a], [[1, 50]], options);
    expect(await loaded()).toEqual([[1, 50]]);
    expect(await session.value("SELECT is_not_trusted FROM sys.check_constraints WHERE name = 'CK_loaded_a'")).toBe(
      false,
    );
  });

  it('WITH CHECK CHECK CONSTRAINT fails on bad rows and makes trusted again: ALTER TABLE (Transact-SQL)', async () => {
    await session.bulkLoad('dbo.loaded', [id, a], [[1, 500]]);
    const check = 'ALTER TABLE dbo.loaded WITH CHECK CHECK CONSTRAINT CK_loaded_a';
    expect(await session.errorNumber(check)).toBe(547);
    await session.batch(`DELETE FROM dbo.loaded; ${check}`);
    expect(await session.value("SELECT is_not_trusted FROM sys.check_constraints WHERE name = 'CK_loaded_a'")).toBe(
      false,
    );
  });

  it('a FOREIGN KEY that is not trusted goes on to check and to cascade: FOREIGN KEY constraints', async () => {
    await session.batch(`CREATE TABLE dbo.whole (id int NOT NULL PRIMARY KEY);
      CREATE TABLE dbo.part (id int NOT NULL PRIMARY KEY,
        a int NULL CONSTRAINT FK_part REFERENCES dbo.whole (id) ON DELETE CASCADE);
      INSERT INTO dbo.whole VALUES (1), (2)`);
    await session.bulkLoad(
      'dbo.part',
      [id, a],
      [
        [1, 1],
        [2, 2],
        [3, 99],
      ],
    );
    expect(await session.value("SELECT is_not_trusted FROM sys.foreign_keys WHERE name = 'FK_part'")).toBe(true);
    expect(await session.errorNumber('INSERT INTO dbo.part VALUES (4, 98)')).toBe(547);
    expect(await session.errorNumber('UPDATE dbo.part SET a = 97 WHERE id = 1')).toBe(547);
    await session.batch('DELETE FROM dbo.whole WHERE id = 1');
    expect(await session.rows('SELECT id FROM dbo.part ORDER BY id')).toEqual([[2], [3]]);
    await session.batch('DROP TABLE dbo.part; DROP TABLE dbo.whole');
  });

  it('triggers do not fire', async () => {
    await session.bulkLoad(
      'dbo.loaded',
      [id, a],
      [
        [1, 1],
        [2, 2],
      ],
    );
    expect(await session.rows('SELECT rows FROM dbo.fired')).toEqual([]);
  });

  it('FIRE_TRIGGERS fires them for the rows of the load', async () => {
    await session.bulkLoad(
      'dbo.loaded',
      [id, a],
      [
        [1, 1],
        [2, 2],
      ],
      { fireTriggers: true },
    );
    expect(await session.value('SELECT SUM(rows) FROM dbo.fired')).toBe(2);
  });

  it('PRIMARY KEY, UNIQUE and NOT NULL always hold', async () => {
    await expect(
      session.bulkLoad(
        'dbo.loaded',
        [id, a],
        [
          [1, 1],
          [1, 2],
        ],
      ),
    ).rejects.toMatchObject({ number: 2627 });
    await session.batch('CREATE UNIQUE INDEX UX_a ON dbo.loaded (a)');
    const twoNulls = session.bulkLoad(
      'dbo.loaded',
      [id, a],
      [
        [1, null],
        [2, null],
      ],
      { keepNulls: true },
    );
    await expect(twoNulls).rejects.toMatchObject({ number: 2601 });
    await session.batch('CREATE TABLE #needed (id int NOT NULL)');
    const missing = session.bulkLoad('#needed', [{ name: 'id', type: TYPES.Int, nullable: true }], [[null]]);
    await expect(missing).rejects.toMatchObject({ number: 515 });
    await session.batch('DROP TABLE #needed');
    expect(await loaded()).toEqual([]);
  });
});

describe('Keep identity values when bulk importing data (SQL Server)', () => {
  it('numbers rows when the identity column is not loaded', async () => {
    await session.batch('CREATE TABLE #numbered (id int IDENTITY(5, 5), a int)');
    await session.bulkLoad('#numbered', [a], [[1], [2]]);
    expect(await session.rows('SELECT id, a FROM #numbered ORDER BY id')).toEqual([
      [5, 1],
      [10, 2],
    ]);
    await session.batch('DROP TABLE #numbered');
  });
});

describe('bulk load and the session: [MS-TDS] Bulk Load BCP', () => {
  it('fills a #table of the session, with the types as they are', async () => {
    await session.batch(
      'CREATE TABLE #typed (b bit, i tinyint, l bigint, f float, m decimal(9, 3), t nvarchar(20), d datetime, u uniqueidentifier, x varbinary(10))',
    );
    const columns: BulkColumn[] = [
      { name: 'b', type: TYPES.Bit },
      { name: 'i', type: TYPES.TinyInt },
      { name: 'l', type: TYPES.BigInt },
      { name: 'f', type: TYPES.Float },
      { name: 'm', type: TYPES.Decimal, precision: 9, scale: 3 },
      { name: 't', type: TYPES.NVarChar, length: 20 },
      { name: 'd', type: TYPES.DateTime },
      { name: 'u', type: TYPES.UniqueIdentifier },
      { name: 'x', type: TYPES.VarBinary, length: 10 },
    ];
    const uuid = '0F7F2F3A-6B1C-4F42-9A35-0D1B6C0E5A11';
    await session.bulkLoad('#typed', columns, [
      [
        true,
        255,
        9007199254740991n,
        0.1,
        123.456,
        'déjà 日本',
        new Date('2024-02-29T12:34:56.123Z'),
        uuid,
        Buffer.from('00ff', 'hex'),
      ],
      [null, null, null, null, null, null, null, null, null],
    ]);
    expect(
      await session.rows(`SELECT b, i, CONVERT(varchar(20), l), f, CONVERT(varchar(20), m), t, CONVERT(varchar(23), d, 121),
        CONVERT(varchar(36), u), CONVERT(varchar(10), x, 1) FROM #typed ORDER BY i DESC`),
    ).toEqual([
      [true, 255, '9007199254740991', 0.1, '123.456', 'déjà 日本', '2024-02-29 12:34:56.123', uuid, '0x00FF'],
      [null, null, null, null, null, null, null, null, null],
    ]);
    await session.batch('DROP TABLE #typed');
  });

  it('is part of the open transaction', async () => {
    await session.batch('BEGIN TRAN');
    await session.bulkLoad('dbo.loaded', [id, a], [[1, 1]]);
    await session.batch('ROLLBACK');
    expect(await loaded()).toEqual([]);
  });

  it('that the client takes back loads nothing, and ends the transaction where XACT_ABORT is ON: SET XACT_ABORT', async () => {
    const observer = await database.connect();
    const spid = Number(await session.value('SELECT @@SPID'));
    const rows = Array.from({ length: 1500 }, (_, row) => [row, 1]);
    const takenBack = (): Promise<void> =>
      session.takenBackLoad('dbo.loaded', [id, a], rows, () => untilRequest(observer, spid, "command = 'BULK INSERT'"));
    for (const [option, open] of [
      ['OFF', 1],
      ['ON', 0],
    ] as const) {
      await session.batch(`SET XACT_ABORT ${option}; BEGIN TRAN`);
      await expect(takenBack()).rejects.toMatchObject({ code: 'ECANCEL' });
      expect(await session.value('SELECT @@TRANCOUNT')).toBe(open);
      await session.batch('IF @@TRANCOUNT > 0 COMMIT; SET XACT_ABORT OFF');
      expect(await loaded()).toEqual([]);
    }
    await observer.close();
  });

  it('takes many rows', async () => {
    const rows = Array.from({ length: 5000 }, (_, row) => [row, row % 90]);
    expect(await session.bulkLoad('dbo.loaded', [id, a], rows)).toBe(5000);
    expect(await session.rows('SELECT COUNT(*), MIN(id), MAX(id), SUM(a) FROM dbo.loaded')).toEqual([
      [5000, 0, 4999, rows.reduce((sum, row) => sum + (row[1] ?? 0), 0)],
    ]);
  });

  it('208: a table that does not exist', async () => {
    await expect(session.bulkLoad('dbo.nowhere', [id], [[1]])).rejects.toMatchObject({ number: 208 });
    expect(await session.value('SELECT 1')).toBe(1);
  });
});
