import { nullBytes, RelayError, type RelayColumn } from './columnLayout.js';

export const rowToken = 0xd1;
export const nullBitmapRowToken = 0xd2;

/** Length of a (max) value that is NULL, and of one whose length the server does not tell (2.2.5.2.3). */
const nullChunks = 0xffffffffffffffffn;
const unknownChunks = 0xfffffffffffffffen;

const kinds = { fixed: 0, byte: 1, ushort: 2, chunks: 3 } as const;

/** Finds the ends of rows, column by column, by their lengths alone. */
export class RowWalker {
  /** Where the bytes must reach, at the least, before trying again makes sense. */
  neededEnd = 0;
  readonly #kinds: Uint8Array;
  readonly #sizes: Uint8Array;
  readonly #nulls: readonly (() => Buffer)[];
  readonly #bitmapBytes: number;

  constructor(readonly columns: readonly RelayColumn[]) {
    this.#kinds = Uint8Array.from(columns, ({ length }) => kinds[length]);
    this.#sizes = Uint8Array.from(columns, ({ size }) => size);
    this.#nulls = columns.map((column) => () => nullBytes(column));
    this.#bitmapBytes = Math.ceil(columns.length / 8);
  }

  /** Position after the ROW token that starts at `start`, or -1 if the row is not complete. */
  endOfRow(bytes: Buffer, start: number): number {
    let position = start + 1;
    for (let index = 0; index < this.#kinds.length; index += 1) {
      position = this.#endOfValue(bytes, position, index);
      if (position < 0) return -1;
    }
    return position;
  }

  /** Position of a column's value in the ROW token that starts at `start`, which is complete. */
  startOfValue(bytes: Buffer, start: number, column: number): number {
    let position = start + 1;
    for (let index = 0; index < column; index += 1) position = this.#endOfValue(bytes, position, index);
    return position;
  }

  /**
   * Writes the NBCROW token (2.2.7.14) that starts at `start` as a ROW token, the only one that a bulk load takes.
   * @returns the position after it, or -1 if the row is not complete; nothing is written then
   */
  rewriteBitmapRow(bytes: Buffer, start: number, write: (bytes: Buffer) => void): number {
    const bitmapAt = start + 1;
    let position = bitmapAt + this.#bitmapBytes;
    if (bytes.length < position) return this.#lacks(position);
    const parts: Buffer[] = [rowTokenBytes];
    let from = position;
    for (let index = 0; index < this.#kinds.length; index += 1) {
      if (((bytes[bitmapAt + (index >>> 3)] ?? 0) & (1 << (index & 7))) === 0) {
        position = this.#endOfValue(bytes, position, index);
        if (position < 0) return -1;
      } else {
        if (position > from) parts.push(bytes.subarray(from, position));
        parts.push(this.#nulls[index]?.() ?? rowTokenBytes);
        from = position;
      }
    }
    if (position > from) parts.push(bytes.subarray(from, position));
    for (const part of parts) write(part);
    return position;
  }

  #endOfValue(bytes: Buffer, start: number, index: number): number {
    switch (this.#kinds[index]) {
      case kinds.fixed:
        return this.#within(bytes, start + (this.#sizes[index] ?? 0));
      case kinds.byte:
        if (start >= bytes.length) return this.#lacks(start + 1);
        return this.#within(bytes, start + 1 + (bytes[start] ?? 0));
      case kinds.ushort: {
        if (start + 2 > bytes.length) return this.#lacks(start + 2);
        const length = (bytes[start] ?? 0) | ((bytes[start + 1] ?? 0) << 8);
        return this.#within(bytes, start + 2 + (length === 0xffff ? 0 : length));
      }
      default:
        return this.#endOfChunks(bytes, start);
    }
  }

  #endOfChunks(bytes: Buffer, start: number): number {
    let position = start + 8;
    if (position > bytes.length) return this.#lacks(position);
    const total = bytes.readBigUInt64LE(start);
    if (total === nullChunks) return position;
    if (total !== unknownChunks) {
      if (total > 0x7fffffffn) throw new RelayError('a value is longer than any type allows');
      const atLeast = position + Number(total) + 4;
      if (bytes.length < atLeast) return this.#lacks(atLeast);
    }
    for (;;) {
      if (position + 4 > bytes.length) return this.#lacks(position + 4);
      const chunk = bytes.readUInt32LE(position);
      position += 4;
      if (chunk === 0) return position;
      position += chunk;
      if (position > bytes.length) return this.#lacks(position);
    }
  }

  #within(bytes: Buffer, end: number): number {
    return end <= bytes.length ? end : this.#lacks(end);
  }

  #lacks(end: number): -1 {
    this.neededEnd = end;
    return -1;
  }
}

const rowTokenBytes = Buffer.from([rowToken]);
