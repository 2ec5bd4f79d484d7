import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import sql from 'mssql';
import { afterEach, describe, expect, it } from 'vitest';
import type { ListenOptions, TdsListener } from '../../../../sandbox/sqlserver/protocol/server.js';
import { closeTedious, connectTedious, mssqlConfig, run } from './clients.js';
import { ScriptedEngine, startListener } from './scriptedEngine.js';

let listener: TdsListener;
let engine: ScriptedEngine;

async function listen(options: Partial<ListenOptions> = {}): Promise<number> {
  engine = new ScriptedEngine();
  listener = await startListener(engine, options);
  return listener.port;
}

afterEach(() => listener.close());

describe('login', () => {
  it('hands user, password, database and application to the engine and closes the session with the client', async () => {
    const port = await listen();
    const connection = await connectTedious({ port, database: 'qa', user: 'ana', options: { appName: 'refresh' } });
    expect(engine.logins).toMatchObject([
      { user: 'ana', password: 'right', database: 'qa', applicationName: 'refresh', readOnlyIntent: false },
    ]);
    await closeTedious(connection);
    await engine.until(() => engine.sessions[0]!.closed);
  });

  it('tells of a read-only intent', async () => {
    const port = await listen();
    const connection = await connectTedious({ port, options: { readOnlyIntent: true } });
    expect(engine.logins[0]!.readOnlyIntent).toBe(true);
    await closeTedious(connection);
  });

  it.each([
    ['wrong', 'master', "Login failed for user 'tester'."],
    ['right', 'missing', 'Cannot open database "missing" requested by the login. The login failed.'],
  ])('refuses password %s for database %s', async (password, database, message) => {
    const port = await listen();
    await expect(
      connectTedious({ port, password, database, options: { maxRetriesOnTransientErrors: 0 } }),
    ).rejects.toMatchObject({ message, code: 'ELOGIN' });
  });

  it('carries passwords of any characters', async () => {
    const port = await listen();
    await expect(connectTedious({ port, password: 'pá§💧word' })).rejects.toMatchObject({ code: 'ELOGIN' });
    expect(engine.logins[0]!.password).toBe('pá§💧word');
  });

  it('refuses integrated security', async () => {
    const port = await listen();
    const config = mssqlConfig(port);
    const pool = new sql.ConnectionPool({ ...config, domain: 'CORP' });
    await expect(pool.connect()).rejects.toMatchObject({ code: 'ELOGIN' });
    expect(engine.logins).toEqual([]);
  });

  it('tells database, language, collation and packet size', async () => {
    const port = await listen();
    const changes: unknown[] = [];
    const { default: tedious } = await import('tedious');
    const { tediousConfig } = await import('./clients.js');
    const connection = new tedious.Connection(tediousConfig({ port, database: 'qa', options: { packetSize: 8000 } }));
    connection.on('databaseChange', (name) => changes.push(name));
    connection.on('languageChange', (name) => changes.push(name));
    connection.on('infoMessage', (message) => changes.push(message.number));
    const connected = once(connection, 'connect');
    connection.connect();
    await connected;
    expect(changes).toEqual(['qa', 5701, 'us_english', 5703]);
    const told = connection as unknown as {
      databaseCollation: { lcid: number; flags: number; codepage: string };
      messageIo: { packetSize(): number };
    };
    expect(told.databaseCollation).toMatchObject({ lcid: 0x409, flags: 0x0f, codepage: 'CP1252' });
    expect(told.messageIo.packetSize()).toBe(8000);
    await closeTedious(connection);
  });
});

describe('encryption', () => {
  const select = (port: number, encrypt: boolean) => sql.connect(mssqlConfig(port, { options: { encrypt } }));

  it.each([true, false])('serves clients with encrypt: %s', async (encrypt) => {
    const port = await listen();
    const text = engine.onResult([['t', { name: 'nvarchar', length: 'max' }]], [['x'.repeat(100_000)]]);
    const pool = await select(port, encrypt);
    const { recordset } = await pool.request().query<{ t: string }>(text);
    expect(recordset[0]!.t).toHaveLength(100_000);
    await pool.close();
  });

  it('proves its certificate to a client that trusts it', async () => {
    const { createServerCertificate } = await import('../../../../sandbox/sqlserver/protocol/server.js');
    const certificate = await createServerCertificate();
    const port = await listen({ certificate });
    const connection = await connectTedious({
      port,
      options: {
        encrypt: true,
        trustServerCertificate: false,
        serverName: 'localhost',
        cryptoCredentialsDetails: { ca: certificate.cert },
      },
    });
    await closeTedious(connection);
    await expect(connectTedious({ port, options: { encrypt: true, trustServerCertificate: false } })).rejects.toThrow(
      /self.signed/,
    );
  });

  it('refuses clients without encryption where it is required', async () => {
    const port = await listen({ encryption: 'required' });
    await expect(select(port, false)).rejects.toMatchObject({ code: 'EENCRYPT' });
    const pool = await select(port, true);
    await pool.close();
  });

  it('serves plain clients where it is off', async () => {
    const port = await listen({ encryption: 'off' });
    const connection = await connectTedious({ port });
    await closeTedious(connection);
  });
});

describe('malformed streams', () => {
  async function closedAfter(port: number, bytes: Buffer): Promise<Socket> {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.resume();
    const closed = once(socket, 'close');
    socket.write(bytes);
    await closed;
    return socket;
  }

  it.each([
    ['text of another protocol', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
    ['a batch before login', Buffer.from('0101000c00000100aabbccdd', 'hex')],
    ['a packet shorter than its header', Buffer.from('1201000400000100', 'hex')],
    ['an endless PRELOGIN', Buffer.from('1201000e0000010000000600060000', 'hex').subarray(0, 14)],
  ])('%s ends that connection and no other', async (_what, bytes) => {
    const port = await listen();
    const connection = await connectTedious({ port });
    await closedAfter(port, bytes);
    expect((await run(connection, 'set nocount on')).error).toBeUndefined();
    await closeTedious(connection);
  });
});
