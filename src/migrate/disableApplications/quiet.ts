import type { RefreshPlan, TableName } from '../../plan/refreshPlan.js';
import { integerList, quoteTable, quoteText } from '../../sqlserver/quoteName.js';
import type { DestinationSession } from '../../sqlserver/session.js';
import { countQueued } from '../drainEventQueues/queueScope.js';

/** What still goes on in the applications that were disabled. */
export interface Activity {
  readonly queued: number;
  readonly timers: number;
  readonly activities: number;
}

/** Numbers that change when rows are added to or removed from the tables that the refresh will write. */
export type TableMarks = Readonly<Record<string, string>>;

/**
 * Looks for work under way. Disabled is not quiet: triggers still enqueue, and running timers and activities go on to
 * their end (trap 76).
 */
export async function lookForActivity(session: DestinationSession, plan: RefreshPlan): Promise<Activity> {
  return {
    queued: await countQueued(session, plan),
    timers: await countTimers(session, plan),
    activities: await countActivities(session, plan),
  };
}

/** The null date and NULL mean that nothing runs. */
const running = (column: string): string => `${column} > CONVERT(datetime, N'1900-01-01T00:00:00', 126)`;

async function countTimers(session: DestinationSession, plan: RefreshPlan): Promise<number> {
  const espaces = integerList(espaceIds(plan));
  let timers = 0;
  for (const table of ['OSSYS_CYCLIC_JOB', 'OSSYS_CYCLIC_JOB_SHARED']) {
    if (!(await exists(session, table))) continue;
    const [row] = await session.rows(
      `SELECT COUNT(*) FROM dbo.${table} j JOIN dbo.OSSYS_META_CYCLIC_JOB m ON m.ID = j.META_CYCLIC_JOB_ID ` +
        `WHERE m.ESPACE_ID IN (${espaces}) AND ${running('j.IS_RUNNING_SINCE')};`,
    );
    timers += Number(row?.[0]);
  }
  return timers;
}

async function countActivities(session: DestinationSession, plan: RefreshPlan): Promise<number> {
  if (!(await exists(session, 'OSSYS_BPM_ACTIVITY'))) return 0;
  const [row] = await session.rows(
    'SELECT COUNT(*) FROM dbo.OSSYS_BPM_ACTIVITY a JOIN dbo.OSSYS_BPM_PROCESS p ON p.ID = a.PROCESS_ID ' +
      `WHERE p.PROCESS_DEF_ID IN (${integerList(plan.queues.processDefinitionIds)}) AND ${running('a.IS_RUNNING_SINCE')};`,
  );
  return Number(row?.[0]);
}

async function exists(session: DestinationSession, table: string): Promise<boolean> {
  const [row] = await session.rows(`SELECT OBJECT_ID(${quoteText(`dbo.${table}`)}, N'U');`);
  return row?.[0] != null;
}

function espaceIds(plan: RefreshPlan): number[] {
  return [...new Set([...plan.queues.espaceIds, ...plan.applications.flatMap((application) => application.espaceIds)])];
}

/**
 * Row counts and identities of every table that will be written. Two looks with equal marks show that no rows were added
 * or removed in between; an update in place would not show.
 */
export async function markTables(session: DestinationSession, plan: RefreshPlan): Promise<TableMarks> {
  const marks: Record<string, string> = {};
  for (const table of writtenTables(plan)) {
    const name = quoteTable(table);
    const sys = table.database === null ? 'sys' : `${quoteTable(table).split('.')[0]}.sys`;
    const [row] = await session.rows(
      `SELECT (SELECT SUM(p.rows) FROM ${sys}.partitions p WHERE p.object_id = OBJECT_ID(${quoteText(name)}) AND p.index_id IN (0, 1)), ` +
        `CONVERT(bigint, IDENT_CURRENT(${quoteText(name)}));`,
    );
    marks[name] = `${String(row?.[0])}/${String(row?.[1])}`;
  }
  return marks;
}

function writtenTables(plan: RefreshPlan): TableName[] {
  const tables = new Map<string, TableName>();
  for (const table of [...plan.deletions.map((each) => each.table), ...plan.entities.map((each) => each.destinationTable)]) {
    tables.set(quoteTable(table), table);
  }
  return [...tables.values()];
}

/** Tables whose marks differ between two looks. */
export function changedTables(before: TableMarks, after: TableMarks): string[] {
  return Object.keys(after).filter((name) => before[name] !== undefined && before[name] !== after[name]);
}
