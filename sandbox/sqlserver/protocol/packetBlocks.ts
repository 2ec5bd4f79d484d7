import { SpareBlocks } from '../../../src/sqlserver/relay/spareBlocks.js';

/** Room for a flush and a row that goes beyond it. */
const blockBytes = 128 * 1024;

/** Below this Node cuts buffers from memory that it shares among many. */
const smallest = Buffer.poolSize >>> 1;

/** Of all connections; as many as wait in the sockets of a few clients that do not keep up. */
const blocks = new SpareBlocks(32, blockBytes);

/** Memory for packets of `bytes` bytes in all; to be given back with releasePacketBlock(), or left to the collector. */
export function packetBlock(bytes: number): Buffer {
  if (bytes < smallest || bytes > blockBytes) return Buffer.allocUnsafe(bytes);
  return blocks.take(blockBytes).subarray(0, bytes);
}

/** Gives memory back for other packets. Nobody may hold it any more, a socket that is still writing included. */
export function releasePacketBlock(packets: Buffer): void {
  if (packets.buffer.byteLength === blockBytes) blocks.giveBack(packets);
}
