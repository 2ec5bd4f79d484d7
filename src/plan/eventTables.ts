import {
  entityName,
  foldKey,
  foldName,
  keyAttribute,
  ownTable,
  physicalColumn,
  physicalTable,
  tableKey,
  type Entity,
  type PhysicalColumn,
  type PhysicalTable,
} from '../factory/factory.js';
import { isEntity } from '../factory/factoryIndex.js';
import type { SourceSurvey } from '../survey/facts.js';
import type { DraftNode } from './draft.js';
import type { Outline } from './outline.js';
import type { PlannedEventColumn, PlannedEventTable } from './refreshPlan.js';

/** Platform tables that the users' stage writes: their event tables concern the whole environment. */
const userTables = ['OSSYS_USER', 'OSSYS_GROUP', 'OSSYS_GROUP_USER', 'OSSYS_GROUP_ROLE', 'OSSYS_USER_ROLE'];

/** An entity whose rows are written, and whose trigger must be silent meanwhile. */
export interface SilencedEntity {
  readonly entity: Entity;
  readonly source: Entity | null;
  readonly node: DraftNode | null;
  /** True: a table of the users' stage. */
  readonly ofUsers: boolean;
}

export function silencedEntities(outline: Outline): SilencedEntity[] {
  const result: SilencedEntity[] = [];
  for (const draft of outline.entities) {
    const node = outline.registry.nodes[draft.node];
    const entity = draft.processTable === null ? node?.destinationEntity : null;
    if (node === undefined || entity == null) continue;
    result.push({ entity, source: node.sourceEntity, node, ofUsers: false });
  }
  if (outline.request.users.mode === 'matchOnly') return result;
  for (const name of userTables) {
    const [entity] = outline.destination.entitiesOfTable(ownTable(name));
    if (entity === undefined) continue;
    const [source] = outline.source.entitiesOfTable(ownTable(name));
    const node =
      name === 'OSSYS_USER'
        ? outline.registry.ofPlatform('user')
        : name === 'OSSYS_GROUP'
          ? outline.registry.ofPlatform('group')
          : null;
    result.push({ entity, source: source ?? null, node, ofUsers: true });
  }
  return result;
}

/**
 * Event tables of every table that is written, as the metamodel names them (facts section 2, line 6).
 * @param waiting subscriptions of activities that move, in the source's event tables of users (by tableKey())
 */
export function planEventTables(outline: Outline, waiting: SourceSurvey['waiting'] = {}): PlannedEventTable[] {
  return silencedEntities(outline).flatMap(({ entity, source, node, ofUsers }) => {
    const translate = !ofUsers || (source?.eventTable != null && (waiting[tableKey(source.eventTable)]?.rows ?? 0) > 0);
    return planEventTable(outline, entity, source, node, translate) ?? [];
  });
}

/** The event table of one entity of the destination; null if it has none. */
export function planEventTable(
  outline: Outline,
  entity: Entity,
  source: Entity | null,
  node: DraftNode | null,
  translate: boolean,
): PlannedEventTable | null {
  const destinationTable =
    entity.eventTable === null ? null : physicalTable(outline.destination.factory, entity.eventTable);
  if (destinationTable === null) return null;
  const sourceTable = source?.eventTable == null ? null : physicalTable(outline.source.factory, source.eventTable);
  const columns = destinationTable.columns
    .filter((column) => !column.computed)
    .map((column) => eventColumn(outline, entity, source, node, sourceTable, destinationTable, column));
  const onlyInSource = (sourceTable?.columns ?? [])
    .filter(({ name }) => !name.startsWith('_') && !columns.some((column) => column.source === name))
    .map(({ name, type }) => ({ column: name, type }));
  return {
    name: entityName(entity),
    node: node?.node ?? null,
    source: sourceTable?.name ?? null,
    destination: destinationTable.name,
    translateActivityRows: translate && sourceTable !== null,
    outsideScope: false,
    columns,
    ...(onlyInSource.length === 0 ? {} : { onlyInSource }),
  };
}

function eventColumn(
  outline: Outline,
  entity: Entity,
  source: Entity | null,
  node: DraftNode | null,
  sourceTable: PhysicalTable | null,
  table: PhysicalTable,
  column: PhysicalColumn,
): PlannedEventColumn {
  const meaning = meaningOf(outline, entity, node, table, column);
  return {
    source: sourceColumn(entity, source, sourceTable, column),
    destination: column.name,
    type: column.type,
    ...meaning,
  };
}

function meaningOf(
  outline: Outline,
  entity: Entity,
  node: DraftNode | null,
  table: PhysicalTable,
  column: PhysicalColumn,
): Pick<PlannedEventColumn, 'kind' | 'node'> {
  const { registry } = outline;
  switch (column.name.toUpperCase()) {
    case '_ESPACE_ID':
      return { kind: 'espace', node: registry.ofPlatform('espace').node };
    case '_TENANT_ID':
      return { kind: 'tenant', node: registry.ofPlatform('tenant').node };
    case '_ACTIVITY_ID':
      return { kind: 'activity', node: registry.ofPlatform('activity').node };
    case '_PROCESS_DEF_ID':
      return { kind: 'processDefinition', node: registry.ofPlatform('processDefinition').node };
    case '_IS_UPDATE':
    case '_IS_LIGHT':
      return { kind: 'flag', node: null };
  }
  if (column === eventKeyColumn(entity, table)) return { kind: 'key', node: node?.node ?? null };
  const folded = foldName(column.name);
  if (entity.tenantColumn !== null && foldName(entity.tenantColumn) === folded)
    return { kind: 'reference', node: registry.ofPlatform('tenant').node };
  const attribute = entity.attributes.find((each) => each.column !== null && foldName(each.column) === folded);
  const target = attribute === undefined ? null : outline.destination.referenceOf(entity, attribute);
  if (target === null || target === 'unknown') return { kind: 'other', node: null };
  // Nodes belong to the source, so the entity is looked up there by its keys.
  const there = isEntity(target) ? outline.source.entityByKeys(target.module.key, target.key) : target;
  return { kind: 'reference', node: there === null ? null : (registry.ofTarget(there)?.node ?? null) };
}

/**
 * The column of an entity's event table that says of which row events are awaited: ID, as the one trigger that is known
 * reads it (facts section 5). That is a trigger of users, whose own key is called so too, so where there is no ID it is
 * the column called as the entity's key: read as any other, a subscription to one row would wake for every row.
 */
export function eventKeyColumn(entity: Entity, table: PhysicalTable): PhysicalColumn | null {
  return physicalColumn(table, 'ID') ?? physicalColumn(table, keyAttribute(entity)?.column ?? null);
}

/** The source's column of the same attribute; platform columns have the same name everywhere. */
function sourceColumn(
  entity: Entity,
  source: Entity | null,
  sourceTable: PhysicalTable | null,
  column: PhysicalColumn,
): string | null {
  const attribute = entity.attributes.find(
    (each) => each.column !== null && foldName(each.column) === foldName(column.name),
  );
  const counterpart =
    attribute === undefined
      ? undefined
      : source?.attributes.find((each) => foldKey(each.key) === foldKey(attribute.key));
  return (
    (physicalColumn(sourceTable, counterpart?.column ?? null) ?? physicalColumn(sourceTable, column.name))?.name ?? null
  );
}
