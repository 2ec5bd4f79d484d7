import type { RefreshPlan } from '../src/plan/refreshPlan.js';
import { planRefresh } from '../src/plan/planRefresh.js';
import { parseRequest } from '../src/request.js';
import type { PreparedEnvironments } from '../test/support/preparedEnvironments.js';
import { StageRig } from '../test/support/stageRig.js';
import type { BenchEnvironments } from './environments.js';
import { measure, type Sample } from './measure.js';
import { application } from './model.js';

/** How the keys of the destination come about: `generate` translates every key and reference, `preserve` none. */
export type Keys = 'generate' | 'preserve';

type Configured = Pick<BenchEnvironments, 'configuration'>;

export function requestFor(keys: Keys): Record<string, unknown> {
  return { source: 'production', destination: 'qa', scope: { applications: [application] }, keys };
}

export async function planFor(environments: Configured, keys: Keys): Promise<RefreshPlan> {
  const { plan } = await planRefresh(environments.configuration, parseRequest(requestFor(keys)));
  return plan;
}

/** Rows that the plan moves. */
export function plannedRows(environments: BenchEnvironments, plan: RefreshPlan): number {
  const { rows } = environments.factories.production;
  return plan.entities.reduce((sum, { node }) => {
    const planned = plan.nodes[node];
    return sum + (rows[`${planned?.espace}.${planned?.entity}`] ?? 0);
  }, 0);
}

/** A refresh whose destination has been emptied, up to the rows: what is left is the data path. */
export async function readyToMove(environments: Configured, keys: Keys): Promise<StageRig> {
  const request = parseRequest(requestFor(keys));
  const plan = await planFor(environments, keys);
  const rig = await StageRig.openPlanned(environments as unknown as PreparedEnvironments, plan, request);
  await rig.upToItems();
  return rig;
}

/** Time of the data path: all items, activities called in a plain loop; emptying the destination is not counted. */
export async function timeRefresh(environments: Configured, keys: Keys): Promise<Sample> {
  const rig = await readyToMove(environments, keys);
  const sample = await measure(() => rig.items());
  await rig.close();
  return sample;
}
