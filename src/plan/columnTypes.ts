import type { ColumnType } from './refreshPlan.js';

/** How the destination's type takes the source's values. narrower: some values may not fit. */
export type TypeFit = 'same' | 'wider' | 'narrower' | 'incompatible';

const integerRanks: Readonly<Record<string, number>> = { tinyint: 1, smallint: 2, int: 3, bigint: 4 };
const integerDigits: Readonly<Record<string, number>> = { tinyint: 3, smallint: 5, int: 10, bigint: 19 };
const dateRanks: Readonly<Record<string, number>> = { smalldatetime: 1, datetime: 2, datetime2: 3 };
const textTypes: Readonly<Record<string, { readonly wide: boolean }>> = {
  char: { wide: false },
  varchar: { wide: false },
  text: { wide: false },
  nchar: { wide: true },
  nvarchar: { wide: true },
  ntext: { wide: true },
};
const binaryTypes = new Set(['binary', 'varbinary', 'image']);
const unlimited = Number.MAX_SAFE_INTEGER;

/** Compares two types as sys.columns has them; nullability and collation are compared elsewhere. */
export function typeFit(source: ColumnType, destination: ColumnType): TypeFit {
  if (source.name in integerRanks) return fromInteger(source, destination);
  if (isDecimal(source))
    return isDecimal(destination)
      ? fit(integerPart(source), integerPart(destination), scale(source), scale(destination))
      : 'incompatible';
  if (source.name in textTypes) return fromText(source, destination);
  if (binaryTypes.has(source.name))
    return binaryTypes.has(destination.name) ? fit(size(source), size(destination)) : 'incompatible';
  if (source.name in dateRanks && destination.name in dateRanks)
    return fit(dateRanks[source.name] ?? 0, dateRanks[destination.name] ?? 0);
  if (source.name !== destination.name) return 'incompatible';
  return fit(source.scale ?? 0, destination.scale ?? 0);
}

/** As a declaration: nvarchar(50), decimal(37,8). */
export function typeText(type: ColumnType): string {
  if (type.length !== null) return `${type.name}(${type.length === -1 ? 'max' : type.length})`;
  if (type.precision !== null) return `${type.name}(${type.precision},${type.scale ?? 0})`;
  return type.name;
}

function fromInteger(source: ColumnType, destination: ColumnType): TypeFit {
  if (destination.name in integerRanks) return fit(integerRanks[source.name] ?? 0, integerRanks[destination.name] ?? 0);
  if (!isDecimal(destination)) return 'incompatible';
  return integerPart(destination) >= (integerDigits[source.name] ?? 0) ? 'wider' : 'narrower';
}

function fromText(source: ColumnType, destination: ColumnType): TypeFit {
  const from = textTypes[source.name];
  const to = textTypes[destination.name];
  if (from === undefined || to === undefined) return 'incompatible';
  // A code page holds fewer characters than Unicode, whatever its length.
  if (from.wide && !to.wide) return 'narrower';
  const result = fit(size(source), size(destination));
  return result === 'same' && from.wide !== to.wide ? 'wider' : result;
}

/** Pairs of (source, destination) measures that all must not shrink. */
function fit(...measures: readonly number[]): TypeFit {
  let result: TypeFit = 'same';
  for (let i = 0; i + 1 < measures.length; i += 2) {
    const from = measures[i] ?? 0;
    const to = measures[i + 1] ?? 0;
    if (to < from) return 'narrower';
    if (to > from) result = 'wider';
  }
  return result;
}

function isDecimal(type: ColumnType): boolean {
  return type.name === 'decimal' || type.name === 'numeric';
}

function integerPart(type: ColumnType): number {
  return (type.precision ?? 18) - scale(type);
}

function scale(type: ColumnType): number {
  return type.scale ?? 0;
}

function size(type: ColumnType): number {
  return type.length === null || type.length === -1 ? unlimited : type.length;
}
