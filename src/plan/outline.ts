import { entityName } from '../factory/factory.js';
import { FactoryIndex } from '../factory/factoryIndex.js';
import type { Factory } from '../factory/factory.js';
import type { RefreshRequest } from '../contract.js';
import type { DraftEntity } from './draft.js';
import { draftEntity, type DraftContext } from './draftEntity.js';
import { draftProcessTable } from './draftProcessTable.js';
import { outlineProcesses, type ProcessOutline } from './processOutline.js';
import { finding } from './findings.js';
import { inboundColumns, type InboundColumn } from './inbound.js';
import { NodeRegistry } from './nodeRegistry.js';
import { processTables } from './platformNodes.js';
import type { Finding } from './refreshPlan.js';
import { resolveScope, type Scope, type ValueReference } from './scope.js';
import { matchStatics, type StaticMatch } from './staticRecords.js';
import { matchTenants, type TenantMatch } from './tenants.js';

/** What follows from both metamodels and the request; the survey asks its questions about it. */
export interface Outline {
  readonly request: RefreshRequest;
  readonly source: FactoryIndex;
  readonly destination: FactoryIndex;
  readonly registry: NodeRegistry;
  readonly scope: Scope;
  /** Indexes are those of the plan's entities. */
  readonly entities: readonly DraftEntity[];
  readonly processes: ProcessOutline | null;
  readonly tenants: TenantMatch;
  /** By node. */
  readonly statics: ReadonlyMap<number, StaticMatch>;
  /** Columns of the destination that refer to a table whose rows would be deleted. */
  readonly inbound: readonly InboundColumn[];
  readonly findings: readonly Finding[];
}

/**
 * Scope, matching and column treatments. Pure. Throws BadInputError for names in the request that do not exist.
 */
export function outlinePlan(
  request: RefreshRequest,
  sourceFactory: Factory,
  destinationFactory: Factory,
  values: readonly ValueReference[],
): Outline {
  const source = new FactoryIndex(sourceFactory);
  const destination = new FactoryIndex(destinationFactory);
  const scope = resolveScope(request, source, values);
  const registry = new NodeRegistry(source, destination);
  const findings: Finding[] = [...scope.findings];
  const context: DraftContext = { request, source, destination, registry, findings };

  const drafted = scope.entities.flatMap(({ entity, path }) => draftEntity(context, entity, path) ?? []);
  const processes = request.processes.migrate ? outlineProcesses(context, scope, values) : null;
  const processDrafts =
    processes === null ? [] : processTables.flatMap((table) => draftProcessTable(context, table) ?? []);
  const entities: DraftEntity[] = [...drafted, ...processDrafts];
  for (const entity of entities) {
    const node = registry.nodes[entity.node];
    // Anything but 'unavailable' says that the rows move; the definite origin follows from the survey.
    if (node !== undefined) node.origin = 'generated';
  }
  for (const kind of ['tenant', 'user', 'group', 'role', 'espace'] as const) registry.ofPlatform(kind);
  if (processes !== null) awaitedProducers(context);
  matchOnlyNodes(context, entities);
  reportStaticKinds(context);
  reportSharedTables(context, drafted);
  reportExtraEntities(context, scope);
  reportUnusedOptions(request, source, scope, findings);
  const tenants = matchTenants(source.factory, destination.factory);
  return {
    request,
    source,
    destination,
    registry,
    scope,
    entities,
    processes,
    tenants,
    statics: matchStatics(registry.nodes, sourceFactory, destinationFactory),
    inbound: inboundColumns(destination, entities),
    findings,
  };
}

/** Activities may wait for rows of an entity that nothing else refers to: match rules of the request hold for it too. */
function awaitedProducers({ request, source, registry }: DraftContext): void {
  if (request.producers !== 'matchOnly') return;
  for (const [name, options] of Object.entries(request.entities)) {
    const entity = options.match.length > 0 ? source.entityNamed(name) : null;
    if (entity !== null) registry.ofEntity(entity);
  }
}

/** producers: matchOnly — an entity outside the scope is matched by the attributes that the request gives for it. */
function matchOnlyNodes(context: DraftContext, entities: readonly DraftEntity[]): void {
  const moved = new Set(entities.map((entity) => entity.node));
  for (const node of context.registry.nodes) {
    if (node.kind !== 'entity' || moved.has(node.node) || node.sourceEntity === null || node.destinationEntity === null)
      continue;
    if (context.request.producers !== 'matchOnly') continue;
    const name = entityName(node.sourceEntity).toLowerCase();
    const options = Object.entries(context.request.entities).find(([key]) => key.toLowerCase() === name)?.[1];
    const pairs = (options?.match ?? []).flatMap((attributeName) => {
      const from = node.sourceEntity?.attributes.find(
        (each) => each.name.toLowerCase() === attributeName.toLowerCase(),
      );
      const to =
        from === undefined ? undefined : node.destinationEntity?.attributes.find((each) => each.key === from.key);
      return from?.column != null && to?.column != null ? [{ source: from.column, destination: to.column }] : [];
    });
    if (pairs.length > 0 && pairs.length === options?.match.length) {
      node.origin = 'matched';
      node.match = { source: pairs.map((pair) => pair.source), destination: pairs.map((pair) => pair.destination) };
    } else {
      context.findings.push(
        finding(
          'SCOPE_PRODUCER_NOT_MATCHED',
          entityName(node.sourceEntity),
          'It is outside the scope, and nothing says how its rows are matched.',
        ),
      );
    }
  }
}

/** A static entity that is none on the other side has no records to match there (trap 56). */
function reportStaticKinds(context: DraftContext): void {
  for (const { kind, sourceEntity, destinationEntity } of context.registry.nodes) {
    if (
      kind !== 'staticEntity' ||
      sourceEntity === null ||
      destinationEntity === null ||
      destinationEntity.kind === 'staticEntity'
    )
      continue;
    context.findings.push(
      finding(
        'MODEL_KIND_DIFFERS',
        entityName(sourceEntity),
        `It is a static entity in the source and a ${destinationEntity.kind} in the destination.`,
      ),
    );
  }
}

/** Two active entities that claim one table would load it twice (trap 10), whether the other one moves or not. */
function reportSharedTables({ source, destination, findings }: DraftContext, drafted: readonly DraftEntity[]): void {
  for (const entity of drafted) {
    for (const [side, index] of [
      ['source', source],
      ['destination', destination],
    ] as const) {
      const names = index.entitiesOfTable(entity[side].name).map(entityName).sort();
      if (names.length < 2) continue;
      findings.push(
        finding('MODEL_TABLE_SHARED', names.join(', '), `They claim one and the same table in the ${side}.`),
      );
    }
  }
}

/** Entities that only the destination has in a module of the scope: nothing comes for them, and nothing is deleted. */
function reportExtraEntities({ source, destination, findings }: DraftContext, scope: Scope): void {
  const modules = new Set(scope.modules.map((module) => module.key));
  for (const entity of destination.factory.entities) {
    if (!modules.has(entity.module.key) || entity.kind === 'clientEntity') continue;
    if (source.entityByKeys(entity.module.key, entity.key) !== null) continue;
    findings.push(finding('MODEL_ENTITY_EXTRA', entityName(entity), 'Only the destination has it: its rows stay.'));
  }
}

function reportUnusedOptions(request: RefreshRequest, source: FactoryIndex, scope: Scope, findings: Finding[]): void {
  const moved = new Set(scope.entities.map(({ entity }) => entityName(entity).toLowerCase()));
  for (const name of Object.keys(request.entities)) {
    if (moved.has(name.toLowerCase())) continue;
    const known = source.entityNamed(name) !== null;
    if (known && request.producers === 'matchOnly') continue;
    findings.push(
      finding(
        'OPTIONS_UNUSED',
        name,
        known
          ? 'The entity is not in the scope, so its options have no effect.'
          : 'The source has no active entity of this name.',
      ),
    );
  }
}
