import { integerList, quoteText } from '../../sqlserver/quoteName.js';
import type { DestinationSession } from '../../sqlserver/session.js';
import type { StageContext } from '../stageContext.js';
import { recordFact } from '../state/notes.js';
import { withWriteTransaction } from '../state/transaction.js';

/** Minutes that an overdue timer waits after the applications are enabled. */
const delayMinutes = 60;

/**
 * Overdue timers would all run at once when the applications are enabled (trap 77): their next run moves to an hour from
 * now. Only NEXT_RUN may be written, and never while the timer runs. Doing it again changes nothing.
 */
export async function shiftTimers(context: StageContext, session: DestinationSession): Promise<void> {
  const espaces = integerList(context.plan.applications.flatMap((application) => application.espaceIds));
  const nullDate = "CONVERT(datetime, N'1900-01-01T00:00:00', 126)";
  for (const table of ['OSSYS_CYCLIC_JOB', 'OSSYS_CYCLIC_JOB_SHARED']) {
    const [row] = await session.rows(`SELECT OBJECT_ID(${quoteText(`dbo.${table}`)}, N'U');`);
    if (row?.[0] == null) continue;
    await withWriteTransaction(session, context.state, context.run, false, async (transaction) => {
      const [updated] = await session.rows(
        [
          'SET NOCOUNT ON;',
          `UPDATE j SET j.NEXT_RUN = DATEADD(minute, ${delayMinutes}, GETDATE()) FROM dbo.${table} j`,
          'JOIN dbo.OSSYS_META_CYCLIC_JOB m ON m.ID = j.META_CYCLIC_JOB_ID',
          `WHERE m.ESPACE_ID IN (${espaces}) AND j.NEXT_RUN > ${nullDate} AND j.NEXT_RUN < GETDATE()`,
          `AND (j.IS_RUNNING_SINCE IS NULL OR j.IS_RUNNING_SINCE <= ${nullDate});`,
          'SELECT @@ROWCOUNT;',
        ].join('\n'),
      );
      const count = Number(updated?.[0]);
      if (count > 0) await recordFact(transaction, context.state, 'enableApplications', `${table}: overdue timers put off`, count);
    });
  }
}
