import type { CatalogTable } from '../../catalog/model.js';
import type { DmlCommand, DmlStatement, ImageColumn } from '../result.js';
import { postgresType } from '../types/sqlTypes.js';

/** Names in the image relation: i1 … for inserted, d1 … for deleted, s1 … for source columns, action for MERGE. */
export const actionColumn = 'action';

export function insertedName(index: number): string {
  return `i${index + 1}`;
}

export function deletedName(index: number): string {
  return `d${index + 1}`;
}

export function sourceName(index: number): string {
  return `s${index + 1}`;
}

export interface ImageList {
  readonly columns: readonly ImageColumn[];
  /** Terms of RETURNING that fill the columns. */
  readonly returning: readonly string[];
}

/** What RETURNING must give so that inserted and deleted can be made of it. */
export function rowImages(table: CatalogTable, command: DmlCommand): ImageList {
  const columns: ImageColumn[] = [];
  const returning: string[] = [];
  const add = (name: string, type: string, sql: string): void => {
    columns.push({ name, postgresType: type });
    returning.push(`${sql} AS ${name}`);
  };
  if (command === 'merge') add(actionColumn, 'text', 'merge_action()');
  table.columns.forEach((column, index) => {
    const type = postgresType(column.type);
    if (command !== 'delete') add(insertedName(index), type, `new.${column.postgresName}`);
    if (command !== 'insert') add(deletedName(index), type, `old.${column.postgresName}`);
  });
  return { columns, returning };
}

/** The pseudo-tables that a trigger of `event` sees of a statement run in image mode. */
export function pseudoTables(
  statement: DmlStatement,
  relation: string,
  event: 'insert' | 'update' | 'delete',
): { inserted: CatalogTable; deleted: CatalogTable } {
  const has = (image: 'inserted' | 'deleted'): boolean =>
    image === 'inserted' ? event !== 'delete' : event !== 'insert';
  const make = (image: 'inserted' | 'deleted'): CatalogTable =>
    pseudoTable(statement, relation, event, image, has(image));
  return { inserted: make('inserted'), deleted: make('deleted') };
}

function pseudoTable(
  statement: DmlStatement,
  relation: string,
  event: string,
  image: 'inserted' | 'deleted',
  filled: boolean,
): CatalogTable {
  const { target } = statement;
  const nameOf = image === 'inserted' ? insertedName : deletedName;
  const list = target.columns.map((column, index) => {
    const value = filled ? nameOf(index) : `NULL::${postgresType(column.type)}`;
    return `${value} AS ${column.postgresName}`;
  });
  const condition = !filled
    ? ' WHERE false'
    : statement.command === 'merge'
      ? ` WHERE ${actionColumn} = '${event.toUpperCase()}'`
      : '';
  const source = filled ? ` FROM ${relation}` : '';
  return {
    ...target,
    name: image,
    kind: 'pseudo',
    postgresName: `(SELECT ${list.join(', ')}${source}${condition})`,
    triggers: { insert: false, update: false, delete: false },
    columns: target.columns.map(({ identity: _identity, ...column }) => column),
  };
}
