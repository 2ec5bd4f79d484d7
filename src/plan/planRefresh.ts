import { environmentNamed, type Configuration } from '../config.js';
import type { RefreshRequest } from '../contract.js';
import { openEnvironment } from '../survey/openEnvironment.js';
import { planHash } from './buildPlan.js';
import { makePlan } from './makePlan.js';
import type { RefreshPlan } from './refreshPlan.js';

/**
 * Opens read-only pools to both environments, makes the plan and closes them: what `refresh plan` and the stage share.
 * Throws what makePlan() throws, and EnvironmentUnreachableError.
 */
export async function planRefresh(
  configuration: Configuration,
  request: RefreshRequest,
  onProgress?: (what: string) => void,
): Promise<{ plan: RefreshPlan; planHash: string }> {
  const source = await openEnvironment(request.source, environmentNamed(configuration, request.source));
  try {
    const destination = await openEnvironment(
      request.destination,
      environmentNamed(configuration, request.destination),
    );
    try {
      const progress = onProgress === undefined ? {} : { onProgress };
      const plan = await makePlan({ request, configuration, source, destination, ...progress });
      return { plan, planHash: planHash(plan) };
    } finally {
      await destination.close();
    }
  } finally {
    await source.close();
  }
}
