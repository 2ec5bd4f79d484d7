import { SqlError, type SqlValue } from '../api.js';

const longestMessage = 2047;

/** The text of RAISERROR with its arguments: %d %i %u %o %x %X %s, flags, width, precision ("RAISERROR"). */
export function formatMessage(format: string, values: readonly SqlValue[]): string {
  let index = 0;
  const next = (): SqlValue => {
    const value = values[index] ?? null;
    index += 1;
    return value;
  };
  const pattern = /%([-+0# ]*)(\*|\d+)?(?:\.(\*|\d+))?(?:h|l|I64)?([diouxXs%])/g;
  const text = format.replace(pattern, (_, flags: string, width: string, precision: string, kind: string) => {
    if (kind === '%') return '%';
    const columns = width === '*' ? Number(next()) : Number(width ?? 0);
    const digits = precision === '*' ? Number(next()) : precision === undefined ? undefined : Number(precision);
    return pad(formatValue(next(), kind, flags, digits), columns, flags);
  });
  return text.length > longestMessage ? `${text.slice(0, longestMessage - 3)}...` : text;
}

function formatValue(value: SqlValue, kind: string, flags: string, digits: number | undefined): string {
  if (value === null) return '(null)';
  if (kind === 's') {
    if (typeof value !== 'string') throw wrongType(kind);
    return digits === undefined ? value : value.slice(0, digits);
  }
  if (typeof value !== 'number' && typeof value !== 'bigint') throw wrongType(kind);
  const number = BigInt(value);
  switch (kind) {
    case 'o':
      return number.toString(8);
    case 'x':
      return (flags.includes('#') ? '0x' : '') + BigInt.asUintN(32, number).toString(16);
    case 'X':
      return (flags.includes('#') ? '0X' : '') + BigInt.asUintN(32, number).toString(16).toUpperCase();
    case 'u':
      return BigInt.asUintN(32, number).toString();
    default:
      return (flags.includes('+') && number >= 0n ? '+' : '') + number.toString();
  }
}

function wrongType(kind: string): SqlError {
  return new SqlError(
    2786,
    `The data type of substitution parameter for %${kind} does not match the expected type of the format specification.`,
  );
}

function pad(text: string, width: number, flags: string): string {
  if (flags.includes('-')) return text.padEnd(width);
  return flags.includes('0') ? text.padStart(width, '0') : text.padStart(width);
}
