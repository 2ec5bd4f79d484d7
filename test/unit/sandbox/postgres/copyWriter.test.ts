import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { copyWriter, type CopyWriter } from '../../../../sandbox/sqlserver/postgres/copyWriter.js';

const block = Buffer.alloc(100, 1);

/** A socket whose other side takes what is written only when told to. */
class SlowSocket extends Duplex {
  private taken: (() => void)[] = [];

  constructor() {
    super({ highWaterMark: 1 });
    this.on('error', () => undefined);
  }

  override _read(): void {}

  override _writev(_chunks: unknown, callback: () => void): void {
    this.taken.push(callback);
  }

  takeAll(): void {
    for (const taken of this.taken.splice(0)) taken();
  }
}

function writerTo(socket: SlowSocket): CopyWriter {
  return copyWriter(socket as unknown as Socket, Promise.resolve({ rowCount: 0 }));
}

const later = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a block of COPY data', () => {
  it('may be written to again when the socket has taken it, and not before', async () => {
    const socket = new SlowSocket();
    let released = false;
    const wait = writerTo(socket).write(block, () => (released = true));
    await later();
    expect(released).toBe(false);
    socket.takeAll();
    await wait;
    await later();
    expect(released).toBe(true);
  });

  it('is not waited for where the connection ends meanwhile, and stays as it is', async () => {
    const socket = new SlowSocket();
    let released = false;
    const wait = writerTo(socket).write(block, () => (released = true));
    socket.destroy();
    await wait;
    expect(released).toBe(false);
  });

  it('is not waited for where the connection has ended before', async () => {
    const socket = new SlowSocket();
    socket.destroy();
    await later();
    expect(socket.closed).toBe(true);
    let released = false;
    await writerTo(socket).write(block, () => (released = true));
    expect(released).toBe(false);
  });
});
