import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PostgresConnection } from '../../../../sandbox/sqlserver/postgres/connection.js';

const authenticated = Buffer.of(0x52, 0, 0, 0, 8, 0, 0, 0, 0);
const backendKey = Buffer.of(0x4b, 0, 0, 0, 12, 0, 0, 0, 7, 1, 2, 3, 4);
const ready = Buffer.of(0x5a, 0, 0, 0, 5, 0x49);
const complete = Buffer.concat([Buffer.of(0x43, 0, 0, 0, 13), Buffer.from('SELECT 0\0')]);
const emptyRow = Buffer.of(0x44, 0, 0, 0, 6, 0, 0);

let folder: string;
let server: net.Server;
let connection: PostgresConnection;
/** What has come; the tests answer it. */
let session: net.Socket;
let cancelRequest: net.Socket | undefined;
let statements: number;

/** A server that logs everybody in and answers nothing else. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'postgres-'));
  cancelRequest = undefined;
  statements = 0;
  server = net.createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (first: Buffer) => {
      if (first.readInt32BE(4) === 80_877_102) {
        cancelRequest = socket;
        return;
      }
      session = socket;
      socket.write(Buffer.concat([authenticated, backendKey, ready]));
      socket.on('data', () => (statements += 1));
    });
  });
  const socketPath = join(folder, 'socket');
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  connection = await PostgresConnection.open({ socketPath, user: 'sandbox' }, 'sandbox', 'test');
});

afterEach(() => {
  connection.close();
  cancelRequest?.destroy();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

describe('a command that ends before the request to cancel it has arrived', () => {
  it('is told to have ended only afterwards, so that the next one is not stopped in its place', async () => {
    let ended = false;
    const first = connection.execute('select').then(() => (ended = true));
    await until(() => statements === 1);
    const cancelled = connection.cancel();
    session.write(Buffer.concat([complete, ready]));
    await until(() => cancelRequest !== undefined && !connection.isBusy);
    expect(ended).toBe(false);
    cancelRequest?.end();
    await Promise.all([first, cancelled]);
    const second = connection.execute('select');
    session.write(Buffer.concat([complete, ready]));
    expect(await second).toEqual({ rowCount: 0 });
  });

  it('waits as well where it is its rows that cannot be taken', async () => {
    let failed = false;
    const refused = connection.query({
      text: 'select',
      parameterTypes: [],
      parameters: [],
      resultFormats: [],
      onRow: () => {
        throw new Error('no room');
      },
    });
    const first = refused.catch((error: unknown) => {
      failed = true;
      return error;
    });
    await until(() => statements === 1);
    session.write(Buffer.concat([emptyRow, complete, ready]));
    await until(() => cancelRequest !== undefined && !connection.isBusy);
    expect(failed).toBe(false);
    cancelRequest?.end();
    expect(await first).toMatchObject({ message: 'no room' });
  });

  it('ends at once when the server is gone', async () => {
    const first = connection.execute('select');
    await until(() => statements === 1);
    void connection.cancel();
    session.destroy();
    await expect(first).rejects.toThrow();
  });
});
