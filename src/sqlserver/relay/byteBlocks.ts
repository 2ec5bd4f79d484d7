import { SpareBlocks } from './spareBlocks.js';

const blockBytes = 256 * 1024;

/** For the next rows: of as many pages as are under way at once. */
const spare = new SpareBlocks(64, blockBytes);

/** Bytes gathered into blocks of even size, so that many small rows leave as a few large writes. */
export class ByteBlocks {
  #full: Buffer[] = [];
  #current: Buffer = Buffer.alloc(0);
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
    for (const block of [...this.#full, ...this.#rest()]) spare.giveBack(block);
    this.#full = [];
    this.#current = Buffer.alloc(0);
    this.#used = 0;
  }

  #rest(): Buffer[] {
    return this.#used === 0 ? [] : [this.#current.subarray(0, this.#used)];
  }

  #open(atLeast: number): void {
    this.#full.push(...this.#rest());
    // Large values get what they need: spare blocks are of even sizes.
    this.#current = atLeast > blockBytes ? Buffer.allocUnsafeSlow(atLeast) : spare.take(blockBytes);
    this.#used = 0;
  }
}
