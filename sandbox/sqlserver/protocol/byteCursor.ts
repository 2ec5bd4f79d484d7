/**
 * Thrown when a value reaches beyond the bytes at hand. A bulk load then waits for more; anywhere else the message is
 * malformed. One object for all, so that waiting costs no stack trace.
 */
export class MoreBytesNeeded extends Error {
  /** Bytes that must be at hand, counted from the cursor's start, before trying again can succeed. */
  end = 0;
}

export const moreBytesNeeded = new MoreBytesNeeded('the message ends inside a value');

/** Reads little-endian values from a piece of a message. */
export class ByteCursor {
  view: DataView;

  constructor(
    public buffer: Buffer,
    public position = 0,
    public end = buffer.length,
  ) {
    this.view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  }

  replace(buffer: Buffer, position: number, end: number): void {
    if (buffer !== this.buffer) {
      this.buffer = buffer;
      this.view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
    }
    this.position = position;
    this.end = end;
  }

  get remaining(): number {
    return this.end - this.position;
  }

  /** Takes the next `length` bytes and returns where they start. */
  take(length: number): number {
    const start = this.position;
    if (start + length > this.end) {
      moreBytesNeeded.end = start + length;
      throw moreBytesNeeded;
    }
    this.position = start + length;
    return start;
  }

  uint8(): number {
    return this.buffer[this.take(1)]!;
  }

  uint16(): number {
    return this.view.getUint16(this.take(2), true);
  }

  int32(): number {
    return this.view.getInt32(this.take(4), true);
  }

  uint32(): number {
    return this.view.getUint32(this.take(4), true);
  }

  uint64(): bigint {
    return this.view.getBigUint64(this.take(8), true);
  }

  /** A copy: the bytes of the message are reused. */
  bytes(length: number): Buffer {
    const start = this.take(length);
    return Buffer.from(this.buffer.subarray(start, start + length));
  }

  utf16(characters: number): string {
    const start = this.take(characters * 2);
    return this.buffer.toString('utf16le', start, start + characters * 2);
  }

  /** B_VARCHAR: a byte with the number of characters, then UTF-16. */
  shortText(): string {
    return this.utf16(this.uint8());
  }

  /** US_VARCHAR: two bytes with the number of characters, then UTF-16. */
  text(): string {
    return this.utf16(this.uint16());
  }
}
