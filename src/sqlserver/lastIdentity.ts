import type { TableName } from '../plan/refreshPlan.js';
import { quoteName, quoteTable, quoteText } from './quoteName.js';

/**
 * An expression for the last identity that a table has made, its seed if it has made none, NULL without identity.
 * IDENT_CURRENT is documented for names of the session's own database; another one is asked for its catalog view.
 */
export function lastIdentity(table: TableName): string {
  const name = quoteText(quoteTable(table));
  if (table.database === null) return `IDENT_CURRENT(${name})`;
  return (
    '(SELECT COALESCE(CONVERT(bigint, i.last_value), CONVERT(bigint, i.seed_value)) ' +
    `FROM ${quoteName(table.database)}.sys.identity_columns i WHERE i.object_id = OBJECT_ID(${name}))`
  );
}
