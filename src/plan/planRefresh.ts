import type { RefreshRequest } from '../contract.js';
import { environmentNamed, type Configuration } from '../config.js';
import { RefreshError } from '../sqlserver/errors.js';
import { openReadPool, type ReadPool } from '../sqlserver/readPool.js';
import { BadInputError } from './badInput.js';
import { planHash } from './buildPlan.js';
import { makePlan } from './makePlan.js';
import type { RefreshPlan } from './refreshPlan.js';
import { assertDirection } from '../survey/identity.js';

/** Connections to each environment: the survey asks a few questions at once. */
const connections = 4;

/**
 * Connects to both environments of the request, makes the plan, and closes the connections. Reads only.
 * Throws BadInputError for what the operator can mend: names, direction, an unreachable server, a refused login.
 */
export async function planRefresh(
  configuration: Configuration,
  request: RefreshRequest,
  onProgress?: (what: string) => void,
): Promise<{ readonly planHash: string; readonly plan: RefreshPlan }> {
  const from = environmentNamed(configuration, request.source);
  const to = environmentNamed(configuration, request.destination);
  assertDirection({ name: request.source, ...from }, { name: request.destination, ...to });
  const source = await open(configuration, request.source);
  try {
    const destination = await open(configuration, request.destination);
    try {
      const plan = await makePlan({
        request,
        configuration,
        source,
        destination,
        ...(onProgress === undefined ? {} : { onProgress }),
      });
      return { planHash: planHash(plan), plan };
    } finally {
      await destination.close();
    }
  } finally {
    await source.close();
  }
}

async function open(configuration: Configuration, name: string): Promise<ReadPool> {
  try {
    return await openReadPool(environmentNamed(configuration, name), connections);
  } catch (error) {
    if (!(error instanceof RefreshError)) throw error;
    throw new BadInputError(
      'ENVIRONMENT_UNREACHABLE',
      `Environment ${name} cannot be used: ${error.message}.`,
      error.remedy,
    );
  }
}
