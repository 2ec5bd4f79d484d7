import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bulkMessage } from '../../../src/sqlserver/relay/bulkMessage.js';
import { RelayError } from '../../../src/sqlserver/relay/columnLayout.js';
import { lastValue } from '../../../src/sqlserver/relay/lastKey.js';
import { RowTap, type RelayedRows } from '../../../src/sqlserver/relay/rowTap.js';

const collation = Buffer.from([9, 4, 0xd0, 0, 0x34]);

/** Kinds of columns: TYPE_INFO, and a value as ROW and NBCROW tokens hold it. */
interface Kind {
  readonly typeInfo: Buffer;
  readonly isNull: Buffer | null;
  encode(content: Buffer): Buffer;
}

const sized = (content: Buffer, length: number): Buffer =>
  Buffer.concat([content, Buffer.alloc(length)]).subarray(0, length);
const byteLength = (typeInfo: readonly number[], length: number): Kind => ({
  typeInfo: Buffer.from(typeInfo),
  isNull: Buffer.from([0]),
  encode: (content) => Buffer.concat([Buffer.from([length]), sized(content, length)]),
});
const ushortLength = (type: number, withCollation: boolean): Kind => ({
  typeInfo: Buffer.concat([Buffer.from([type, 0x40, 0x1f]), withCollation ? collation : Buffer.alloc(0)]),
  isNull: Buffer.from([0xff, 0xff]),
  encode: (content) => {
    const length = Buffer.alloc(2);
    length.writeUInt16LE(content.length);
    return Buffer.concat([length, content]);
  },
});

function chunked(content: Buffer, known: boolean, chunk: number): Buffer {
  const head = Buffer.alloc(8);
  head.writeBigUInt64LE(known ? BigInt(content.length) : 0xfffffffffffffffen);
  const parts: Buffer[] = [head];
  for (let start = 0; start < content.length; start += chunk) {
    const piece = content.subarray(start, start + chunk);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(piece.length);
    parts.push(length, piece);
  }
  return Buffer.concat([...parts, Buffer.alloc(4)]);
}
const chunks = (type: number, known: boolean, chunk: number): Kind => ({
  typeInfo: Buffer.concat([Buffer.from([type, 0xff, 0xff]), type === 0xa5 ? Buffer.alloc(0) : collation]),
  isNull: Buffer.alloc(8, 0xff),
  encode: (content) => chunked(content, known, chunk),
});
const fixed = (type: number, length: number): Kind => ({
  typeInfo: Buffer.from([type]),
  isNull: null,
  encode: (content) => sized(content, length),
});

const kinds: readonly Kind[] = [
  fixed(0x38, 4),
  fixed(0x7f, 8),
  fixed(0x32, 1),
  byteLength([0x26, 8], 8),
  byteLength([0x24, 16], 16),
  byteLength([0x68, 1], 1),
  byteLength([0x6a, 17, 37, 8], 17),
  byteLength([0x28], 3),
  byteLength([0x2a, 7], 8),
  byteLength([0x6f, 8], 8),
  ushortLength(0xe7, true),
  ushortLength(0xa7, true),
  ushortLength(0xa5, false),
  chunks(0xe7, true, 50),
  chunks(0xe7, false, 7),
  chunks(0xa5, false, 1_000),
];

const columnMetadata = (columns: readonly Kind[]): Buffer => {
  const head = Buffer.from([0x81, columns.length, 0]);
  const name = Buffer.concat([Buffer.from([2]), Buffer.from('c1', 'utf16le')]);
  return Buffer.concat([head, ...columns.flatMap(({ typeInfo }) => [Buffer.from([0, 0, 0, 0, 9, 0]), typeInfo, name])]);
};

interface Row {
  readonly values: readonly (Buffer | null)[];
  readonly bitmap: boolean;
}

function asRow(columns: readonly Kind[], { values }: Row): Buffer {
  const parts = columns.map((kind, index) => {
    const value = values[index] ?? null;
    return value === null ? (kind.isNull ?? kind.encode(Buffer.alloc(0))) : kind.encode(value);
  });
  return Buffer.concat([Buffer.from([0xd1]), ...parts]);
}

function asBitmapRow(columns: readonly Kind[], { values }: Row): Buffer {
  const bitmap = Buffer.alloc(Math.ceil(columns.length / 8));
  const parts: Buffer[] = [];
  columns.forEach((kind, index) => {
    const value = values[index] ?? null;
    if (value !== null) parts.push(kind.encode(value));
    else if (kind.isNull === null) parts.push(kind.encode(Buffer.alloc(0)));
    else bitmap[index >>> 3] = (bitmap[index >>> 3] ?? 0) | (1 << (index & 7));
  });
  return Buffer.concat([Buffer.from([0xd2]), bitmap, ...parts]);
}

const ushortToken = (type: number, content: string): Buffer => {
  const bytes = Buffer.from(content);
  const length = Buffer.alloc(2);
  length.writeUInt16LE(bytes.length);
  return Buffer.concat([Buffer.from([type]), length, bytes]);
};
const order = ushortToken(0xa9, 'ab');
/** Contents that look like row tokens must not be taken for them. */
const information = ushortToken(0xab, '\u00d1\u00d2 said');
const environmentChange = ushortToken(0xe3, 'database');
const doneInProcedure = Buffer.from([0xff, 0x11, 0, 0xc1, 0, 0xd1, 0xd2, 0, 0, 0, 0, 0, 0]);
const returnStatus = Buffer.from([0x79, 0, 0, 0, 0]);
const doneProcedure = Buffer.from([0xfe, 0, 0, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);

/** Gives a stream to a tap in pieces, cut at the given places. */
function feed(stream: Buffer, cuts: readonly number[]): { readonly passed: Buffer; readonly rows: RelayedRows } {
  const tap = new RowTap();
  const passed: Buffer[] = [];
  const places = [...new Set(cuts.map((cut) => cut % stream.length))].sort((a, b) => a - b);
  let from = 0;
  for (const place of [...places, stream.length]) {
    passed.push(...tap.push(stream.subarray(from, place)));
    from = place;
  }
  passed.push(...tap.end());
  return { passed: Buffer.concat(passed), rows: tap.rows() };
}

const table = fc.array(fc.integer({ min: 0, max: kinds.length - 1 }), { minLength: 1, maxLength: 12 }).chain((places) =>
  fc.record({
    columns: fc.constant(places.map((place) => kinds[place] as Kind)),
    rows: fc.array(
      fc.record({
        values: fc.array(fc.option(fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes))), {
          minLength: places.length,
          maxLength: places.length,
        }),
        bitmap: fc.boolean(),
      }),
      { maxLength: 12 },
    ),
    cuts: fc.array(fc.nat(), { maxLength: 40 }),
  }),
);

describe('the rows of a response', () => {
  it('are taken out as ROW tokens, wherever the stream is cut, and everything else is passed on', () => {
    fc.assert(
      fc.property(table, ({ columns, rows, cuts }) => {
        const metadata = columnMetadata(columns);
        const before = Buffer.concat([environmentChange, metadata, order]);
        const after = Buffer.concat([doneInProcedure, returnStatus, information, doneProcedure]);
        const sent = rows.map((row) => (row.bitmap ? asBitmapRow(columns, row) : asRow(columns, row)));
        const taken = feed(Buffer.concat([before, ...sent, after]), cuts);
        expect(taken.passed.equals(Buffer.concat([before, after]))).toBe(true);
        const expected = rows.map((row) => asRow(columns, row));
        expect(Buffer.concat(taken.rows.blocks).equals(Buffer.concat(expected))).toBe(true);
        expect(taken.rows.count).toBe(rows.length);
        expect(taken.rows.lastRow).toEqual(expected.at(-1) ?? null);
      }),
    );
  });

  it('pass byte by byte', () => {
    const columns = [kinds[3], kinds[13]] as Kind[];
    const row = asRow(columns, { values: [Buffer.from('12345678'), Buffer.from('text')], bitmap: false });
    const stream = Buffer.concat([columnMetadata(columns), row, row, doneProcedure]);
    const taken = feed(
      stream,
      Array.from(stream, (_, index) => index),
    );
    expect(Buffer.concat(taken.rows.blocks)).toEqual(Buffer.concat([row, row]));
  });

  it('become a bulk load with the names of its columns', () => {
    const columns = [kinds[0], kinds[10]] as Kind[];
    const row = asRow(columns, { values: [Buffer.from([1, 0, 0, 0]), Buffer.from('é', 'utf16le')], bitmap: false });
    const { rows } = feed(Buffer.concat([columnMetadata(columns), row, doneProcedure]), []);
    const message = Buffer.concat([...bulkMessage(rows, ['n', 'c0'])]);
    const name = (text: string): Buffer => Buffer.concat([Buffer.from([text.length]), Buffer.from(text, 'utf16le')]);
    expect(message).toEqual(
      Buffer.concat([
        Buffer.from([0x81, 2, 0]),
        ...[Buffer.from([0, 0, 0, 0, 9, 0, 0x38]), name('n')],
        ...[Buffer.from([0, 0, 0, 0, 9, 0]), (columns[1] as Kind).typeInfo, name('c0')],
        row,
        Buffer.from([0xfd, ...Array<number>(12).fill(0)]),
      ]),
    );
  });
});

describe('a response that the relay does not understand', () => {
  const refused = (stream: Buffer) => () => feed(stream, []);

  it('is refused for a type that is not relayed', () => {
    const text = { ...(kinds[0] as Kind), typeInfo: Buffer.from([0x23, 0, 0, 0, 0]) };
    expect(refused(Buffer.concat([columnMetadata([text]), doneProcedure, doneProcedure]))).toThrow(RelayError);
  });

  it('is refused for an unknown token', () => {
    expect(refused(Buffer.from([0x42, 0, 0]))).toThrow(RelayError);
  });

  it('is refused if it ends within a row', () => {
    const columns = [kinds[1] as Kind];
    const row = asRow(columns, { values: [Buffer.alloc(8, 1)], bitmap: false });
    expect(refused(Buffer.concat([columnMetadata(columns), order, doneInProcedure, row.subarray(0, 5)]))).toThrow(
      'ends within a token',
    );
  });

  it('is refused for a second result set', () => {
    const metadata = columnMetadata([kinds[1] as Kind]);
    expect(refused(Buffer.concat([metadata, doneInProcedure, metadata, doneProcedure]))).toThrow(RelayError);
  });
});

describe('the key of the last row', () => {
  const keyOf = (kind: Kind, content: Buffer | null): string | null => {
    const columns = [kinds[0], kind] as Kind[];
    const row = asRow(columns, { values: [Buffer.alloc(4), content], bitmap: false });
    return lastValue(feed(Buffer.concat([columnMetadata(columns), row, doneProcedure]), []).rows, 1);
  };

  it('is read as text that CONVERT takes', () => {
    const big = Buffer.alloc(8);
    big.writeBigInt64LE(-9_223_372_036_854_775_808n);
    expect(keyOf(kinds[3] as Kind, big)).toBe('-9223372036854775808');
    expect(keyOf(kinds[1] as Kind, big)).toBe('-9223372036854775808');
    expect(keyOf(kinds[10] as Kind, Buffer.from("Ελλάδα 🏳️ ' ]", 'utf16le'))).toBe("Ελλάδα 🏳️ ' ]");
    expect(keyOf(kinds[4] as Kind, Buffer.from('88623b0fb3e5044897e29b1ea18fc12e', 'hex'))).toBe(
      '0F3B6288-E5B3-4804-97E2-9B1EA18FC12E',
    );
  });

  it('is refused where it is NULL or of a type without an exact text', () => {
    expect(() => keyOf(kinds[3] as Kind, null)).toThrow(RelayError);
    expect(() => keyOf(kinds[9] as Kind, Buffer.alloc(8))).toThrow(RelayError);
  });

  it('is null without rows', () => {
    const { rows } = feed(Buffer.concat([columnMetadata([kinds[0] as Kind]), doneProcedure]), []);
    expect(lastValue(rows, 0)).toBeNull();
  });
});

describe('the memory of rows', () => {
  const columns = [kinds[13]] as Kind[];
  const stream = (fill: string): Buffer =>
    Buffer.concat([
      columnMetadata(columns),
      ...Array.from({ length: 2_000 }, () => asRow(columns, { values: [Buffer.alloc(300, fill)], bitmap: false })),
      doneProcedure,
    ]);

  const asPackets = Array.from({ length: 19 }, (_, index) => (index + 1) * 32_767);

  it('is used for other rows once it was given back, and never before', () => {
    const first = feed(stream('a'), asPackets).rows;
    const memory = first.blocks.map(({ buffer }) => buffer);
    const [second, kept] = [feed(stream('b'), asPackets).rows, Buffer.concat(first.blocks)];
    first.release();
    const third = feed(stream('c'), asPackets).rows;
    expect(kept.includes('b') || kept.includes('c')).toBe(false);
    expect(Buffer.concat(second.blocks).includes('c')).toBe(false);
    expect(Buffer.concat(third.blocks).includes('a')).toBe(false);
    expect(third.blocks.some(({ buffer }) => memory.includes(buffer))).toBe(true);
    expect(third.blocks.some(({ buffer }) => second.blocks.some((block) => block.buffer === buffer))).toBe(false);
  });

  it('holds no rows any more once it was given back, and is given back once', () => {
    const rows = feed(stream('a'), asPackets).rows;
    rows.release();
    rows.release();
    expect(rows.blocks).toEqual([]);
    const [one, other] = [feed(stream('b'), asPackets).rows, feed(stream('c'), asPackets).rows];
    expect(Buffer.concat(one.blocks).includes('c')).toBe(false);
    expect(Buffer.concat(other.blocks).includes('b')).toBe(false);
  });
});
