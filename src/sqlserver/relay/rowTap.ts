import { ByteBlocks } from './byteBlocks.js';
import { readColumns, RelayError, type RelayColumn } from './columnLayout.js';
import { GatheredBytes } from './gatheredBytes.js';
import { nullBitmapRowToken, rowToken, RowWalker } from './rowWalker.js';

/** Token types of a server's response ([MS-TDS] 2.2.7) that may stand beside rows. */
const token = {
  returnStatus: 0x79,
  columnMetadata: 0x81,
  tableName: 0xa4,
  columnInformation: 0xa5,
  order: 0xa9,
  error: 0xaa,
  information: 0xab,
  environmentChange: 0xe3,
  sessionState: 0xe4,
  done: 0xfd,
  doneProcedure: 0xfe,
  doneInProcedure: 0xff,
} as const;

/** Rows of one result set, as the bytes of ROW tokens. */
export interface RelayedRows {
  readonly columns: readonly RelayColumn[];
  readonly count: number;
  readonly bytes: number;
  /** None after release(). */
  readonly blocks: readonly Buffer[];
  /** The last row's ROW token; null without rows. */
  readonly lastRow: Buffer | null;
  /** Gives the memory of the blocks back for other rows. To be called when what they were sent by has ended. */
  release(): void;
}

/**
 * Takes the rows out of a server's response: row tokens are kept as bytes, every other token is passed on as it came, for
 * the driver to read. It looks at token types and lengths only, and takes the stream in pieces cut anywhere.
 */
export class RowTap {
  readonly #gathered = new GatheredBytes();
  #pending: Buffer = Buffer.alloc(0);
  #needed = 1;
  #walker: RowWalker | null = null;
  #count = 0;
  #lastRow: Buffer | null = null;
  readonly #blocks = new ByteBlocks();

  /**
   * @returns the bytes of tokens other than rows, to pass on
   * @throws RelayError if the response holds what the relay does not carry
   */
  push(piece: Buffer): Buffer[] {
    this.#gathered.append(piece);
    return this.#gathered.length < this.#needed ? [] : this.#take();
  }

  /**
   * The stream has ended.
   * @returns the bytes still to pass on
   * @throws RelayError if it ended within a token
   */
  end(): Buffer[] {
    const passed = this.#gathered.length === 0 ? [] : this.#take();
    if (this.#gathered.length > 0) throw new RelayError('the response ends within a token');
    return passed;
  }

  /** @throws RelayError if there was no result set */
  rows(): RelayedRows {
    if (this.#walker === null) throw new RelayError('the response has no result set');
    const blocks = this.#blocks;
    return {
      columns: this.#walker.columns,
      count: this.#count,
      bytes: blocks.length,
      get blocks() {
        return blocks.blocks();
      },
      lastRow: this.#lastRow,
      release: () => blocks.release(),
    };
  }

  #take(): Buffer[] {
    this.#pending = this.#gathered.bytes();
    const passed: Buffer[] = [];
    this.#gathered.consume(this.#walk(passed));
    return passed;
  }

  /** Walks whole tokens; answers where the first one that is not complete starts, and notes how much it needs. */
  #walk(passed: Buffer[]): number {
    const bytes = this.#pending;
    let position = 0;
    this.#needed = 1;
    while (position < bytes.length) {
      const start = position;
      const type = bytes[position];
      if (type === rowToken) position = this.#takeRows(position);
      else if (type === nullBitmapRowToken) position = this.#takeBitmapRow(position);
      else {
        position = this.#endOfToken(position);
        if (position >= 0) passed.push(Buffer.from(bytes.subarray(start, position)));
      }
      if (position < 0) {
        // A value of many chunks tells the next one's length only: growing steps keep walking it again affordable.
        this.#needed = Math.max(this.#needed, Math.floor((bytes.length - start) * 1.25));
        return start;
      }
    }
    return position;
  }

  /** Takes a run of ROW tokens at once; -1 if not even the first is complete. */
  #takeRows(start: number): number {
    const walker = this.#layout();
    const bytes = this.#pending;
    let position = start;
    let lastStart = start;
    while (bytes[position] === rowToken && position < bytes.length) {
      const end = walker.endOfRow(bytes, position);
      if (end < 0) break;
      lastStart = position;
      position = end;
      this.#count += 1;
    }
    if (position === start) return this.#lack(start, walker.neededEnd);
    this.#blocks.append(bytes.subarray(start, position));
    this.#lastRow = Buffer.from(bytes.subarray(lastStart, position));
    return position;
  }

  #takeBitmapRow(start: number): number {
    const walker = this.#layout();
    const parts: Buffer[] = [];
    const end = walker.rewriteBitmapRow(this.#pending, start, (part) => parts.push(part));
    if (end < 0) return this.#lack(start, walker.neededEnd);
    const row = Buffer.concat(parts);
    this.#blocks.append(row);
    this.#lastRow = row;
    this.#count += 1;
    return end;
  }

  #layout(): RowWalker {
    if (this.#walker === null) throw new RelayError('rows came before their columns');
    return this.#walker;
  }

  #endOfToken(start: number): number {
    const bytes = this.#pending;
    const type = bytes[start] ?? 0;
    switch (type) {
      case token.columnMetadata:
        return this.#endOfColumns(start);
      case token.done:
      case token.doneProcedure:
      case token.doneInProcedure:
        return this.#within(start, start + 13);
      case token.returnStatus:
        return this.#within(start, start + 5);
      case token.order:
      case token.error:
      case token.information:
      case token.environmentChange:
      case token.tableName:
      case token.columnInformation:
        if (bytes.length < start + 3) return this.#lack(start, start + 3);
        return this.#within(start, start + 3 + bytes.readUInt16LE(start + 1));
      case token.sessionState:
        if (bytes.length < start + 5) return this.#lack(start, start + 5);
        return this.#within(start, start + 5 + bytes.readUInt32LE(start + 1));
      default:
        throw new RelayError(`token 0x${type.toString(16)} is not understood`);
    }
  }

  #endOfColumns(start: number): number {
    const read = readColumns(this.#pending, start);
    if (read === null) return this.#lack(start, this.#pending.length + 1);
    if (read.columns.length > 0) {
      if (this.#walker !== null) throw new RelayError('the response has more than one result set');
      this.#walker = new RowWalker(read.columns);
    }
    return read.end;
  }

  #within(start: number, end: number): number {
    return end <= this.#pending.length ? end : this.#lack(start, end);
  }

  #lack(start: number, end: number): -1 {
    this.#needed = Math.max(1, end - start);
    return -1;
  }
}
