import sql from 'mssql';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SqlError } from '../../../../sandbox/sqlserver/engine/api.js';
import type { TdsListener } from '../../../../sandbox/sqlserver/protocol/server.js';
import { closeTedious, connectTedious, mssqlConfig, run } from './clients.js';
import { ScriptedEngine, startListener } from './scriptedEngine.js';

let engine: ScriptedEngine;
let listener: TdsListener;
let pool: sql.ConnectionPool;

beforeAll(async () => {
  engine = new ScriptedEngine();
  listener = await startListener(engine);
});

beforeEach(async () => {
  pool = await new sql.ConnectionPool(mssqlConfig(listener.port, { pool: { max: 1 } })).connect();
  return () => pool.close();
});

afterAll(() => listener.close());

const lastSession = () => engine.sessions.at(-1)!;

describe('transactions', () => {
  it.each([
    [sql.ISOLATION_LEVEL.READ_UNCOMMITTED, 'readUncommitted'],
    [sql.ISOLATION_LEVEL.READ_COMMITTED, 'readCommitted'],
    [sql.ISOLATION_LEVEL.REPEATABLE_READ, 'repeatableRead'],
    [sql.ISOLATION_LEVEL.SERIALIZABLE, 'serializable'],
    [sql.ISOLATION_LEVEL.SNAPSHOT, 'snapshot'],
  ])('begin with isolation level %i and commit', async (level, name) => {
    const transaction = new sql.Transaction(pool);
    await transaction.begin(level);
    const text = engine.on(({ sink, session }) => {
      expect(session.transactionDescriptor).not.toBe(0n);
      sink.statementDone(1n, 'update');
    });
    expect((await new sql.Request(transaction).query(text)).rowsAffected).toEqual([1]);
    await transaction.commit();
    expect(lastSession().calls).toEqual([`begin ${name} `, 'commit ']);
  });

  it('roll back', async () => {
    const transaction = new sql.Transaction(pool);
    await transaction.begin();
    await transaction.rollback();
    expect(lastSession().calls).toEqual(['begin readCommitted ', 'rollback ']);
  });

  it('have names and savepoints', async () => {
    const connection = await connectTedious({ port: listener.port });
    const step = (start: (done: (error?: Error | null) => void) => void) =>
      new Promise<void>((resolve, reject) => start((error) => (error ? reject(error) : resolve())));
    await step((done) => connection.beginTransaction(done, 'outer'));
    await step((done) => connection.saveTransaction(done, 'point'));
    await step((done) => connection.rollbackTransaction(done, 'point'));
    await step((done) => connection.commitTransaction(done, 'outer'));
    expect(lastSession().calls).toEqual(['begin readCommitted outer', 'save point', 'rollback point', 'commit outer']);
    await expect(step((done) => connection.commitTransaction(done, ''))).rejects.toMatchObject({ number: 3902 });
    await closeTedious(connection);
  });

  it('tell the client when the server rolled back', async () => {
    const transaction = new sql.Transaction(pool);
    await transaction.begin();
    const rolledBack = new Promise((resolve) => transaction.once('rollback', resolve));
    const text = engine.on(({ sink, session }) => {
      const descriptor = session.transactionDescriptor;
      session.transactionDescriptor = 0n;
      sink.environmentChange({ kind: 'rollbackTransaction', descriptor });
      throw new SqlError(1205, 'Transaction was deadlocked.', { class: 13 });
    });
    await expect(new sql.Request(transaction).query(text)).rejects.toMatchObject({ number: 1205, class: 13 });
    expect(await rolledBack).toBe(true);
  });

  it('refuse a request that carries a descriptor other than the session’s', async () => {
    const connection = await connectTedious({ port: listener.port });
    lastSession().transactionDescriptor = 5n;
    expect((await run(connection, 'select 1')).error).toMatchObject({ number: 3989 });
    lastSession().transactionDescriptor = 0n;
    expect((await run(connection, 'select 1')).error).toBeUndefined();
    await closeTedious(connection);
  });
});
