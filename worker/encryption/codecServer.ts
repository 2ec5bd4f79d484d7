import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { PayloadUnreadableError } from './payloadCodec.js';

/** Temporal's own limit of a message. Bytes. */
const largestBody = 4 * 1024 * 1024;

export interface CodecServerOptions {
  readonly codec: PayloadCodec;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Origins of the Temporal UI whose pages may ask, such as http://127.0.0.1:8233. */
  readonly origins: readonly string[];
}

export interface CodecServer {
  readonly host: string;
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Temporal's remote codec protocol: POST …/encode and …/decode with { payloads: [{ metadata, data }] }, bytes as base64.
 * A browser is answered only for pages of the given origins; `temporal … --codec-endpoint` sends no origin. Whoever can
 * reach it can decrypt: it has no log-in of its own.
 */
export async function startCodecServer(options: CodecServerOptions): Promise<CodecServer> {
  const server = createServer((request, response) => {
    answer(options, request, response).catch(() => send(response, 500, {}));
  });
  await listen(server, options.host, options.port);
  const { port } = server.address() as AddressInfo;
  return {
    host: options.host,
    port,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function answer(
  { codec, origins }: CodecServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { origin } = request.headers;
  if (origin !== undefined) {
    response.setHeader('Vary', 'Origin');
    if (!origins.includes(origin)) return send(response, 403, { message: 'This origin is not admitted.' });
    response.setHeader('Access-Control-Allow-Origin', origin);
    response.setHeader('Access-Control-Allow-Credentials', 'true');
    response.setHeader('Access-Control-Allow-Methods', 'POST, OPTIONS');
    response.setHeader('Access-Control-Allow-Headers', 'authorization, content-type, x-namespace');
  }
  if (request.method === 'OPTIONS') return send(response, 204);
  const path = new URL(request.url ?? '/', 'http://codec').pathname;
  const operation = /\/(encode|decode)$/.exec(path)?.[1];
  if (operation === undefined) return send(response, 404, { message: 'There are /encode and /decode.' });
  if (request.method !== 'POST') return send(response, 405, { message: 'Use POST.' });
  const payloads = payloadsOf(await bodyOf(request));
  if (payloads === null) return send(response, 400, { message: 'The body must be { "payloads": [ … ] }.' });
  try {
    const results = operation === 'encode' ? await codec.encode(payloads) : await codec.decode(payloads);
    send(response, 200, { payloads: results.map(jsonOf) });
  } catch (error) {
    if (!(error instanceof PayloadUnreadableError)) throw error;
    send(response, 400, { message: error.message });
  }
}

/** Null for a body that is too large. */
async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > largestBody) return null;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function payloadsOf(body: string | null): Payload[] | null {
  try {
    const { payloads } = JSON.parse(body ?? '') as { payloads: JsonPayload[] };
    return payloads.map(({ metadata = {}, data = '' }) => ({
      metadata: Object.fromEntries(
        Object.entries(metadata).map(([name, value]) => [name, Buffer.from(value, 'base64')]),
      ),
      data: Buffer.from(data, 'base64'),
    }));
  } catch {
    return null;
  }
}

interface JsonPayload {
  readonly metadata?: Readonly<Record<string, string>>;
  readonly data?: string;
}

function jsonOf({ metadata, data }: Payload): JsonPayload {
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  return {
    metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([name, value]) => [name, base64(value)])),
    data: base64(data ?? new Uint8Array()),
  };
}

function send(response: ServerResponse, status: number, body?: object): void {
  response.statusCode = status;
  if (body === undefined) return void response.end();
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(body));
}
