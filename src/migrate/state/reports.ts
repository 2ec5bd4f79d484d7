import type { RunReport } from '../../report/runReport.js';
import { quoteText } from '../../sqlserver/quoteName.js';
import type { DestinationSession } from '../../sqlserver/session.js';
import type { StateTables } from './stateTables.js';

/** Writes a run's report; writing it again replaces it. */
export async function storeReport(session: DestinationSession, state: StateTables, runNumber: number, report: RunReport): Promise<void> {
  const table = state.table('report');
  await session.query(
    `MERGE ${table} WITH (HOLDLOCK) AS t USING (SELECT @run AS run, @content AS content) AS s ON t.run = s.run ` +
      'WHEN MATCHED THEN UPDATE SET content = s.content, stored_at = GETUTCDATE() ' +
      'WHEN NOT MATCHED THEN INSERT (run, content, stored_at) VALUES (s.run, s.content, GETUTCDATE());',
    { run: { type: 'int', value: runNumber }, content: { type: 'nvarchar', value: JSON.stringify(report) } },
  );
}

/** The report of the newest run with that workflow id, or null. */
export async function latestReport(session: DestinationSession, state: StateTables, workflowId: string): Promise<RunReport | null> {
  const [row] = await session.rows(
    `SELECT TOP (1) p.content FROM ${state.table('report')} p JOIN ${state.table('run')} r ON r.number = p.run ` +
      `WHERE r.workflow_id = ${quoteText(workflowId)} ORDER BY r.number DESC;`,
  );
  return typeof row?.[0] === 'string' ? (JSON.parse(row[0]) as RunReport) : null;
}
