import { parseConfigurationText, type Configuration } from '../../../src/config.js';
import type { RefreshRequest } from '../../../src/contract.js';
import { tableKey, type Factory } from '../../../src/factory/factory.js';
import { inboundColumns, inboundKey } from '../../../src/plan/inbound.js';
import { outlinePlan } from '../../../src/plan/outline.js';
import { withinRights } from '../../../src/plan/rightsLevel.js';
import { parseRequest } from '../../../src/request.js';
import type {
  DestinationFacts,
  DestinationRights,
  DestinationSurvey,
  SourceFacts,
  SourceSurvey,
  TableRights,
} from '../../../src/survey/facts.js';
import { noUserMap } from '../../../src/survey/userMap.js';
import { type FactorySpec, factoryOf } from './specFactory.js';

export const configuration: Configuration = parseConfigurationText(
  `environments:
  production: { purpose: production, server: a, database: p, user: u, password: x }
  qa: { purpose: non-production, server: b, database: q, user: u, password: x }`,
  {},
);

export function request(more: object): RefreshRequest {
  return parseRequest({ source: 'production', destination: 'qa', ...more });
}

const everything: TableRights = { select: true, insert: true, update: true, delete: true, alter: true };

export function allRights(factory: Factory): DestinationRights {
  const tables = Object.fromEntries(Object.keys(factory.tables).map((key) => [key, everything]));
  return { createTable: true, createSchema: true, schemaExists: false, tables };
}

export interface FactOverrides {
  readonly source?: Partial<SourceSurvey>;
  readonly destination?: Partial<DestinationSurvey>;
  readonly values?: SourceFacts['values'];
  /** Rows of every inbound column in the destination, by Espace.Entity.COLUMN. */
  readonly inbound?: Readonly<Record<string, number>>;
  /** Alters the destination's model. */
  readonly destinationSpec?: FactorySpec;
  /** Tables of the destination as its catalogue has them, by tableKey(). */
  readonly destinationTables?: Factory['tables'];
  readonly destinationStatuses?: Factory['processes']['processStatuses'];
}

/** Facts about the two environments: ten rows of everything, all rights, nothing unusual but what is overridden. */
export function factsOf(
  spec: FactorySpec,
  wanted: RefreshRequest,
  overrides: FactOverrides = {},
): { source: SourceFacts; destination: DestinationFacts } {
  const source = factoryOf(spec, 'source');
  const built = factoryOf(overrides.destinationSpec ?? spec, 'destination');
  const processStatuses = overrides.destinationStatuses ?? built.processes.processStatuses;
  const destination: Factory = {
    ...built,
    tables: { ...built.tables, ...overrides.destinationTables },
    processes: { ...built.processes, processStatuses },
  };
  const feasible = withinRights(wanted, overrides.destination?.rights ?? allRights(destination), destination);
  const outline = outlinePlan(feasible, source, destination, overrides.values ?? []);
  const inbound: Record<string, number> = {};
  const referring: Record<string, number> = {};
  for (const each of inboundColumns(outline.destination, outline.entities)) {
    const rows = overrides.inbound?.[`${each.name}.${each.column}`] ?? 0;
    inbound[inboundKey(each)] = rows;
    referring[tableKey(each.table.name)] = Math.max(referring[tableKey(each.table.name)] ?? 0, rows);
  }
  return {
    source: {
      name: 'production',
      identity: { server: 'A', database: 'p', collation: 'Latin1_General_CI_AI' },
      factory: source,
      values: overrides.values ?? [],
      survey: {
        entities: Object.fromEntries(
          outline.entities.map((entity) => [entity.name, { rows: 10, lowest: '1', highest: '10' }]),
        ),
        columns: {},
        processes:
          outline.processes === null
            ? null
            : { trees: 0, treesLeftBehind: 0, usedDefinitionIds: [], usedActivityDefinitionIds: [] },
        unique: {},
        alikeInMatch: {},
        waiting: {},
        users: {
          needed: 0,
          matched: 0,
          unmatched: 0,
          ambiguous: 0,
          withoutTenant: 0,
          byMap: 0,
          namesakes: 0,
          doubles: [],
        },
        groups: { needed: 0, matched: 0, withoutTenant: 0 },
        userMap: noUserMap,
        ...overrides.source,
      },
    },
    destination: {
      name: 'qa',
      identity: { server: 'B', database: 'q', collation: 'Latin1_General_CI_AI' },
      factory: destination,
      values: [],
      survey: {
        entities: Object.fromEntries(
          outline.entities.map((entity) => [entity.name, { rows: 5, total: 5, highest: '5', identity: '5' }]),
        ),
        inbound,
        referring,
        chained: {},
        rights: allRights(destination),
        subscriptions: {},
        leaving: {},
        unreadable: [],
        keptReferring: [],
        queues: [],
        tornInstances: 0,
        overdueTimers: [],
        fallbackUserId: null,
        recreated: null,
        ...overrides.destination,
      },
    },
  };
}
