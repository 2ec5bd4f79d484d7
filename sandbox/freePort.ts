import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

// Below the ranges from which Linux (32768), macOS and Windows (49152) take the local ends of outgoing connections and
// the ports that other servers ask the system for: such a port is often gone before the server that it was found for
// has started.
const FIRST_PORT = 20_000;
const LAST_PORT = 31_999;
const TRIES = 200;

/** This process's own: a port stays free until its server listens, and must not be found twice meanwhile. */
const found = new Set<number>();

/**
 * A TCP port on the loopback address that nothing listens on: `preferred` when it is free, else a random one.
 * Between this answer and its use another process may take the port, so a server must still report a failed bind.
 */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && (await canListen(preferred))) return preferred;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const port = randomInt(FIRST_PORT, LAST_PORT + 1);
    if (found.has(port) || !(await canListen(port))) continue;
    found.add(port);
    return port;
  }
  throw new Error(`No free TCP port found on 127.0.0.1 between ${FIRST_PORT} and ${LAST_PORT}.`);
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
