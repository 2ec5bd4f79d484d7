import type { CellValue } from './load.js';
import type { Target } from './target.js';

/** Loads rows given as objects, in the order of their ids; rows that bring no ID are numbered from 1 on. */
export async function writeInOrder(
  target: Target,
  table: string,
  rows: readonly Readonly<Record<string, CellValue>>[],
): Promise<void> {
  const numbered = rows.map((row, at): Readonly<Record<string, CellValue>> =>
    'ID' in row ? row : { ID: at + 1, ...row },
  );
  const first = numbered[0];
  if (!first) return;
  const columns = Object.keys(first);
  const sorted = [...numbered].sort((a, b) => Number(a['ID']) - Number(b['ID']));
  await target.loader.load(
    table,
    columns,
    sorted.map((row) => columns.map((column) => row[column] ?? null)),
  );
}
