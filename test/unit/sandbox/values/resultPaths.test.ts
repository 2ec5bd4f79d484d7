import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SqlType, SqlValue } from '../../../../sandbox/sqlserver/engine/api.js';
import { moveRows } from '../../../../sandbox/sqlserver/postgres/moveRows.js';
import { decodeRows } from '../../../../sandbox/sqlserver/postgres/values.js';
import { MessageWriter } from '../../../../sandbox/sqlserver/protocol/messageWriter.js';
import { RowWriter } from '../../../../sandbox/sqlserver/protocol/rowWriter.js';
import type { Transport } from '../../../../sandbox/sqlserver/protocol/transport.js';
import { columnCases, type ColumnCase } from './columnCases.js';

type Way = 'in place' | 'decoded';

const oldClient = { dateTypes: false, nullBitmapRows: false };
const newClient = { dateTypes: true, nullBitmapRows: true };

interface Field {
  readonly type: SqlType;
  readonly nullable: boolean;
  /** As PostgreSQL sends it; null for NULL. */
  readonly stored: Buffer | null;
}

/** What the client gets for a row: bytes, or the error that ends the result. */
function sent(fields: readonly Field[], way: Way, capabilities: typeof newClient): string {
  const writer = new MessageWriter({} as Transport, 1 << 20);
  const columns = fields.map(({ type, nullable }, index) => ({ name: `c${index}`, type, nullable }));
  const types = fields.map(({ type }) => type);
  const rows = new RowWriter(writer, columns, capabilities, 'Latin1_General_CI_AS');
  const handle = way === 'decoded' ? decodeRows(types, (values) => rows.write(values)) : moveRows(types, rows);
  const bytes = fields.flatMap(({ stored }) => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(stored === null ? -1 : stored.length);
    return stored === null ? [length] : [length, stored];
  });
  let failure = '';
  try {
    void handle(Buffer.concat([Buffer.alloc(7), ...bytes]), 7);
  } catch (error) {
    failure = (error as Error).name;
  }
  return writer.buffer.toString('hex', 0, writer.position) + failure;
}

function expectSame(fields: readonly Field[]): void {
  for (const client of [newClient, oldClient]) {
    expect(sent(fields, 'in place', client)).toBe(sent(fields, 'decoded', client));
  }
}

function bigEndian(bytes: 1 | 2 | 4 | 8, value: bigint): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigInt64BE(value);
  return buffer.subarray(8 - bytes);
}

/** A value as PostgreSQL sends it in the formats of resultFormats(). */
function storedForm({ name }: SqlType, value: SqlValue): Buffer | null {
  if (value === null || Buffer.isBuffer(value)) return value;
  if (name === 'real' || name === 'float') {
    const buffer = Buffer.alloc(name === 'real' ? 4 : 8);
    if (name === 'real') buffer.writeFloatBE(Number(value));
    else buffer.writeDoubleBE(Number(value));
    return buffer;
  }
  if (typeof value === 'string') return Buffer.from(value);
  if (typeof value === 'object') throw new Error('no such case');
  const short = name === 'bit' || name === 'tinyint' || name === 'smallint';
  const wide = name === 'bigint' || name === 'datetime' || name === 'time' || name === 'datetime2';
  return bigEndian(short ? 2 : wide ? 8 : 4, BigInt(value));
}

const field = ({ type, nullable }: ColumnCase, value: SqlValue): Field => ({
  type,
  nullable,
  stored: storedForm(type, value),
});

describe('a value that is sent in place is what the decoded one is', () => {
  it.each(columnCases.map((one) => [one.title, one] as const))('%s', (_title, one) => {
    fc.assert(
      fc.property(one.values, (value) => expectSame([field(one, value)])),
      { numRuns: 500 },
    );
  });

  it('in rows with any number of NULLs', () => {
    const cell = fc.constantFrom(...columnCases).chain((one) => {
      const values = one.nullable ? fc.oneof(fc.constant(null), one.values) : one.values;
      return values.map((value) => field(one, value));
    });
    fc.assert(
      fc.property(fc.array(cell, { minLength: 1, maxLength: 30 }), (fields) => expectSame(fields)),
      { numRuns: 1000 },
    );
  });

  it('NULL where none may be, and text longer than its column, are no row', () => {
    const number = { type: { name: 'int' }, nullable: true, stored: bigEndian(4, 7n) } as const;
    expectSame([number, { type: { name: 'int' }, nullable: false, stored: null }]);
    for (const text of ['abcd', 'éé', '🚀🚀']) {
      for (const name of ['nvarchar', 'varchar', 'nchar'] as const) {
        expectSame([number, { type: { name, length: 3 }, nullable: true, stored: Buffer.from(text) }]);
      }
    }
  });

  it("integers of a width that is not the type's own", () => {
    for (const bytes of [1, 2, 4, 8] as const) {
      for (const name of ['bit', 'tinyint', 'smallint', 'int', 'bigint', 'datetime', 'smalldatetime'] as const) {
        for (const value of [0n, 1n, 100n]) {
          expectSame([{ type: { name }, nullable: true, stored: bigEndian(bytes, value) }]);
        }
      }
    }
  });

  it.each(['7', '-7', '0', '7.', '.5', '0.50', '0.500', 'NaN', '1e5', '--1', '1.2.3', '', '000123.4', '9'.repeat(17)])(
    'the text %s for a decimal',
    (text) => {
      for (const [precision, scale] of [
        [5, 2],
        [18, 0],
        [38, 12],
      ] as const) {
        expectSame([{ type: { name: 'decimal', precision, scale }, nullable: true, stored: Buffer.from(text) }]);
      }
    },
  );

  it('long text', () => {
    for (const text of ['x'.repeat(4000), 'é'.repeat(3000), '🚀'.repeat(1500), `${'x'.repeat(500)}東`]) {
      for (const type of [
        { name: 'nvarchar', length: 4000 },
        { name: 'varchar', length: 8000 },
      ] as const) {
        expectSame([{ type, nullable: true, stored: Buffer.from(text) }]);
      }
    }
  });
});
