import { packetBlock, releasePacketBlock } from './packetBlocks.js';
import { packetHeaderLength, packetTypes, writePacketHeader } from './packets.js';
import type { Transport } from './transport.js';

const initialCapacity = 16 * 1024;
const largestKeptCapacity = 1 << 20;
const largestFlush = 64 * 1024;

/**
 * Collects the tokens of a response message in one growing buffer and sends them cut into packets. Encoders call
 * `ensure` for the bytes they need and then write to `buffer` and `view` at `position` themselves.
 */
export class MessageWriter {
  buffer = Buffer.allocUnsafe(initialCapacity);
  view = viewOf(this.buffer);
  position = 0;
  spid = 0;
  /** Position from which on the collected bytes are worth sending: small at first, so that early rows arrive early. */
  flushAt: number;
  private packetId = 1;

  constructor(
    private readonly transport: Transport,
    private packetSize: number,
  ) {
    this.flushAt = packetSize;
  }

  /** Takes effect with the next message, as a packet size told by ENVCHANGE does. */
  setPacketSize(packetSize: number): void {
    this.packetSize = packetSize;
    this.flushAt = packetSize;
  }

  ensure(bytes: number): void {
    if (this.position + bytes > this.buffer.length) this.grow(this.position + bytes);
  }

  private grow(needed: number): void {
    const larger = Buffer.allocUnsafe(Math.max(needed, this.buffer.length * 2));
    this.buffer.copy(larger, 0, 0, this.position);
    this.buffer = larger;
    this.view = viewOf(larger);
  }

  uint8(value: number): void {
    this.ensure(1);
    this.buffer[this.position++] = value;
  }

  uint16(value: number): void {
    this.ensure(2);
    this.view.setUint16(this.position, value, true);
    this.position += 2;
  }

  uint32(value: number): void {
    this.ensure(4);
    this.view.setUint32(this.position, value, true);
    this.position += 4;
  }

  uint64(value: bigint): void {
    this.ensure(8);
    this.view.setBigUint64(this.position, value, true);
    this.position += 8;
  }

  bytes(value: Buffer): void {
    this.ensure(value.length);
    this.buffer.set(value, this.position);
    this.position += value.length;
  }

  utf16(value: string): void {
    const length = value.length * 2;
    this.ensure(length);
    this.buffer.write(value, this.position, length, 'utf16le');
    this.position += length;
  }

  /** B_VARCHAR, cut to the 255 characters it can hold. */
  shortText(value: string): void {
    const text = value.slice(0, 255);
    this.uint8(text.length);
    this.utf16(text);
  }

  /** US_VARCHAR. */
  text(value: string): void {
    this.uint16(value.length);
    this.utf16(value);
  }

  /** A token whose body is preceded by its length in two bytes. */
  sizedToken(token: number, writeBody: () => void): void {
    this.uint8(token);
    const lengthAt = this.position;
    this.uint16(0);
    writeBody();
    this.view.setUint16(lengthAt, this.position - lengthAt - 2, true);
  }

  /** Sends the full packets of what was written. A promise means that the client does not keep up. */
  flush(): Promise<void> | undefined {
    // The last byte stays, so that the packet that ends the message is never empty.
    const room = this.packetSize - packetHeaderLength;
    const count = Math.floor((this.position - 1) / room);
    if (count < 1) return undefined;
    this.send(count, count * room, false);
    this.flushAt = Math.max(this.packetSize, Math.min(this.flushAt * 2, largestFlush));
    return this.transport.drained();
  }

  /** Sends the rest; the message ends. */
  endMessage(): void {
    const room = this.packetSize - packetHeaderLength;
    this.send(Math.max(1, Math.ceil(this.position / room)), this.position, true);
    this.packetId = 1;
    this.flushAt = this.packetSize;
    if (this.buffer.length > largestKeptCapacity) {
      this.buffer = Buffer.allocUnsafe(initialCapacity);
      this.view = viewOf(this.buffer);
    }
  }

  private send(count: number, bytes: number, last: boolean): void {
    const room = this.packetSize - packetHeaderLength;
    const packets = packetBlock(bytes + count * packetHeaderLength);
    let offset = 0;
    for (let index = 0; index < count; index++) {
      const start = index * room;
      const end = Math.min(start + room, bytes);
      const length = end - start + packetHeaderLength;
      writePacketHeader(packets, offset, {
        type: packetTypes.tabularResult,
        last: last && index === count - 1,
        length,
        spid: this.spid,
        packetId: this.packetId++,
      });
      this.buffer.copy(packets, offset + packetHeaderLength, start, end);
      offset += length;
    }
    this.buffer.copyWithin(0, bytes, this.position);
    this.position -= bytes;
    this.transport.write(packets, () => releasePacketBlock(packets));
  }
}

function viewOf(buffer: Buffer): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
