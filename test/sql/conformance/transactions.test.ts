import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { useDatabase } from '../../support/sqlServer.js';
import type { SqlSession } from '../../support/sqlSession.js';

const database = useDatabase();
let session: SqlSession;

beforeAll(async () => {
  session = await database.connect();
  await session.batch(`
    CREATE TABLE dbo.parent (id int NOT NULL PRIMARY KEY);
    CREATE TABLE dbo.child (id int NOT NULL PRIMARY KEY, parent_id int NOT NULL
      CONSTRAINT FK_child_parent REFERENCES dbo.parent (id));
    INSERT INTO dbo.parent VALUES (1)`);
});

beforeEach(async () => {
  await session.batch('IF @@TRANCOUNT > 0 ROLLBACK; SET XACT_ABORT OFF; DELETE FROM dbo.child');
});

const count = () => session.value('SELECT COUNT(*) FROM dbo.child');
const tranCount = () => session.value('SELECT @@TRANCOUNT');

describe('SET XACT_ABORT (Transact-SQL)', () => {
  it.each([
    [547, 'INSERT INTO dbo.child VALUES (2, 99)'],
    [2627, 'INSERT INTO dbo.child VALUES (1, 1)'],
    [515, 'INSERT INTO dbo.child VALUES (2, NULL)'],
    [8134, 'INSERT INTO dbo.child VALUES (1 / 0, 1)'],
  ])('OFF: error %i ends its statement only; the transaction goes on', async (number, statement) => {
    const { errors } = await session.run(
      `BEGIN TRAN; INSERT INTO dbo.child VALUES (1, 1); ${statement}; INSERT INTO dbo.child VALUES (3, 1); COMMIT`,
    );
    expect(errors.map((error) => error.number)).toEqual([number]);
    expect(await tranCount()).toBe(0);
    expect(await count()).toBe(2);
  });

  it.each([
    [547, 'INSERT INTO dbo.child VALUES (2, 99)'],
    [2627, 'INSERT INTO dbo.child VALUES (1, 1)'],
  ])('ON: error %i rolls the transaction back and ends the batch', async (number, statement) => {
    const { errors } = await session.run(
      `SET XACT_ABORT ON; BEGIN TRAN; INSERT INTO dbo.child VALUES (1, 1); ${statement}; INSERT INTO dbo.child VALUES (3, 1)`,
    );
    expect(errors.map((error) => error.number)).toEqual([number]);
    expect(await tranCount()).toBe(0);
    expect(await count()).toBe(0);
  });

  it('without a transaction of its own a failing statement of many rows leaves none', async () => {
    expect(await session.errorNumber('INSERT INTO dbo.child VALUES (1, 1), (2, 99)')).toBe(547);
    expect(await count()).toBe(0);
  });

  it('THROW honours it, RAISERROR does not: THROW (Transact-SQL)', async () => {
    const raised = await session.run(
      "SET XACT_ABORT ON; BEGIN TRAN; RAISERROR ('x', 16, 1); INSERT INTO dbo.child VALUES (1, 1); COMMIT",
    );
    expect(raised.errors.map((error) => error.number)).toEqual([50000]);
    expect(await count()).toBe(1);
    const thrown = await session.run("BEGIN TRAN; INSERT INTO dbo.child VALUES (2, 1); THROW 50123, 'x', 1; COMMIT");
    expect(thrown.errors.map((error) => error.number)).toEqual([50123]);
    expect([await tranCount(), await count()]).toEqual([0, 1]);
  });
});

describe('conversion errors end the batch and the transaction: Database Engine events and errors', () => {
  it.each([
    [245, "SELECT CAST('x' AS int)"],
    [8114, "SELECT CAST('x' AS decimal(5, 2))"],
  ])('error %i rolls back though XACT_ABORT is OFF', async (number, statement) => {
    const { errors } = await session.run(
      `BEGIN TRAN; INSERT INTO dbo.child VALUES (1, 1); ${statement}; INSERT INTO dbo.child VALUES (2, 1); COMMIT`,
    );
    expect(errors.map((error) => error.number)).toEqual([number]);
    expect([await tranCount(), await count()]).toEqual([0, 0]);
  });
});

describe('XACT_STATE (Transact-SQL)', () => {
  it('is 0 outside a transaction and 1 inside', async () => {
    expect(await session.value('SELECT XACT_STATE()')).toBe(0);
    expect(await session.value('BEGIN TRAN; SELECT XACT_STATE(); ROLLBACK')).toBe(1);
  });

  it.each([
    ['OFF', 'INSERT INTO dbo.child VALUES (2, 99)', 1],
    ['OFF', 'INSERT INTO dbo.child VALUES (1, NULL)', 1],
    ['ON', 'INSERT INTO dbo.child VALUES (2, 99)', -1],
    ['OFF', "SELECT CAST('x' AS int)", -1],
    ['OFF', "SELECT CAST('x' AS decimal(5, 2))", -1],
  ])('XACT_ABORT %s, %s: %i in CATCH', async (xactAbort, statement, state) => {
    const { results } = await session.batch(
      `SET XACT_ABORT ${xactAbort}; BEGIN TRAN;
       BEGIN TRY ${statement} END TRY
       BEGIN CATCH SELECT 'state', XACT_STATE(), @@TRANCOUNT; ROLLBACK END CATCH`,
    );
    expect(results.at(-1)?.rows).toEqual([['state', state, 1]]);
  });

  it('an uncommittable transaction takes no writes and no COMMIT (3930), only ROLLBACK', async () => {
    const doomed = (statement: string) =>
      session.run(`SET XACT_ABORT ON; BEGIN TRAN;
        BEGIN TRY INSERT INTO dbo.child VALUES (2, 99) END TRY
        BEGIN CATCH ${statement} END CATCH`);
    expect((await doomed('COMMIT')).errors[0]?.number).toBe(3930);
    await session.batch('IF @@TRANCOUNT > 0 ROLLBACK');
    expect((await doomed('INSERT INTO dbo.child VALUES (3, 1)')).errors[0]?.number).toBe(3930);
    await session.batch('IF @@TRANCOUNT > 0 ROLLBACK');
    expect((await doomed('SELECT COUNT(*) FROM dbo.child; ROLLBACK')).errors).toEqual([]);
  });

  it('an uncommittable transaction is rolled back at the end of its batch (3998)', async () => {
    const { errors } = await session.run(`SET XACT_ABORT ON; BEGIN TRAN;
      BEGIN TRY INSERT INTO dbo.child VALUES (2, 99) END TRY BEGIN CATCH SELECT 1 AS caught END CATCH`);
    expect(errors.map((error) => error.number)).toEqual([3998]);
    expect(await tranCount()).toBe(0);
  });
});

describe('TRY...CATCH (Transact-SQL), ERROR_NUMBER and its kin', () => {
  it('the CATCH block knows number, severity, state, line and message', async () => {
    const { results } = await session.batch(
      `BEGIN TRY

         INSERT INTO dbo.child VALUES (2, 99)
       END TRY
       BEGIN CATCH
         SELECT ERROR_NUMBER(), ERROR_SEVERITY(), ERROR_LINE(), ERROR_PROCEDURE(), ERROR_MESSAGE()
       END CATCH`,
    );
    const [number, severity, line, procedure, message] = results.at(-1)?.rows[0] ?? [];
    expect([number, severity, line, procedure]).toEqual([547, 16, 3, null]);
    expect(message).toContain('"FK_child_parent"');
  });

  it('outside of CATCH they are NULL', async () => {
    expect(await session.rows('SELECT ERROR_NUMBER(), ERROR_MESSAGE()')).toEqual([[null, null]]);
  });

  it('a missing table is not caught at the same level, but is below it', async () => {
    const same = await session.run('BEGIN TRY SELECT a FROM dbo.missing END TRY BEGIN CATCH SELECT 1 END CATCH');
    expect(same.errors.map((error) => error.number)).toEqual([208]);
    const below = await session.batch(
      `BEGIN TRY EXEC sp_executesql N'SELECT a FROM dbo.missing' END TRY BEGIN CATCH SELECT ERROR_NUMBER() END CATCH`,
    );
    expect(below.results.at(-1)?.rows).toEqual([[208]]);
  });

  it('a syntax error keeps the whole batch from running', async () => {
    expect(await session.errorNumber('INSERT INTO dbo.child VALUES (1, 1); SELECT FROM dbo.child')).toBe(156);
    expect(await count()).toBe(0);
  });

  it('an unknown column of a known table keeps the whole batch from running', async () => {
    expect(await session.errorNumber('INSERT INTO dbo.child VALUES (1, 1); SELECT missing FROM dbo.child')).toBe(207);
    expect(await count()).toBe(0);
  });
});

describe('THROW (Transact-SQL)', () => {
  it('without parameters raises the caught error again and ends the batch', async () => {
    const { errors, results } = await session.run(
      'BEGIN TRY\nINSERT INTO dbo.child VALUES (2, 99)\nEND TRY\nBEGIN CATCH\nTHROW;\nEND CATCH\nSELECT 1 AS after',
    );
    expect(errors).toMatchObject([{ number: 547, line: 2 }]);
    expect(results).toHaveLength(0);
  });

  it('raises severity 16 with the number, message and state given', async () => {
    const { errors } = await session.run("THROW 51000, N'The record does not exist.', 7");
    expect(errors).toMatchObject([{ number: 51000, class: 16, state: 7, message: 'The record does not exist.' }]);
  });

  it('refuses numbers below 50000 (35100) and a bare THROW outside CATCH (10704)', async () => {
    expect(await session.errorNumber("THROW 49999, 'x', 1")).toBe(35100);
    expect(await session.errorNumber('THROW')).toBe(10704);
  });
});

describe('RAISERROR (Transact-SQL)', () => {
  it('fills in its arguments', async () => {
    const { errors } = await session.run("RAISERROR (N'%s has %d rows', 16, 2, N'Person', 5)");
    expect(errors).toMatchObject([{ number: 50000, class: 16, state: 2, message: 'Person has 5 rows' }]);
  });

  it('with severity 10 or lower is a message and not caught', async () => {
    const { errors, messages, results } = await session.batch(
      "BEGIN TRY RAISERROR ('note', 10, 1); SELECT 'went on' END TRY BEGIN CATCH SELECT 'caught' END CATCH",
    );
    expect(errors).toEqual([]);
    expect(messages.map((message) => message.message)).toContain('note');
    expect(results[0]?.rows).toEqual([['went on']]);
  });

  it('outside TRY lets the batch go on', async () => {
    const { errors, results } = await session.run("RAISERROR ('x', 16, 1); SELECT 1");
    expect([errors.length, results.length]).toEqual([1, 1]);
  });
});

describe('@@ERROR (Transact-SQL), @@ROWCOUNT (Transact-SQL)', () => {
  it('@@ERROR is the error of the statement before', async () => {
    const { results } = await session.run('INSERT INTO dbo.child VALUES (2, 99); SELECT @@ERROR; SELECT @@ERROR');
    expect(results.map((result) => result.rows)).toEqual([[[547]], [[0]]]);
  });

  it('@@ROWCOUNT counts rows read and written; simple assignment sets it to 1, SET option and PRINT to 0', async () => {
    const { results } = await session.batch(`
      INSERT INTO dbo.child VALUES (1, 1), (2, 1); SELECT @@ROWCOUNT;
      UPDATE dbo.child SET parent_id = 1 WHERE id = 77; SELECT @@ROWCOUNT;
      SELECT id FROM dbo.child; SELECT @@ROWCOUNT;
      DECLARE @a int; SET @a = 5; SELECT @@ROWCOUNT;
      INSERT INTO dbo.child VALUES (3, 1); SET LOCK_TIMEOUT -1; SELECT @@ROWCOUNT;
      INSERT INTO dbo.child VALUES (4, 1); PRINT 'x'; SELECT @@ROWCOUNT`);
    const counts = results.filter((result) => result.columns[0]?.name === '').map((result) => result.rows[0]?.[0]);
    expect(counts).toEqual([2, 0, 2, 1, 0, 0]);
  });
});

describe('BEGIN, COMMIT, ROLLBACK and SAVE TRANSACTION (Transact-SQL)', () => {
  it('nested BEGIN and COMMIT only count', async () => {
    const { results } = await session.batch(
      'BEGIN TRAN; BEGIN TRAN; SELECT @@TRANCOUNT; COMMIT; SELECT @@TRANCOUNT; ROLLBACK; SELECT @@TRANCOUNT',
    );
    expect(results.map((result) => result.rows[0]?.[0])).toEqual([2, 1, 0]);
  });

  it('ROLLBACK undoes what nested COMMITs confirmed', async () => {
    await session.batch('BEGIN TRAN; BEGIN TRAN; INSERT INTO dbo.child VALUES (1, 1); COMMIT; ROLLBACK');
    expect(await count()).toBe(0);
  });

  it('COMMIT without BEGIN is 3902, ROLLBACK without BEGIN is 3903', async () => {
    expect(await session.errorNumber('COMMIT')).toBe(3902);
    expect(await session.errorNumber('ROLLBACK')).toBe(3903);
  });

  it('ROLLBACK to a savepoint undoes what came after it and keeps the transaction', async () => {
    const { results } = await session.batch(`
      BEGIN TRAN; INSERT INTO dbo.child VALUES (1, 1);
      SAVE TRANSACTION here; INSERT INTO dbo.child VALUES (2, 1);
      ROLLBACK TRANSACTION here; SELECT @@TRANCOUNT; COMMIT`);
    expect(results[0]?.rows).toEqual([[1]]);
    expect(await session.rows('SELECT id FROM dbo.child')).toEqual([[1]]);
  });

  it('an unknown savepoint is 6401, SAVE without a transaction is 628', async () => {
    expect(await session.errorNumber('BEGIN TRAN; ROLLBACK TRANSACTION nowhere')).toBe(6401);
    await session.batch('IF @@TRANCOUNT > 0 ROLLBACK');
    expect(await session.errorNumber('SAVE TRANSACTION here')).toBe(628);
  });

  it('a transaction left open lasts to the next batch', async () => {
    await session.batch('BEGIN TRAN; INSERT INTO dbo.child VALUES (1, 1)');
    expect(await tranCount()).toBe(1);
    await session.batch('ROLLBACK');
    expect(await count()).toBe(0);
  });

  it('a session that ends rolls back', async () => {
    const other = await database.connect();
    await other.batch('BEGIN TRAN; INSERT INTO dbo.child VALUES (1, 1)');
    await other.close();
    expect(await count()).toBe(0);
  });

  it('data definition is rolled back with the rest', async () => {
    await session.batch('BEGIN TRAN; CREATE TABLE dbo.undone (a int); ALTER TABLE dbo.child ADD extra int; ROLLBACK');
    expect(await session.value("SELECT OBJECT_ID(N'dbo.undone')")).toBeNull();
    expect(await session.value("SELECT COL_LENGTH(N'dbo.child', N'extra')")).toBeNull();
  });
});
