import { Context } from '@temporalio/activity';
import { environmentNamed, type EnvironmentConfiguration } from '../src/config.js';
import type { PreflightResult, RefreshActivities } from '../src/contract.js';
import { BadInputError } from '../src/plan/badInput.js';
import { parseRequest } from '../src/request.js';
import { classifyError } from '../src/sqlserver/errors.js';
import type { DatabaseIdentity } from '../src/survey/facts.js';
import { assertDifferentDatabases, assertDirection, readIdentity } from '../src/survey/identity.js';
import { EnvironmentUnreachableError, openEnvironment } from '../src/survey/openEnvironment.js';
import type { ActivityDependencies } from './dependencies.js';
import { inSlice } from './stageActivity.js';

/** Checks the request, the configuration, both connections and the direction; fills in the request's defaults. */
export function preflight(dependencies: ActivityDependencies): RefreshActivities['preflight'] {
  return (input) =>
    inSlice(async (): Promise<PreflightResult> => {
      const request = parseRequest(input.request);
      const from = { name: request.source, ...environmentNamed(dependencies.configuration, request.source) };
      const to = { name: request.destination, ...environmentNamed(dependencies.configuration, request.destination) };
      assertDirection(from, to);
      const [source, destination] = [await identityOf(from), await identityOf(to)];
      assertDifferentDatabases({ ...from, identity: source }, { ...to, identity: destination });
      return {
        request,
        searchAttributes: await dependencies.searchAttributesKnown(),
        maintenance: to.maintenance.mode,
      };
    });
}

/** A passing trouble is left to the next attempt; the last one tells the operator which environment is at fault. */
async function identityOf(
  environment: EnvironmentConfiguration & { readonly name: string },
): Promise<DatabaseIdentity> {
  try {
    const pool = await openEnvironment(environment.name, environment);
    try {
      return await readIdentity(pool);
    } finally {
      await pool.close();
    }
  } catch (error) {
    if (error instanceof BadInputError && !(error instanceof EnvironmentUnreachableError)) throw error;
    const cause = error instanceof EnvironmentUnreachableError ? error.cause : classifyError(error);
    if (cause.retried && !isLastAttempt()) throw cause;
    throw new EnvironmentUnreachableError(environment.name, environment, cause);
  }
}

function isLastAttempt(): boolean {
  const { attempt, retryPolicy } = Context.current().info;
  return attempt >= (retryPolicy?.maximumAttempts ?? Infinity);
}
