import type { Configuration, EnvironmentConfiguration } from '../config.js';
import { workflowIdFor } from '../contract.js';
import { stateExists } from '../migrate/state/createState.js';
import { latestReport } from '../migrate/state/reports.js';
import { stateTablesOf } from '../migrate/state/stateTables.js';
import { DestinationSession } from '../sqlserver/session.js';
import type { RunReport } from './runReport.js';

/** The latest report of a workflow id; looks into the destination that the id names first, then into the others. */
export async function findReport(configuration: Configuration, workflowId: string): Promise<RunReport | null> {
  const destinations = Object.entries(configuration.environments).filter(([, { purpose }]) => purpose !== 'production');
  const named = destinations.filter(([name]) => workflowIdFor(name) === workflowId);
  const others = destinations.filter(([name]) => workflowIdFor(name) !== workflowId);
  for (const [, environment] of [...named, ...others]) {
    const report = await reportIn(environment, workflowId);
    if (report !== null) return report;
  }
  return null;
}

async function reportIn(environment: EnvironmentConfiguration, workflowId: string): Promise<RunReport | null> {
  const session = await DestinationSession.open(environment);
  try {
    const state = stateTablesOf(environment.state);
    if (!(await stateExists(session, state))) return null;
    return await latestReport(session, state, workflowId);
  } finally {
    session.close();
  }
}
