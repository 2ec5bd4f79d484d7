import type { LoadColumnTarget, LoadTarget, SqlType, SqlValue } from '../api.js';
import { isFixedLength } from '../translate/types/sqlTypes.js';
import type { LoadedColumn } from './bulkPlan.js';
import { CopyBuffer } from './copyBuffer.js';
import type { IdentityRange } from './identityRange.js';
import { invalidLength, longestOf, valueWriter, type ValueWriter } from './valueWriters.js';

const twoTo32 = 0x100000000;

/** Writes the rows of a load as COPY data, of which each page is a piece. */
export class CopyTarget implements LoadTarget<Buffer> {
  readonly columns: readonly (LoadColumnTarget | undefined)[];
  private readonly buffer = new CopyBuffer();
  private readonly fields: number;
  private rowStart = 0;

  /**
   * @param asTarget values are written in the type of the target's column; else in the type in which they came
   * @param kept the column whose values become those of the identity; `range` takes note of them
   */
  constructor(
    columns: readonly LoadedColumn[],
    asTarget: boolean,
    kept: LoadedColumn | undefined,
    range: IdentityRange,
  ) {
    const targets: (LoadColumnTarget | undefined)[] = [];
    for (const loaded of columns) {
      const noted = loaded === kept ? range : undefined;
      targets[loaded.source] = new CopyColumnTarget(this.buffer, loaded, asTarget, noted);
    }
    this.columns = targets;
    this.fields = columns.length;
    this.buffer.header();
  }

  startRow(): void {
    this.rowStart = this.buffer.position;
    this.buffer.startRow(this.fields);
  }

  undoRow(): void {
    this.buffer.rewind(this.rowStart);
  }

  takePage(): Buffer {
    return this.buffer.take();
  }

  /** The last piece. */
  end(): Buffer {
    this.buffer.trailer();
    return this.buffer.take();
  }
}

/** Values longer than the type are error 4815; char, nchar and binary are padded. */
class CopyColumnTarget implements LoadColumnTarget {
  readonly valuesOnly: boolean;
  private readonly write: ValueWriter;
  private readonly replacement: SqlValue;
  private readonly width: 2 | 4 | 8;
  private readonly longest: number;
  private readonly ordinal: number;

  constructor(
    private readonly buffer: CopyBuffer,
    { column, type: sent, source, replacement }: LoadedColumn,
    asTarget: boolean,
    private readonly range: IdentityRange | undefined,
  ) {
    const type = asTarget ? column.type : sent;
    this.ordinal = source + 1;
    this.write = valueWriter(type, this.ordinal);
    this.replacement = replacement;
    this.width = integerWidth(type);
    this.longest = longestOf(type);
    this.valuesOnly = range !== undefined || isFixedLength(type);
  }

  null(): void {
    if (this.replacement === null) this.buffer.null();
    else this.write(this.buffer, this.replacement);
  }

  value(value: NonNullable<SqlValue>): void {
    this.range?.add(value);
    this.write(this.buffer, value);
  }

  integer(value: number): void {
    if (this.width === 8) this.buffer.int8Halves(Math.floor(value / twoTo32), value >>> 0);
    else if (this.width === 4) this.buffer.int4(value);
    else this.buffer.int2(value);
  }

  long(high: number, low: number): void {
    this.buffer.int8Halves(high, low);
  }

  scaled(digits: number, scale: number, negative: boolean): void {
    this.buffer.scaled(digits, scale, negative);
  }

  bytes(source: Buffer, start: number, end: number): void {
    if (end - start > this.longest) throw invalidLength(this.ordinal);
    this.buffer.slice(source, start, end);
  }

  utf16(source: Buffer, start: number, end: number): void {
    if (end - start > this.longest * 2) throw invalidLength(this.ordinal);
    this.buffer.utf16(source, start, end);
  }
}

function integerWidth({ name }: SqlType): 2 | 4 | 8 {
  if (name === 'bit' || name === 'tinyint' || name === 'smallint') return 2;
  return name === 'int' || name === 'smalldatetime' ? 4 : 8;
}
