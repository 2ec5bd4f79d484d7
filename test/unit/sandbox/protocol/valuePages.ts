import type { LoadTarget, SqlValue } from '../../../../sandbox/sqlserver/engine/api.js';

type Row = SqlValue[];

/** Gathers the rows of a load as values. */
export function valuePages(columns: number): LoadTarget<Row[]> {
  let page: Row[] = [];
  let row: Row = [];
  const never = (): never => {
    throw new Error('only values were asked for');
  };
  const column = {
    valuesOnly: true,
    null: () => void row.push(null),
    value: (value: NonNullable<SqlValue>) => void row.push(value),
    integer: never,
    long: never,
    scaled: never,
    bytes: never,
    utf16: never,
  };
  return {
    columns: Array.from({ length: columns }, () => column),
    startRow() {
      row = [];
      page.push(row);
    },
    undoRow: () => void page.pop(),
    takePage() {
      const taken = page;
      page = [];
      return taken;
    },
  };
}
