import type { Configuration, EnvironmentConfiguration } from '../config.js';
import { workflowIdFor } from '../contract.js';
import { buildReport, type ToldByWorkflow } from '../migrate/closeRun/buildReport.js';
import { stateExists } from '../migrate/state/createState.js';
import { readJournal } from '../migrate/state/journal.js';
import { loadPlan } from '../migrate/state/planStore.js';
import { storedReport } from '../migrate/state/reports.js';
import { findLatestRun, type StoredRun } from '../migrate/state/run.js';
import { findStateTables } from '../migrate/state/stateTables.js';
import { DestinationSession } from '../sqlserver/session.js';
import type { RunReport } from './runReport.js';

/** Asks the workflow of a run that has not closed; null where it or its worker does not answer. */
export type AskWorkflow = (run: string) => Promise<ToldByWorkflow | null>;

/**
 * The report of the latest run of a workflow id; looks into the destination that the id names first, then into the
 * others. A run that closed has left its report; of any other it is made now, from what was committed so far.
 */
export async function findReport(
  configuration: Configuration,
  workflowId: string,
  askWorkflow: AskWorkflow = () => Promise.resolve(null),
): Promise<RunReport | null> {
  const destinations = Object.entries(configuration.environments).filter(([, { purpose }]) => purpose !== 'production');
  const named = destinations.filter(([name]) => workflowIdFor(name) === workflowId);
  const others = destinations.filter(([name]) => workflowIdFor(name) !== workflowId);
  for (const [, environment] of [...named, ...others]) {
    const report = await reportIn(environment, workflowId, askWorkflow);
    if (report !== null) return report;
  }
  return null;
}

async function reportIn(
  environment: EnvironmentConfiguration,
  workflowId: string,
  askWorkflow: AskWorkflow,
): Promise<RunReport | null> {
  const session = await DestinationSession.open(environment);
  try {
    const state = await findStateTables(session, environment.state);
    if (!(await stateExists(session, state))) return null;
    const run = await findLatestRun(session, state, workflowId);
    if (run === null) return null;
    const stored = run.open ? null : await storedReport(session, state, run.number);
    if (stored !== null) return stored;
    const told = (await askWorkflow(run.run)) ?? { status: null, ...(await readJournal(session, state, run.number)) };
    const plan = await loadPlan(session, state, run.planHash);
    const left = told.status === null ? notAnswering(run) : stillRunning(run);
    return await buildReport(session, state, plan, run, told, { ending: null, failure: null, left: [left] });
  } finally {
    session.close();
  }
}

function stillRunning({ workflowId }: StoredRun): string {
  return `The run has not ended. See where it stands with: refresh status ${workflowId}`;
}

function notAnswering({ workflowId, destination }: StoredRun): string {
  return (
    `The run has not closed and its workflow was not asked or does not answer: this is what its commits tell. See refresh status ` +
    `${workflowId}; if the workflow is gone, end the run with: refresh recover ${destination}`
  );
}
