import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { packetTypes } from '../../../../sandbox/sqlserver/protocol/packets.js';
import type { TdsListener } from '../../../../sandbox/sqlserver/protocol/server.js';
import { closeTedious, connectTedious, run } from './clients.js';
import { allHeaders, batch, lastDone, RawClient } from './rawClient.js';
import { ScriptedEngine, startListener } from './scriptedEngine.js';
import { valuePages } from './valuePages.js';

let engine: ScriptedEngine;
let listener: TdsListener;
let client: RawClient | undefined;

beforeAll(async () => {
  engine = new ScriptedEngine();
  listener = await startListener(engine);
});

afterAll(() => listener.close());

afterEach(() => client?.close());

async function open(encryption: 0 | 2 = 2): Promise<RawClient> {
  client = await RawClient.open(listener.port, encryption);
  const response = await client.message();
  expect(response).toContain(0xad);
  expect(lastDone(response)).toEqual({ token: 0xfd, status: 0 });
  return client;
}

const attended = { token: 0xfd, status: 0x20 };
const finished = { token: 0xfd, status: 0 };

describe('packets that the drivers never send', () => {
  it('a login that alone is encrypted', async () => {
    const raw = await open(0);
    expect(engine.logins.at(-1)).toMatchObject({ user: 'raw', password: 'right', database: 'qa' });
    raw.send(packetTypes.sqlBatch, batch('select 1'));
    expect(lastDone(await raw.message())).toEqual(finished);
  });

  it('an attention while nothing runs', async () => {
    const raw = await open();
    raw.send(packetTypes.attention, Buffer.alloc(0));
    expect(lastDone(await raw.message())).toEqual(attended);
    raw.send(packetTypes.sqlBatch, batch('select 1'));
    expect(lastDone(await raw.message())).toEqual(finished);
  });

  it('an attention in one segment with its request: two messages answer', async () => {
    const raw = await open();
    const text = engine.on(
      ({ attention }) => new Promise((resolve) => attention.addEventListener('abort', () => resolve())),
    );
    raw.send(packetTypes.sqlBatch, batch(text));
    raw.send(packetTypes.attention, Buffer.alloc(0));
    expect(lastDone(await raw.message()).status).toBe(0x02);
    expect(lastDone(await raw.message())).toEqual(attended);
  });

  it('an attention inside a bulk load message: only the acknowledgement answers', async () => {
    const raw = await open();
    let failure: unknown;
    engine.onBulkLoad = async (request) => {
      try {
        for await (const _page of request.rowsInto(valuePages(1)));
      } catch (error) {
        failure = error;
        throw error;
      }
    };
    raw.send(packetTypes.sqlBatch, batch('insert bulk t (id int)'));
    expect(lastDone(await raw.message())).toEqual(finished);
    raw.send(packetTypes.bulkLoad, Buffer.from('8101000000000001003802690064 00d1'.replaceAll(' ', ''), 'hex'), 0);
    raw.send(packetTypes.attention, Buffer.alloc(0));
    expect(lastDone(await raw.message())).toEqual(attended);
    expect(failure).toBeInstanceOf(Error);
    raw.send(packetTypes.sqlBatch, batch('select 1'));
    expect(lastDone(await raw.message())).toEqual(finished);
  });

  it('a message taken back with the IGNORE bit is answered and not run', async () => {
    const raw = await open();
    let ran = false;
    const text = engine.on(() => void (ran = true));
    raw.send(packetTypes.sqlBatch, batch(text), 0);
    raw.send(packetTypes.sqlBatch, Buffer.alloc(0), 3);
    expect(lastDone(await raw.message())).toEqual({ token: 0xfd, status: 0x02 });
    expect(ran).toBe(false);
  });

  it('a request in many packets, the first asking for a reset', async () => {
    const raw = await open();
    const session = engine.sessions.at(-1)!;
    const text = engine.onResult([['n', { name: 'int' }]], [[1]]);
    const payload = batch(text);
    for (let at = 0; at < payload.length; at++) {
      const status = (at === 0 ? 0x08 : 0) | (at === payload.length - 1 ? 1 : 0);
      raw.send(packetTypes.sqlBatch, payload.subarray(at, at + 1), status);
    }
    const response = await raw.message();
    expect(session.resets).toBe(1);
    expect([...response!.subarray(0, 6)]).toEqual([0xe3, 3, 0, 18, 0, 0]);
    expect(lastDone(response)).toEqual({ token: 0xfd, status: 0x10 });
  });

  it('several procedure calls in a message: each is answered, all but the last with MORE', async () => {
    const raw = await open();
    const ran: string[] = [];
    const remember = (name: string) => engine.on(() => void ran.push(name), name);
    const named = (text: string) => {
      const length = Buffer.alloc(2);
      length.writeUInt16LE(text.length);
      return Buffer.concat([length, Buffer.from(text, 'utf16le'), Buffer.alloc(2)]);
    };
    const calls = ['p_one', 'p_skipped', 'p_two'].map((name) => named(remember(name)));
    const payload = [allHeaders, calls[0]!, Buffer.of(0xff), calls[1]!, Buffer.of(0xfe), calls[2]!];
    raw.send(packetTypes.rpc, Buffer.concat(payload));
    const response = await raw.message();
    expect(ran).toEqual(['p_one', 'p_two']);
    const oneAnswer = response!.length / 2;
    expect(lastDone(response!.subarray(0, oneAnswer))).toEqual({ token: 0xfe, status: 0x01 });
    expect(lastDone(response)).toEqual({ token: 0xfe, status: 0 });
  });

  it.each([
    ['headers beyond the message', packetTypes.sqlBatch, Buffer.from('ff000000', 'hex')],
    ['a procedure call that ends early', packetTypes.rpc, Buffer.concat([allHeaders, Buffer.of(0xff)])],
    ['an unknown transaction request', packetTypes.transactionManager, Buffer.concat([allHeaders, Buffer.of(77, 0)])],
    ['a bulk load that is none', packetTypes.bulkLoad, Buffer.of(1, 2, 3)],
  ])('%s: error 4002 ends the connection', async (_what, type, payload) => {
    const raw = await open();
    const session = engine.sessions.at(-1)!;
    raw.send(type, payload);
    const response = await raw.message();
    expect(response![0]).toBe(0xaa);
    expect(response!.readUInt32LE(3)).toBe(4002);
    expect(await raw.message()).toBeUndefined();
    await engine.until(() => session.closed);
  });
});

describe('older clients', () => {
  it('of TDS 7.2 get the date types as text', async () => {
    const connection = await connectTedious({ port: listener.port, options: { tdsVersion: '7_2' } });
    const units = 738_944n * 864_000_000_000n + 476_551_234_567n;
    const text = engine.onResult(
      [
        ['d', { name: 'date' }],
        ['t', { name: 'time', scale: 3 }],
        ['dt', { name: 'datetime2', scale: 7 }],
        ['o', { name: 'datetimeoffset', scale: 0 }],
      ],
      [
        [738_944n, 476_551_234_567n, units, { utc: units, offsetMinutes: -90 }],
        [null, null, null, null],
      ],
    );
    expect((await run(connection, text)).rows).toEqual([
      ['2024-02-29', '13:14:15.123', '2024-02-29 13:14:15.1234567', '2024-02-29 11:44:15 -01:30'],
      [null, null, null, null],
    ]);
    await closeTedious(connection);
  });

  it('of TDS 7.1 are refused', async () => {
    client = await RawClient.open(listener.port, 2, 0x71000001);
    expect((await client.message())!.includes(Buffer.from('TDS before 7.2', 'utf16le'))).toBe(true);
    expect(await client.message()).toBeUndefined();
  });
});
