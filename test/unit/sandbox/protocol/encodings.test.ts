import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codePage } from '../../../../sandbox/sqlserver/protocol/codePages.js';
import { collation, codePageOfBytes } from '../../../../sandbox/sqlserver/protocol/collations.js';
import { ByteCursor } from '../../../../sandbox/sqlserver/protocol/byteCursor.js';
import { MessageWriter } from '../../../../sandbox/sqlserver/protocol/messageWriter.js';
import { parseParameterDeclarations } from '../../../../sandbox/sqlserver/protocol/parameterDeclarations.js';
import { convertParameter } from '../../../../sandbox/sqlserver/protocol/parameterConversion.js';
import { encryption, negotiateEncryption } from '../../../../sandbox/sqlserver/protocol/prelogin.js';
import type { Transport } from '../../../../sandbox/sqlserver/protocol/transport.js';
import { readTypeInfo } from '../../../../sandbox/sqlserver/protocol/types/decoders.js';
import { valueEncoder } from '../../../../sandbox/sqlserver/protocol/types/encoders.js';
import { hasTableName, writeTypeInfo } from '../../../../sandbox/sqlserver/protocol/types/typeInfo.js';
import type { SqlType, SqlValue } from '../../../../sandbox/sqlserver/engine/api.js';

const latin = 'Latin1_General_CI_AS';

/** What a value is after it was encoded as in a row and decoded as in a bulk load. */
function there(type: SqlType, value: SqlValue, nullable = true): SqlValue {
  const writer = new MessageWriter({} as Transport, 4096);
  writeTypeInfo(writer, type, nullable, latin);
  valueEncoder(type, nullable, latin)(writer, value);
  const cursor = new ByteCursor(writer.buffer, 0, writer.position);
  const readable = readTypeInfo(cursor, codePage('windows-1252'));
  expect(hasTableName(readable.type)).toBe(hasTableName(type));
  const read = readable.row(cursor);
  expect(cursor.remaining).toBe(0);
  return read;
}

function decimals(precision: number, scale: number) {
  return fc.bigInt({ min: -(10n ** BigInt(precision)) + 1n, max: 10n ** BigInt(precision) - 1n }).map((units) => {
    const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0');
    const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
    return units < 0n ? `-${text}` : text;
  });
}

const unitsPerDay = 864_000_000_000n;
const daysToYear10000 = 3_652_059n;

describe('values survive the wire exactly', () => {
  it.each([
    [1, 0],
    [9, 9],
    [18, 4],
    [19, 0],
    [28, 8],
    [37, 8],
    [38, 38],
  ])('decimal(%i,%i)', (precision, scale) => {
    fc.assert(
      fc.property(decimals(precision, scale), (text) => {
        expect(there({ name: 'decimal', precision, scale }, text)).toBe(text);
      }),
    );
  });

  it('money and smallmoney', () => {
    const money = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    const asText = (units: bigint): string => {
      const digits = String(units < 0n ? -units : units).padStart(5, '0');
      return `${units < 0n ? '-' : ''}${digits.slice(0, -4)}.${digits.slice(-4)}`;
    };
    fc.assert(
      fc.property(money, fc.boolean(), (units, nullable) => {
        expect(there({ name: 'money' }, asText(units), nullable)).toBe(asText(units));
        const small = BigInt.asIntN(32, units);
        expect(there({ name: 'smallmoney' }, asText(small), nullable)).toBe(asText(small));
      }),
    );
  });

  it('dates and times of every scale', () => {
    const instant = fc.bigInt({ min: 0n, max: daysToYear10000 * unitsPerDay - 1n });
    fc.assert(
      fc.property(
        instant,
        fc.integer({ min: 0, max: 7 }),
        fc.integer({ min: -840, max: 840 }),
        (exact, scale, offset) => {
          const unit = 10n ** BigInt(7 - scale);
          const units = exact - (exact % unit);
          expect(there({ name: 'datetime2', scale }, units)).toBe(units);
          expect(there({ name: 'time', scale }, units % unitsPerDay)).toBe(units % unitsPerDay);
          expect(there({ name: 'date' }, units / unitsPerDay)).toBe(units / unitsPerDay);
          const value = { utc: units, offsetMinutes: offset };
          expect(there({ name: 'datetimeoffset', scale }, value)).toEqual(value);
        },
      ),
    );
    fc.assert(
      fc.property(fc.bigInt({ min: -53_690n * 25_920_000n, max: 2_958_464n * 25_920_000n - 1n }), (ticks) => {
        expect(there({ name: 'datetime' }, ticks)).toBe(ticks);
      }),
    );
  });

  it('texts and bytes of every kind of length', () => {
    const anyText = fc.string({ unit: 'binary', maxLength: 200 });
    fc.assert(
      fc.property(anyText, fc.uint8Array({ maxLength: 200 }), (text, bytes) => {
        for (const length of [400, 'max'] as const) {
          expect(there({ name: 'nvarchar', length }, text)).toBe(text);
          expect(there({ name: 'varbinary', length }, Buffer.from(bytes))).toEqual(Buffer.from(bytes));
        }
      }),
    );
  });

  it('every byte of a code page', () => {
    for (const collationName of [
      latin,
      'Cyrillic_General_CI_AS',
      'Greek_BIN',
      'Thai_CI_AS',
      'SQL_Latin1_General_CP1_CI_AI',
    ]) {
      const page = collation(collationName).codePage;
      const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
      const text = page.decode(all, 0, 256);
      const defined = [...text].filter((character) => character !== '\ufffd').join('');
      expect(there({ name: 'varchar', length: 300, collation: collationName }, defined)).toBe(defined);
    }
  });

  it.each([
    [{ name: 'decimal', precision: 5, scale: 2 }, '1.234'],
    [{ name: 'decimal', precision: 9, scale: 0 }, '99999999999'],
    [{ name: 'decimal', precision: 9, scale: 0 }, '1e3'],
    [{ name: 'uniqueidentifier' }, 'not-a-guid'],
    [{ name: 'nvarchar', length: 2 }, 'abc'],
  ] as const)('%j refuses %s', (type, value) => {
    expect(() => there(type, value)).toThrow(RangeError);
  });
});

describe('collations', () => {
  it.each([
    ['SQL_Latin1_General_CP1_CI_AS', '0904d00034'],
    ['Latin1_General_CI_AI', '0904f00000'],
    ['Latin1_General_CS_AS', '0904c00000'],
    ['Latin1_General_BIN', '0904000100'],
    ['Latin1_General_BIN2', '0904000200'],
    ['Latin1_General_100_CI_AS_KS_WS_SC', '0904102000'],
    ['German_PhoneBook_CI_AS', '0704d10000'],
  ])('%s is %s', (name, hex) => {
    expect(collation(name).bytes.toString('hex')).toBe(hex);
    expect(codePageOfBytes(collation(name).bytes, 0, codePage('windows-874')).name).toBe('windows-1252');
  });

  it.each(['Japanese_CI_AS', 'Latin1_General_100_CI_AS_SC_UTF8', 'Nowhere_CI_AS'])('%s is refused by name', (name) => {
    expect(() => collation(name)).toThrow(name);
  });
});

describe('encryption', () => {
  const { off, on, notSupported, required } = encryption;
  it.each([
    [off, 'optional', off, 'login'],
    [on, 'optional', on, 'all'],
    [notSupported, 'optional', notSupported, 'none'],
    [required, 'optional', on, 'all'],
    [off, 'required', required, 'all'],
    [notSupported, 'required', required, 'none'],
    [on, 'off', notSupported, 'none'],
  ] as const)('asked %i under policy %s is answered %i', (asked, policy, answer, tls) => {
    expect(negotiateEncryption(asked, policy)).toEqual({ answer, tls });
  });
});

describe('parameter declarations', () => {
  it('of every form', () => {
    const text =
      '@a int, @b decimal(10, 3) OUTPUT,@c as nvarchar(max), @d varchar, @e sysname out, @f [sys].[datetime2] (3),@g float(24)';
    expect(parseParameterDeclarations(text)).toEqual([
      { name: '@a', type: { name: 'int' }, output: false },
      { name: '@b', type: { name: 'decimal', precision: 10, scale: 3 }, output: true },
      { name: '@c', type: { name: 'nvarchar', length: 'max' }, output: false },
      { name: '@d', type: { name: 'varchar', length: 1 }, output: false },
      { name: '@e', type: { name: 'nvarchar', length: 128 }, output: true },
      { name: '@f', type: { name: 'datetime2', scale: 3 }, output: false },
      { name: '@g', type: { name: 'real' }, output: false },
    ]);
  });

  it.each([
    ['@a geography', 2715],
    ['@a', 102],
    ['@a varchar(9000)', 2717],
  ])('%s is refused', (text, number) => {
    expect(() => parseParameterDeclarations(text)).toThrow(expect.objectContaining({ number }));
  });

  it('decide the type, values are converted', () => {
    const int = { name: 'int' } as const;
    expect(convertParameter('@p', 5, int, { name: 'bigint' })).toBe(5n);
    expect(convertParameter('@p', 5, int, { name: 'decimal', precision: 5, scale: 2 })).toBe('5.00');
    expect(convertParameter('@p', '2.345', { name: 'decimal', precision: 9, scale: 3 }, { name: 'money' })).toBe(
      '2.3450',
    );
    expect(
      convertParameter(
        '@p',
        '-2.345',
        { name: 'decimal', precision: 9, scale: 3 },
        { name: 'decimal', precision: 3, scale: 2 },
      ),
    ).toBe('-2.35');
    expect(() => convertParameter('@p', 300, int, { name: 'tinyint' })).toThrow(
      expect.objectContaining({ number: 8115 }),
    );
    expect(() => convertParameter('@p', 'x', { name: 'nvarchar', length: 1 }, int)).toThrow(/'@p'/);
  });
});
