import type { RefreshPlan, TableName } from '../../plan/refreshPlan.js';
import { integerList, quoteTable } from '../../sqlserver/quoteName.js';
import type { DestinationSession, SqlRowArray } from '../../sqlserver/session.js';
import { tablesOfCatalogs, type CatalogTables } from '../../sqlserver/tablesOfCatalogs.js';
import { platformTable } from '../drainEventQueues/queueRows.js';

/**
 * A run longer ago than this ended with its front-end server and was never cleared; it is not waited for. Hours.
 */
const longestRun = 24;

/** What still moves in an environment whose applications are disabled (trap 76). */
export interface Motion {
  readonly timers: number;
  readonly activities: number;
  /** Changes when rows are inserted into or deleted from a table that will be written. */
  readonly sizes: string;
}

/** Looks once. Two looks with equal sizes and nothing running are the proof of quiet. */
export async function lookForMotion(session: DestinationSession, plan: RefreshPlan): Promise<Motion> {
  const [running] = await session.rows(runningSql(plan));
  const sizes: SqlRowArray[] = [];
  for (const catalog of tablesOfCatalogs(writtenTables(plan))) sizes.push(...(await session.rows(sizesSql(catalog))));
  return {
    timers: Number(running?.[0]),
    activities: Number(running?.[1]),
    sizes: JSON.stringify(sizes),
  };
}

/** Two numbers: running timers and running activities of the affected espaces. */
export function runningSql(plan: RefreshPlan): string {
  const espaces = plan.applications.flatMap(({ espaceIds }) => espaceIds);
  const list = espaces.length === 0 ? 'NULL' : integerList(espaces);
  const lately = `> DATEADD(hour, -${longestRun}, GETDATE())`;
  const timers = ['OSSYS_CYCLIC_JOB', 'OSSYS_CYCLIC_JOB_SHARED'].map(
    (table) =>
      `(SELECT COUNT(*) FROM ${platformTable(table)} j JOIN ${platformTable('OSSYS_META_CYCLIC_JOB')} m ` +
      `ON m.ID = j.META_CYCLIC_JOB_ID WHERE m.ESPACE_ID IN (${list}) AND j.IS_RUNNING_SINCE ${lately})`,
  );
  const activities =
    `(SELECT COUNT(*) FROM ${platformTable('OSSYS_BPM_ACTIVITY')} a JOIN ${platformTable('OSSYS_BPM_PROCESS')} p ON p.ID = a.PROCESS_ID ` +
    `JOIN ${platformTable('OSSYS_BPM_PROCESS_DEFINITION')} d ON d.ID = p.PROCESS_DEF_ID ` +
    `WHERE d.ESPACE_ID IN (${list}) AND a.IS_RUNNING_SINCE ${lately})`;
  return `SELECT ${timers.join(' + ')}, ${activities};`;
}

/** Rows and last identity of every table that will be written: what an application's insert or delete changes. */
function sizesSql({ sys, listed }: CatalogTables): string {
  return [
    'SELECT w.name, p.size, CONVERT(varchar(40), i.last_value)',
    `FROM ${listed}`,
    `LEFT JOIN (SELECT object_id, SUM(rows) AS size FROM ${sys}.partitions WHERE index_id IN (0, 1) GROUP BY object_id) p ON p.object_id = w.id`,
    `LEFT JOIN ${sys}.identity_columns i ON i.object_id = w.id`,
    'ORDER BY w.name;',
  ].join('\n');
}

function writtenTables(plan: RefreshPlan): TableName[] {
  return [
    ...new Map(
      plan.deletions
        .map(({ table }) => table)
        .concat(plan.entities.map(({ destinationTable }) => destinationTable))
        .map((table) => [quoteTable(table), table]),
    ).values(),
  ];
}
