import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SqlType, SqlValue } from '../../../../sandbox/sqlserver/engine/api.js';
import type { LoadedColumn } from '../../../../sandbox/sqlserver/engine/bulk/bulkPlan.js';
import { CopyTarget } from '../../../../sandbox/sqlserver/engine/bulk/copyTarget.js';
import { IdentityRange } from '../../../../sandbox/sqlserver/engine/bulk/identityRange.js';
import { ByteCursor } from '../../../../sandbox/sqlserver/protocol/byteCursor.js';
import { codePage } from '../../../../sandbox/sqlserver/protocol/codePages.js';
import { MessageWriter } from '../../../../sandbox/sqlserver/protocol/messageWriter.js';
import type { Transport } from '../../../../sandbox/sqlserver/protocol/transport.js';
import { readTypeInfo } from '../../../../sandbox/sqlserver/protocol/types/decoders.js';
import { decodingMover } from '../../../../sandbox/sqlserver/protocol/types/moveValues.js';
import { writeTypeInfo } from '../../../../sandbox/sqlserver/protocol/types/typeInfo.js';
import { columnCases, type ColumnCase } from './columnCases.js';

const latin = 'Latin1_General_CI_AS';

interface Loaded {
  /** COPY data, or the error that the load ends with. */
  readonly direct: string;
  readonly general: string;
  /** True if the direct way made no SqlValue. */
  readonly inPlace: boolean;
}

/** Loads one value of a bulk load message both ways into a column of a type. */
function loadBothWays(sent: SqlType, nullable: boolean, bytes: Buffer, stored = sent): Loaded {
  const writer = new MessageWriter({} as Transport, 4096);
  writeTypeInfo(writer, sent, nullable, latin);
  const readable = readTypeInfo(new ByteCursor(writer.buffer, 0, writer.position), codePage('windows-1252'));
  let inPlace = true;
  const move = (mover: typeof readable.mover): string => {
    const loaded = { column: { type: stored }, source: 0, type: sent, replacement: null } as unknown as LoadedColumn;
    const target = new CopyTarget([loaded], true, undefined, new IdentityRange());
    const column = target.columns[0]!;
    const give = column.value.bind(column);
    column.value = (value: NonNullable<SqlValue>) => {
      if (mover === readable.mover) inPlace = false;
      give(value);
    };
    const cursor = new ByteCursor(bytes);
    try {
      target.startRow();
      (column.valuesOnly ? decodingMover(readable.row) : mover)(cursor, column);
      return `${target.end().toString('hex')} and ${cursor.remaining} more`;
    } catch (error) {
      return String(error);
    }
  };
  const direct = move(readable.mover);
  return { direct, general: move(decodingMover(readable.row)), inPlace };
}

function expectSame(...parameters: Parameters<typeof loadBothWays>): void {
  const { direct, general } = loadBothWays(...parameters);
  expect(direct).toBe(general);
}

const uint16 = (value: number): Buffer => Buffer.of(value & 0xff, value >>> 8);

describe('a value that is loaded in place is what the decoded one is', () => {
  it.each(columnCases.map((one) => [one.title, one] as const))('%s', (_title, { type, nullable, values, wire }) => {
    fc.assert(
      fc.property(values, (value) => expectSame(type, nullable, wire(value))),
      { numRuns: 500 },
    );
  });

  it('NULL', () => {
    for (const { type, nullable, wire } of columnCases) if (nullable) expectSame(type, true, wire(null));
  });

  it('bytes that are no value, or end too soon', () => {
    const sent = fc.constantFrom(...columnCases);
    const lengthByte = fc.integer({ min: 0, max: 20 }).map((length) => Buffer.of(length));
    const lengthWord = fc.integer({ min: 0, max: 70 }).map(uint16);
    const bytes = fc
      .tuple(fc.oneof(lengthByte, lengthWord), fc.uint8Array({ maxLength: 80 }))
      .map((pieces) => Buffer.concat(pieces));
    fc.assert(
      fc.property(sent, bytes, ({ type, nullable }: ColumnCase, piece) => expectSame(type, nullable, piece)),
      { numRuns: 5000 },
    );
  });

  it('decimals that are one more than their precision holds, and the zero that is negative', () => {
    for (const [precision, scale, bytes] of [
      [1, 0, 5],
      [9, 2, 5],
      [15, 3, 9],
      [16, 3, 9],
      [38, 12, 17],
    ] as const) {
      for (const digits of [0n, 10n ** BigInt(precision) - 1n, 10n ** BigInt(precision)]) {
        for (const sign of [0, 1]) {
          const value = Buffer.alloc(bytes + 1);
          value[0] = bytes;
          value[1] = sign;
          for (let at = 2, rest = digits; at <= bytes; at += 4, rest >>= 32n)
            value.writeUInt32LE(Number(rest & 0xffff_ffffn), at);
          expectSame({ name: 'decimal', precision, scale }, true, value);
        }
      }
    }
  });

  it('UTF-16 of all kinds: U+0000 and lone surrogates are refused', () => {
    const unit = fc.oneof(
      fc.integer({ min: 0, max: 0x7ff }),
      fc.integer({ min: 0, max: 0xffff }),
      fc.constantFrom(0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xe000, 0xffff),
    );
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 40 }), (units) => {
        const text = Buffer.from(Uint16Array.from(units).buffer);
        expectSame({ name: 'nvarchar', length: 50 }, true, Buffer.concat([uint16(text.length), text]));
      }),
      { numRuns: 3000 },
    );
  });

  it('long UTF-16', () => {
    for (const text of [
      'x'.repeat(4000),
      'é'.repeat(4000),
      '🚀'.repeat(2000),
      `${'x'.repeat(3999)}\0`,
      `${'é'.repeat(3999)}\0`,
    ]) {
      const bytes = Buffer.from(text, 'utf16le');
      expectSame({ name: 'nvarchar', length: 4000 }, true, Buffer.concat([uint16(bytes.length), bytes]));
    }
  });

  it('into a column of another length or kind', () => {
    const text = Buffer.from('abc', 'utf16le');
    const sized = Buffer.concat([uint16(text.length), text]);
    for (const length of [2, 3, 4, 'max'] as const) {
      for (const name of ['nvarchar', 'nchar'] as const) {
        if (name === 'nvarchar' || length !== 'max')
          expectSame({ name: 'nvarchar', length: 5 }, true, sized, { name, length });
      }
      for (const name of ['varbinary', 'binary'] as const) {
        if (name === 'varbinary' || length !== 'max')
          expectSame({ name: 'varbinary', length: 8 }, true, sized, { name, length });
      }
    }
    for (const name of ['smallint', 'int', 'bigint'] as const) {
      for (const value of [-1, -32_768, 32_767]) {
        expectSame({ name: 'smallint' }, true, Buffer.concat([Buffer.of(2), uint16(value & 0xffff)]), { name });
      }
    }
  });

  it.each(columnCases.filter((one) => one.direct !== undefined).map((one) => [one.title, one] as const))(
    'and none is made for common values of %s',
    (_title, { type, nullable, direct, wire }) => {
      expect(loadBothWays(type, nullable, wire(direct ?? null)).inPlace).toBe(true);
    },
  );
});
