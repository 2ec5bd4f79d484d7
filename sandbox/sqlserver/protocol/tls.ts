import { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import { initialPacketSize, packetHeaderLength, packetize, packetTypes } from './packets.js';

const emptyBytes = Buffer.alloc(0);

/**
 * The stream under a TLS session of TDS 7: handshake records travel as payload of PRELOGIN packets, all records after
 * it bare. A record never starts with the PRELOGIN packet type (0x12), which tells them apart.
 */
export class HandshakeChannel extends Duplex {
  private wrapped = true;
  private abandoned = false;
  private received: Buffer = emptyBytes;

  constructor(private readonly socket: Socket) {
    super();
  }

  receive(chunk: Buffer): void {
    if (!this.wrapped) {
      this.push(chunk);
      return;
    }
    this.received = this.received.length === 0 ? chunk : Buffer.concat([this.received, chunk]);
    while (this.received.length > 0) {
      if (this.received[0] !== packetTypes.prelogin) {
        this.wrapped = false;
        this.push(this.received);
        this.received = emptyBytes;
        return;
      }
      if (this.received.length < packetHeaderLength) return;
      const length = Math.max(packetHeaderLength, this.received.readUInt16BE(2));
      if (this.received.length < length) return;
      this.push(this.received.subarray(packetHeaderLength, length));
      this.received = this.received.subarray(length);
    }
  }

  /** For a client's end of the channel: its handshake is done, the first bare records are its own. */
  sendBare(): void {
    this.wrapped = false;
  }

  /** Nothing that TLS still writes reaches the client. */
  abandon(): void {
    this.abandoned = true;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.abandoned || this.socket.destroyed) {
      done();
      return;
    }
    // Clients wait for one message for each they sent: a flight of the handshake must not be cut into several.
    this.socket.write(this.wrapped ? packetize(packetTypes.prelogin, chunk, initialPacketSize) : chunk, done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'binary', done);
  }
}
