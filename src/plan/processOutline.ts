import { foldKey, type Definition, type Factory } from '../factory/factory.js';
import { espaceKey } from '../factory/readFactory.js';
import type { ProcessFacts } from '../survey/facts.js';
import type { DraftContext } from './draftEntity.js';
import { BadInputError } from './badInput.js';
import { nearestHint } from '../nearestName.js';
import { finding } from './findings.js';
import type { Scope, ValueReference } from './scope.js';
import { matchTenants } from './tenants.js';

/** Which instances move, as far as the metamodels say. */
export interface ProcessOutline {
  /** Source ids: trees move whose top process has one of these definitions … */
  readonly topDefinitionIds: readonly number[];
  /** … and one of these statuses; null: any. */
  readonly topStatusIds: readonly number[] | null;
  /** … and one of these tenants; null: any. */
  readonly topTenantIds: readonly number[] | null;
  /** Source ids of definitions that the destination lacks: a tree that holds one stays behind whole (trap 67). */
  readonly missingProcessDefinitions: readonly Definition[];
  readonly missingActivityDefinitions: readonly Definition[];
  /** Destination ids of all definitions of the modules in scope, active or not: their instances are deleted first. */
  readonly destinationDefinitionIds: readonly number[];
  readonly valueTypes: readonly { readonly ssType: string; readonly node: number }[];
}

/** Null if no module of the scope has a process definition: then there is nothing to move. */
export function outlineProcesses(
  context: DraftContext,
  scope: Scope,
  values: readonly ValueReference[],
): ProcessOutline | null {
  const { request, source, destination, findings } = context;
  const from = source.factory;
  const to = destination.factory;
  const moduleKeys = new Set(scope.modules.filter((module) => module.kind === 'espace').map((module) => module.key));
  const images = definitionImages(from, to);
  const inactive = request.processes.inactiveDefinitions;
  const isMissing = (definition: Definition): boolean => hasNoImage(images.processes.get(definition.id), inactive);
  const inScope = from.processes.definitions.filter((each) => moduleKeys.has(espaceKey(from.modules, each.parentId)));
  const destinationDefinitionIds = to.processes.definitions
    .filter((each) => moduleKeys.has(espaceKey(to.modules, each.parentId)))
    .map((each) => each.id);
  if (inScope.length === 0 && destinationDefinitionIds.length === 0) {
    if (scope.modules.length === 0)
      findings.push(
        finding('SCOPE_NO_PROCESSES', 'processes', 'The scope names single entities only: no process instance moves.'),
      );
    return null;
  }
  const wanted = inScope.filter((each) => inactive || each.active);
  return {
    topDefinitionIds: wanted.filter((each) => !isMissing(each)).map((each) => each.id),
    topStatusIds: topStatusIds(context),
    topTenantIds: topTenantIds(context),
    missingProcessDefinitions: from.processes.definitions.filter(isMissing),
    missingActivityDefinitions: from.processes.activities.filter((each) =>
      hasNoImage(images.activities.get(each.id), inactive),
    ),
    destinationDefinitionIds,
    valueTypes: valueTypes(context, wanted, values),
  };
}

/** A definition that is inactive in the destination cannot take instances, unless the request moves those too. */
function hasNoImage(image: Definition | undefined, inactive: boolean): boolean {
  return image === undefined || (!inactive && !image.active);
}

/** Types of process values that name an entity; one that nothing maps makes its values unmapped, never copied as they are. */
function valueTypes(
  context: DraftContext,
  definitions: readonly Definition[],
  values: readonly ValueReference[],
): { ssType: string; node: number }[] {
  const ids = new Set(definitions.map((each) => each.id));
  const result = new Map<string, number>();
  for (const { ssType, topDefinitionId } of values) {
    if (!ids.has(topDefinitionId) || result.has(ssType) || !/^bt/i.test(ssType)) continue;
    const entity = context.source.entityOfType(ssType);
    if (entity === null || entity.kind === 'clientEntity') {
      context.findings.push(
        finding(
          'PROCESS_VALUE_UNMAPPED',
          ssType,
          'Values of processes have this type, but the source has no active entity for it.',
        ),
      );
      result.set(ssType, context.registry.ofUnknownType(ssType).node);
      continue;
    }
    result.set(ssType, context.registry.ofEntity(entity).node);
  }
  return [...result].map(([ssType, node]) => ({ ssType, node }));
}

function topStatusIds(context: DraftContext): number[] | null {
  const { statuses } = context.request.processes;
  if (statuses === 'all') return null;
  const known = context.source.factory.processes.processStatuses;
  return statuses.map((name) => {
    const found = known.find((status) => status.name.toLowerCase() === name.trim().toLowerCase());
    if (found !== undefined) return found.id;
    const names = known.map((status) => status.name);
    throw new BadInputError(
      'PROCESS_STATUS_UNKNOWN',
      `processes.statuses: there is no process status ${name}${nearestHint(name, names)}.`,
      `Use some of: ${names.join(', ')}.`,
    );
  });
}

/** tenants: exclude leaves the trees of tenants that the destination lacks behind, as it does their rows. */
function topTenantIds({ request, source, destination }: DraftContext): number[] | null {
  const { images, missing } = matchTenants(source.factory, destination.factory);
  if (request.tenants !== 'exclude' || missing.length === 0) return null;
  return images.map((image) => image.source.id).sort((a, b) => a - b);
}

export interface DefinitionImages {
  /** Source id → destination definition. */
  readonly processes: ReadonlyMap<number, Definition>;
  readonly activities: ReadonlyMap<number, Definition>;
}

/** Definitions match by the keys of espace, process and activity together: clones share the latter two (trap 1). */
export function definitionImages(source: Factory, destination: Factory): DefinitionImages {
  const there = named(destination);
  const processes = new Map<number, Definition>();
  const activities = new Map<number, Definition>();
  const here = named(source);
  for (const [definition, name] of here.processNames) {
    const image = there.processes.get(name);
    if (image !== undefined) processes.set(definition.id, image);
  }
  for (const [definition, name] of here.activityNames) {
    const image = there.activities.get(name);
    if (image !== undefined) activities.set(definition.id, image);
  }
  return { processes, activities };
}

function named(factory: Factory) {
  const espaces = new Map(
    factory.modules.filter((module) => module.kind === 'espace').map((module) => [module.id, module.key]),
  );
  const processNames = new Map<Definition, string>();
  const nameById = new Map<number, string>();
  for (const definition of factory.processes.definitions) {
    const name = `${espaces.get(definition.parentId) ?? ''}*${foldKey(definition.key)}`;
    processNames.set(definition, name);
    nameById.set(definition.id, name);
  }
  const activityNames = new Map<Definition, string>();
  for (const activity of factory.processes.activities)
    activityNames.set(activity, `${nameById.get(activity.parentId) ?? ''}*${foldKey(activity.key)}`);
  return {
    processNames,
    activityNames,
    processes: preferActive(processNames),
    activities: preferActive(activityNames),
  };
}

/** A definition that was deleted and made again has two rows; the active one is meant (trap 8). */
function preferActive(names: ReadonlyMap<Definition, string>): Map<string, Definition> {
  const result = new Map<string, Definition>();
  for (const [definition, name] of names) {
    const known = result.get(name);
    if (known === undefined || (!known.active && definition.active)) result.set(name, definition);
  }
  return result;
}

export interface MissingDefinitions {
  readonly processes: readonly number[];
  readonly activities: readonly number[];
  readonly none: boolean;
}

/** Definitions without counterpart that have instances at all: the plan need not name others. */
export function missingInUse(
  processes: ProcessOutline,
  facts: Pick<ProcessFacts, 'usedDefinitionIds' | 'usedActivityDefinitionIds'>,
): MissingDefinitions {
  const used = new Set(facts.usedDefinitionIds);
  const usedActivities = new Set(facts.usedActivityDefinitionIds);
  const missing = processes.missingProcessDefinitions.map((each) => each.id).filter((id) => used.has(id));
  const activities = processes.missingActivityDefinitions.map((each) => each.id).filter((id) => usedActivities.has(id));
  return { processes: missing, activities, none: missing.length + activities.length === 0 };
}
