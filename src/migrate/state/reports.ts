import type { RunReport } from '../../report/runReport.js';
import type { DestinationSession } from '../../sqlserver/session.js';
import type { StateTables } from './stateTables.js';

/** Stores or replaces the report of a run. */
export async function storeReport(
  session: DestinationSession,
  state: StateTables,
  runNumber: number,
  report: RunReport,
): Promise<void> {
  const table = state.table('report');
  await session.query(
    `UPDATE ${table} SET content = @content, stored_at = GETUTCDATE() WHERE run = @run; ` +
      `INSERT INTO ${table} (run, content, stored_at) SELECT @run, @content, GETUTCDATE() WHERE NOT EXISTS (SELECT 1 FROM ${table} WHERE run = @run);`,
    { run: { type: 'int', value: runNumber }, content: { type: 'nvarchar', value: JSON.stringify(report) } },
  );
}

/** The report that a run left when it closed; null if there is none. */
export async function storedReport(
  session: DestinationSession,
  state: StateTables,
  runNumber: number,
): Promise<RunReport | null> {
  const [row] = await session.rows(`SELECT content FROM ${state.table('report')} WHERE run = ${runNumber};`);
  return typeof row?.[0] === 'string' ? (JSON.parse(row[0]) as RunReport) : null;
}
