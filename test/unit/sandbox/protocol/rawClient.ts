import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { HandshakeChannel } from '../../../../sandbox/sqlserver/protocol/tls.js';
import { packetize, packetTypes } from '../../../../sandbox/sqlserver/protocol/packets.js';

/** A client of single packets, for what the drivers never send. */
export class RawClient {
  private received = Buffer.alloc(0);
  private wake: (() => void) | undefined;
  private ended = false;

  private constructor(private readonly socket: Socket) {
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.ended = true;
      this.wake?.();
    });
  }

  /** `encryption` is the byte of PRELOGIN: 0 encrypts the login only, 2 nothing. */
  static async open(port: number, encryption: 0 | 2, tdsVersion = 0x74000004): Promise<RawClient> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const client = new RawClient(socket);
    const take = (chunk: Buffer): void => client.take(chunk);
    socket.on('data', take);
    client.send(packetTypes.prelogin, Buffer.of(1, 0, 6, 0, 1, 0xff, encryption));
    await client.message();
    const login = packetize(packetTypes.login7, loginPayload(tdsVersion), 4096);
    if (encryption === 0) {
      socket.off('data', take);
      await sendEncrypted(socket, login);
      socket.on('data', take);
    } else {
      socket.write(login);
    }
    return client;
  }

  send(type: number, payload: Buffer, status = 1): void {
    const packet = packetize(type, payload, payload.length + 9);
    packet[1] = status;
    this.socket.write(packet);
  }

  /** The payload of the next message; undefined if the server closed the connection instead. */
  async message(): Promise<Buffer | undefined> {
    const pieces: Buffer[] = [];
    for (;;) {
      const length = this.received.length >= 8 ? this.received.readUInt16BE(2) : Infinity;
      if (this.received.length >= length) {
        const last = (this.received[1]! & 1) !== 0;
        pieces.push(this.received.subarray(8, length));
        this.received = this.received.subarray(length);
        if (last) return Buffer.concat(pieces);
      } else if (this.ended) {
        return undefined;
      } else {
        await new Promise<void>((resolve) => (this.wake = resolve));
      }
    }
  }

  close(): void {
    this.socket.destroy();
  }

  private take(chunk: Buffer): void {
    this.received = Buffer.concat([this.received, chunk]);
    this.wake?.();
  }
}

/** LOGIN7 with user, password and database; each entry of the offset table tells where a text is and its length. */
function loginPayload(tdsVersion: number): Buffer {
  const fixed = Buffer.alloc(94);
  fixed.writeUInt32LE(tdsVersion, 4);
  const scrambled = Buffer.from('right', 'utf16le').map((byte) => (((byte << 4) | (byte >>> 4)) & 0xff) ^ 0xa5);
  const fields = new Map<number, Uint8Array>([
    [40, Buffer.from('raw', 'utf16le')],
    [44, scrambled],
    [68, Buffer.from('qa', 'utf16le')],
  ]);
  let end = fixed.length;
  for (const [entry, bytes] of fields) {
    fixed.writeUInt16LE(end, entry);
    fixed.writeUInt16LE(bytes.length / 2, entry + 2);
    end += bytes.length;
  }
  fixed.writeUInt32LE(end, 0);
  return Buffer.concat([fixed, ...fields.values()]);
}

async function sendEncrypted(socket: Socket, login: Buffer): Promise<void> {
  const channel = new HandshakeChannel(socket);
  const take = (chunk: Buffer): void => channel.receive(chunk);
  socket.on('data', take);
  const tls = connectTls({ socket: channel, rejectUnauthorized: false, maxVersion: 'TLSv1.2' });
  await once(tls, 'secureConnect');
  channel.sendBare();
  await new Promise<void>((resolve) => tls.write(login, () => resolve()));
  socket.off('data', take);
}

export interface LastDone {
  readonly token: number;
  readonly status: number;
}

/** The DONE token that a response ends with. */
export function lastDone(response: Buffer | undefined): LastDone {
  const at = response!.length - 13;
  return { token: response![at]!, status: response!.readUInt16LE(at + 1) };
}

/** ALL_HEADERS with a transaction descriptor of zero. */
export const allHeaders = Buffer.from('16000000120000000200000000000000000001000000', 'hex');

export function batch(text: string): Buffer {
  return Buffer.concat([allHeaders, Buffer.from(text, 'utf16le')]);
}
