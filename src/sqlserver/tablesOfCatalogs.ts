import type { TableName } from '../plan/refreshPlan.js';
import { quoteName, quoteTable, quoteText } from './quoteName.js';

/** Tables of one database, as a relation to join its catalog views with. */
export interface CatalogTables {
  /** The schema of the database's catalog views, quoted where it is another database than the session's. */
  readonly sys: string;
  /** `w (name, id)`: the tables' quoted names and object ids, for a FROM clause. */
  readonly listed: string;
}

/** Asking the catalog views once for many tables, database by database: a view that is asked a table at a time is read as often. */
export function tablesOfCatalogs(tables: readonly TableName[]): CatalogTables[] {
  const databases = [...new Set(tables.map(({ database }) => database))];
  return databases.map((database) => {
    const names = tables.filter((table) => table.database === database).map((table) => quoteText(quoteTable(table)));
    return {
      sys: database === null ? 'sys' : `${quoteName(database)}.sys`,
      listed: `(VALUES ${names.map((name) => `(${name}, OBJECT_ID(${name}))`).join(', ')}) w (name, id)`,
    };
  });
}
