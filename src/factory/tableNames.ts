import type { TableName } from '../plan/refreshPlan.js';
import type { SqlRow } from '../sqlserver/readDatabase.js';
import { physicalTable, type PhysicalTable } from './factory.js';
import { textOrNull } from './rowValues.js';

/** PHYSICAL_TABLE_NAME as a table, in one, two or three parts; the first candidate that exists, else the likeliest. */
export function tableNamed(
  name: string,
  database: string | null,
  tables: Readonly<Record<string, PhysicalTable>>,
): TableName {
  const parts = partsOf(name);
  const table = parts.at(-1) ?? name;
  const schema = parts.at(-2) || 'dbo';
  const candidates: TableName[] = [
    { database: parts.at(-3) ?? database, schema, table },
    { database: null, schema, table },
  ];
  const found = candidates.map((candidate) => physicalTable({ tables }, candidate)).find((each) => each !== null);
  return found?.name ?? candidates[0] ?? { database, schema, table };
}

/** The parts between the points; a part in brackets has its closing ones doubled, any other is taken as it stands. */
function partsOf(name: string): string[] {
  return [...name.matchAll(/(?:^|\.)(?:\[((?:[^\]]|\]\])*)\](?=\.|$)|([^.]*))/g)].map(
    ([, quoted, plain = '']) => quoted?.replaceAll(']]', ']') ?? plain,
  );
}

export function eventTableOf(
  row: SqlRow,
  database: string | null,
  tables: Readonly<Record<string, PhysicalTable>>,
): TableName | null {
  const name = textOrNull(row, 'EVENT_TABLE_NAME');
  if (name === null || name.trim() === '') return null;
  const table = tableNamed(name, database, tables);
  return physicalTable({ tables }, table) === null ? null : table;
}
