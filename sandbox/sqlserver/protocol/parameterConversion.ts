import { SqlError, type SqlType, type SqlTypeName, type SqlValue } from '../engine/api.js';
import { unsupported } from '../tsql/unsupported.js';
import { formatScaled, parseScaled } from './types/decimalText.js';
import { defaultTimeScale } from './types/typeInfo.js';

/** The implicit conversion of a parameter's value from the type the client sent to the declared one. */

type Group = 'integer' | 'decimal' | 'float' | 'text' | 'bytes' | 'other';

const groups: Readonly<Partial<Record<SqlTypeName, Group>>> = {
  bit: 'integer',
  tinyint: 'integer',
  smallint: 'integer',
  int: 'integer',
  bigint: 'integer',
  decimal: 'decimal',
  numeric: 'decimal',
  money: 'decimal',
  smallmoney: 'decimal',
  real: 'float',
  float: 'float',
  char: 'text',
  varchar: 'text',
  text: 'text',
  nchar: 'text',
  nvarchar: 'text',
  ntext: 'text',
  binary: 'bytes',
  varbinary: 'bytes',
  image: 'bytes',
};

function groupOf(name: SqlTypeName): Group {
  return groups[name] ?? 'other';
}

const integerRanges: Readonly<Partial<Record<SqlTypeName, readonly [bigint, bigint]>>> = {
  tinyint: [0n, 255n],
  smallint: [-32_768n, 32_767n],
  int: [-2_147_483_648n, 2_147_483_647n],
  bigint: [-(2n ** 63n), 2n ** 63n - 1n],
};

function overflow(to: SqlType): SqlError {
  return new SqlError(8115, `Arithmetic overflow error converting expression to data type ${to.name}.`, { state: 2 });
}

function toInteger(value: bigint, to: SqlType): SqlValue {
  if (to.name === 'bit') return value === 0n ? 0 : 1;
  const [lowest, highest] = integerRanges[to.name]!;
  if (value < lowest || value > highest) throw overflow(to);
  return to.name === 'bigint' ? value : Number(value);
}

function scaleOf(type: SqlType): number {
  return type.name === 'money' || type.name === 'smallmoney' ? 4 : (type.scale ?? 0);
}

function precisionOf(type: SqlType): number {
  if (type.name === 'money') return 19;
  return type.name === 'smallmoney' ? 10 : (type.precision ?? 18);
}

/** Rounds half away from zero, as SQL Server does. */
function toDecimal(text: string, to: SqlType): string {
  const decimals = text.includes('.') ? text.length - text.indexOf('.') - 1 : 0;
  const { negative, magnitude } = parseScaled(text, decimals);
  const surplus = decimals - scaleOf(to);
  const divisor = 10n ** BigInt(Math.max(surplus, 0));
  const digits =
    surplus > 0 ? (BigInt(magnitude) + divisor / 2n) / divisor : BigInt(magnitude) * 10n ** BigInt(-surplus);
  if (String(digits).length > precisionOf(to)) throw overflow(to);
  return formatScaled(String(digits), scaleOf(to), negative && digits !== 0n);
}

/** Assigning to a parameter cuts silently what is too long. */
function cut<T extends string | Buffer>(value: T, to: SqlType): T {
  if (to.length === undefined || to.length === 'max' || value.length <= to.length) return value;
  return (typeof value === 'string' ? value.slice(0, to.length) : value.subarray(0, to.length)) as T;
}

function rescaleTime(value: SqlValue, to: SqlType): SqlValue {
  const unit = 10n ** BigInt(7 - (to.scale ?? defaultTimeScale));
  const round = (units: bigint): bigint => ((units + unit / 2n) / unit) * unit;
  if (typeof value === 'bigint') return round(value);
  return typeof value === 'object' && value !== null && 'utc' in value ? { ...value, utc: round(value.utc) } : value;
}

/** Throws SqlError 8115 on overflow, and refuses by name the conversions between unlike types. */
export function convertParameter(name: string, value: SqlValue, from: SqlType, to: SqlType): SqlValue {
  if (value === null) return null;
  const source = groupOf(from.name);
  const target = groupOf(to.name);
  if (source === 'integer') {
    if (target === 'integer') return toInteger(BigInt(value as number | bigint), to);
    if (target === 'decimal') return toDecimal(String(value as number | bigint), to);
    if (target === 'float') return to.name === 'real' ? Math.fround(Number(value)) : Number(value);
  }
  if (source === 'decimal' && target === 'decimal') return toDecimal(value as string, to);
  if (source === 'float' && target === 'float') return to.name === 'real' ? Math.fround(value as number) : value;
  if (source === 'text' && target === 'text') return cut(value as string, to);
  if (source === 'bytes' && target === 'bytes') return cut(value as Buffer, to);
  if (from.name === to.name) return rescaleTime(value, to);
  throw unsupported(`passing a value of type ${from.name} for the parameter '${name}' of type ${to.name}`);
}
