const blockBytes = 256 * 1024;

/** Blocks kept for the next rows: of as many pages as are under way at once. */
const mostSpare = 64;

/**
 * Blocks that nobody uses any more. Allocated anew for every page, they made the collector run a full round for each few
 * megabytes: it counts memory outside of its heap, and a page's rows lie there.
 */
const spare: Buffer<ArrayBuffer>[] = [];

/** Bytes gathered into blocks of even size, so that many small rows leave as a few large writes. */
export class ByteBlocks {
  #full: Buffer<ArrayBuffer>[] = [];
  #current = Buffer.allocUnsafe(0);
  #used = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  append(bytes: Buffer): void {
    if (bytes.length > this.#current.length - this.#used) this.#open(bytes.length);
    bytes.copy(this.#current, this.#used);
    this.#used += bytes.length;
    this.#length += bytes.length;
  }

  /** All bytes, in order; none after release(). */
  blocks(): Buffer[] {
    return [...this.#full, ...this.#rest()];
  }

  /** Gives the blocks back for other rows. Nobody may hold any of them any more, a socket that is still writing included. */
  release(): void {
    for (const block of [...this.#full, this.#current]) {
      if (block.buffer.byteLength === blockBytes && spare.length < mostSpare) spare.push(Buffer.from(block.buffer));
    }
    this.#full = [];
    this.#current = Buffer.allocUnsafe(0);
    this.#used = 0;
  }

  #rest(): Buffer<ArrayBuffer>[] {
    return this.#used === 0 ? [] : [this.#current.subarray(0, this.#used)];
  }

  #open(atLeast: number): void {
    this.#full.push(...this.#rest());
    this.#current = atLeast > blockBytes ? Buffer.allocUnsafeSlow(atLeast) : emptyBlock();
    this.#used = 0;
  }
}

/** Not of Node's shared pool: the whole of its memory is this block's. */
function emptyBlock(): Buffer<ArrayBuffer> {
  return spare.pop() ?? Buffer.allocUnsafeSlow(blockBytes);
}
