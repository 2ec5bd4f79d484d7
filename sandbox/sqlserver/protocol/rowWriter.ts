import type { ColumnMetadata, ResultTarget, SqlType, SqlValue } from '../engine/api.js';
import { ColumnWriter, NullBitmap } from './columnWriter.js';
import type { MessageWriter } from './messageWriter.js';
import type { Capabilities } from './tdsVersions.js';
import { tokens, writeColumnMetadata } from './tokens.js';
import { valueEncoder, type ValueEncoder } from './types/encoders.js';
import { legacyForm } from './types/legacyDates.js';

/** How a type travels to a client: as itself, or as nvarchar if the client is too old to know it. */
export interface WireForm {
  readonly type: SqlType;
  readonly encode: ValueEncoder;
}

export function wireForm(
  type: SqlType,
  nullable: boolean,
  capabilities: Capabilities,
  defaultCollation: string,
): WireForm {
  const legacy = capabilities.dateTypes ? undefined : legacyForm(type);
  if (legacy === undefined) return { type, encode: valueEncoder(type, nullable, defaultCollation) };
  const encodeText = valueEncoder(legacy.type, nullable, defaultCollation);
  return {
    type: legacy.type,
    encode: (writer, value) => encodeText(writer, value === null ? null : legacy.convert(value)),
  };
}

/** Writes the rows of one result set: whole, or column by column. */
export class RowWriter implements ResultTarget {
  readonly columns: readonly ColumnWriter[];
  private readonly bitmap = new NullBitmap();
  /** NULLs a row must have for the bitmap to be the shorter form. */
  private readonly bitmapBytes: number;
  private readonly bitmapAllowed: boolean;
  private rowStart = 0;
  private discarding = false;

  /** Writes the COLMETADATA token. Throws SqlError for collations the protocol lacks. */
  constructor(
    private readonly writer: MessageWriter,
    columns: readonly ColumnMetadata[],
    capabilities: Capabilities,
    defaultCollation: string,
  ) {
    const forms = columns.map((column) => wireForm(column.type, column.nullable, capabilities, defaultCollation));
    const wireColumns = columns.map((column, index) => ({ ...column, ...forms[index]! }));
    this.columns = wireColumns.map(
      (column, index) => new ColumnWriter(writer, this.bitmap, index, column, defaultCollation),
    );
    this.bitmapBytes = Math.ceil(columns.length / 8);
    this.bitmapAllowed = capabilities.nullBitmapRows;
    const start = writer.position;
    try {
      writeColumnMetadata(writer, wireColumns, defaultCollation);
    } catch (error) {
      writer.position = start;
      throw error;
    }
  }

  /** The client takes no more rows. */
  discard(): void {
    this.discarding = true;
  }

  /** Throws if a value does not fit its column; nothing of the row is then sent. */
  write(values: readonly SqlValue[]): Promise<void> | undefined {
    if (!this.startRow(countNulls(values))) return undefined;
    try {
      for (let index = 0; index < this.columns.length; index++) {
        const value = values[index]!;
        if (value === null) this.columns[index]!.null();
        else this.columns[index]!.value(value);
      }
    } catch (error) {
      this.undoRow();
      throw error;
    }
    return this.endRow();
  }

  startRow(nulls: number): boolean {
    if (this.discarding) return false;
    const { writer, bitmapBytes } = this;
    this.rowStart = writer.position;
    writer.ensure(1 + bitmapBytes);
    if (this.bitmapAllowed && nulls > bitmapBytes) {
      writer.buffer[writer.position++] = tokens.nullBitmapRow;
      this.bitmap.position = writer.position;
      writer.buffer.fill(0, writer.position, writer.position + bitmapBytes);
      writer.position += bitmapBytes;
    } else {
      writer.buffer[writer.position++] = tokens.row;
      this.bitmap.position = -1;
    }
    return true;
  }

  endRow(): Promise<void> | undefined {
    const { writer } = this;
    return writer.position >= writer.flushAt ? writer.flush() : undefined;
  }

  undoRow(): void {
    this.writer.position = this.rowStart;
  }
}

function countNulls(values: readonly SqlValue[]): number {
  let nulls = 0;
  for (let index = 0; index < values.length; index++) if (values[index] === null) nulls++;
  return nulls;
}
