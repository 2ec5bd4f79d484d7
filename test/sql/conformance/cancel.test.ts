import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { untilRequest, useDatabase } from '../../support/sqlServer.js';
import type { SqlSession } from '../../support/sqlSession.js';

const database = useDatabase();
let session: SqlSession;
let observer: SqlSession;
let spid: number;

beforeAll(async () => {
  session = await database.connect();
  observer = await database.connect();
  spid = Number(await session.value('SELECT @@SPID'));
  await session.batch('CREATE TABLE dbo.t (id int NOT NULL PRIMARY KEY)');
});

beforeEach(async () => {
  await session.batch('IF @@TRANCOUNT > 0 ROLLBACK; SET XACT_ABORT OFF; DELETE FROM dbo.t');
});

/** Runs a batch that ends in a long wait, and cancels it once the server is in it. */
async function cancelled(batch: string): Promise<void> {
  const running = session.start(`${batch}; WAITFOR DELAY '00:01:00'; INSERT INTO dbo.t VALUES (99)`);
  await untilRequest(observer, spid, "command = 'WAITFOR'");
  running.cancel();
  expect((await running.outcome).canceled).toBe(true);
}

describe('attention: [MS-TDS] Attention; SET XACT_ABORT (Transact-SQL)', () => {
  it('ends the batch and leaves the transaction open', async () => {
    await cancelled('BEGIN TRAN; INSERT INTO dbo.t VALUES (1)');
    expect(await session.value('SELECT @@TRANCOUNT')).toBe(1);
    await session.batch('COMMIT');
    expect(await session.rows('SELECT id FROM dbo.t')).toEqual([[1]]);
  });

  it('rolls back when XACT_ABORT is ON', async () => {
    await cancelled('SET XACT_ABORT ON; BEGIN TRAN; INSERT INTO dbo.t VALUES (1)');
    expect(await session.value('SELECT @@TRANCOUNT')).toBe(0);
    expect(await session.value('SELECT COUNT(*) FROM dbo.t')).toBe(0);
  });

  it('is not caught by TRY...CATCH: TRY...CATCH (Transact-SQL)', async () => {
    const running = session.start(
      "BEGIN TRY WAITFOR DELAY '00:01:00' END TRY BEGIN CATCH INSERT INTO dbo.t VALUES (5) END CATCH",
    );
    await untilRequest(observer, spid, "command = 'WAITFOR'");
    running.cancel();
    await running.outcome;
    expect(await session.value('SELECT COUNT(*) FROM dbo.t')).toBe(0);
  });

  it('keeps #tables and settings of the session', async () => {
    await session.batch('CREATE TABLE #kept (a int); SET LOCK_TIMEOUT 777');
    await cancelled('SELECT 1');
    expect(await session.value('SELECT COUNT(*) FROM #kept')).toBe(0);
    expect(await session.value('SELECT @@LOCK_TIMEOUT')).toBe(777);
    await session.batch('DROP TABLE #kept; SET LOCK_TIMEOUT -1');
  });

  it('ends a wait for a lock', async () => {
    await observer.batch('BEGIN TRAN; INSERT INTO dbo.t VALUES (7)');
    const running = session.start('INSERT INTO dbo.t VALUES (7)');
    const watcher = await database.connect();
    await untilRequest(watcher, spid, 'blocking_session_id <> 0');
    running.cancel();
    expect((await running.outcome).canceled).toBe(true);
    await observer.batch('ROLLBACK');
    expect(await session.value('SELECT COUNT(*) FROM dbo.t')).toBe(0);
    await watcher.close();
  });
});
