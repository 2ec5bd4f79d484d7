import { physicalColumn, physicalTable, tableKey } from '../factory/factory.js';
import { integer } from '../factory/rowValues.js';
import { eventKeyColumn } from '../plan/eventTables.js';
import { isIntegerType } from '../plan/nodeRegistry.js';
import type { Outline } from '../plan/outline.js';
import { awaitedInSource, outsideEventTables } from '../plan/outsideEventTables.js';
import { missingInUse } from '../plan/processOutline.js';
import type { TableName } from '../plan/refreshPlan.js';
import { quoteName, quoteTable } from '../sqlserver/quoteName.js';
import type { ReadDatabase } from '../sqlserver/readDatabase.js';
import type { DestinationSurvey, ProcessFacts, SourceSurvey, WaitingCount } from './facts.js';
import { inParallel } from './inParallel.js';
import { instancesOfDefinitions, movedProcessCondition, processesMove } from './processTrees.js';

/**
 * Subscriptions of activities that move to events of users and of entities outside the scope: an activity may wait for an
 * event of any entity (guide, "Migrate Hybrid BPT Events Data").
 */
export async function countWaiting(
  db: ReadDatabase,
  outline: Outline,
  facts: ProcessFacts,
  mayRead: (table: TableName) => boolean,
): Promise<SourceSurvey['waiting']> {
  const counts: Record<string, WaitingCount | null> = {};
  if (!processesMove(outline)) return counts;
  const moves = movedProcessCondition(
    outline.processes,
    missingInUse(outline.processes, facts),
    'PROCESS_ID',
    'waiting',
  );
  await inParallel(awaitedInSource(outline), async ({ entity, table }) => {
    const physical = physicalTable(outline.source.factory, table);
    const activity = physicalColumn(physical, '_ACTIVITY_ID');
    if (physical === null || activity === null) return;
    if (!mayRead(table)) {
      counts[tableKey(table)] = null;
      return;
    }
    const key = eventKeyColumn(entity, physical);
    const bound =
      key === null
        ? '1 = 0'
        : isIntegerType(key.type.name)
          ? `t.${quoteName(key.name)} <> 0`
          : `CONVERT(nvarchar(450), t.${quoteName(key.name)}) <> N''`;
    const [row] = await db.query(
      `SELECT COUNT_BIG(*) AS all_rows, SUM(CAST(CASE WHEN ${bound} THEN 1 ELSE 0 END AS bigint)) AS bound_rows FROM ${quoteTable(table)} t
WHERE EXISTS (SELECT 1 FROM dbo.OSSYS_BPM_ACTIVITY waiting WHERE waiting.ID = t.${quoteName(activity.name)} AND ${moves})`,
    );
    counts[tableKey(table)] = { rows: integer(row ?? {}, 'all_rows'), forOneRecord: integer(row ?? {}, 'bound_rows') };
  });
  return counts;
}

/** Subscriptions of activities that are deleted, in the destination's event tables of entities outside the scope. */
export async function countLeaving(
  db: ReadDatabase,
  outline: Outline,
  mayRead: (table: TableName) => boolean,
): Promise<DestinationSurvey['leaving']> {
  const counts: Record<string, number | null> = {};
  const activities = outline.entities.find((entity) => entity.processTable?.kind === 'activity');
  const ids = outline.processes?.destinationDefinitionIds ?? [];
  if (activities?.data !== 'deleteFirst' || ids.length === 0) return counts;
  await inParallel(outsideEventTables(outline), async ({ destination }) => {
    const table = physicalTable(outline.destination.factory, destination);
    const activity = physicalColumn(table, '_ACTIVITY_ID');
    if (table === null || activity === null) return;
    if (!mayRead(table.name)) {
      counts[tableKey(table.name)] = null;
      return;
    }
    const [row] = await db.query(
      `SELECT COUNT_BIG(*) AS all_rows FROM ${quoteTable(table.name)} t
WHERE EXISTS (SELECT 1 FROM dbo.OSSYS_BPM_ACTIVITY waiting WHERE waiting.ID = t.${quoteName(activity.name)} AND ${instancesOfDefinitions(ids, 'PROCESS_ID', 'waiting')})`,
    );
    counts[tableKey(table.name)] = integer(row ?? {}, 'all_rows');
  });
  return counts;
}
