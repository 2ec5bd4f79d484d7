import type { RefreshPlan, TableName } from '../../plan/refreshPlan.js';
import { lastIdentity } from '../../sqlserver/lastIdentity.js';
import { integerList, quoteTable, quoteText } from '../../sqlserver/quoteName.js';
import type { DestinationSession } from '../../sqlserver/session.js';
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
  const sizes = await session.rows(sizesSql(plan));
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
function sizesSql(plan: RefreshPlan): string {
  const tables = [
    ...new Map(
      plan.deletions
        .map(({ table }) => table)
        .concat(plan.entities.map(({ destinationTable }) => destinationTable))
        .map((table) => [quoteTable(table), table]),
    ).values(),
  ];
  const parts = tables.map(
    (table) =>
      `SELECT ${quoteText(quoteTable(table))} AS name, (SELECT SUM(p.rows) FROM ${catalog(table)}.partitions p ` +
      `WHERE p.object_id = OBJECT_ID(${quoteText(quoteTable(table))}) AND p.index_id IN (0, 1)) AS size, ` +
      `CONVERT(varchar(40), ${lastIdentity(table)}) AS last_key`,
  );
  return parts.length === 0
    ? "SELECT N'' AS name, 0 AS size, '' AS last_key;"
    : `${parts.join('\nUNION ALL\n')}\nORDER BY name;`;
}

function catalog(table: TableName): string {
  return table.database === null ? 'sys' : `${quoteTable({ database: null, schema: table.database, table: 'sys' })}`;
}
