const firstBytes = 128 * 1024;
/** Memory that had to grow beyond this is let go once all of its bytes are consumed. */
const largestKept = 1 << 20;

/**
 * The bytes of a stream that nobody has consumed yet, in one piece. Its memory is used over and over: joining each piece
 * with what was left of the one before cost a buffer for every packet.
 */
export class GatheredBytes {
  #memory = Buffer.allocUnsafe(0);
  #start = 0;
  #end = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  append(piece: Buffer): void {
    if (this.#end + piece.length > this.#memory.length) this.#makeRoom(piece.length);
    piece.copy(this.#memory, this.#end);
    this.#end += piece.length;
  }

  /** All of them. What append() does next may change the bytes of this view. */
  bytes(): Buffer {
    return this.#memory.subarray(this.#start, this.#end);
  }

  /** @param count of bytes at the beginning that are not needed any more */
  consume(count: number): void {
    this.#start += count;
    if (this.#start < this.#end) return;
    this.#start = 0;
    this.#end = 0;
    if (this.#memory.length > largestKept) this.#memory = Buffer.allocUnsafe(0);
  }

  #makeRoom(bytes: number): void {
    const kept = this.bytes();
    const needed = kept.length + bytes;
    if (needed > this.#memory.length) this.#memory = Buffer.allocUnsafe(Math.max(firstBytes, 2 * needed));
    kept.copy(this.#memory);
    this.#start = 0;
    this.#end = kept.length;
  }
}
