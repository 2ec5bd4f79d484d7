import { ownTable, tableKey } from '../factory/factory.js';
import type { DestinationFacts } from '../survey/facts.js';
import type { StateConfiguration } from '../config.js';
import { finding } from './findings.js';
import type { Outline } from './outline.js';
import type { Finding, PlannedDeletion, PlannedEventTable, RightsLevel, TableName } from './refreshPlan.js';

const userTables = ['OSSYS_USER', 'OSSYS_USER_ROLE', 'OSSYS_GROUP', 'OSSYS_GROUP_USER', 'OSSYS_GROUP_ROLE'];

/** What the destination's login may do, and what the plan lacks because of it. */
export function judgeRights(
  outline: Outline,
  destination: DestinationFacts,
  state: StateConfiguration,
  deletions: readonly PlannedDeletion[],
  eventTables: readonly PlannedEventTable[],
): { readonly level: RightsLevel; readonly findings: readonly Finding[] } {
  const { rights } = destination.survey;
  const findings: Finding[] = [];
  const of = (table: TableName) => rights.tables[tableKey(table)];
  const mayWrite = (table: TableName): boolean => {
    const right = of(table);
    return right !== undefined && right.select && right.insert && right.update && right.delete;
  };
  const tables = new Map(
    [...outline.entities.map((entity) => entity.destination.name), ...deletions.map((deletion) => deletion.table)].map(
      (table) => [tableKey(table), table],
    ),
  );
  const refused = [...tables.values()].filter((table) => !mayWrite(table)).map((table) => table.table);
  if (refused.length > 0)
    findings.push(finding('RIGHTS_MISSING', refused.join(', '), 'The destination login may not write these tables.'));

  const writesUsers = outline.request.users.mode !== 'matchOnly';
  const refusedUsers = writesUsers
    ? userTables.filter((table) => of(ownTable(table)) !== undefined && !mayWrite(ownTable(table)))
    : [];
  if (refusedUsers.length > 0)
    findings.push(
      finding(
        'RIGHTS_MISSING',
        refusedUsers.join(', '),
        'The destination login may not write the tables of users and groups; users.mode matchOnly needs no right.',
      ),
    );

  for (const table of eventTables) {
    const right = of(table.destination);
    if (right !== undefined && right.select && right.insert && right.delete) continue;
    findings.push(
      finding(
        'RIGHTS_EVENT_TABLE',
        table.name,
        `The login may not empty ${table.destination.table}: loading would start processes.`,
      ),
    );
  }

  const fixed = [...tables.values()].filter((table) => of(table)?.alter !== true).map((table) => table.table);
  if (fixed.length > 0)
    findings.push(
      finding(
        'RIGHTS_LIMITED',
        'keys',
        `The login may not insert identity values into ${fixed.length} tables: their rows get new keys.`,
      ),
    );
  const ownSchema = 'schema' in state;
  const mayCreate = rights.createTable && (rights.schemaExists || rights.createSchema);
  if (ownSchema && !mayCreate && !rights.schemaExists) {
    findings.push(
      finding(
        'RIGHTS_STATE_SCHEMA',
        state.schema,
        'The login may create neither the schema nor the tables that hold the state of a run.',
      ),
    );
  }
  const platform =
    outline.entities
      .filter((entity) => entity.processTable !== null)
      .every((entity) => mayWrite(entity.destination.name)) && refusedUsers.length === 0;
  const level = fixed.length === 0 && mayCreate ? 'full' : platform ? 'dataWriter' : 'applicationTables';
  return { level, findings };
}
