import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import { TLSSocket, type SecureContext } from 'node:tls';
import { HandshakeChannel } from './tls.js';

/** Bytes that may wait in the socket before a sender is asked to wait too. */
const waitAbove = 1 << 20;

/** The connection's bytes, with or without TLS between them and the socket. */
export class Transport {
  private tls: TLSSocket | undefined;
  private channel: HandshakeChannel | undefined;
  private drainWaiters: (() => void)[] = [];
  private paused = false;

  constructor(
    private readonly socket: Socket,
    private readonly onBytes: (chunk: Buffer) => void,
    onClose: () => void,
  ) {
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => (this.channel === undefined ? onBytes(chunk) : this.channel.receive(chunk)));
    socket.on('drain', this.releaseWaiters);
    // An error of the socket is always followed by close, which is all that matters here.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.releaseWaiters();
      this.tls?.destroy();
      onClose();
    });
  }

  private get stream(): Duplex {
    return this.tls ?? this.socket;
  }

  get encrypted(): boolean {
    return this.tls !== undefined;
  }

  /** From here on the client's bytes are a TLS handshake, then TLS records ([MS-TDS] 2.2.6.5 and 3.3.5.2). */
  startTls(secureContext: SecureContext): void {
    const channel = new HandshakeChannel(this.socket);
    const tls = new TLSSocket(channel, { isServer: true, secureContext });
    tls.on('data', this.onBytes);
    tls.on('drain', this.releaseWaiters);
    tls.on('error', () => this.socket.destroy());
    this.channel = channel;
    this.tls = tls;
  }

  /** Back to plain packets: encryption that was negotiated for the login only. */
  endTls(): void {
    const { tls, channel } = this;
    this.tls = undefined;
    this.channel = undefined;
    channel?.abandon();
    tls?.removeAllListeners();
    tls?.on('error', () => undefined);
    tls?.destroy();
  }

  /** `released` is called when `bytes` may be written to again, which is never when the connection ends before. */
  write(bytes: Buffer, released: () => void): void {
    if (this.socket.destroyed || this.stream.writableEnded) return;
    this.stream.write(bytes, (error) => (error ? undefined : released()));
  }

  /** Undefined when the client keeps up, else a promise that is kept when it has caught up, or is gone. */
  drained(): Promise<void> | undefined {
    if (this.socket.destroyed) return undefined;
    if (this.stream.writableLength + (this.tls === undefined ? 0 : this.socket.writableLength) < waitAbove) {
      return undefined;
    }
    return new Promise((resolve) => this.drainWaiters.push(resolve));
  }

  /** Lets those go on who wait for the client to catch up. */
  readonly releaseWaiters = (): void => {
    const waiters = this.drainWaiters;
    this.drainWaiters = [];
    for (const resolve of waiters) resolve();
  };

  pause(): void {
    if (this.paused) return;
    this.paused = true;
    this.stream.pause();
    this.socket.pause();
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    this.stream.resume();
    this.socket.resume();
  }

  /** Sends what was written, then closes. */
  end(): void {
    this.resume();
    if (this.tls === undefined) this.socket.destroySoon();
    else this.tls.end(() => this.socket.destroySoon());
  }

  destroy(): void {
    this.socket.destroy();
  }
}
