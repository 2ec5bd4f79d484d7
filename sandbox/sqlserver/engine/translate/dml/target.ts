import type { TargetTable } from '../../../tsql/ast.js';
import { unsupported } from '../../../tsql/unsupported.js';
import { SqlError } from '../../api.js';
import type { CatalogTable } from '../../catalog/model.js';
import type { Environment } from '../environment.js';
import { findTable, findTableVariable } from '../queries/tableSources.js';

/** The table that a modification writes. Views are refused by name; 286 for inserted and deleted. */
export function findTarget(environment: Environment, target: TargetTable, command: string): CatalogTable {
  const table = target.kind === 'table' ? findTable(environment, target) : findTableVariable(environment, target);
  return requireWritable(table, command, target.span.line);
}

export function requireWritable(table: CatalogTable, command: string, line: number): CatalogTable {
  switch (table.kind) {
    case 'table':
    case 'temporary':
      return table;
    case 'pseudo':
      throw new SqlError(286, 'The logical tables INSERTED and DELETED cannot be updated.', { line });
    case 'view':
      throw unsupported(`${command} of a view`, { line });
    case 'systemView':
      throw new SqlError(259, 'Ad hoc updates to system catalogs are not allowed.', { line });
  }
}
