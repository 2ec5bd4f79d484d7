import type { CloseRunInput } from '../../contract.js';
import type { RefreshPlan } from '../../plan/refreshPlan.js';
import type { EntityReport, RunReport } from '../../report/runReport.js';
import { quoteText } from '../../sqlserver/quoteName.js';
import type { DestinationSession } from '../../sqlserver/session.js';
import { readFacts } from '../state/notes.js';
import { storeReport } from '../state/reports.js';
import { closeRunRow, findRun } from '../state/run.js';
import type { StateTables } from '../state/stateTables.js';

/**
 * Writes the report and closes the run row; from here on every late writer is refused. Closing again replaces the report
 * and changes nothing else. A run that never opened its row has no report.
 */
export async function closeRun(
  session: DestinationSession,
  state: StateTables,
  plan: RefreshPlan,
  input: CloseRunInput,
): Promise<void> {
  const stored = await findRun(session, state, input.run.run);
  if (stored === null) return;
  const entities = await entityReports(session, state, plan, input.run.run);
  const report: RunReport = {
    format: 1,
    workflowId: input.run.workflowId,
    run: input.run.run,
    source: input.run.source,
    destination: input.run.destination,
    planHash: input.run.planHash,
    ending: input.ending,
    failure: input.failure,
    status: input.status,
    decisions: input.decisions,
    findings: plan.findings,
    entities,
    facts: await readFacts(session, state, input.run.run),
    left: [...input.left, ...quarantineLeft(entities, state)],
  };
  await storeReport(session, state, stored.number, report);
  await closeRunRow(session, state, input.run.run, input.ending);
}

/** The run's account by entity, from its ledger. */
export async function entityReports(
  session: DestinationSession,
  state: StateTables,
  plan: RefreshPlan,
  run: string,
): Promise<EntityReport[]> {
  const sums = [
    'rows_read',
    'rows_written',
    'rows_matched',
    'rows_quarantined',
    'references_orphaned',
    'references_unmapped',
    'references_deferred',
  ].map((column) => `SUM(l.${column})`);
  const rows = await session.rows(
    `SELECT l.entity, COUNT(*), ${sums.join(', ')} FROM ${state.table('ledger')} l JOIN ${state.table('run')} r ON r.number = l.run ` +
      `WHERE r.id = ${quoteText(run)} AND l.work_item LIKE N'item:%' AND l.entity IS NOT NULL GROUP BY l.entity ORDER BY l.entity;`,
  );
  return rows.flatMap((row): EntityReport[] => {
    const [index, batches, rowsRead, rowsWritten, rowsMatched, rowsQuarantined, orphaned, unmapped, deferred] = row.map(
      Number,
    ) as Numbers;
    const node = plan.nodes[plan.entities[index]?.node ?? -1];
    if (node === undefined) return [];
    return [
      {
        name: `${node.espace}.${node.entity}`,
        keys: node.origin,
        rowsRead,
        rowsWritten,
        rowsMatched,
        rowsQuarantined,
        referencesOrphaned: orphaned,
        referencesUnmapped: unmapped,
        referencesDeferred: deferred,
        batches,
      },
    ];
  });
}

type Numbers = [number, number, number, number, number, number, number, number, number];

function quarantineLeft(entities: readonly EntityReport[], state: StateTables): string[] {
  const rows = entities.reduce((sum, entity) => sum + entity.rowsQuarantined, 0);
  return rows === 0 ? [] : [`${rows} rows were set aside; their keys and reasons are in ${state.table('quarantine')}.`];
}
