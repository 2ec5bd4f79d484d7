import { TYPES } from 'tedious';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { untilRequest, useDatabase } from '../../support/sqlServer.js';
import type { SqlSession } from '../../support/sqlSession.js';

/** What foreign keys ask of rows that one statement inserts together: FOREIGN KEY constraints, MSSQLSERVER_547. */

const database = useDatabase();
let session: SqlSession;
let other: SqlSession;
let observer: SqlSession;

beforeAll(async () => {
  [session, other, observer] = await Promise.all([database.connect(), database.connect(), database.connect()]);
});

afterAll(() => Promise.all([session, other, observer].map((each) => each.close())));

beforeEach(async () => {
  for (const each of [session, other]) await each.batch('IF @@TRANCOUNT > 0 ROLLBACK; SET LOCK_TIMEOUT -1');
  await session.batch(`
    DROP TABLE IF EXISTS dbo.line; DROP TABLE IF EXISTS dbo.tree; DROP TABLE IF EXISTS dbo.shelf;
    DROP TABLE IF EXISTS dbo.parent; DROP TABLE IF EXISTS dbo.source;
    CREATE TABLE dbo.parent (id int NOT NULL CONSTRAINT PK_parent PRIMARY KEY, code nvarchar(9) NOT NULL UNIQUE);
    CREATE TABLE dbo.shelf (room int NOT NULL, place int NOT NULL, CONSTRAINT PK_shelf PRIMARY KEY (place, room));
    CREATE TABLE dbo.line (id int NOT NULL CONSTRAINT PK_line PRIMARY KEY,
      parent int NULL CONSTRAINT FK_line_parent REFERENCES dbo.parent (id),
      code nvarchar(20) NULL CONSTRAINT FK_line_code REFERENCES dbo.parent (code),
      room int NULL, place int NULL,
      CONSTRAINT FK_line_shelf FOREIGN KEY (room, place) REFERENCES dbo.shelf (room, place));
    CREATE TABLE dbo.tree (id int NOT NULL CONSTRAINT PK_tree PRIMARY KEY,
      above int NULL CONSTRAINT FK_tree REFERENCES dbo.tree (id));
    CREATE TABLE dbo.source (id int NOT NULL, parent int NULL, code nvarchar(20) NULL, room int NULL, place int NULL);
    INSERT INTO dbo.parent VALUES (1, N'a'), (2, N'b'), (3, N'c');
    INSERT INTO dbo.shelf VALUES (1, 10), (2, 20);
    INSERT INTO dbo.source VALUES (1, 1, N'A ', 1, 10), (2, 1, N'b', NULL, 99), (3, 2, NULL, 2, 20), (4, NULL, N'c', 7, NULL)`);
});

const insert =
  'INSERT INTO dbo.line (id, parent, code, room, place) SELECT id, parent, code, room, place FROM dbo.source';
const violated = (key: string, table: string, column: string) =>
  `The INSERT statement conflicted with the FOREIGN KEY constraint "${key}". The conflict occurred in database ` +
  `"${database.name}", table "dbo.${table}"${column}.`;
const lines = () => session.value('SELECT COUNT(*) FROM dbo.line');

describe('rows of one INSERT against foreign keys: FOREIGN KEY constraints', () => {
  it('takes rows whose keys are there, as their collation compares them, and keys with a NULL', async () => {
    expect((await session.batch(insert)).rowCounts).toEqual([4]);
  });

  it.each([
    ['FK_line_parent', 'parent = 9', 'parent', ", column 'id'"],
    ['FK_line_code', "code = N'zz'", 'parent', ", column 'code'"],
    ['FK_line_shelf', 'room = 1, place = 20', 'shelf', ''],
  ])('547 names %s when one row of many breaks it, and no row stays', async (key, change, table, column) => {
    await session.batch(`UPDATE dbo.source SET ${change} WHERE id = 3`);
    const { errors } = await session.run(insert);
    expect(errors[0]).toMatchObject({ number: 547, class: 16, state: 0, message: violated(key, table, column) });
    expect(await lines()).toBe(0);
  });

  it('also with OUTPUT, OUTPUT INTO, MERGE and a bulk load that checks constraints', async () => {
    await session.batch('UPDATE dbo.source SET parent = 9 WHERE id = 3; CREATE TABLE #written (id int NOT NULL)');
    const output = (clause: string) =>
      `INSERT INTO dbo.line (id, parent) OUTPUT inserted.id ${clause} SELECT id, parent FROM dbo.source`;
    expect(await session.errorNumber(output(''))).toBe(547);
    expect(await session.errorNumber(output('INTO #written'))).toBe(547);
    const merge = `MERGE dbo.line AS t USING dbo.source AS s ON t.id = s.id
      WHEN NOT MATCHED THEN INSERT (id, parent) VALUES (s.id, s.parent);`;
    expect((await session.run(merge)).errors[0]?.message).toContain('The MERGE statement conflicted with the FOREIGN');
    const columns = ['id', 'parent'].map((name) => ({ name, type: TYPES.Int }));
    const load = (parent: number) =>
      session.bulkLoad('dbo.line', columns, [[1, 1], [2, parent]], { checkConstraints: true }); // prettier-ignore
    await expect(load(9)).rejects.toMatchObject({ number: 547 });
    expect(await lines()).toBe(0);
    expect(await session.value('SELECT COUNT(*) FROM #written')).toBe(0);
    expect(await load(3)).toBe(2);
    await session.batch('DELETE FROM dbo.line; UPDATE dbo.source SET parent = 3 WHERE id = 3');
    expect((await session.batch(output('INTO #written'))).rowCounts).toEqual([4]);
    await session.batch(`DELETE FROM dbo.line; ${merge} DROP TABLE #written`);
    expect(await lines()).toBe(4);
  });

  it('rows may refer to rows of the same statement, before or after them', async () => {
    const grow = (rows: string) =>
      `INSERT INTO dbo.tree (id, above) SELECT id, above FROM (VALUES ${rows}) AS r (id, above)`;
    expect(await session.errorNumber(grow('(1, 3), (2, 1), (3, 3), (4, NULL)'))).toBeUndefined();
    expect((await session.run(grow('(5, 6), (6, 7)'))).errors[0]?.message).toBe(
      `The INSERT statement conflicted with the FOREIGN KEY SAME TABLE constraint "FK_tree". The conflict occurred in ` +
        `database "${database.name}", table "dbo.tree", column 'id'.`,
    );
    expect(await session.value('SELECT COUNT(*) FROM dbo.tree')).toBe(4);
  });

  it('only the statement is undone: the transaction goes on, in TRY too; XACT_ABORT ends it', async () => {
    await session.batch(
      "BEGIN TRAN; INSERT INTO dbo.parent VALUES (4, N'd'); UPDATE dbo.source SET parent = 9 WHERE id = 3",
    );
    expect(await session.errorNumber(insert)).toBe(547);
    await session.batch(`SAVE TRAN before; UPDATE dbo.source SET parent = 4; ${insert}`);
    expect(await lines()).toBe(4);
    await session.batch('ROLLBACK TRAN before');
    expect(await lines()).toBe(0);
    const caught = `BEGIN TRY ${insert} END TRY BEGIN CATCH SELECT CONCAT(ERROR_NUMBER(), ' ', XACT_STATE()) END CATCH`;
    expect(await session.value(caught)).toBe('547 1');
    expect(await session.value(`SET XACT_ABORT ON; ${caught}; ROLLBACK; SET XACT_ABORT OFF`)).toBe('547 -1');
    expect(await session.value('SELECT COUNT(*) FROM dbo.parent')).toBe(3);
  });

  it('a disabled key is not looked at, an enabled one looks at new rows only', async () => {
    await session.batch(`UPDATE dbo.source SET parent = 9 WHERE id = 3;
      ALTER TABLE dbo.line NOCHECK CONSTRAINT FK_line_parent; ${insert};
      ALTER TABLE dbo.line CHECK CONSTRAINT FK_line_parent`);
    const next = (from: number) =>
      `INSERT INTO dbo.line (id, parent) SELECT id + 10, parent FROM dbo.source WHERE id = ${from}`;
    expect(await session.errorNumber(next(3))).toBe(547);
    expect(await session.errorNumber(next(1))).toBeUndefined();
    await session.batch('ALTER TABLE dbo.line DROP CONSTRAINT FK_line_parent');
    expect(await session.errorNumber(next(3))).toBeUndefined();
  });

  it('goes on to look after its tables were altered or made anew', async () => {
    await session.batch(insert);
    const again = 'INSERT INTO dbo.line (id, parent, code) SELECT id + 10, 9, NULL FROM dbo.source';
    expect(await session.errorNumber(again)).toBe(547);
    await session.batch('ALTER TABLE dbo.line ADD extra nvarchar(9) NULL; ALTER TABLE dbo.parent ADD extra int NULL');
    expect(await session.errorNumber(again)).toBe(547);
    await session.batch(
      'ALTER TABLE dbo.line ALTER COLUMN extra nvarchar(20) NULL; ALTER TABLE dbo.parent DROP COLUMN extra',
    );
    expect(await session.errorNumber(again)).toBe(547);
    await session.batch('UPDATE dbo.parent SET id = CASE id WHEN 1 THEN 2 WHEN 2 THEN 1 ELSE id END');
    expect(await session.errorNumber(again)).toBe(547);
    expect(await session.errorNumber(again.replace('9', '3'))).toBeUndefined();
    await session.batch(`DROP TABLE dbo.line; CREATE TABLE dbo.line (id int NOT NULL,
      parent int NULL CONSTRAINT FK_line_parent REFERENCES dbo.parent (id), code nvarchar(20) NULL)`);
    expect(await session.errorNumber(again)).toBe(547);
    expect(await session.errorNumber(again.replace('9', '3'))).toBeUndefined();
  });
});

describe('inserted rows and the rows they refer to, in two sessions: Transaction Locking and Row Versioning Guide', () => {
  /** Runs a statement of the other session that comes to wait, ends the first session's transaction, gives its error. */
  const waitingFor = async (statement: string, ending: 'COMMIT' | 'ROLLBACK') => {
    const spid = Number(await other.value('SELECT @@SPID'));
    const waiting = other.run(statement);
    await untilRequest(observer, spid, 'blocking_session_id <> 0');
    await session.batch(ending);
    return (await waiting).errors[0]?.number;
  };

  it.each([
    ['COMMIT', 547],
    ['ROLLBACK', undefined],
  ] as const)('who deletes a row that new rows refer to waits for their %s', async (ending, error) => {
    await session.batch(`BEGIN TRAN; ${insert}`);
    expect(await other.errorNumber('DELETE FROM dbo.parent WHERE id = 3 AND 1 = 0')).toBeUndefined();
    expect(await other.errorNumber('SET LOCK_TIMEOUT 0; DELETE FROM dbo.parent WHERE id = 2')).toBe(1222);
    await other.batch('SET LOCK_TIMEOUT -1');
    expect(await waitingFor('DELETE FROM dbo.parent WHERE id = 2', ending)).toBe(error);
  });

  it.each([
    ['COMMIT', 547],
    ['ROLLBACK', undefined],
  ] as const)('who inserts rows that refer to a deleted one waits for its %s', async (ending, error) => {
    await session.batch('BEGIN TRAN; DELETE FROM dbo.parent WHERE id = 2');
    expect(await other.errorNumber(`SET LOCK_TIMEOUT 0; ${insert}`)).toBe(1222);
    await other.batch('SET LOCK_TIMEOUT -1');
    expect(await waitingFor(insert, ending)).toBe(error);
    expect(await other.value('SELECT COUNT(*) FROM dbo.line')).toBe(error === undefined ? 4 : 0);
  });

  it('two sessions may refer to the same row at a time', async () => {
    await session.batch(`BEGIN TRAN; ${insert}`);
    await other.batch('BEGIN TRAN; INSERT INTO dbo.line (id, parent) SELECT id + 10, parent FROM dbo.source');
    await other.batch('COMMIT');
    await session.batch('COMMIT');
    expect(await lines()).toBe(8);
  });

  it('who waits in a circle is a deadlock: one is its victim (1205), the other goes on', async () => {
    await session.batch("BEGIN TRAN; INSERT INTO dbo.parent VALUES (4, N'd'); DELETE FROM dbo.parent WHERE id = 3");
    await other.batch('SET DEADLOCK_PRIORITY LOW; BEGIN TRAN; DELETE FROM dbo.parent WHERE id = 2');
    const spid = Number(await session.value('SELECT @@SPID'));
    const survivor = session.run('INSERT INTO dbo.line (id, parent) SELECT id, 2 FROM dbo.source');
    await untilRequest(observer, spid, 'blocking_session_id <> 0');
    expect(await other.errorNumber('INSERT INTO dbo.line (id, parent) SELECT id + 10, 3 FROM dbo.source')).toBe(1205);
    expect((await survivor).errors).toEqual([]);
    await session.batch('COMMIT');
    await other.batch('SET DEADLOCK_PRIORITY NORMAL');
    expect(await lines()).toBe(4);
  });
});
