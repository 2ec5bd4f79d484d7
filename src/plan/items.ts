import type { PlannedEntity, PlannedItem } from './refreshPlan.js';

/** Entities with so few rows share a child workflow: its start would cost more than they do. */
const tinyRows = 500;
const entitiesAGroup = 20;

/** An entity to load, by index, with what must be loaded before. */
export interface Loadable {
  readonly name: string;
  readonly rows: number;
  /** True if its key ranges move side by side, for which it needs an item of its own. */
  readonly split: boolean;
  readonly stage: PlannedEntity['stage'];
  readonly level: number;
  /** Indexes of entities. */
  readonly dependsOn: readonly number[];
}

/**
 * One item an entity; tiny ones that wait for the same things go together. Members of a group stand at the same level
 * of the graph, so no group ever waits for itself.
 */
export function planItems(entities: readonly Loadable[]): PlannedItem[] {
  const awaited = largeAncestors(entities);
  const groups = new Map<string, number[]>();
  entities.forEach((entity, index) => {
    const tiny = entity.rows <= tinyRows && !entity.split;
    const key = tiny
      ? `${entity.stage}/${entity.level}/${[...(awaited[index] ?? [])].sort((a, b) => a - b).join(',')}`
      : `entity ${index}`;
    groups.set(key, [...(groups.get(key) ?? []), index]);
  });
  const members = [...groups.values()].flatMap((group) => chunks(group, entitiesAGroup));
  members.sort(
    (a, b) => (entities[a[0] ?? 0]?.level ?? 0) - (entities[b[0] ?? 0]?.level ?? 0) || (a[0] ?? 0) - (b[0] ?? 0),
  );
  const itemOf = new Map(members.flatMap((group, item) => group.map((entity): [number, number] => [entity, item])));
  let groupNumber = 0;
  return members.map((group, id) => {
    const first = entities[group[0] ?? 0];
    const dependsOn = new Set(
      group.flatMap((entity) => (entities[entity]?.dependsOn ?? []).map((other) => itemOf.get(other) ?? id)),
    );
    dependsOn.delete(id);
    return {
      id,
      name: group.length === 1 ? (first?.name ?? '') : `group ${++groupNumber} (${group.length} entities)`,
      stage: first?.stage ?? 'migrateEntities',
      entities: group,
      dependsOn: [...dependsOn].sort((a, b) => a - b),
    };
  });
}

/** The large entities that each one waits for, directly or through others. */
function largeAncestors(entities: readonly Loadable[]): Set<number>[] {
  const result: Set<number>[] = entities.map(() => new Set());
  const byLevel = entities
    .map((_, index) => index)
    .sort((a, b) => (entities[a]?.level ?? 0) - (entities[b]?.level ?? 0));
  for (const index of byLevel) {
    for (const other of entities[index]?.dependsOn ?? []) {
      if ((entities[other]?.rows ?? 0) > tinyRows) result[index]?.add(other);
      for (const ancestor of result[other] ?? []) result[index]?.add(ancestor);
    }
  }
  return result;
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  const result: T[][] = [];
  for (let start = 0; start < items.length; start += size) result.push(items.slice(start, start + size));
  return result;
}
