import { describe, expect, it } from 'vitest';
import { BulkLoadReader } from '../../../../sandbox/sqlserver/protocol/bulkLoadReader.js';
import { codePage } from '../../../../sandbox/sqlserver/protocol/codePages.js';
import { ProtocolError } from '../../../../sandbox/sqlserver/protocol/packets.js';
import { valuePages } from './valuePages.js';
import type { SqlValue } from '../../../../sandbox/sqlserver/engine/api.js';

const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');
const name = (text: string): Buffer => Buffer.concat([Buffer.of(text.length), utf16(text)]);
const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

function columnMetadata(...columns: (readonly [typeInfo: Buffer, name: string])[]): Buffer {
  const described = columns.flatMap(([typeInfo, text]) => [Buffer.alloc(4), Buffer.of(1, 0), typeInfo, name(text)]);
  return Buffer.concat([Buffer.of(0x81, columns.length, 0), ...described]);
}

const row = (...values: Buffer[]): Buffer => Buffer.concat([Buffer.of(0xd1), ...values]);
const done = Buffer.concat([Buffer.of(0xfd), Buffer.alloc(12)]);
/** varchar(max), Latin1_General_CI_AS. */
const varcharMax = Buffer.of(0xa7, 0xff, 0xff, 0x09, 0x04, 0xd0, 0x00, 0x00);
const unknownLength = Buffer.from('feffffffffffffff', 'hex');
const chunk = (text: string): Buffer => Buffer.concat([uint32(text.length), Buffer.from(text, 'latin1')]);

interface Read {
  readonly rows: (readonly SqlValue[])[];
  readonly pages: number;
}

function openReader(hold: (held: boolean) => void = () => undefined): BulkLoadReader {
  return new BulkLoadReader(codePage('windows-1252'), hold, () => undefined);
}

async function readAll(pieces: Iterable<Buffer>): Promise<Read> {
  const reader = openReader();
  for (const piece of pieces) reader.receive(piece);
  reader.end();
  const rows: (readonly SqlValue[])[] = [];
  let pages = 0;
  for await (const page of reader.rowsInto(valuePages(3))) {
    pages++;
    rows.push(...page);
  }
  return { rows, pages };
}

describe('a bulk load message', () => {
  const message = Buffer.concat([
    columnMetadata([Buffer.of(0x38), 'id'], [varcharMax, 'text'], [Buffer.of(0x27, 10), 'old']),
    row(uint32(1), unknownLength, chunk('one '), chunk('two'), uint32(0), Buffer.of(2), Buffer.from('ab')),
    row(uint32(2), Buffer.from('ffffffffffffffff', 'hex'), Buffer.of(0)),
    Buffer.concat([Buffer.of(0xd2, 0b110), uint32(3)]),
    row(uint32(4), Buffer.from('0400000000000000', 'hex'), chunk('S\xe3o\x80'), uint32(0), Buffer.of(0)),
    done,
  ]);
  const rows = [
    [1, 'one two', 'ab'],
    [2, null, null],
    [3, null, null],
    [4, 'São€', null],
  ];

  it.each([1, 2, 3, 7, 64, 10_000])('is the same in pieces of %i bytes', async (size) => {
    const pieces = Array.from({ length: Math.ceil(message.length / size) }, (_, index) =>
      Buffer.from(message.subarray(index * size, (index + 1) * size)),
    );
    expect((await readAll(pieces)).rows).toEqual(rows);
  });

  it('may end without a DONE token', async () => {
    expect((await readAll([message.subarray(0, message.length - done.length)])).rows).toEqual(rows);
  });

  it('must not end inside a row', async () => {
    await expect(readAll([message.subarray(0, message.length - done.length - 3)])).rejects.toThrow(ProtocolError);
  });

  it.each([
    ['is no column metadata', Buffer.of(0xd1, 0, 0)],
    ['has an unknown type', columnMetadata([Buffer.of(0x99), 'id'])],
    ['has an unknown token', Buffer.concat([columnMetadata([Buffer.of(0x38), 'id']), Buffer.of(0x42)])],
    [
      'announces another length than its chunks have',
      Buffer.concat([
        columnMetadata([varcharMax, 'text']),
        row(Buffer.from('0900000000000000', 'hex'), chunk('four'), uint32(0)),
      ]),
      /colid 1/,
    ],
  ])('is refused if it %s', async (_what, bytes, message_: RegExp | typeof ProtocolError = ProtocolError) => {
    await expect(readAll([bytes])).rejects.toThrow(message_);
  });

  it('asks to hold the client back while pages wait, and to let it go on', async () => {
    const holds: boolean[] = [];
    const reader = openReader((held) => holds.push(held));
    reader.receive(columnMetadata([Buffer.of(0x38), 'id']));
    const rowBytes = row(uint32(9));
    const pages = reader.rowsInto(valuePages(1));
    const firstPage = pages.next();
    while (holds.at(-1) !== true) reader.receive(rowBytes);
    const first = await firstPage;
    expect(first.value).toHaveLength(2000);
    expect(holds.at(-1)).toBe(false);
    reader.receive(done);
    reader.end();
    const second = await pages.next();
    expect(second.value).toHaveLength(2000);
    expect((await pages.next()).done).toBe(true);
  });

  it('holds the client back while nobody takes the rows, and reads what has come meanwhile', async () => {
    const holds: boolean[] = [];
    const reader = openReader((held) => holds.push(held));
    reader.receive(columnMetadata([Buffer.of(0x38), 'id']));
    const rowsBytes = Buffer.concat(Array<Buffer>(1000).fill(row(uint32(9))));
    let sent = 0;
    for (; holds.at(-1) !== true; sent += 1000) reader.receive(rowsBytes);
    expect(sent * 5).toBeLessThan(2_200_000);
    reader.end();
    let read = 0;
    for await (const page of reader.rowsInto(valuePages(1))) read += page.length;
    expect(read).toBe(sent);
    expect(holds.at(-1)).toBe(false);
  });

  it('that ends inside a row fails the connection, however late the rows are asked for', async () => {
    const failures: Error[] = [];
    const reader = new BulkLoadReader(
      codePage('windows-1252'),
      () => undefined,
      (error) => failures.push(error),
    );
    reader.receive(Buffer.concat([columnMetadata([Buffer.of(0x38), 'id']), row(uint32(9)), Buffer.of(0xd1, 0)]));
    reader.end();
    await expect(reader.rowsInto(valuePages(1)).next()).rejects.toThrow(ProtocolError);
    expect(failures).toEqual([expect.any(ProtocolError)]);
  });

  it('cuts pages of long values by their bytes', async () => {
    const long = chunk('x'.repeat(300_000));
    const longRow = row(unknownLength, long, uint32(0));
    const { rows: read, pages } = await readAll([
      columnMetadata([varcharMax, 'text']),
      ...Array<Buffer>(10).fill(longRow),
    ]);
    expect(read).toHaveLength(10);
    expect(pages).toBeGreaterThan(2);
  });

  it('fails its reader when the client takes it back', async () => {
    const reader = openReader();
    reader.receive(columnMetadata([Buffer.of(0x38), 'id']));
    const next = reader.rowsInto(valuePages(1)).next();
    reader.cancel(new Error('taken back'));
    await expect(next).rejects.toThrow('taken back');
    await reader.ended;
  });
});
