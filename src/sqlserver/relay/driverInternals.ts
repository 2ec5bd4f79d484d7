import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import type { Connection, Request } from 'tedious';
import { RowTap } from './rowTap.js';

/**
 * The only file that touches what tedious does not document: the message layer of a connection. Written against
 * tedious 19.2, to which package.json is pinned. Login, TLS, packets, cancelling and time-outs stay the driver's.
 */
interface Internals {
  messageIo: { readMessage(): Promise<AsyncIterable<Buffer>> };
  makeRequest(request: Request, packetType: number, payload: Iterable<Buffer>): void;
}

/** Packet type of a bulk load ([MS-TDS] 2.2.3.1.1). */
const bulkLoadPacket = 0x07;

const supportedVersion = /^19\.2\./;
const { version } = createRequire(import.meta.url)('tedious/package.json') as { version: string };

/** True if the driver looks inside as this file expects. */
export function internalsAreKnown(connection: Connection): boolean {
  const { messageIo, makeRequest } = connection as unknown as Partial<Internals>;
  return (
    supportedVersion.test(version) && typeof messageIo?.readMessage === 'function' && typeof makeRequest === 'function'
  );
}

/**
 * Sends each write of the driver at once (TCP_NODELAY). The driver leaves it to the system, which holds the end of a
 * request back until the server has confirmed its beginning; and servers take their time to confirm (40 ms on Linux,
 * 200 ms on Windows), since they expect to do it with the answer.
 */
export function sendAtOnce(connection: Connection): void {
  (connection as unknown as { readonly socket?: Partial<Socket> }).socket?.setNoDelay?.(true);
}

/**
 * Diverts the rows of the next response: the driver gets the response without them. Call `send` of the request right
 * after; it makes the driver ask for the response at once.
 * @returns the tap that receives them, and the failure that made it give up, if any
 */
export function tapNextResponse(connection: Connection): { readonly tap: RowTap; failure(): unknown; release(): void } {
  const { messageIo } = connection as unknown as Internals;
  const tap = new RowTap();
  let failure: unknown;
  const release = (): void => {
    Reflect.deleteProperty(messageIo, 'readMessage');
  };
  const readMessage = messageIo.readMessage.bind(messageIo);
  messageIo.readMessage = async () => {
    release();
    return withoutRows(await readMessage(), tap, (error) => (failure ??= error));
  };
  return { tap, failure: () => failure, release };
}

/** An error thrown here would end the process, as the driver listens for none: it is noted, and the rest skipped. */
async function* withoutRows(
  message: AsyncIterable<Buffer>,
  tap: RowTap,
  fail: (error: unknown) => void,
): AsyncGenerator<Buffer> {
  let failed = false;
  const take = (bytes: () => Buffer[]): Buffer[] => {
    try {
      return failed ? [] : bytes();
    } catch (error) {
      failed = true;
      fail(error);
      return [];
    }
  };
  for await (const piece of message) yield* take(() => tap.push(piece));
  yield* take(() => tap.end());
}

/** Sends a bulk load's payload; INSERT BULK must have been sent before. */
export function sendBulkLoad(connection: Connection, request: Request, payload: Iterable<Buffer>): void {
  (connection as unknown as Internals).makeRequest(request, bulkLoadPacket, payload);
}
