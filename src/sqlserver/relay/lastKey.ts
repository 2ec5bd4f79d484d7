import { RelayError, wireType } from './columnLayout.js';
import { RowWalker } from './rowWalker.js';
import type { RelayedRows } from './rowTap.js';

/**
 * The value of one column in the last row, as text, in the form that CONVERT reads back: integers, identifiers and texts.
 * @throws RelayError for other types, and for NULL
 */
export function lastValue({ columns, lastRow }: RelayedRows, column: number): string | null {
  if (lastRow === null) return null;
  const type = columns[column];
  if (type === undefined) throw new RelayError(`the rows have no column ${column}`);
  const start = new RowWalker(columns).startOfValue(lastRow, 0, column);
  const value = valueAt(lastRow, start, type.length, type.size);
  switch (type.type) {
    case wireType.int1:
    case wireType.int2:
    case wireType.int4:
    case wireType.int8:
    case wireType.intN:
      return integer(value);
    case wireType.guid:
      return guid(value);
    case wireType.nvarchar:
    case wireType.nchar:
      return value.toString('utf16le');
    case wireType.bigVarChar:
      // Numbers and dates made into text by the page query: digits, signs and points only.
      return value.toString('latin1');
    default:
      throw new RelayError(`keys of type 0x${type.type.toString(16)} are not relayed`);
  }
}

function valueAt(row: Buffer, start: number, length: string, size: number): Buffer {
  switch (length) {
    case 'fixed':
      return row.subarray(start, start + size);
    case 'byte':
      return notNull(row.subarray(start + 1, start + 1 + (row[start] ?? 0)), row[start] === 0);
    case 'ushort': {
      const bytes = row.readUInt16LE(start);
      return notNull(row.subarray(start + 2, start + 2 + bytes), bytes === 0xffff);
    }
    default:
      throw new RelayError('a key cannot be a large value');
  }
}

function notNull(value: Buffer, isNull: boolean): Buffer {
  if (isNull) throw new RelayError('the key of a row is NULL');
  return value;
}

function integer(value: Buffer): string {
  switch (value.length) {
    case 1:
      // tinyint has no sign.
      return String(value.readUInt8(0));
    case 2:
      return String(value.readInt16LE(0));
    case 4:
      return String(value.readInt32LE(0));
    default:
      return String(value.readBigInt64LE(0));
  }
}

/** The first three groups are little-endian (2.2.5.5.5.2: as GUID of [MS-DTYP]). */
function guid(value: Buffer): string {
  const hex = (from: number, to: number): string => value.toString('hex', from, to);
  const reversed = (from: number, to: number): string =>
    Buffer.from(value.subarray(from, to)).reverse().toString('hex');
  return [reversed(0, 4), reversed(4, 6), reversed(6, 8), hex(8, 10), hex(10, 16)].join('-').toUpperCase();
}
