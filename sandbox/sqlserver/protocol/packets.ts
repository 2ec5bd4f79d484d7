import { GatheredBytes } from '../../../src/sqlserver/relay/gatheredBytes.js';

/** Packets of the TDS stream: [MS-TDS] 2.2.3. */

export const packetTypes = {
  sqlBatch: 0x01,
  rpc: 0x03,
  tabularResult: 0x04,
  attention: 0x06,
  bulkLoad: 0x07,
  transactionManager: 0x0e,
  login7: 0x10,
  prelogin: 0x12,
} as const;

export const packetStatus = {
  endOfMessage: 0x01,
  ignore: 0x02,
  resetConnection: 0x08,
  resetConnectionSkipTransaction: 0x10,
} as const;

export const packetHeaderLength = 8;

const knownTypes: ReadonlySet<number> = new Set(Object.values(packetTypes));

/** The packet size both sides use until the login response has told another. */
export const initialPacketSize = 4096;

/** The client sent something that is not TDS. It ends that connection and no other. */
export class ProtocolError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ProtocolError';
  }
}

export interface Packet {
  readonly type: number;
  readonly status: number;
  /** Only valid until the splitter gets its next bytes. */
  readonly payload: Buffer;
}

/** Finds the packets in the bytes of a stream, whatever the pieces they arrive in. */
export class PacketSplitter {
  /** The beginning of a packet. */
  private readonly rest = new GatheredBytes();

  constructor(private readonly onPacket: (packet: Packet) => void) {}

  /** Throws ProtocolError when a header cannot be one. */
  receive(chunk: Buffer): void {
    if (this.rest.length === 0) {
      this.rest.append(chunk.subarray(this.split(chunk)));
    } else {
      this.rest.append(chunk);
      this.rest.consume(this.split(this.rest.bytes()));
    }
  }

  /** Gives the number of bytes that the whole packets took. */
  private split(bytes: Buffer): number {
    let start = 0;
    while (bytes.length - start >= packetHeaderLength) {
      // Bytes of another protocol are told at once: their "length" may never arrive.
      if (!knownTypes.has(bytes[start]!)) throw new ProtocolError(`packet type ${bytes[start]!}`);
      const length = bytes.readUInt16BE(start + 2);
      if (length < packetHeaderLength) throw new ProtocolError(`packet length ${length}`);
      if (bytes.length - start < length) break;
      const end = start + length;
      const packet = {
        type: bytes[start]!,
        status: bytes[start + 1]!,
        payload: bytes.subarray(start + packetHeaderLength, end),
      };
      start = end;
      this.onPacket(packet);
    }
    return start;
  }
}

export interface PacketHeader {
  readonly type: number;
  readonly last: boolean;
  readonly length: number;
  readonly spid: number;
  readonly packetId: number;
}

export function writePacketHeader(target: Buffer, offset: number, header: PacketHeader): void {
  target[offset] = header.type;
  target[offset + 1] = header.last ? packetStatus.endOfMessage : 0;
  target[offset + 2] = header.length >>> 8;
  target[offset + 3] = header.length & 0xff;
  target[offset + 4] = (header.spid >>> 8) & 0xff;
  target[offset + 5] = header.spid & 0xff;
  target[offset + 6] = header.packetId & 0xff;
  target[offset + 7] = 0;
}

/** Cuts one whole message into packets. */
export function packetize(type: number, payload: Buffer, packetSize: number): Buffer {
  const room = packetSize - packetHeaderLength;
  const count = Math.max(1, Math.ceil(payload.length / room));
  const packets = Buffer.allocUnsafe(payload.length + count * packetHeaderLength);
  let offset = 0;
  for (let index = 0; index < count; index++) {
    const piece = payload.subarray(index * room, (index + 1) * room);
    const length = piece.length + packetHeaderLength;
    writePacketHeader(packets, offset, { type, last: index === count - 1, length, spid: 0, packetId: index + 1 });
    packets.set(piece, offset + packetHeaderLength);
    offset += length;
  }
  return packets;
}
