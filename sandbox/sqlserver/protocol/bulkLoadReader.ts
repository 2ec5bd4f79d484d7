import { SqlError, type ColumnMetadata, type LoadColumnTarget, type LoadTarget } from '../engine/api.js';
import { SpareBlocks } from '../../../src/sqlserver/relay/spareBlocks.js';
import { ByteCursor, MoreBytesNeeded, moreBytesNeeded } from './byteCursor.js';
import type { CodePage } from './codePages.js';
import { ProtocolError } from './packets.js';
import { tokens } from './tokens.js';
import { readTypeInfo, type ReadableType } from './types/decoders.js';
import { decodingMover } from './types/moveValues.js';
import { hasTableName } from './types/typeInfo.js';

const rowsOfPage = 2000;
const bytesOfPage = 1 << 20;
/** Pages that may wait for the engine before the client is held back. */
const pagesAhead = 2;
/** For what has arrived and is not read; of all loads. */
const blocks = new SpareBlocks(16, 1 << 22);
const noBytes = Buffer.alloc(0);
const columnFlags = { nullable: 0x01, identity: 0x10 } as const;

/** A value that its column's type does not allow ends the load, not the connection. */
function invalidValue(error: unknown, index: number): unknown {
  if (!(error instanceof ProtocolError)) return error;
  return new SqlError(4815, `Received an invalid column length from the bcp client for colid ${index + 1}.`);
}

/** Takes a value of a column from the message to its target. */
interface ColumnMover {
  move(cursor: ByteCursor): void;
  moveNull(): void;
}

function columnMover({ row, mover }: ReadableType, target: LoadColumnTarget | undefined): ColumnMover {
  if (target === undefined) return { move: (cursor) => void row(cursor), moveNull: () => undefined };
  const suited = target.valuesOnly ? decodingMover(row) : mover;
  return { move: (cursor) => suited(cursor, target), moveNull: () => target.null() };
}

/** Where the rows go. */
interface Destination {
  readonly target: LoadTarget<unknown>;
  readonly columns: readonly ColumnMover[];
}

/**
 * Reads a bulk load message ([MS-TDS] 2.2.6.1: COLMETADATA, rows, DONE) while it arrives. Rows are handed on in
 * pages; `hold` is called with true while more pages wait than the engine takes, or more bytes for the engine's target.
 * `fail` is told of a message that turns out to be no bulk load while it is read for the engine.
 */
export class BulkLoadReader {
  /** The columns, once their metadata has arrived. Rejects with SqlError for types the sandbox refuses. */
  readonly columns: Promise<readonly ColumnMetadata[]>;
  /** Kept when the message has ended, however it did. */
  readonly ended: Promise<void>;
  /** True if the client took the message back before its end. */
  cancelled = false;
  private readonly cursor = new ByteCursor(noBytes);
  private types: ReadableType[] | undefined;
  /** Until the engine has told it, what arrives is kept as it is. */
  private destination: Destination | undefined;
  private pageRows = 0;
  private pageStart = 0;
  private pageBytes = 0;
  private readonly ready: unknown[] = [];
  private waiting: (() => void) | undefined;
  private failure: Error | undefined;
  /** No packet of the message is to come. */
  private over = false;
  /** All packets have arrived. */
  private complete = false;
  /** What still comes of the message is skipped. */
  private ignoring = false;
  /** Buffered bytes below which parsing again cannot succeed. */
  private retryAt = 0;
  private resolveColumns!: (columns: readonly ColumnMetadata[]) => void;
  private rejectColumns!: (error: Error) => void;
  private resolveEnded!: () => void;

  constructor(
    private readonly codePage: CodePage,
    private readonly hold: (held: boolean) => void,
    private readonly fail: (error: ProtocolError) => void,
  ) {
    this.columns = new Promise((resolve, reject) => {
      this.resolveColumns = resolve;
      this.rejectColumns = reject;
    });
    // The request may end before it asks for the columns.
    this.columns.catch(() => undefined);
    this.ended = new Promise((resolve) => (this.resolveEnded = resolve));
  }

  /** Takes the payload of a packet. Throws ProtocolError if it is no bulk load. */
  receive(payload: Buffer): void {
    if (this.ignoring) return;
    this.append(payload);
    if (this.cursor.remaining >= this.retryAt) this.parse();
  }

  /** All packets have arrived. Throws ProtocolError if the last row is incomplete. */
  end(): void {
    this.complete = true;
    if (!this.ignoring) {
      this.parse();
      if (this.types === undefined) throw new ProtocolError('a bulk load without columns');
      this.checkEnd();
    }
    this.finish(undefined);
  }

  private checkEnd(): void {
    if (this.destination === undefined || this.ignoring || this.cursor.remaining === 0) return;
    throw new ProtocolError('a bulk load ends inside a row');
  }

  /** The client took the message back, or is gone: who waits for rows gets `error`. */
  cancel(error: Error): void {
    this.cancelled = true;
    this.finish(error);
  }

  /** No more rows are wanted; the rest of the message is skipped. */
  ignoreRest(): void {
    this.ignoring = true;
    this.ready.length = 0;
    this.pageRows = 0;
    this.hold(false);
  }

  /** Gives back the memory of the bytes that were read. To be called once `ended` is kept and nobody reads rows. */
  release(): void {
    blocks.giveBack(this.cursor.buffer);
    this.cursor.replace(noBytes, 0, 0);
  }

  /** Moves the rows into a target, page by page. To be called once. */
  async *rowsInto<Page>(target: LoadTarget<Page>): AsyncGenerator<Page> {
    try {
      this.start(target);
      for (;;) {
        if (this.ready.length > 0) {
          const next = this.ready.shift() as Page;
          if (this.ready.length < pagesAhead) this.hold(false);
          yield next;
        } else if (this.failure !== undefined) {
          throw this.failure;
        } else if (this.over) {
          return;
        } else {
          await new Promise<void>((resolve) => (this.waiting = resolve));
        }
      }
    } finally {
      this.ignoreRest();
    }
  }

  /** Reads what has arrived meanwhile. */
  private start(target: LoadTarget<unknown>): void {
    const columns = (this.types ?? []).map((type, index) => columnMover(type, target.columns[index]));
    this.destination = { target, columns };
    if (this.ignoring) return;
    this.pageStart = this.cursor.position;
    try {
      this.parse();
      if (this.complete) this.checkEnd();
    } catch (error) {
      if (error instanceof ProtocolError) this.fail(error);
      throw error;
    }
    if (this.complete) this.handOverPage();
    if (this.ready.length < pagesAhead) this.hold(false);
  }

  private finish(error: Error | undefined): void {
    if (this.over) return;
    this.over = true;
    if (error === undefined) this.handOverPage();
    else this.refuse(error);
    this.wake();
    this.resolveEnded();
  }

  /** Who waits for columns or rows gets the error, and no more rows. */
  private refuse(error: Error): void {
    this.failure ??= error;
    this.rejectColumns(error);
    this.ignoreRest();
    this.wake();
  }

  private append(payload: Buffer): void {
    const { cursor } = this;
    const kept = cursor.remaining;
    if (cursor.end + payload.length <= cursor.buffer.length) {
      payload.copy(cursor.buffer, cursor.end);
      cursor.end += payload.length;
    } else {
      const needed = kept + payload.length;
      const before = cursor.buffer;
      const target = needed * 2 > before.length ? blocks.take(Math.max(needed * 2, 1 << 16)) : before;
      before.copy(target, 0, cursor.position, cursor.end);
      payload.copy(target, kept);
      cursor.replace(target, 0, needed);
      if (target !== before) blocks.giveBack(before);
    }
    this.pageStart = cursor.position;
  }

  private parse(): void {
    const { cursor } = this;
    let start = cursor.position;
    try {
      if (this.types === undefined) this.readColumns();
      start = cursor.position;
      this.retryAt = 0;
      if (this.destination === undefined) {
        if (cursor.remaining >= pagesAhead * bytesOfPage) this.hold(true);
        return;
      }
      while (cursor.remaining > 0 && !this.ignoring) {
        this.readToken(this.destination);
        start = cursor.position;
        if (this.pageBytes + start - this.pageStart >= bytesOfPage) this.handOverPage();
      }
    } catch (error) {
      if (!(error instanceof MoreBytesNeeded)) {
        if (error instanceof ProtocolError) throw error;
        this.refuse(error as Error);
        return;
      }
      cursor.position = start;
      // A value of many chunks tells only the next one's length: growing steps keep re-reading it affordable.
      this.retryAt = Math.max(moreBytesNeeded.end - start, Math.floor(cursor.remaining * 1.25));
    }
    this.pageBytes += cursor.position - this.pageStart;
    this.pageStart = cursor.position;
  }

  private readToken(destination: Destination): void {
    const { cursor } = this;
    const token = cursor.uint8();
    if (token === tokens.row) this.readRow(destination, undefined);
    else if (token === tokens.nullBitmapRow) {
      this.readRow(destination, cursor.take(Math.ceil(destination.columns.length / 8)));
    } else if (token === tokens.done) this.ignoring = true;
    else throw new ProtocolError(`token 0x${token.toString(16)} in a bulk load`);
  }

  private readRow({ target, columns }: Destination, bitmapAt: number | undefined): void {
    const { cursor } = this;
    const count = columns.length;
    let index = 0;
    target.startRow();
    try {
      for (; index < count; index++) {
        if (bitmapAt !== undefined && (cursor.buffer[bitmapAt + (index >>> 3)]! & (1 << (index & 7))) !== 0) {
          columns[index]!.moveNull();
        } else columns[index]!.move(cursor);
      }
    } catch (error) {
      target.undoRow();
      throw invalidValue(error, index);
    }
    if (++this.pageRows >= rowsOfPage) this.handOverPage();
  }

  private handOverPage(): void {
    this.pageBytes = 0;
    this.pageStart = this.cursor.position;
    if (this.pageRows === 0 || this.destination === undefined) return;
    this.pageRows = 0;
    this.ready.push(this.destination.target.takePage());
    if (this.ready.length >= pagesAhead) this.hold(true);
    this.wake();
  }

  private wake(): void {
    const waiting = this.waiting;
    this.waiting = undefined;
    waiting?.();
  }

  private readColumns(): void {
    const { cursor } = this;
    const token = cursor.uint8();
    if (token === tokens.done) {
      // Without rows there is no metadata either.
      this.types = [];
      this.resolveColumns([]);
      this.ignoring = true;
      return;
    }
    if (token !== tokens.columnMetadata) throw new ProtocolError(`token 0x${token.toString(16)} before columns`);
    const count = cursor.uint16();
    if (count === 0 || count === 0xffff) throw new ProtocolError('a bulk load without columns');
    const columns: ColumnMetadata[] = [];
    const types: ReadableType[] = [];
    for (let index = 0; index < count; index++) {
      cursor.take(4);
      const flags = cursor.uint16();
      const readable = readTypeInfo(cursor, this.codePage);
      const { type } = readable;
      if (hasTableName(type)) cursor.text();
      const name = cursor.shortText();
      const identity = (flags & columnFlags.identity) !== 0;
      columns.push({ name, type, nullable: (flags & columnFlags.nullable) !== 0, identity });
      types.push(readable);
    }
    this.types = types;
    this.resolveColumns(columns);
  }
}
