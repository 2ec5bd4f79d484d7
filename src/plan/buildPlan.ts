import type { RefreshRequest } from '../contract.js';
import type { Configuration } from '../config.js';
import { environmentNamed } from '../config.js';
import { entityName } from '../factory/factory.js';
import { fingerprint } from '../factory/fingerprint.js';
import type { DestinationFacts, SourceFacts } from '../survey/facts.js';
import { affectedApplications, affectedQueues } from './affectedApplications.js';
import { canonicalHash, canonicalJson } from './canonicalJson.js';
import { planDeletions } from './deletions.js';
import type { DraftEntity, DraftNode } from './draft.js';
import { planEventTables } from './eventTables.js';
import { finding } from './findings.js';
import { planItems } from './items.js';
import { chooseKeyOrigins, keyFindings } from './keyOrigins.js';
import { splitKeys } from './keyRanges.js';
import { loadEdges, loadOrder, type LoadOrder } from './loadOrder.js';
import { outlinePlan, type Outline } from './outline.js';
import { planOutsideEventTables } from './outsideEventTables.js';
import { missingInUse } from './processOutline.js';
import type { Finding, KeyOrigin, PlannedEntity, PlannedNode, PlannedProcesses, RefreshPlan } from './refreshPlan.js';
import { activityFindings, processFindings } from './processFindings.js';
import { judgeEventTables, judgeRights, withinRights } from './rightsLevel.js';
import { columnFindings, matchFindings, missingRecordFindings, planUsers, uniqueFindings } from './surveyFindings.js';

/**
 * The plan, from the request and what is known of both environments. Pure: the same facts give the same plan, byte for
 * byte. A plan with blocking findings is built too, so that it can be shown; assertRunnable() refuses it.
 * Throws BadInputError for names in the request that do not exist.
 */
export function buildPlan(
  request: RefreshRequest,
  configuration: Configuration,
  source: SourceFacts,
  destination: DestinationFacts,
): RefreshPlan {
  const { tables } = destination.survey.rights;
  const feasible = withinRights(request, { tables }, destination.factory);
  const outline = outlinePlan(feasible, source.factory, destination.factory, source.values);
  const rows = (entity: DraftEntity): number => source.survey.entities[entity.name]?.rows ?? 0;
  const order = loadOrder(outline, rows);
  const { deletions, findings: deletionFindings } = planDeletions(outline, destination);
  const origins = chooseKeyOrigins(outline, destination);
  const applications = affectedApplications(outline, deletions);
  const { users, findings: userFindings } = planUsers(outline, source, destination);
  const { state } = environmentNamed(configuration, destination.name);
  const rights = judgeRights(request, outline, destination, state, deletions);
  const events = judgeEventTables(outline, destination, planEventTables(outline, source.survey.waiting), (node) => {
    const entity = outline.entities.find((each) => each.node === node);
    return entity === undefined ? 0 : rows(entity);
  });
  const awaited = planOutsideEventTables(outline, source.survey.waiting, destination.survey);
  const processes = planProcesses(outline, source);
  const { entities, items } = planEntities(outline, source, order, rows);
  const findings: Finding[] = [
    ...outline.findings,
    ...order.unbreakable.map((cycle) =>
      finding(
        'GRAPH_CYCLE',
        cycle.join(' → '),
        'These references form a cycle, and none of them can wait: their columns refuse NULL or are part of a unique index.',
      ),
    ),
    ...columnFindings(outline, source),
    ...uniqueFindings(source),
    ...matchFindings(outline, source),
    ...missingRecordFindings(outline),
    ...keyFindings(outline, source, destination, origins),
    ...deletionFindings,
    ...userFindings,
    ...rights.findings,
    ...events.findings,
    ...awaited.findings,
    ...processFindings(outline, source, destination),
    ...activityFindings(
      outline,
      destination,
      applications.flatMap((application) => application.espaceIds),
    ),
  ];
  const nodes = outline.registry.nodes.map((node) => plannedNode(node, origins.get(node.node) ?? node.origin));
  const moduleKeys = [
    ...new Set([...nodes.map((node) => node.espaceKey), ...outline.scope.modules.map((module) => module.key)]),
  ];
  const plan: RefreshPlan = {
    format: 1,
    request: feasible,
    source: { name: source.name, ...source.identity, fingerprint: fingerprint(source.factory, moduleKeys) },
    destination: {
      name: destination.name,
      ...destination.identity,
      fingerprint: fingerprint(destination.factory, moduleKeys),
    },
    rights: rights.level,
    applications,
    nodes,
    entities,
    items,
    deletions,
    eventTables: [...events.silenced, ...awaited.tables],
    processes,
    queues: affectedQueues(outline, applications, destination.survey.rights),
    findings: distinctFindings(findings),
    users,
    moduleKeys,
    producers: outline.scope.entities
      .filter(({ path }) => path.length > 0)
      .map(({ entity, path }) => ({ entity: entityName(entity), path })),
  };
  // Keys in one order, so that the plan's JSON is canonical however it is written.
  return JSON.parse(canonicalJson(plan)) as RefreshPlan;
}

/** SHA-256 of the plan's canonical JSON. */
export function planHash(plan: RefreshPlan): string {
  return canonicalHash(plan);
}

function planEntities(outline: Outline, source: SourceFacts, order: LoadOrder, rows: (entity: DraftEntity) => number) {
  const dependencies = dependenciesOf(outline, order, rows);
  const stages = stagesOf(outline, order, dependencies);
  // A cycle that nothing breaks leaves entities without a place; they are shown at the end.
  const placed = [
    ...order.order,
    ...outline.entities.map((_, index) => index).filter((index) => !order.order.includes(index)),
  ];
  const sorted = placed.sort(
    (a, b) => Number(stages[a] === 'migrateProcesses') - Number(stages[b] === 'migrateProcesses'),
  );
  const position = new Map(sorted.map((index, at) => [index, at]));
  const entities = sorted.flatMap((index) => {
    const entity = outline.entities[index];
    return entity === undefined
      ? []
      : [plannedEntity(outline, source, order, entity, stages[index] ?? 'migrateEntities')];
  });
  const items = planItems(
    sorted.map((index, at) => ({
      name: outline.entities[index]?.name ?? '',
      rows: entities[at]?.rows ?? 0,
      split: (entities[at]?.splitAt.length ?? 0) > 0,
      stage: stages[index] ?? 'migrateEntities',
      level: order.level[index] ?? 0,
      dependsOn: [...(dependencies[index] ?? [])].map((other) => position.get(other) ?? 0),
    })),
  );
  return { entities, items };
}

/** For each entity those whose rows must be there first. */
function dependenciesOf(outline: Outline, order: LoadOrder, rows: (entity: DraftEntity) => number): Set<number>[] {
  const result: Set<number>[] = outline.entities.map(() => new Set());
  loadEdges(outline, rows).forEach((edge, index) => {
    if (!order.deferred.has(index) && edge.from !== edge.to) result[edge.from]?.add(edge.to);
  });
  return result;
}

/** Process tables and whatever waits for one of them run under migrateProcesses. */
function stagesOf(
  outline: Outline,
  order: LoadOrder,
  dependencies: readonly ReadonlySet<number>[],
): PlannedEntity['stage'][] {
  const stages: PlannedEntity['stage'][] = outline.entities.map((entity) =>
    entity.processTable === null ? 'migrateEntities' : 'migrateProcesses',
  );
  for (const index of order.order) {
    if ([...(dependencies[index] ?? [])].some((other) => stages[other] === 'migrateProcesses'))
      stages[index] = 'migrateProcesses';
  }
  return stages;
}

function plannedEntity(
  outline: Outline,
  source: SourceFacts,
  order: LoadOrder,
  entity: DraftEntity,
  stage: PlannedEntity['stage'],
): PlannedEntity {
  const count = source.survey.entities[entity.name];
  const excludes = outline.request.tenants === 'exclude' && outline.tenants.missing.length > 0;
  return {
    node: entity.node,
    stage,
    sourceTable: entity.source.name,
    destinationTable: entity.destination.name,
    columns: entity.columns.map((column) => ({
      attribute: column.attribute,
      source: column.source,
      destination: column.destination,
      treatment:
        column.treatment.kind === 'reference'
          ? {
              ...column.treatment,
              deferred: column.treatment.deferred || order.deferredColumns.has(`${entity.name}.${column.attribute}`),
            }
          : column.treatment,
    })),
    data: entity.data,
    match: entity.match,
    onMatch: entity.match.length === 0 ? 'insert' : entity.options.onMatch,
    where: entity.options.where,
    ...(excludes && entity.tenantColumn !== null
      ? {
          tenantFilter: {
            column: entity.tenantColumn.source,
            sourceIds: outline.tenants.images.map((image) => image.source.id).sort((a, b) => a - b),
          },
        }
      : {}),
    processPath: entity.processTable?.processPath ?? null,
    highWater: count?.highest ?? null,
    splitAt: count === undefined ? [] : splitKeys(outline.request, { ...count, match: entity.match }),
    rows: count?.rows ?? 0,
    hasTriggers: entity.destination.triggers.some((trigger) => trigger.enabled),
  };
}

function plannedNode(node: DraftNode, origin: KeyOrigin): PlannedNode {
  const { sourceEntity: _source, destinationEntity: _destination, ...rest } = node;
  return { ...rest, origin };
}

function planProcesses(outline: Outline, source: SourceFacts): PlannedProcesses | null {
  const { processes } = outline;
  if (processes === null) return null;
  const facts = source.survey.processes ?? {
    trees: 0,
    treesLeftBehind: 0,
    usedDefinitionIds: [],
    usedActivityDefinitionIds: [],
  };
  const missing = missingInUse(processes, facts);
  return {
    topDefinitionIds: processes.topDefinitionIds,
    topStatusIds: processes.topStatusIds,
    topTenantIds: processes.topTenantIds,
    missingProcessDefinitionIds: missing.processes,
    missingActivityDefinitionIds: missing.activities,
    valueTypes: processes.valueTypes,
    trees: facts.trees,
    treesLeftBehind: facts.treesLeftBehind,
  };
}

/** The same thing may be met on several ways; it is said once, the gravest first. */
function distinctFindings(findings: readonly Finding[]): Finding[] {
  const gravity = { blocking: 0, warning: 1, info: 2 } as const;
  const distinct = new Map(findings.map((each) => [`${each.code}\u0000${each.subject}\u0000${each.message}`, each]));
  return [...distinct.values()].sort(
    (a, b) =>
      gravity[a.severity] - gravity[b.severity] ||
      compare(a.code, b.code) ||
      compare(a.subject, b.subject) ||
      compare(a.message, b.message),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
