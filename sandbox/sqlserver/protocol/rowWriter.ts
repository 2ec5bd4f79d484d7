import type { ColumnMetadata, SqlType, SqlValue } from '../engine/api.js';
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

/** Writes the rows of one result set. */
export class RowWriter {
  private readonly encoders: ValueEncoder[];
  /** NULLs a row must have for the bitmap to be the shorter form. */
  private readonly bitmapBytes: number;
  private readonly bitmapAllowed: boolean;

  /** Writes the COLMETADATA token. Throws SqlError for collations the protocol lacks. */
  constructor(
    private readonly writer: MessageWriter,
    columns: readonly ColumnMetadata[],
    capabilities: Capabilities,
    defaultCollation: string,
  ) {
    const forms = columns.map((column) => wireForm(column.type, column.nullable, capabilities, defaultCollation));
    this.encoders = forms.map((form) => form.encode);
    this.bitmapBytes = Math.ceil(columns.length / 8);
    this.bitmapAllowed = capabilities.nullBitmapRows;
    const start = writer.position;
    try {
      const wireColumns = columns.map((column, index) => ({ ...column, type: forms[index]!.type }));
      writeColumnMetadata(writer, wireColumns, defaultCollation);
    } catch (error) {
      writer.position = start;
      throw error;
    }
  }

  /** Throws if a value does not fit its column; nothing of the row is then sent. */
  write(values: readonly SqlValue[]): Promise<void> | undefined {
    const { writer } = this;
    const start = writer.position;
    try {
      if (this.bitmapAllowed && countNulls(values) > this.bitmapBytes) this.writeWithBitmap(values);
      else this.writeAll(values);
    } catch (error) {
      writer.position = start;
      throw error;
    }
    return writer.position >= writer.flushAt ? writer.flush() : undefined;
  }

  private writeAll(values: readonly SqlValue[]): void {
    const { writer, encoders } = this;
    writer.uint8(tokens.row);
    for (let index = 0; index < encoders.length; index++) encoders[index]!(writer, values[index]!);
  }

  private writeWithBitmap(values: readonly SqlValue[]): void {
    const { writer, encoders } = this;
    writer.ensure(1 + this.bitmapBytes);
    writer.buffer[writer.position++] = tokens.nullBitmapRow;
    const bitmapAt = writer.position;
    writer.buffer.fill(0, bitmapAt, bitmapAt + this.bitmapBytes);
    writer.position += this.bitmapBytes;
    for (let index = 0; index < encoders.length; index++) {
      const value = values[index]!;
      if (value === null) writer.buffer[bitmapAt + (index >>> 3)]! |= 1 << (index & 7);
      else encoders[index]!(writer, value);
    }
  }
}

function countNulls(values: readonly SqlValue[]): number {
  let nulls = 0;
  for (let index = 0; index < values.length; index++) if (values[index] === null) nulls++;
  return nulls;
}
