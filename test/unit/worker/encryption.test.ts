import { randomBytes } from 'node:crypto';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { afterEach, describe, expect, it } from 'vitest';
import { startCodecServer, type CodecServer } from '../../../worker/encryption/codecServer.js';
import { payloadEncryption } from '../../../worker/encryption/dataConverter.js';
import { keyRingOf, type KeyRing } from '../../../worker/encryption/keys.js';
import { EncryptionCodec } from '../../../worker/encryption/payloadCodec.js';

const base64Key = (): string => randomBytes(32).toString('base64');
const [older, newer] = [base64Key(), base64Key()];

function ring(text: string): KeyRing {
  const keys = keyRingOf({ REFRESH_CODEC_KEYS: text });
  if (keys === null) throw new Error('no keys');
  return keys;
}

const request = { source: 'production', destination: 'qa', note: 'Größe ✓' };
const clear = (): Payload => defaultPayloadConverter.toPayload(request) as Payload;
const text = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString('utf8');

async function encrypted(keys = `b=${newer},a=${older}`): Promise<Payload> {
  const [payload] = await new EncryptionCodec(ring(keys)).encode([clear()]);
  return payload!;
}

describe('the encryption codec', () => {
  it('hides data and encoding, and gives both back', async () => {
    const payload = await encrypted();
    expect(text(payload.data)).not.toContain('production');
    expect(text(payload.metadata?.['encoding'])).toBe('binary/encrypted');
    expect(text(payload.metadata?.['encryption-key-id'])).toBe('b');
    const [decoded] = await new EncryptionCodec(ring(`b=${newer}`)).decode([payload]);
    expect(defaultPayloadConverter.fromPayload(decoded!)).toEqual(request);
  });

  it('never encrypts the same twice alike', async () => {
    expect(Buffer.from((await encrypted()).data!)).not.toEqual(Buffer.from((await encrypted()).data!));
  });

  it('reads with old keys what was encrypted before a rotation', async () => {
    const before = await encrypted(`a=${older}`);
    const codec = new EncryptionCodec(ring(`b=${newer},a=${older}`));
    expect(defaultPayloadConverter.fromPayload((await codec.decode([before]))[0]!)).toEqual(request);
  });

  it('leaves in clear what came in clear', async () => {
    const payload = clear();
    expect(await new EncryptionCodec(ring(`a=${older}`)).decode([payload])).toEqual([payload]);
  });

  it('names the key that is missing', async () => {
    const payload = await encrypted();
    await expect(new EncryptionCodec(ring(`a=${older}`)).decode([payload])).rejects.toThrow(
      /key b, which is not known/,
    );
  });

  it.each([
    ['nonce', 0],
    ['ciphertext', 20],
    ['tag', -1],
  ])('refuses a payload whose %s was changed', async (_part, position) => {
    const payload = await encrypted();
    const data = Buffer.from(payload.data!);
    data[position < 0 ? data.length + position : position]! ^= 1;
    await expect(new EncryptionCodec(ring(`b=${newer}`)).decode([{ ...payload, data }])).rejects.toThrow(/was changed/);
  });

  it('refuses a payload that is said to be of another key, or is cut', async () => {
    const payload = await encrypted();
    const codec = new EncryptionCodec(ring(`c=${newer},b=${newer}`));
    const metadata = { ...payload.metadata, 'encryption-key-id': Buffer.from('c') };
    await expect(codec.decode([{ ...payload, metadata }])).rejects.toThrow(/was changed/);
    await expect(codec.decode([{ ...payload, data: payload.data!.subarray(0, 20) }])).rejects.toThrow(/too short/);
  });
});

describe('keys', () => {
  it('are optional', () => {
    expect(keyRingOf({})).toBeNull();
    expect(payloadEncryption({})).toEqual({});
    expect(payloadEncryption({ REFRESH_CODEC_KEYS: `a=${older}` }).dataConverter?.payloadCodecs).toHaveLength(1);
  });

  it.each([
    ['of another length', `a=${randomBytes(16).toString('base64')}`],
    ['without id', older],
    ['of one id twice', `a=${older},a=${newer}`],
    ['that are no base64', 'a=!!!!'],
  ])('%s are refused without being quoted', (_what, keys) => {
    const problem = (() => {
      try {
        return void keyRingOf({ REFRESH_CODEC_KEYS: keys });
      } catch (error) {
        return error as Error & { code: string };
      }
    })();
    expect(problem?.code).toBe('CODEC_KEY_INVALID');
    expect(problem?.message).not.toContain(keys.slice(2, 20));
  });
});

describe('the codec server', () => {
  const origin = 'http://127.0.0.1:8233';
  let server: CodecServer | undefined;
  afterEach(() => server?.close());

  async function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const codec = new EncryptionCodec(ring(`b=${newer},a=${older}`));
    server ??= await startCodecServer({ codec, host: '127.0.0.1', port: 0, origins: [origin] });
    return fetch(`http://127.0.0.1:${server.port}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  }
  afterEach(() => (server = undefined));

  const json = {
    metadata: { encoding: Buffer.from('json/plain').toString('base64') },
    data: Buffer.from('{"a":1}').toString('base64'),
  };

  it('gives back what it encoded, with and without the namespace in the path', async () => {
    const encoded = (await (await post('/encode', { payloads: [json] }, { origin })).json()) as object;
    expect(JSON.stringify(encoded)).not.toContain(json.data);
    expect(await (await post('/default/decode', encoded, { origin })).json()).toEqual({ payloads: [json] });
  });

  it('admits pages of the UI only, and callers that are no browser', async () => {
    const admitted = await post('/decode', { payloads: [json] }, { origin });
    expect(admitted.headers.get('access-control-allow-origin')).toBe(origin);
    expect((await post('/decode', { payloads: [json] }, { origin: 'http://evil.example' })).status).toBe(403);
    expect((await post('/decode', { payloads: [json] })).status).toBe(200);
    const preflight = await fetch(`http://127.0.0.1:${server!.port}/decode`, {
      method: 'OPTIONS',
      headers: { origin },
    });
    expect([preflight.status, preflight.headers.get('access-control-allow-headers')]).toEqual([
      204,
      'authorization, content-type, x-namespace',
    ]);
  });

  it('says what is wrong with a request', async () => {
    expect((await post('/decode', 'no json')).status).toBe(400);
    expect((await post('/other', { payloads: [] })).status).toBe(404);
    const foreign = await new EncryptionCodec(ring(`z=${older}`)).encode([clear()]);
    const payloads = foreign.map(({ metadata, data }) => ({
      metadata: Object.fromEntries(
        Object.entries(metadata ?? {}).map(([k, v]) => [k, Buffer.from(v).toString('base64')]),
      ),
      data: Buffer.from(data!).toString('base64'),
    }));
    const response = await post('/decode', { payloads });
    expect([response.status, await response.json()]).toEqual([
      400,
      { message: expect.stringContaining('key z') as unknown },
    ]);
  });
});
