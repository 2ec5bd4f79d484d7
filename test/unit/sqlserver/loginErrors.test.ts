import { afterEach, expect, it } from 'vitest';
import { SqlError } from '../../../sandbox/sqlserver/engine/api.js';
import type { TdsListener } from '../../../sandbox/sqlserver/protocol/server.js';
import { openReadPool } from '../../../src/sqlserver/readPool.js';
import { SourceSession } from '../../../src/sqlserver/session.js';
import { ScriptedEngine, startListener } from '../sandbox/protocol/scriptedEngine.js';

let listener: TdsListener | undefined;
afterEach(() => listener?.close());

/** Settings for a server that answers every login with these errors. */
async function refusing(number: number, state = 1): Promise<Parameters<typeof openReadPool>[0]> {
  const engine = new ScriptedEngine();
  engine.login = () => Promise.reject(new SqlError(number, 'refused', { class: 14, state }));
  listener = await startListener(engine);
  return {
    server: '127.0.0.1',
    port: listener.port,
    database: 'qa',
    user: 'tester',
    password: 'right',
    encrypt: false,
    trustServerCertificate: true,
    readOnlyIntent: false,
  };
}

it.each([
  [983, 'failover', true],
  [18487, 'passwordExpired', false],
  [18456, 'loginFailed', false],
])('a login refused with %i is classified as %s in sessions and in pools', async (number, code, retried) => {
  const settings = await refusing(number);
  const expected = { code, retried, details: { sqlNumber: number } };
  await expect(SourceSession.open(settings)).rejects.toMatchObject(expected);
  await expect(openReadPool(settings)).rejects.toMatchObject(expected);
});

it('tells the reason that the state of a refused login gives', async () => {
  await expect(SourceSession.open(await refusing(18456, 5))).rejects.toMatchObject({ code: 'loginUnknown' });
});
