/**
 * Blocks of memory that nobody uses any more, to be used again. Fresh ones for all bytes that pass through would make the
 * collector run a full round for each few megabytes: it counts memory outside of its heap.
 */
export class SpareBlocks {
  private readonly spare: Buffer[] = [];

  /**
   * @param most blocks kept
   * @param largest bytes of a block that is kept; larger ones are left to the collector
   */
  constructor(
    private readonly most: number,
    private readonly largest: number,
  ) {}

  /** A block of at least `bytes` bytes, which hold anything. Its size is a power of two, so that few sizes are about. */
  take(bytes: number): Buffer {
    let found = -1;
    for (const [index, block] of this.spare.entries()) {
      // Of the shortest ones the one given back last, which is still in the processor's cache.
      const better = found < 0 || block.length <= this.spare[found]!.length;
      if (block.length >= bytes && better) found = index;
    }
    // A block has its memory to itself: what is given back may be a part of it.
    return found < 0 ? Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(bytes))) : this.spare.splice(found, 1)[0]!;
  }

  /** Gives back a block, or a part of it. Nobody may hold any of it any more, a socket that is still writing included. */
  giveBack({ buffer }: Buffer): void {
    const keep = buffer.byteLength > 0 && buffer.byteLength <= this.largest && this.spare.length < this.most;
    if (keep) this.spare.push(Buffer.from(buffer));
  }
}
