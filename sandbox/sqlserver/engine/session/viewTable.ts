import type { ViewEntity } from '../catalog/entities.js';
import type { CatalogTable } from '../catalog/model.js';
import { catalogColumn, type RecordedLookup } from '../catalog/catalogReader.js';
import { translateViewQuery } from '../interpreter/translation.js';
import { outputName } from '../translate/scope.js';
import type { Session } from './session.js';

interface ViewTranslation {
  readonly table: CatalogTable;
  readonly lookups: readonly RecordedLookup[];
}

const translations = new WeakMap<ViewEntity, ViewTranslation>();

/**
 * A view as the translator sees it: its query in parentheses stands where a relation's name would. So a view follows
 * its tables as they change, as in SQL Server, and needs no object in PostgreSQL.
 */
export function viewTable(session: Session, view: ViewEntity): CatalogTable {
  const known = translations.get(view);
  if (known?.lookups.every((lookup) => session.findTable(lookup.name) === lookup.answer) === true) return known.table;
  const { text, lookups, statement } = translateViewQuery(session, view);
  const table: CatalogTable = {
    objectId: view.objectId,
    database: session.catalog.databaseById(view.databaseId)?.name ?? '',
    schema: session.catalog.schemaById(view.databaseId, view.schemaId)?.name ?? '',
    name: view.name,
    kind: 'view',
    postgresName: `(${text})`,
    columns: view.columns.map((column, index) => ({ ...catalogColumn(column), postgresName: outputName(index) })),
    triggers: { insert: false, update: false, delete: false },
    ...(view.checkOption ? {} : { viewQuery: { query: statement.query, ctes: statement.ctes } }),
  };
  translations.set(view, { table, lookups });
  return table;
}
