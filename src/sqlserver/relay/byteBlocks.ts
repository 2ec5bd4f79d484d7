const blockBytes = 256 * 1024;

/** Bytes gathered into blocks of even size, so that many small rows leave as a few large writes. */
export class ByteBlocks {
  readonly #full: Buffer[] = [];
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

  /** All bytes, in order. */
  blocks(): Buffer[] {
    return [...this.#full, ...this.#rest()];
  }

  #rest(): Buffer[] {
    return this.#used === 0 ? [] : [this.#current.subarray(0, this.#used)];
  }

  #open(atLeast: number): void {
    this.#full.push(...this.#rest());
    this.#current = Buffer.allocUnsafe(Math.max(blockBytes, atLeast));
    this.#used = 0;
  }
}
