import { describe, expect, it } from 'vitest';
import { MessageWriter } from '../../../../sandbox/sqlserver/protocol/messageWriter.js';
import type { Transport } from '../../../../sandbox/sqlserver/protocol/transport.js';

const packetSize = 4096;

interface Written {
  readonly packets: Buffer;
  readonly released: () => void;
}

/** A writer to a client that takes nothing until a test calls `released`. */
function openWriter(): { writer: MessageWriter; written: Written[] } {
  const written: Written[] = [];
  const transport = {
    write: (packets: Buffer, released: () => void) => void written.push({ packets, released }),
    drained: () => undefined,
  };
  return { writer: new MessageWriter(transport as unknown as Transport, packetSize), written };
}

/** Sends a message, and gives what went to the client. */
function send({ writer, written }: ReturnType<typeof openWriter>, length: number, byte: number): Written {
  writer.bytes(Buffer.alloc(length, byte));
  writer.endMessage();
  return written.at(-1)!;
}

/** Lengths and payload bytes of packets that follow each other. */
function payloadOf(packets: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at < packets.length;) {
    const length = packets.readUInt16BE(at + 2);
    const last = at + length === packets.length;
    expect([packets[at], packets[at + 1]]).toEqual([4, last ? 1 : 0]);
    pieces.push(packets.subarray(at + 8, at + length));
    at += length;
  }
  return Buffer.concat(pieces);
}

describe('the packets of a response', () => {
  it('keep their bytes until the client has taken them, however many messages follow', () => {
    const client = openWriter();
    const waiting = Array.from({ length: 40 }, (_, byte) => send(client, 20_000, byte));
    waiting.forEach(({ packets }, byte) => {
      expect(payloadOf(packets).equals(Buffer.alloc(20_000, byte))).toBe(true);
    });
  });

  it('leave their memory to others once the client has taken them', () => {
    const client = openWriter();
    const first = send(client, 20_000, 1);
    first.released();
    const other = openWriter();
    expect(send(other, 30_000, 2).packets.buffer).toBe(first.packets.buffer);
  });

  it.each([1, 2, packetSize - 9, packetSize - 8, packetSize - 7, 2 * (packetSize - 8), 131_072, 200_000])(
    'carry a message of %i bytes, whatever was in their memory before',
    (length) => {
      const client = openWriter();
      send(client, 20_000, 9).released();
      const { packets } = send(client, length, 3);
      expect(payloadOf(packets).equals(Buffer.alloc(length, 3))).toBe(true);
      expect(packets.length).toBe(length + 8 * Math.ceil(length / (packetSize - 8)));
    },
  );

  it('sent early leave the rest for the packet that ends the message', () => {
    const { writer, written } = openWriter();
    writer.bytes(Buffer.alloc(2 * (packetSize - 8), 5));
    void writer.flush();
    writer.endMessage();
    expect(written.map(({ packets }) => packets.length)).toEqual([packetSize, packetSize]);
    expect(written.map(({ packets }) => packets[1])).toEqual([0, 1]);
  });
});
