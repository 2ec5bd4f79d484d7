import type { RefreshPlan } from '../../plan/refreshPlan.js';
import { integerList } from '../../sqlserver/quoteName.js';
import type { DestinationSession } from '../../sqlserver/session.js';

/**
 * Condition on a queue row `q` for rows of the applications that the refresh touches: by espace, by process definition,
 * or by an activity of such a definition. Rows of other applications are neither waited for nor touched.
 */
export function queueScope(plan: RefreshPlan): string {
  const espaces = integerList(plan.queues.espaceIds);
  const definitions = integerList(plan.queues.processDefinitionIds);
  return (
    `(q.ESPACE_ID IN (${espaces}) OR q.PROCESS_DEF_ID IN (${definitions}) OR EXISTS (SELECT 1 FROM dbo.OSSYS_BPM_ACTIVITY a ` +
    `JOIN dbo.OSSYS_BPM_PROCESS p ON p.ID = a.PROCESS_ID WHERE a.ID = q.ACTIVITY_ID AND p.PROCESS_DEF_ID IN (${definitions})))`
  );
}

/** Rows of both queues in scope. */
export async function countQueued(session: DestinationSession, plan: RefreshPlan): Promise<number> {
  let queued = 0;
  for (const table of plan.queues.tables) {
    const [row] = await session.rows(`SELECT COUNT(*) FROM dbo.${table} q WHERE ${queueScope(plan)};`);
    queued += Number(row?.[0]);
  }
  return queued;
}

/** Deletes at most `rows` queue rows in scope; answers their number. */
export async function deleteQueued(session: DestinationSession, plan: RefreshPlan, table: string, rows: number): Promise<number> {
  const [row] = await session.rows(`SET NOCOUNT ON;\nDELETE TOP (${rows}) q FROM dbo.${table} q WHERE ${queueScope(plan)};\nSELECT @@ROWCOUNT;`);
  return Number(row?.[0]);
}

/** Rows a statement: the scheduler works on these tables at the same time. */
export const queueRows = 2_000;
