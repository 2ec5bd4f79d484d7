import { ownTable, physicalTable, tableKey, type Factory } from '../factory/factory.js';
import type { RefreshRequest } from '../contract.js';
import type { StateConfiguration } from '../config.js';
import type { DestinationFacts, DestinationRights } from '../survey/facts.js';
import { finding } from './findings.js';
import type { Outline } from './outline.js';
import { processTables } from './platformNodes.js';
import { stateModuleFindings } from './stateModule.js';
import { stateSchemaFindings } from './stateSchema.js';
import type { Finding, PlannedDeletion, PlannedEventTable, RightsLevel, TableName } from './refreshPlan.js';

const userTables = ['OSSYS_USER', 'OSSYS_USER_ROLE', 'OSSYS_GROUP', 'OSSYS_GROUP_USER', 'OSSYS_GROUP_ROLE'];
/** Those of them whose rows get new identities. */
const peopleTables = ['OSSYS_USER', 'OSSYS_GROUP'].map((table) => ownTable(table));
const timerTables = ['OSSYS_CYCLIC_JOB', 'OSSYS_CYCLIC_JOB_SHARED'];
const instanceTables = processTables.map((definition) => definition.table);

type Rights = Pick<DestinationRights, 'tables'>;

/**
 * The request as far as the destination's login can carry it out: without the right to write the tables of users they
 * are matched only, without the right to write the process tables no instance moves (trap 62: OutSystems Cloud gives
 * neither). What is lost is said by judgeRights().
 */
export function withinRights(request: RefreshRequest, rights: Rights, destination: Factory): RefreshRequest {
  const mode = refusedOf(userTables, rights, destination).length > 0 ? 'matchOnly' : request.users.mode;
  const migrate = request.processes.migrate && refusedOf(instanceTables, rights, destination).length === 0;
  const timers = refusedTimers(rights, destination).length > 0 ? 'leave' : request.timers;
  return { ...request, timers, users: { ...request.users, mode }, processes: { ...request.processes, migrate } };
}

/** What the destination's login may do, and what the plan lacks because of it. */
export function judgeRights(
  asked: RefreshRequest,
  outline: Outline,
  destination: DestinationFacts,
  state: StateConfiguration,
  deletions: readonly PlannedDeletion[],
): { readonly level: RightsLevel; readonly findings: readonly Finding[] } {
  const { rights, unreadable } = destination.survey;
  const tables = new Map(
    [...outline.entities.map((entity) => entity.destination.name), ...deletions.map((deletion) => deletion.table)].map(
      (table) => [tableKey(table), table],
    ),
  );
  const refused = [...tables.values()].filter((table) => !mayWrite(rights, table)).map((table) => table.table);
  const stateLacks = stateFindings(state, destination, [...tables.values()]);
  const fixed = [...tables.values()].filter((table) => !mayInsertKeys(rights, table)).map((table) => table.table);
  const anywhere = fixed.length === 0 && peopleTables.every((table) => mayInsertKeys(rights, table));
  const findings: Finding[] = [
    ...(refused.length > 0
      ? [finding('RIGHTS_MISSING', refused.join(', '), 'The destination login may not write these tables.')]
      : []),
    ...(unreadable.length > 0
      ? [
          finding(
            'RIGHTS_UNREADABLE',
            unreadable.join(', '),
            'Their rows may refer to rows that are deleted, and the destination login may not read them.',
          ),
        ]
      : []),
    ...(fixed.length > 0
      ? [
          finding(
            'RIGHTS_LIMITED',
            'keys',
            `The login may not insert identity values into ${fixed.length} tables: their rows get new keys.`,
          ),
        ]
      : []),
    ...lossesOf(asked, outline, rights),
    ...stateLacks,
  ];
  return { level: levelOf(outline, state, rights, anywhere), findings };
}

/** By the rights on the tables in scope and on those of the platform, whatever the request does with users and processes. */
function levelOf(
  outline: Outline,
  state: StateConfiguration,
  rights: DestinationRights,
  mayInsertKeysAnywhere: boolean,
): RightsLevel {
  const { factory } = outline.destination;
  if (refusedOf([...userTables, ...instanceTables], rights, factory).length > 0) return 'applicationTables';
  const mayCreateState = rights.createTable && (rights.schemaExists || rights.createSchema);
  return mayInsertKeysAnywhere && (mayCreateState || 'espace' in state) ? 'full' : 'dataWriter';
}

/** What the request asks for and the plan leaves out, because the login may not write the platform's tables. */
function lossesOf(asked: RefreshRequest, outline: Outline, rights: Rights): Finding[] {
  const { factory } = outline.destination;
  const findings: Finding[] = [];
  const users = refusedOf(userTables, rights, factory);
  if (asked.users.mode !== 'matchOnly' && users.length > 0) {
    findings.push(
      finding(
        'RIGHTS_NO_USERS',
        'users',
        `The login may not write ${users.join(', ')}: users are matched only (instead of ${asked.users.mode}), none is created, and groups and roles stay as they are.`,
      ),
    );
  }
  const instances = refusedOf(instanceTables, rights, factory);
  if (asked.processes.migrate && instances.length > 0 && hasProcesses(outline)) {
    findings.push(
      finding(
        'RIGHTS_NO_PROCESSES',
        'processes',
        `The login may not write ${instances.join(', ')}: no process instance moves, and those of the destination stay.`,
      ),
    );
  }
  const timers = refusedTimers(rights, factory);
  if (asked.timers === 'shift' && timers.length > 0) {
    findings.push(
      finding('RIGHTS_TIMERS', 'timers', `The login may not write ${timers.join(', ')}: no timer is shifted.`),
    );
  }
  return findings;
}

function hasProcesses(outline: Outline): boolean {
  const modules = new Set(outline.scope.modules.filter((each) => each.kind === 'espace').map((each) => each.id));
  return outline.source.factory.processes.definitions.some((each) => modules.has(each.parentId));
}

/**
 * A schema that somebody else has filled is as good as the right to make one, if this version of the tool did; a module
 * must be published as it is documented.
 */
function stateFindings(
  state: StateConfiguration,
  { factory, survey: { rights } }: DestinationFacts,
  touched: readonly TableName[],
): Finding[] {
  if (!('schema' in state)) return stateModuleFindings(state.espace, factory, rights, touched);
  const mayCreate = rights.createTable && (rights.schemaExists || rights.createSchema);
  if (mayCreate) return stateSchemaFindings(state.schema, factory, true);
  const prefix = `.${state.schema}.`.toLowerCase();
  const present = Object.entries(rights.tables).filter(([name]) => name.startsWith(prefix));
  const usable =
    present.length > 0 && present.every(([, right]) => right.select && right.insert && right.update && right.delete);
  if (usable) return stateSchemaFindings(state.schema, factory, false);
  const text =
    present.length > 0
      ? 'The login may not write the tables there that hold the state of a run.'
      : 'The login may create neither the schema nor the tables that hold the state of a run.';
  return [finding('RIGHTS_STATE_SCHEMA', state.schema, text)];
}

/**
 * Event tables that the login may empty, and what is to be said of the others: their triggers cannot be silenced, so
 * every row that is loaded raises an event for each subscription (facts section 5).
 */
export function judgeEventTables(
  outline: Outline,
  destination: DestinationFacts,
  eventTables: readonly PlannedEventTable[],
  rowsOf: (node: number) => number,
): { readonly silenced: readonly PlannedEventTable[]; readonly findings: readonly Finding[] } {
  const { rights, subscriptions } = destination.survey;
  const silenced: PlannedEventTable[] = [];
  const findings: Finding[] = [];
  for (const table of eventTables) {
    if (mayFillAndEmpty(rights, table.destination)) {
      silenced.push(table);
      continue;
    }
    const known = subscriptions[tableKey(table.destination)] ?? null;
    if (known !== null && known.inserts + known.updates === 0) continue;
    const rows = table.node === null ? 0 : rowsOf(table.node);
    const forecast =
      known === null
        ? `The login may not read ${table.destination.table}: nobody knows which processes loading ${rows} rows would start`
        : `The login may not empty ${table.destination.table}: loading ${rows} rows raises up to ${rows * known.inserts} events for ${known.inserts} subscriptions to new rows, and each later update one for ${known.updates} more`;
    const allowed = outline.entities.some((entity) => entity.name === table.name && entity.options.events === 'queue');
    findings.push(finding(allowed ? 'RIGHTS_EVENTS_QUEUED' : 'RIGHTS_EVENT_TABLE', table.name, `${forecast}.`));
  }
  const queued = findings.some((each) => each.code === 'RIGHTS_EVENTS_QUEUED');
  if (queued && !mayEmptyQueues(outline.destination.factory, rights)) {
    findings.push(
      finding(
        'RIGHTS_QUEUES',
        'event queues',
        'The login may not delete from the queues: events that the load causes stay in them.',
      ),
    );
  }
  return { silenced, findings };
}

/** Subscriptions are added and removed, never changed. */
export function mayFillAndEmpty(rights: Rights, eventTable: TableName): boolean {
  const right = rights.tables[tableKey(eventTable)];
  return right !== undefined && right.select && right.insert && right.delete;
}

function mayEmptyQueues(destination: Factory, rights: Rights): boolean {
  return ['OSSYS_BPM_EVENT', 'OSSYS_BPM_EVENT_QUEUE'].every(
    (table) =>
      physicalTable(destination, ownTable(table)) === null || rights.tables[tableKey(ownTable(table))]?.delete === true,
  );
}

function mayWrite(rights: Rights, table: TableName): boolean {
  const right = rights.tables[tableKey(table)];
  return right !== undefined && right.select && right.insert && right.update && right.delete;
}

/** IDENTITY_INSERT asks for ALTER on the table. */
export function mayInsertKeys(rights: Rights, table: TableName): boolean {
  return rights.tables[tableKey(table)]?.alter === true;
}

/** Of the platform's tables that the destination has, those that the login may not write. */
function refusedOf(tables: readonly string[], rights: Rights, destination: Factory): string[] {
  return tables.filter(
    (table) => physicalTable(destination, ownTable(table)) !== null && !mayWrite(rights, ownTable(table)),
  );
}

function refusedTimers(rights: Rights, destination: Factory): string[] {
  return timerTables.filter(
    (table) =>
      physicalTable(destination, ownTable(table)) !== null && rights.tables[tableKey(ownTable(table))]?.update !== true,
  );
}
