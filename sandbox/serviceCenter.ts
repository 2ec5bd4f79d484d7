import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { setApplicationsEnabled, startScheduler } from './factories/index.js';
import { connect, type ServerAddress } from './factories/write/connection.js';

export interface ServiceCenter {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Stands in for the platform of one sample environment: its scheduler empties the event queues of enabled
 * applications, and an endpoint disables and enables applications as `maintenance: { mode: http }` asks for.
 * @param port 0: any free one
 */
export async function startServiceCenter(
  server: ServerAddress,
  database: string,
  port: number,
  host = '127.0.0.1',
): Promise<ServiceCenter> {
  const scheduler = await startScheduler({ ...server, database });
  const endpoint = createServer((request, response) => {
    maintain(server, database, request).then(
      (status) => response.writeHead(status).end(),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve, reject) => endpoint.once('error', reject).listen(port, host, resolve));
  return {
    port: (endpoint.address() as AddressInfo).port,
    stop: async () => {
      await scheduler.stop();
      await new Promise((resolve) => {
        endpoint.close(resolve);
        endpoint.closeAllConnections();
      });
    },
  };
}

/** Answers the HTTP status. A GET tells that the samples are there. */
async function maintain(server: ServerAddress, database: string, request: IncomingMessage): Promise<number> {
  if (request.method === 'GET') return 204;
  const order = (await json(request)) as { action?: string; applications?: { name: string }[] };
  if (request.method !== 'POST' || (order.action !== 'disable' && order.action !== 'enable')) return 400;
  const pool = await connect(server, database);
  try {
    await setApplicationsEnabled(
      pool,
      (order.applications ?? []).map(({ name }) => name),
      order.action === 'enable',
    );
  } finally {
    await pool.close();
  }
  return 204;
}
