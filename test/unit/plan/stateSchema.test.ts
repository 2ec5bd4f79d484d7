import { describe, expect, it } from 'vitest';
import { tableKey, type PhysicalColumn, type PhysicalTable } from '../../../src/factory/factory.js';
import { stateSchemaFindings } from '../../../src/plan/stateSchema.js';
import { stateDefinition, type StateTableName } from '../../../src/state/stateDefinition.js';

/** The tables of a schema called `refresh` as this version makes them, without those and that which is named. */
function tablesWithout(table?: StateTableName, column?: string): Record<string, PhysicalTable> {
  const made = stateDefinition
    .filter(({ name }) => name !== table || column !== undefined)
    .map(({ name, columns }): PhysicalTable => {
      const kept = columns.filter((each) => name !== table || each.name !== column);
      const physical = kept.map((each) => ({ name: each.name }) as PhysicalColumn);
      return {
        name: { database: null, schema: 'refresh', table: name },
        ...{ columns: physical, uniqueIndexes: [], foreignKeys: [], triggers: [] },
      };
    });
  return Object.fromEntries(made.map((each) => [tableKey(each.name), each]));
}

const findings = (tables: Record<string, PhysicalTable>, mayCreateTables = true): string[] =>
  stateSchemaFindings('refresh', { tables }, mayCreateTables).map(
    ({ code, severity, message }) => `${severity} ${code}: ${message}`,
  );

describe('the schema that holds the state of runs', () => {
  it('is taken as this version makes it, and made where there is none', () => {
    expect(findings(tablesWithout())).toEqual([]);
    expect(findings({})).toEqual([]);
  });

  it('is refused at once where another version made its tables', () => {
    expect(findings(tablesWithout('run', 'slot'))).toEqual([
      'blocking STATE_SCHEMA_OUTDATED: Another version of the tool made it: run lacks slot.',
    ]);
  });

  it('gets the tables that another version did not know, unless the login can make none', () => {
    expect(findings(tablesWithout('written_row'))).toEqual([]);
    expect(findings(tablesWithout('written_row'), false)).toEqual([
      'blocking STATE_SCHEMA_OUTDATED: Another version of the tool made it: there is no table written_row that the login may see.',
    ]);
  });
});
