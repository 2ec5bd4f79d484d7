import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RefreshPlan } from '../../../src/plan/refreshPlan.js';
import { environmentsAs } from '../../support/environmentsAs.js';
import { foresee } from '../../support/foreseen.js';
import { documentedLogin, dropLogins, type DocumentedLogin } from '../../support/permissionScripts.js';
import { preparedEnvironments, type PreparedEnvironments } from '../../support/preparedEnvironments.js';
import { asAdministrator, uniqueName } from '../../support/sqlServer.js';
import { StageRig } from '../../support/stageRig.js';
import { nameOf, value } from './support.js';

/** References cross from these modules to those of the platform's database, and the other way. */
const catalogModules = ['Recruiting', 'Organization'];

/** With the documented logins, in every database. */
let environments: PreparedEnvironments;
const logins: DocumentedLogin[] = [];

beforeAll(async () => {
  const prepared = await preparedEnvironments({ rows: 100, scheduler: false, catalogModules });
  const { productionDatabase, qaDatabase } = prepared.catalog ?? { productionDatabase: '', qaDatabase: '' };
  const [reader, writer] = [uniqueName('reader'), uniqueName('writer')];
  const production = await documentedLogin('source', prepared.factories.production.database, reader);
  const qa = await documentedLogin('destination', prepared.factories.qa.database, writer);
  logins.push(production, qa);
  await documentedLogin('source-catalog', productionDatabase, reader);
  await documentedLogin('destination-catalog', qaDatabase, writer);
  environments = environmentsAs(prepared, { production, qa });
});
afterAll(async () => {
  await environments?.drop();
  await dropLogins(logins);
});

function inCatalog(plan: RefreshPlan): Record<string, boolean> {
  return Object.fromEntries(
    plan.entities.map(({ node, destinationTable }) => [nameOf(plan, node), destinationTable.database !== null]),
  );
}

function events(): Promise<unknown> {
  return value(
    environments.qa,
    'SELECT (SELECT COUNT(*) FROM OSSYS_BPM_EVENT) + (SELECT COUNT(*) FROM OSSYS_BPM_EVENT_QUEUE)',
  );
}

/** A refresh from the first stage that writes to the last, compared with the image of production. */
async function refreshed(more: object = {}): Promise<StageRig> {
  const foreseen = await foresee(environments, 'Recruiting');
  const queued = await events();
  const request = { scope: { applications: ['Recruiting'] }, tenants: 'exclude', unmapped: 'setNull', ...more };
  const rig = await StageRig.open(environments, request);
  await rig.all(120);
  await rig.close();
  expect(await foreseen.found()).toEqual(foreseen.expected);
  // Applications would work them off: rows of the other database must not have raised any.
  expect(await events()).toBe(queued);
  return rig;
}

describe('applications in several catalogs of one instance', () => {
  it('moves rows, keys and references across databases, clears what was there and keeps events silent (trap 88)', async () => {
    const { plan } = (await refreshed()).context;
    expect(inCatalog(plan)).toMatchObject({ 'Recruiting.Candidate': true, 'People.Person': false });
    expect(plan.rights).toBe('full');
    expect(plan.eventTables.filter(({ destination }) => destination.database !== null).length).toBeGreaterThan(0);
  });

  it('reads without SNAPSHOT where one of production’s databases forbids it, and lets each database make its keys', async () => {
    const name = environments.catalog?.productionDatabase ?? '';
    await asAdministrator(`ALTER DATABASE [${name}] SET ALLOW_SNAPSHOT_ISOLATION OFF`);
    const { plan } = (await refreshed({ keys: 'generate' })).context;
    const origins = plan.nodes.filter(({ destination }) => destination?.table.database != null);
    expect(origins.map(({ origin }) => origin)).toContain('generated');
  });
});
