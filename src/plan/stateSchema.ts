import { physicalColumn, physicalTable, type Factory } from '../factory/factory.js';
import { stateDefinition } from '../state/stateDefinition.js';
import { finding } from './findings.js';
import type { Finding } from './refreshPlan.js';

/**
 * What keeps the tables of an existing state schema from holding the state of a run: columns that another version of the
 * tool did not make, and tables that are missing where the login can make none. Missing tables are made otherwise.
 */
export function stateSchemaFindings(
  schema: string,
  factory: Pick<Factory, 'tables'>,
  mayCreateTables: boolean,
): Finding[] {
  const problems = stateDefinition.flatMap(({ name, columns }) => {
    const table = physicalTable(factory, { database: null, schema, table: name });
    if (table === null) return mayCreateTables ? [] : [`there is no table ${name} that the login may see`];
    const missing = columns.filter((column) => physicalColumn(table, column.name) === null);
    return missing.length === 0 ? [] : [`${name} lacks ${missing.map((column) => column.name).join(', ')}`];
  });
  if (problems.length === 0) return [];
  return [finding('STATE_SCHEMA_OUTDATED', schema, `Another version of the tool made it: ${problems.join('; ')}.`)];
}
