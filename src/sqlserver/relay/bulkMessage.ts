import type { RelayedRows } from './rowTap.js';

/** Flags of a column in a bulk load: nullable, and updateable as read-write (2.2.7.4). */
const columnFlags = 0x01 | 0x08;

/**
 * The payload of a bulk load ([MS-TDS] 2.2.6.1): COLMETADATA, rows, DONE. "The stream is equivalent to that produced by
 * the server if it were sending the same rowset on output", so types and rows go as they came; only names are ours.
 * @param names of the columns of the table that is loaded, in the order of the rows' columns
 */
export function* bulkMessage(rows: RelayedRows, names: readonly string[]): Generator<Buffer> {
  yield columnMetadata(rows, names);
  yield* rows.blocks;
  yield done;
}

function columnMetadata({ columns }: RelayedRows, names: readonly string[]): Buffer {
  const head = Buffer.alloc(3);
  head[0] = 0x81;
  head.writeUInt16LE(columns.length, 1);
  const parts: Buffer[] = [head];
  columns.forEach(({ typeInfo }, index) => {
    const flags = Buffer.alloc(6);
    flags.writeUInt16LE(columnFlags, 4);
    const name = Buffer.from(names[index] ?? '', 'utf16le');
    parts.push(flags, typeInfo, Buffer.from([name.length / 2]), name);
  });
  return Buffer.concat(parts);
}

/** DONE, final, without a row count. */
const done = Buffer.from([0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
