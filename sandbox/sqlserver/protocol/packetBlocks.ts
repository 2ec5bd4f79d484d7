/** Room for a flush and a row that goes beyond it. */
const blockBytes = 128 * 1024;

/** Below this Node cuts buffers from memory that it shares among many. */
const smallest = Buffer.poolSize >>> 1;

/** As many as wait in the sockets of a few clients that do not keep up. */
const mostSpare = 32;

/**
 * Blocks that a socket has taken already, of all connections. Fresh ones for all packets of a result would make the
 * collector run a full round for each few megabytes: it counts memory outside of its heap.
 */
const spare: Buffer[] = [];

/** Memory for packets of `bytes` bytes in all; to be given back with releasePacketBlock(), or left to the collector. */
export function packetBlock(bytes: number): Buffer {
  if (bytes < smallest || bytes > blockBytes) return Buffer.allocUnsafe(bytes);
  return (spare.pop() ?? Buffer.allocUnsafeSlow(blockBytes)).subarray(0, bytes);
}

/** Gives memory back for other packets. Nobody may hold it any more, a socket that is still writing included. */
export function releasePacketBlock({ buffer }: Buffer): void {
  if (buffer.byteLength === blockBytes && spare.length < mostSpare) spare.push(Buffer.from(buffer));
}
