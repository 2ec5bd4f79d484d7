import sql from 'mssql';
import type tedious from 'tedious';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TdsListener } from '../../../../sandbox/sqlserver/protocol/server.js';
import { closeTedious, connectTedious, mssqlConfig, run } from './clients.js';
import { ScriptedEngine, startListener } from './scriptedEngine.js';

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

function aborted(attention: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (attention.aborted) resolve();
    else attention.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** A statement that runs until an attention and then fails, as a cancelled PostgreSQL query does. */
const endless = (onStart: () => void = () => undefined): string =>
  engine.on(async ({ attention }) => {
    onStart();
    await aborted(attention);
    throw new Error('canceling statement due to user request');
  });

const execSql = (target: tedious.Connection, request: tedious.Request) => target.execSql(request);
const execBatch = (target: tedious.Connection, request: tedious.Request) => target.execSqlBatch(request);

async function stillWorks(): Promise<void> {
  const text = engine.onResult([['n', { name: 'int' }]], [[7]]);
  expect((await run(connection, text)).rows).toEqual([[7]]);
}

describe('attention', () => {
  it.each([
    ['batch', execBatch],
    ['sp_executesql', execSql],
  ])('ends a %s that has answered nothing yet', async (_kind, send) => {
    let request: tedious.Request;
    const text = endless(() => request.cancel());
    const { error } = await run(connection, text, { send, prepare: (made) => (request = made) });
    expect(error).toMatchObject({ code: 'ECANCEL' });
    await stillWorks();
  });

  it('ends a request in the middle of its rows', async () => {
    let attended = false;
    const text = engine.on(async ({ sink, attention }) => {
      sink.columns([{ name: 'n', type: { name: 'nvarchar', length: 100 }, nullable: true }]);
      while (!attention.aborted) await (sink.row(['x'.repeat(100)]) ?? new Promise((resolve) => setImmediate(resolve)));
      attended = true;
      sink.statementDone(1n, 'select');
    });
    let rows = 0;
    const { error } = await run(connection, text, {
      prepare: (request) => request.on('row', () => ++rows === 10 && request.cancel()),
    });
    expect(error).toMatchObject({ code: 'ECANCEL' });
    expect(attended).toBe(true);
    await stillWorks();
  });

  it('ends a request whose client has stopped reading', async () => {
    let request: tedious.Request;
    const text = engine.on(async ({ sink, attention }) => {
      sink.columns([{ name: 'n', type: { name: 'nvarchar', length: 4000 }, nullable: true }]);
      while (!attention.aborted) {
        const wait = sink.row(['x'.repeat(4000)]);
        if (wait !== undefined) request.cancel();
        await wait;
      }
    });
    const { error } = await run(connection, text, {
      prepare: (made) => {
        request = made;
        made.pause();
      },
    });
    expect(error).toMatchObject({ code: 'ECANCEL' });
    await stillWorks();
  });

  it('is what a request timeout sends', async () => {
    const pool = await new sql.ConnectionPool(mssqlConfig(listener.port, { requestTimeout: 100 })).connect();
    await expect(pool.request().query(endless())).rejects.toMatchObject({ code: 'ETIMEOUT' });
    const text = engine.onResult([['n', { name: 'int' }]], [[7]]);
    // The driver has no declaration for a time limit of one request.
    const patient = Object.assign(pool.request(), { overrides: { requestTimeout: 0 } });
    expect((await patient.query(text)).recordset).toEqual([{ n: 7 }]);
    await pool.close();
  });

  it('leaves the transaction open, and still tells of one that ended', async () => {
    const transaction = new sql.Transaction(await sql.connect(mssqlConfig(listener.port)));
    await transaction.begin();
    let request = new sql.Request(transaction);
    const kept = endless(() => request.cancel());
    await expect(request.query(kept)).rejects.toMatchObject({ code: 'ECANCEL' });
    request = new sql.Request(transaction);
    const ended = engine.on(async ({ attention, sink, session }) => {
      request.cancel();
      await aborted(attention);
      sink.environmentChange({ kind: 'rollbackTransaction', descriptor: session.transactionDescriptor });
      session.transactionDescriptor = 0n;
    });
    const rolledBack = new Promise((resolve) => transaction.once('rollback', resolve));
    await expect(request.query(ended)).rejects.toMatchObject({ code: 'ECANCEL' });
    await rolledBack;
    await sql.connect(mssqlConfig(listener.port)).then((pool) => pool.close());
  });

  it('is what a client that disappears amounts to: the request ends, the session closes', async () => {
    const own = await connectTedious({ port: listener.port });
    const session = engine.sessions.at(-1)!;
    void run(
      own,
      endless(() => own.close()),
    );
    await engine.until(() => session.closed);
  });

  it('comes to all connections when the listener closes', async () => {
    const other = new ScriptedEngine();
    const closing = await startListener(other);
    const own = await connectTedious({ port: closing.port });
    let started: () => void;
    const running = new Promise<void>((resolve) => (started = resolve));
    const text = other.on(async ({ attention }) => {
      started();
      await aborted(attention);
    });
    const outcome = run(own, text);
    await running;
    await closing.close();
    expect(other.sessions[0]!.closed).toBe(true);
    expect((await outcome).error).toBeDefined();
  });
});
