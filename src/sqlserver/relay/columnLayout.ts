/** How the bytes of a column's values are laid out ([MS-TDS] 2.2.5.4), as far as finding their end needs it. */
export type ValueLength = 'fixed' | 'byte' | 'ushort' | 'chunks';

export interface RelayColumn {
  readonly name: string;
  /** TYPE_INFO as the server sent it. */
  readonly typeInfo: Buffer;
  /** First byte of TYPE_INFO. */
  readonly type: number;
  readonly length: ValueLength;
  /** Bytes of a fixed-length value; 0 for others. */
  readonly size: number;
}

/** What the relay cannot carry, or does not understand: the driver's way is taken instead. */
export class RelayError extends Error {
  override readonly name = 'RelayError';
}

/** Types of [MS-TDS] 2.2.5.4 that a page query can answer. text, ntext, image, xml and variants are converted in it. */
export const wireType = {
  int1: 0x30,
  bit: 0x32,
  int2: 0x34,
  int4: 0x38,
  datetime4: 0x3a,
  float4: 0x3b,
  money: 0x3c,
  datetime: 0x3d,
  float8: 0x3e,
  money4: 0x7a,
  int8: 0x7f,
  guid: 0x24,
  intN: 0x26,
  date: 0x28,
  time: 0x29,
  datetime2: 0x2a,
  datetimeOffset: 0x2b,
  bitN: 0x68,
  decimalN: 0x6a,
  numericN: 0x6c,
  floatN: 0x6d,
  moneyN: 0x6e,
  datetimeN: 0x6f,
  bigVarBinary: 0xa5,
  bigVarChar: 0xa7,
  bigBinary: 0xad,
  bigChar: 0xaf,
  nvarchar: 0xe7,
  nchar: 0xef,
} as const;

const fixedSizes: ReadonlyMap<number, number> = new Map([
  [wireType.int1, 1],
  [wireType.bit, 1],
  [wireType.int2, 2],
  [wireType.int4, 4],
  [wireType.datetime4, 4],
  [wireType.float4, 4],
  [wireType.money4, 4],
  [wireType.money, 8],
  [wireType.datetime, 8],
  [wireType.float8, 8],
  [wireType.int8, 8],
]);

/** Types whose values have a length of one byte, with the bytes that TYPE_INFO has after the type. */
const byteLengthTypes: ReadonlyMap<number, number> = new Map([
  [wireType.guid, 1],
  [wireType.intN, 1],
  [wireType.bitN, 1],
  [wireType.floatN, 1],
  [wireType.moneyN, 1],
  [wireType.datetimeN, 1],
  [wireType.date, 0],
  [wireType.time, 1],
  [wireType.datetime2, 1],
  [wireType.datetimeOffset, 1],
  [wireType.decimalN, 3],
  [wireType.numericN, 3],
]);

/** Types whose values have a length of two bytes, with the bytes of a collation. */
const ushortLengthTypes: ReadonlyMap<number, number> = new Map([
  [wireType.bigVarBinary, 0],
  [wireType.bigBinary, 0],
  [wireType.bigVarChar, 5],
  [wireType.bigChar, 5],
  [wireType.nvarchar, 5],
  [wireType.nchar, 5],
]);

/** Declared length of the (max) types, whose values come in chunks. */
const maxLength = 0xffff;

/**
 * Reads a COLMETADATA token (2.2.7.4), its type byte included, from a position.
 * @returns the columns and the position after them, or null if bytes are missing
 * @throws RelayError for a type that the relay does not carry
 */
export function readColumns(
  bytes: Buffer,
  start: number,
): { readonly columns: readonly RelayColumn[]; readonly end: number } | null {
  if (bytes.length < start + 3) return null;
  const count = bytes.readUInt16LE(start + 1);
  // 0xFFFF: a statement without a result set.
  if (count === 0xffff) return { columns: [], end: start + 3 };
  const columns: RelayColumn[] = [];
  let position = start + 3;
  for (let index = 0; index < count; index += 1) {
    const infoAt = position + 6;
    if (bytes.length < infoAt + 8) return null;
    const { infoBytes, length, size } = layoutAt(bytes, infoAt);
    const nameAt = infoAt + infoBytes;
    if (bytes.length < nameAt + 1) return null;
    const nameBytes = 2 * (bytes[nameAt] ?? 0);
    position = nameAt + 1 + nameBytes;
    if (bytes.length < position) return null;
    columns.push({
      name: bytes.toString('utf16le', nameAt + 1, position),
      typeInfo: Buffer.from(bytes.subarray(infoAt, nameAt)),
      type: bytes[infoAt] ?? 0,
      length,
      size,
    });
  }
  return { columns, end: position };
}

interface Layout {
  readonly infoBytes: number;
  readonly length: ValueLength;
  readonly size: number;
}

function layoutAt(bytes: Buffer, at: number): Layout {
  const type = bytes[at] ?? 0;
  const size = fixedSizes.get(type);
  if (size !== undefined) return { infoBytes: 1, length: 'fixed', size };
  const afterType = byteLengthTypes.get(type);
  if (afterType !== undefined) return { infoBytes: 1 + afterType, length: 'byte', size: 0 };
  const collation = ushortLengthTypes.get(type);
  if (collation === undefined) throw new RelayError(`columns of type 0x${type.toString(16)} are not relayed`);
  const chunks = bytes.readUInt16LE(at + 1) === maxLength;
  return { infoBytes: 3 + collation, length: chunks ? 'chunks' : 'ushort', size: 0 };
}

/** The bytes that say NULL in a ROW token, which has no null bitmap. */
export function nullBytes(column: RelayColumn): Buffer {
  switch (column.length) {
    case 'fixed':
      throw new RelayError(`column ${column.name} cannot be NULL`);
    case 'byte':
      return nullOfByteLength;
    case 'ushort':
      return nullOfUshortLength;
    case 'chunks':
      return nullOfChunks;
  }
}

const nullOfByteLength = Buffer.from([0]);
const nullOfUshortLength = Buffer.from([0xff, 0xff]);
const nullOfChunks = Buffer.alloc(8, 0xff);
