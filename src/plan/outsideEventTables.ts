import { entityName, physicalTable, tableKey, type Entity } from '../factory/factory.js';
import type { DestinationSurvey, SourceSurvey } from '../survey/facts.js';
import { planEventTable, silencedEntities } from './eventTables.js';
import { finding } from './findings.js';
import type { Outline } from './outline.js';
import type { Finding, PlannedEventTable, TableName } from './refreshPlan.js';
import { mayFillAndEmpty } from './rightsLevel.js';

/** An entity of the destination that raises events, and of which no row is written. */
export interface OutsideEntity {
  readonly entity: Entity;
  /** Its counterpart in the source. */
  readonly source: Entity | null;
  readonly destination: TableName;
}

/** Event tables of the destination whose trigger stays as it is; none where no process moves or is deleted. */
export function outsideEventTables(outline: Outline): OutsideEntity[] {
  if (outline.processes === null) return [];
  const silenced = silencedEntities(outline).map(({ entity }) => entity.eventTable);
  const known = new Set(silenced.flatMap((table) => (table === null ? [] : [tableKey(table)])));
  const result: OutsideEntity[] = [];
  for (const entity of outline.destination.factory.entities) {
    const { eventTable } = entity;
    if (eventTable === null || known.has(tableKey(eventTable))) continue;
    if (physicalTable(outline.destination.factory, eventTable) === null) continue;
    known.add(tableKey(eventTable));
    const source = outline.source.entityByKeys(entity.module.key, entity.key);
    result.push({ entity, source, destination: eventTable });
  }
  return result;
}

/** Event tables of the source in which activities that move may have subscriptions, those of entities that move aside. */
export function awaitedInSource(outline: Outline): { readonly entity: Entity; readonly table: TableName }[] {
  if (outline.processes === null) return [];
  const translated = silencedEntities(outline).filter(
    ({ entity, ofUsers }) => !ofUsers && hasEventTable(outline, entity),
  );
  const known = new Set(translated.flatMap(({ source }) => (source?.eventTable ? [tableKey(source.eventTable)] : [])));
  return outline.source.factory.entities.flatMap((entity) => {
    const table = entity.eventTable;
    if (table === null || known.has(tableKey(table))) return [];
    known.add(tableKey(table));
    return [{ entity, table }];
  });
}

function hasEventTable(outline: Outline, entity: Entity): boolean {
  return entity.eventTable !== null && physicalTable(outline.destination.factory, entity.eventTable) !== null;
}

/**
 * Event tables of entities outside the scope that activities use: those that move, in the source, or those that are
 * deleted, in the destination. What cannot be carried over is said, and never hinders the refresh.
 */
export function planOutsideEventTables(
  outline: Outline,
  waiting: SourceSurvey['waiting'],
  { leaving, rights }: Pick<DestinationSurvey, 'leaving' | 'rights'>,
): { readonly tables: readonly PlannedEventTable[]; readonly findings: readonly Finding[] } {
  const tables: PlannedEventTable[] = [];
  const findings: Finding[] = [];
  for (const { entity, source, destination } of outsideEventTables(outline)) {
    const here = source?.eventTable == null ? undefined : waiting[tableKey(source.eventTable)];
    const there = leaving[tableKey(destination)];
    const moving = here?.rows ?? 0;
    const name = entityName(entity);
    if (there === null) findings.push(leftOut(name, `The destination login may not read ${destination.table}`));
    if (there === null || moving + (there ?? 0) === 0) continue;
    if (!mayFillAndEmpty(rights, destination)) {
      const counts = `${moving} subscriptions of activities that move are left out, ${there ?? 0} of activities that are deleted stay`;
      findings.push(finding('RIGHTS_SUBSCRIPTIONS', name, `The login may not write ${destination.table}: ${counts}.`));
      continue;
    }
    const node = source === null ? null : outline.registry.ofEntity(source);
    const table = planEventTable(outline, entity, source, node, moving > 0);
    if (table === null) continue;
    tables.push({ ...table, outsideScope: true });
    const bound = here?.forOneRecord ?? 0;
    if (bound > 0 && (node === null || node.origin === 'unavailable')) {
      findings.push(
        finding(
          'SUBSCRIPTIONS_DROPPED',
          name,
          `${bound} activities that move wait for an event of one of its rows, and its rows do not move: these subscriptions are dropped, lest any other row wake them.`,
        ),
      );
    }
  }
  return { tables, findings: [...findings, ...notTranslated(outline, waiting)] };
}

function leftOut(name: string, why: string): Finding {
  return finding(
    'RIGHTS_SUBSCRIPTIONS',
    name,
    `${why}: if activities wait for its events, their subscriptions are left out.`,
  );
}

/** What the source's login may not read, and events that the destination does not raise. */
function notTranslated(outline: Outline, waiting: SourceSurvey['waiting']): Finding[] {
  return awaitedInSource(outline).flatMap(({ entity, table }) => {
    const count = waiting[tableKey(table)];
    if (count === null) return [leftOut(entityName(entity), `The source login may not read ${table.table}`)];
    const counterpart = outline.destination.entityByKeys(entity.module.key, entity.key);
    if (count === undefined || count.rows === 0) return [];
    if (counterpart !== null && hasEventTable(outline, counterpart)) return [];
    const text = `${count.rows} activities that move wait for its events, and the destination has no event table for it: their subscriptions are left out.`;
    return [finding('EVENT_TABLE_MISSING', entityName(entity), text)];
  });
}
