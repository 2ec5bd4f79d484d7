import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { useDatabase } from '../../support/sqlServer.js';
import type { SqlSession } from '../../support/sqlSession.js';

const database = useDatabase();
let session: SqlSession;

beforeAll(async () => {
  session = await database.connect();
  await session.batch(`
    CREATE TABLE dbo.note (event varchar(10) NOT NULL, inserted_rows int NOT NULL, deleted_rows int NOT NULL);
    CREATE TABLE dbo.watched (id int NOT NULL PRIMARY KEY, a int NULL, b int NULL);
    CREATE TABLE dbo.key_of_note (id int IDENTITY(1000, 1) PRIMARY KEY, text varchar(10));
    CREATE TABLE dbo.numbered (id int IDENTITY(1, 1) PRIMARY KEY, a int)`);
  for (const event of ['insert', 'update', 'delete']) {
    await session.batch(`CREATE TRIGGER dbo.watched_${event} ON dbo.watched AFTER ${event} AS
      SET NOCOUNT ON
      INSERT INTO dbo.note SELECT '${event}', (SELECT COUNT(*) FROM inserted), (SELECT COUNT(*) FROM deleted)`);
  }
});

beforeEach(async () => {
  await session.batch(
    'IF @@TRANCOUNT > 0 ROLLBACK; ALTER TABLE dbo.watched DISABLE TRIGGER ALL; DELETE FROM dbo.watched; ALTER TABLE dbo.watched ENABLE TRIGGER ALL; DELETE FROM dbo.note',
  );
});

const notes = () =>
  session.rows('SELECT event, inserted_rows, deleted_rows FROM dbo.note ORDER BY event, inserted_rows');

describe('CREATE TRIGGER (Transact-SQL), Use the inserted and deleted tables', () => {
  it('fires once a statement, with all its rows', async () => {
    await session.batch('INSERT INTO dbo.watched (id) VALUES (1), (2), (3)');
    expect(await notes()).toEqual([['insert', 3, 0]]);
  });

  it('fires also when no row is affected', async () => {
    await session.batch('UPDATE dbo.watched SET a = 1 WHERE 1 = 0; DELETE FROM dbo.watched WHERE 1 = 0');
    expect(await notes()).toEqual([
      ['delete', 0, 0],
      ['update', 0, 0],
    ]);
  });

  it('UPDATE shows old rows in deleted and new rows in inserted', async () => {
    await session.batch('INSERT INTO dbo.watched (id, a) VALUES (1, 10), (2, 20); DELETE FROM dbo.note');
    await session.batch('UPDATE dbo.watched SET a = a + 1');
    expect(await notes()).toEqual([['update', 2, 2]]);
  });

  it('fires whichever column an UPDATE names, though no value changes', async () => {
    await session.batch('INSERT INTO dbo.watched (id, a) VALUES (1, 10), (2, 20); DELETE FROM dbo.note');
    await session.batch('UPDATE dbo.watched SET b = b WHERE id = 1; UPDATE dbo.watched SET id = id');
    expect(await notes()).toEqual([
      ['update', 1, 1],
      ['update', 2, 2],
    ]);
  });

  it('MERGE fires the trigger of every action it names', async () => {
    await session.batch('INSERT INTO dbo.watched (id, a) VALUES (1, 1), (2, 2); DELETE FROM dbo.note');
    await session.batch(`MERGE dbo.watched AS t USING (VALUES (2, 20), (3, 30)) AS s (id, a) ON s.id = t.id
      WHEN MATCHED THEN UPDATE SET a = s.a
      WHEN NOT MATCHED BY TARGET THEN INSERT (id, a) VALUES (s.id, s.a)
      WHEN NOT MATCHED BY SOURCE THEN DELETE;`);
    expect(await notes()).toEqual([
      ['delete', 0, 1],
      ['insert', 1, 0],
      ['update', 1, 1],
    ]);
  });

  it('TRUNCATE TABLE fires none: TRUNCATE TABLE (Transact-SQL)', async () => {
    await session.batch('INSERT INTO dbo.watched (id) VALUES (1); DELETE FROM dbo.note; TRUNCATE TABLE dbo.watched');
    expect(await notes()).toEqual([]);
  });

  it('runs in the transaction of its statement', async () => {
    await session.batch('BEGIN TRAN; INSERT INTO dbo.watched (id) VALUES (1); ROLLBACK');
    expect(await notes()).toEqual([]);
  });

  it('does not fire while disabled: DISABLE TRIGGER (Transact-SQL)', async () => {
    await session.batch('DISABLE TRIGGER dbo.watched_insert ON dbo.watched');
    await session.batch('INSERT INTO dbo.watched (id) VALUES (1)');
    expect(await notes()).toEqual([]);
    expect(await session.value("SELECT is_disabled FROM sys.triggers WHERE name = 'watched_insert'")).toBe(true);
    await session.batch('ALTER TABLE dbo.watched ENABLE TRIGGER ALL; INSERT INTO dbo.watched (id) VALUES (2)');
    expect(await notes()).toEqual([['insert', 1, 0]]);
  });

  it('@@ROWCOUNT at its start is that of the statement, and is again after it', async () => {
    await session.batch('CREATE TABLE dbo.counted (id int); CREATE TABLE dbo.seen (n int)');
    await session.batch(
      'CREATE TRIGGER dbo.counted_insert ON dbo.counted AFTER INSERT AS INSERT INTO dbo.seen SELECT @@ROWCOUNT',
    );
    expect(await session.value('INSERT INTO dbo.counted VALUES (1), (2); SELECT @@ROWCOUNT')).toBe(2);
    expect(await session.value('SELECT n FROM dbo.seen')).toBe(2);
  });

  it('without NOCOUNT sends the row counts of its own statements too: SET NOCOUNT (Transact-SQL)', async () => {
    await session.batch('CREATE TABLE dbo.loud (id int); CREATE TABLE dbo.echo (id int)');
    await session.batch('CREATE TRIGGER dbo.loud_insert ON dbo.loud AFTER INSERT AS INSERT INTO dbo.echo VALUES (1)');
    const { rowCounts } = await session.batch('INSERT INTO dbo.loud VALUES (1), (2)');
    expect(rowCounts).toEqual([1, 2]);
  });

  it('does not fire itself again by default: ALTER DATABASE SET RECURSIVE_TRIGGERS', async () => {
    await session.batch('CREATE TABLE dbo.stamped (id int PRIMARY KEY, touched int NOT NULL DEFAULT 0)');
    await session.batch(`CREATE TRIGGER dbo.stamped_update ON dbo.stamped AFTER UPDATE AS
      UPDATE s SET touched = s.touched + 1 FROM dbo.stamped s JOIN inserted i ON i.id = s.id`);
    await session.batch('INSERT INTO dbo.stamped (id) VALUES (1); UPDATE dbo.stamped SET id = 2');
    expect(await session.value('SELECT touched FROM dbo.stamped')).toBe(1);
  });

  it('fires triggers of other tables that it writes: nested triggers server option', async () => {
    await session.batch(
      'CREATE TABLE dbo.first_table (id int); CREATE TABLE dbo.second_table (id int); CREATE TABLE dbo.level_seen (n int)',
    );
    await session.batch(
      'CREATE TRIGGER dbo.first_insert ON dbo.first_table AFTER INSERT AS INSERT INTO dbo.second_table SELECT id FROM inserted',
    );
    await session.batch(
      'CREATE TRIGGER dbo.second_insert ON dbo.second_table AFTER INSERT AS INSERT INTO dbo.level_seen SELECT TRIGGER_NESTLEVEL()',
    );
    await session.batch('INSERT INTO dbo.first_table VALUES (1)');
    expect(await session.value('SELECT n FROM dbo.level_seen')).toBe(2);
  });
});

describe('UPDATE() (Transact-SQL trigger function)', () => {
  it('is true for columns of the SET list whatever their values, and for every column of INSERT', async () => {
    await session.batch(
      'CREATE TABLE dbo.asked (id int PRIMARY KEY, a int NULL, b int NULL); CREATE TABLE dbo.answer (a bit, b bit)',
    );
    await session.batch(`CREATE TRIGGER dbo.asked_all ON dbo.asked AFTER INSERT, UPDATE AS
      INSERT INTO dbo.answer SELECT CASE WHEN UPDATE(a) THEN 1 ELSE 0 END, CASE WHEN UPDATE(b) THEN 1 ELSE 0 END`);
    await session.batch('INSERT INTO dbo.asked (id) VALUES (1)');
    expect(await session.rows('SELECT a, b FROM dbo.answer')).toEqual([[true, true]]);
    await session.batch('DELETE FROM dbo.answer; UPDATE dbo.asked SET a = a');
    expect(await session.rows('SELECT a, b FROM dbo.answer')).toEqual([[true, false]]);
  });
});

describe('errors in triggers: SET XACT_ABORT (Transact-SQL), which is ON in triggers', () => {
  beforeAll(async () => {
    await session.batch('CREATE TABLE dbo.fragile (id int); CREATE TABLE dbo.unique_note (id int PRIMARY KEY)');
    await session.batch(
      'CREATE TRIGGER dbo.fragile_insert ON dbo.fragile AFTER INSERT AS INSERT INTO dbo.unique_note SELECT 1 FROM inserted',
    );
  });

  it('roll back the transaction and end the batch', async () => {
    const { errors, results } = await session.run(
      'BEGIN TRAN; INSERT INTO dbo.fragile VALUES (1), (2); SELECT 1 AS after; COMMIT',
    );
    expect(errors[0]?.number).toBe(2627);
    expect(results).toHaveLength(0);
    expect(await session.value('SELECT @@TRANCOUNT')).toBe(0);
    expect(await session.value('SELECT COUNT(*) FROM dbo.fragile')).toBe(0);
  });

  it('doom the transaction in TRY', async () => {
    const { results } = await session.batch(`BEGIN TRAN; BEGIN TRY INSERT INTO dbo.fragile VALUES (1), (2) END TRY
      BEGIN CATCH SELECT ERROR_NUMBER(), XACT_STATE(); ROLLBACK END CATCH`);
    expect(results.at(-1)?.rows).toEqual([[2627, -1]]);
  });

  it('name the trigger as the procedure', async () => {
    const { errors } = await session.run('INSERT INTO dbo.fragile VALUES (1), (2)');
    expect(errors[0]?.procedure).toMatch(/fragile_insert$/);
  });

  it('ROLLBACK in a trigger ends the batch (3609)', async () => {
    await session.batch('CREATE TABLE dbo.refused (id int)');
    await session.batch('CREATE TRIGGER dbo.refused_insert ON dbo.refused AFTER INSERT AS ROLLBACK');
    const { errors, results } = await session.run('INSERT INTO dbo.refused VALUES (1); SELECT 1 AS after');
    expect(errors.map((error) => error.number)).toEqual([3609]);
    expect(results).toHaveLength(0);
    expect(await session.value('SELECT COUNT(*) FROM dbo.refused')).toBe(0);
  });

  it('RAISERROR in a trigger reports and changes nothing else', async () => {
    await session.batch('CREATE TABLE dbo.warned (id int)');
    await session.batch("CREATE TRIGGER dbo.warned_insert ON dbo.warned AFTER INSERT AS RAISERROR ('warned', 16, 1)");
    expect(await session.errorNumber('INSERT INTO dbo.warned VALUES (1)')).toBe(50000);
    expect(await session.value('SELECT COUNT(*) FROM dbo.warned')).toBe(1);
  });
});

describe('SCOPE_IDENTITY (Transact-SQL), @@IDENTITY (Transact-SQL)', () => {
  it('SCOPE_IDENTITY is that of the statement, @@IDENTITY that of its trigger', async () => {
    await session.batch(
      "CREATE TRIGGER dbo.numbered_insert ON dbo.numbered AFTER INSERT AS INSERT INTO dbo.key_of_note (text) VALUES ('x')",
    );
    const [row] = await session.rows('INSERT INTO dbo.numbered (a) VALUES (5); SELECT SCOPE_IDENTITY(), @@IDENTITY');
    expect(row?.map(Number)).toEqual([1, 1000]);
  });
});

describe('OUTPUT Clause (Transact-SQL)', () => {
  it('334: OUTPUT to the client from a table with an enabled trigger for the action', async () => {
    expect(await session.errorNumber('INSERT INTO dbo.watched (id) OUTPUT inserted.id VALUES (1)')).toBe(334);
    expect(await session.errorNumber('UPDATE dbo.watched SET a = 1 OUTPUT deleted.id')).toBe(334);
  });

  it('OUTPUT INTO is fine there', async () => {
    await session.batch('CREATE TABLE #ids (id int)');
    await session.batch('INSERT INTO dbo.watched (id) OUTPUT inserted.id INTO #ids VALUES (1), (2)');
    expect(await session.value('SELECT COUNT(*) FROM #ids')).toBe(2);
    await session.batch('DROP TABLE #ids');
  });

  it('a disabled trigger does not matter', async () => {
    await session.batch('DISABLE TRIGGER ALL ON dbo.watched');
    const { results } = await session.batch('INSERT INTO dbo.watched (id) OUTPUT inserted.id VALUES (9)');
    expect(results[0]?.rows).toEqual([[9]]);
    await session.batch('ENABLE TRIGGER ALL ON dbo.watched');
  });

  it('331, 332, 333: the INTO table has no enabled trigger, foreign key or check constraint', async () => {
    await session.batch(`
      CREATE TABLE dbo.source_rows (id int);
      CREATE TABLE dbo.with_parent (id int REFERENCES dbo.watched (id));
      CREATE TABLE dbo.with_check (id int CHECK (id > 0))`);
    expect(
      await session.errorNumber('INSERT INTO dbo.source_rows OUTPUT inserted.id INTO dbo.watched (id) VALUES (1)'),
    ).toBe(331);
    expect(
      await session.errorNumber('INSERT INTO dbo.source_rows OUTPUT inserted.id INTO dbo.with_parent VALUES (1)'),
    ).toBe(332);
    expect(
      await session.errorNumber('INSERT INTO dbo.source_rows OUTPUT inserted.id INTO dbo.with_check VALUES (1)'),
    ).toBe(333);
    await session.batch('DROP TABLE dbo.with_parent');
  });

  it('shows rows of inserted and deleted, and source columns of UPDATE, DELETE and MERGE', async () => {
    await session.batch(
      'CREATE TABLE dbo.shown (id int PRIMARY KEY, a int); INSERT INTO dbo.shown VALUES (1, 10), (2, 20)',
    );
    const updated = await session.batch(
      'UPDATE t SET a = s.n OUTPUT inserted.id, deleted.a, inserted.a, s.n FROM dbo.shown t JOIN (VALUES (1, 11)) s (id, n) ON s.id = t.id',
    );
    expect(updated.results[0]?.rows).toEqual([[1, 10, 11, 11]]);
    const merged =
      await session.batch(`MERGE dbo.shown t USING (VALUES (2, 'old'), (3, 'new')) s (id, word) ON s.id = t.id
      WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (s.id, 0)
      OUTPUT $action, inserted.id, deleted.id, s.word;`);
    expect([...(merged.results[0]?.rows ?? [])].sort((a, b) => String(a[0]).localeCompare(String(b[0])))).toEqual([
      ['DELETE', null, 2, 'old'],
      ['INSERT', 3, null, 'new'],
    ]);
  });
});
