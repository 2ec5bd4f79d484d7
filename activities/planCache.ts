import { environmentNamed, type Configuration } from '../src/config.js';
import type { RunReference } from '../src/contract.js';
import { loadPlan } from '../src/migrate/state/planStore.js';
import { findStateTables, type StateTables } from '../src/migrate/state/stateTables.js';
import type { RefreshPlan } from '../src/plan/refreshPlan.js';
import { DestinationSession } from '../src/sqlserver/session.js';
import type { PlanSource } from './dependencies.js';

/** As many refreshes as one worker is likely to serve at a time. */
const keptPlans = 16;

interface KeptPlan {
  readonly plan: RefreshPlan;
  readonly state: StateTables;
}

/**
 * Reads plans from the state tables once; a plan never changes under its hash, and a published entity keeps its table.
 */
export function planCache(configuration: Configuration): PlanSource {
  const plans = new Map<string, Promise<KeptPlan>>();
  const kept = (run: RunReference): Promise<KeptPlan> => {
    const key = `${run.destination} ${run.planHash}`;
    const known = plans.get(key);
    if (known !== undefined) return known;
    const plan = readPlan(configuration, run);
    plans.set(key, plan);
    // A failed read is tried again by the next attempt.
    plan.catch(() => plans.delete(key));
    for (const oldest of plans.keys()) {
      if (plans.size <= keptPlans) break;
      plans.delete(oldest);
    }
    return plan;
  };
  return { load: async (run) => (await kept(run)).plan, state: async (run) => (await kept(run)).state };
}

async function readPlan(configuration: Configuration, run: RunReference): Promise<KeptPlan> {
  const destination = environmentNamed(configuration, run.destination);
  const session = await DestinationSession.open(destination);
  try {
    const state = await findStateTables(session, destination.state);
    return { plan: await loadPlan(session, state, run.planHash), state };
  } finally {
    session.close();
  }
}
