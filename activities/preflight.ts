import { environmentNamed } from '../src/config.js';
import type { PreflightResult, RefreshActivities } from '../src/contract.js';
import { parseRequest } from '../src/request.js';
import { openReadPool } from '../src/sqlserver/readPool.js';
import { assertDifferentDatabases, assertDirection, readIdentity } from '../src/survey/identity.js';
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
      const [source, destination] = [await openReadPool(from), await openReadPool(to)];
      try {
        const identities = await Promise.all([readIdentity(source), readIdentity(destination)]);
        assertDifferentDatabases({ ...from, identity: identities[0] }, { ...to, identity: identities[1] });
      } finally {
        await Promise.all([source.close(), destination.close()]);
      }
      return {
        request,
        searchAttributes: await dependencies.searchAttributesKnown(),
        maintenance: to.maintenance.mode,
      };
    });
}
