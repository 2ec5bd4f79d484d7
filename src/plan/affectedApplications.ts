import { ownTable, physicalTable, tableKey, type Module } from '../factory/factory.js';
import { isEntity } from '../factory/factoryIndex.js';
import type { DestinationRights } from '../survey/facts.js';
import type { Outline } from './outline.js';
import type { PlannedApplication, PlannedDeletion, PlannedQueues } from './refreshPlan.js';
import { isProtected } from './scope.js';

/**
 * Destination applications to disable: those that own a table which is written, those that refer to one, and those of
 * the scope. A module of no application stands for itself (trap 7).
 */
export function affectedApplications(outline: Outline, deletions: readonly PlannedDeletion[]): PlannedApplication[] {
  const { destination } = outline;
  const written = new Set([
    ...outline.entities.map((entity) => tableKey(entity.destination.name)),
    ...deletions.map((deletion) => tableKey(deletion.table)),
  ]);
  const modules = new Set<Module>();
  for (const module of outline.scope.modules) {
    const counterpart = destination.moduleByKey(module.key);
    if (counterpart !== null) modules.add(counterpart);
  }
  for (const entity of destination.factory.entities) {
    const refers = entity.attributes.some((attribute) => {
      const target = destination.referenceOf(entity, attribute);
      return target !== null && target !== 'unknown' && written.has(tableKey(isEntity(target) ? target.table : target));
    });
    if (refers || written.has(tableKey(entity.table))) modules.add(entity.module);
  }
  const affected = [...modules].filter((module) => !isProtected(module));
  const refs = new Set(affected.map((module) => module.ref));
  const applications = destination.factory.applications.filter(
    (application) => application.active && application.modules.some((ref) => refs.has(ref)),
  );
  const owned = new Set(applications.flatMap((application) => application.modules));
  const independent = affected.filter((module) => module.kind === 'espace' && !owned.has(module.ref));
  return [
    ...applications.map((application) => ({
      key: application.key,
      name: application.name,
      espaceIds: application.modules
        .flatMap((ref) => destination.moduleByRef(ref) ?? [])
        .filter((module) => module.kind === 'espace' && module.active)
        .map((module) => module.id)
        .sort((a, b) => a - b),
    })),
    ...independent.map((module) => ({ key: module.key, name: module.name, espaceIds: [module.id] })),
  ].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

const queueTables = ['OSSYS_BPM_EVENT', 'OSSYS_BPM_EVENT_QUEUE'] as const;

/** Queue rows of these espaces and process definitions are waited for and looked after. */
export function affectedQueues(
  outline: Outline,
  applications: readonly PlannedApplication[],
  rights: Pick<DestinationRights, 'tables'>,
): PlannedQueues {
  const { factory } = outline.destination;
  const espaceIds = [...new Set(applications.flatMap((application) => application.espaceIds))].sort((a, b) => a - b);
  const espaces = new Set(espaceIds);
  const tables = queueTables.filter((table) => physicalTable(factory, ownTable(table)) !== null);
  return {
    espaceIds,
    processDefinitionIds: factory.processes.definitions
      .filter((definition) => espaces.has(definition.parentId))
      .map((definition) => definition.id)
      .sort((a, b) => a - b),
    tables,
    mayRemove: tables.every((table) => rights.tables[tableKey(ownTable(table))]?.delete === true),
  };
}
