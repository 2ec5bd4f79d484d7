import {
  createSecureServer,
  type Http2SecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { RunClient } from '../../../src/cli/temporal.js';
import { connectWorker } from '../../../worker/connection.js';

let server: Http2SecureServer;
let folder: string;
const calls: IncomingHttpHeaders[] = [];
const sessions: ServerHttp2Session[] = [];

/** A TLS server that refuses every gRPC call and keeps its headers. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refresh-tls-'));
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keySize: 2048,
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  });
  await writeFile(join(folder, 'ca.pem'), cert);
  server = createSecureServer({ key, cert });
  server.on('session', (session) => sessions.push(session));
  server.on('stream', (stream, headers) => {
    calls.push(headers);
    stream.respond(
      { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '16', 'grpc-message': 'no' },
      { endStream: true },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  vi.stubEnv('TEMPORAL_ADDRESS', `localhost:${(server.address() as AddressInfo).port}`);
  vi.stubEnv('TEMPORAL_NAMESPACE', 'refreshes.a1b2c');
  vi.stubEnv('TEMPORAL_API_KEY', 'the-api-key');
  vi.stubEnv('TEMPORAL_TLS_SERVER_CA_CERT_PATH', join(folder, 'ca.pem'));
});

afterAll(async () => {
  vi.unstubAllEnvs();
  for (const session of sessions) session.destroy();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true, force: true });
});

const configuration = { temporal: { address: 'of-the-file:7233' }, environments: {} };

it('a worker connects with TLS and API key of the environment, and says where nothing lets it in', async () => {
  calls.length = 0;
  await expect(connectWorker(configuration, {})).rejects.toMatchObject({
    code: 'TEMPORAL_UNREACHABLE',
    message: expect.stringContaining('localhost') as unknown,
  });
  expect(calls[0]).toMatchObject({ authorization: 'Bearer the-api-key', ':scheme': 'https' });
});

it('so do the commands', async () => {
  calls.length = 0;
  await expect(RunClient.connect(null, {})).rejects.toThrow(/Temporal does not answer at localhost/);
  expect(calls[0]).toMatchObject({ authorization: 'Bearer the-api-key', ':scheme': 'https' });
});
