import type { SqlRow } from '../sqlserver/readDatabase.js';

/** Readers of one column of a row; ids may be int or bigint (which arrives as text), flags bit or int. */

export function text(row: SqlRow, column: string): string {
  return textOrNull(row, column) ?? '';
}

export function textOrNull(row: SqlRow, column: string): string | null {
  const value = row[column];
  return value === null || value === undefined ? null : String(value);
}

export function integer(row: SqlRow, column: string): number {
  return integerOrNull(row, column) ?? 0;
}

/** Throws RangeError for what a number cannot hold: ids of the metamodel are far below. */
export function integerOrNull(row: SqlRow, column: string): number | null {
  const value = row[column];
  if (value === null || value === undefined) return null;
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`column ${column} does not hold an integer that fits`);
  return number;
}

export function flag(row: SqlRow, column: string): boolean {
  const value = row[column];
  return value === true || value === 1 || value === '1';
}
