import { environmentNamed } from '../src/config.js';
import type { PlanSummary, RefreshActivities } from '../src/contract.js';
import { createState } from '../src/migrate/state/createState.js';
import { storePlan } from '../src/migrate/state/planStore.js';
import { openRun } from '../src/migrate/state/run.js';
import { findStateTables } from '../src/migrate/state/stateTables.js';
import { assertRunnable, warningsHash } from '../src/plan/findings.js';
import { planRefresh } from '../src/plan/planRefresh.js';
import type { RefreshPlan } from '../src/plan/refreshPlan.js';
import { DestinationSession } from '../src/sqlserver/session.js';
import { EnvironmentUnreachableError } from '../src/survey/openEnvironment.js';
import type { ActivityDependencies } from './dependencies.js';
import { inSlice } from './stageActivity.js';

/** Decides the refresh and, as the first write to the destination, opens the run. */
export function plan(dependencies: ActivityDependencies): RefreshActivities['plan'] {
  return ({ request, run, workflowId }) =>
    inSlice(async ({ signal, heartbeat }) => {
      const made = await planWhenReachable(() => planRefresh(dependencies.configuration, request, heartbeat));
      assertRunnable(made.plan);
      const destination = environmentNamed(dependencies.configuration, request.destination);
      const session = await DestinationSession.open(destination, { signal });
      try {
        const state = await findStateTables(session, destination.state);
        await createState(session, state);
        const planHash = await storePlan(session, state, made.plan);
        const { source, destination: name } = request;
        const opened = await openRun(session, state, { run, workflowId, source, destination: name, request, planHash });
        return summaryOf(made.plan, planHash, opened.epoch);
      } finally {
        session.close();
      }
    });
}

/** Preflight reached both environments: one that cannot be reached now is waited for, as in every later stage. */
async function planWhenReachable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof EnvironmentUnreachableError && error.cause.retried ? error.cause : error;
  }
}

/** Counts and the compact graph: what the workflow keeps, well below Temporal's payload limit. */
function summaryOf(made: RefreshPlan, planHash: string, epoch: number): PlanSummary {
  const warnings = made.findings.filter(({ severity }) => severity === 'warning');
  return {
    planHash,
    epoch,
    warningsHash: warningsHash(made),
    warnings: warnings.length,
    applications: made.applications.map(({ name }) => name),
    entities: made.entities.map(({ node, rows }) => {
      const { espace, entity } = made.nodes[node]!;
      return { espace, entity, rows };
    }),
    items: made.items,
    users: made.users?.created ?? 0,
    processes: made.processes?.trees ?? 0,
    deletions: made.deletions.reduce((sum, { rows }) => sum + rows, 0),
    eventTables: made.eventTables.length,
  };
}
