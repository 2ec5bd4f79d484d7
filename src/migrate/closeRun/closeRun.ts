import type { CloseRunInput } from '../../contract.js';
import type { RefreshPlan } from '../../plan/refreshPlan.js';
import type { DestinationSession } from '../../sqlserver/session.js';
import { readJournal } from '../state/journal.js';
import { storedReport, storeReport } from '../state/reports.js';
import { closeRunRow, findRun } from '../state/run.js';
import type { StateTables } from '../state/stateTables.js';
import { buildReport, type ToldByWorkflow } from './buildReport.js';

/**
 * Closes the run row, so that every late writer is refused and whatever befalls the report the destination is free, and
 * writes the report. Closing again replaces the report and changes nothing else. A run that never opened its row has no
 * report.
 */
export async function closeRun(
  session: DestinationSession,
  state: StateTables,
  plan: RefreshPlan,
  input: CloseRunInput,
): Promise<void> {
  const stored = await findRun(session, state, input.run.run);
  if (stored === null) return;
  await closeRunRow(session, state, input.run.run, input.ending);
  const told = input.status.run === stored.run ? input : await toldBefore(session, state, stored.number, input);
  const report = await buildReport(session, state, plan, stored, told, input);
  await storeReport(session, state, stored.number, report);
}

/** A run that another workflow closes (recover) keeps what its own workflow had reported, or at least written down. */
async function toldBefore(
  session: DestinationSession,
  state: StateTables,
  runNumber: number,
  { decisions, failures, status }: CloseRunInput,
): Promise<ToldByWorkflow> {
  const report = await storedReport(session, state, runNumber);
  const before = report ?? (await readJournal(session, state, runNumber, status.run));
  return {
    status: report?.status ?? null,
    decisions: [...before.decisions, ...decisions],
    failures: [...before.failures, ...failures],
  };
}
