import fc from 'fast-check';
import type { SqlType, SqlValue } from '../../../../sandbox/sqlserver/engine/api.js';
import { MessageWriter } from '../../../../sandbox/sqlserver/protocol/messageWriter.js';
import type { Transport } from '../../../../sandbox/sqlserver/protocol/transport.js';
import { valueEncoder } from '../../../../sandbox/sqlserver/protocol/types/encoders.js';

/** A column of rows, with values for it, the edges among them. */
export interface ColumnCase {
  readonly title: string;
  readonly type: SqlType;
  readonly nullable: boolean;
  readonly values: fc.Arbitrary<SqlValue>;
  /** A value of the kind that is moved in place; undefined where none is. */
  readonly direct: SqlValue | undefined;
  /** The value as rows carry it. */
  wire(value: SqlValue): Buffer;
}

type Values = fc.Arbitrary<SqlValue>;

function integers(min: number, max: number): Values {
  return fc.oneof(fc.constantFrom(min, -1 < min ? min : -1, 0, 1, max), fc.integer({ min, max }));
}

function units(min: bigint, max: bigint): Values {
  return fc.oneof(fc.constantFrom(min, max, min < 0n ? -1n : min, 0n < min ? min : 0n), fc.bigInt({ min, max }));
}

/** Plain decimal notation. */
export function decimalText(digits: bigint, scale: number): string {
  const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0');
  const sign = digits < 0n ? '-' : '';
  return scale === 0 ? sign + text : `${sign}${text.slice(0, -scale)}.${text.slice(-scale)}`;
}

/** Of every number of digits, and around 2^53. */
function decimals(precision: number, scale: number): Values {
  const largest = 10n ** BigInt(precision) - 1n;
  const clamp = (digits: bigint): bigint => (digits > largest ? largest : digits < -largest ? -largest : digits);
  const ofLength = fc
    .integer({ min: 1, max: precision })
    .chain((length) => fc.bigInt({ min: -(10n ** BigInt(length)) + 1n, max: 10n ** BigInt(length) - 1n }));
  const round = fc
    .tuple(fc.integer({ min: -99_999, max: 99_999 }), fc.integer({ min: 0, max: precision }))
    .map(([digits, zeros]) => clamp(BigInt(digits) * 10n ** BigInt(zeros)));
  const edges = [0n, 1n, -1n, largest, -largest, ...[-1n, 0n, 1n].flatMap((by) => [2n ** 32n + by, 2n ** 53n + by])];
  return fc.oneof(fc.constantFrom(...edges).map(clamp), ofLength, round).map((digits) => decimalText(digits, scale));
}

function texts(length: number): Values {
  const character = fc.oneof(
    fc.string({ minLength: 1, maxLength: 1 }),
    fc.constantFrom('é', 'ß', '\u07ff', '\u0800', '東', '\uffff', '🚀', '\u{10ffff}', ' ', ''),
  );
  return fc.array(character, { maxLength: length }).map((characters) => {
    const text = characters.join('').replaceAll('\0', '');
    return text.length <= length ? text : 'x'.repeat(length);
  });
}

function bytes(length: number): Values {
  return fc.uint8Array({ maxLength: length }).map((value) => Buffer.from(value));
}

const latin = 'Latin1_General_CI_AS';

function column(type: SqlType, values: Values, direct?: SqlValue, nullable = true): ColumnCase {
  const { name, precision, scale, length } = type;
  const sizes = [precision, length, scale].filter((size) => size !== undefined).join(',');
  return {
    title: `${name}${sizes === '' ? '' : `(${sizes})`}${nullable ? '' : ' not null'}`,
    type,
    nullable,
    values,
    direct,
    wire(value) {
      const writer = new MessageWriter({} as Transport, 4096);
      valueEncoder(type, nullable, latin)(writer, value);
      return Buffer.from(writer.buffer.subarray(0, writer.position));
    },
  };
}

const sizedColumns = (nullable: boolean): ColumnCase[] => [
  column({ name: 'bit' }, integers(0, 1), 1, nullable),
  column({ name: 'tinyint' }, integers(0, 255), 200, nullable),
  column({ name: 'smallint' }, integers(-32_768, 32_767), -5, nullable),
  column({ name: 'int' }, integers(-(2 ** 31), 2 ** 31 - 1), -5, nullable),
  column({ name: 'bigint' }, units(-(2n ** 63n), 2n ** 63n - 1n), -5n, nullable),
  column({ name: 'datetime' }, units(-53_690n * 25_920_000n, 2_958_464n * 25_920_000n - 1n), -5n, nullable),
  column({ name: 'smalldatetime' }, units(0n, 65_535n * 1440n + 1439n), 5n, nullable),
  column({ name: 'real' }, fc.float({ noNaN: true }), undefined, nullable),
  column({ name: 'float' }, fc.double({ noNaN: true }), undefined, nullable),
  column(
    { name: 'money' },
    units(-(2n ** 63n), 2n ** 63n - 1n).map((value) => decimalText(value as bigint, 4)),
    undefined,
    nullable,
  ),
];

export const columnCases: readonly ColumnCase[] = [
  ...sizedColumns(true),
  ...sizedColumns(false),
  ...(
    [
      [1, 0],
      [9, 0],
      [9, 9],
      [15, 2],
      [16, 3],
      [18, 4],
      [19, 1],
      [28, 12],
      [37, 8],
      [38, 13],
      [38, 38],
    ] as const
  ).map(([precision, scale]) =>
    column(
      { name: 'decimal', precision, scale },
      decimals(precision, scale),
      scale <= 12 ? decimalText(-5n, scale) : undefined,
    ),
  ),
  column({ name: 'numeric', precision: 10, scale: 2 }, decimals(10, 2), '12.50'),
  column({ name: 'date' }, units(0n, 3_652_058n)),
  column({ name: 'time', scale: 7 }, units(0n, 863_999_999_999n)),
  column({ name: 'datetime2', scale: 7 }, units(0n, 3_652_059n * 864_000_000_000n - 1n)),
  column(
    { name: 'uniqueidentifier' },
    fc.uuid().map((text) => text.toUpperCase()),
  ),
  column({ name: 'nvarchar', length: 30 }, texts(30), 'Łódź 🚀'),
  column({ name: 'nvarchar', length: 4000 }, texts(600), 'Łódź 🚀'),
  column({ name: 'nvarchar', length: 'max' }, texts(100)),
  column({ name: 'nchar', length: 5 }, texts(5)),
  column({ name: 'varchar', length: 30, collation: latin }, texts(30)),
  column({ name: 'varbinary', length: 30 }, bytes(30), Buffer.of(0, 1)),
  column({ name: 'varbinary', length: 'max' }, bytes(100)),
  column({ name: 'binary', length: 8 }, bytes(8)),
  column({ name: 'image' }, bytes(100)),
  column({ name: 'ntext' }, texts(100)),
];
