import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { destinationNamed, environmentsAs, withMaintenanceProgram } from '../support/environmentsAs.js';
import { expectWholeRefresh, loginOf, model, tablesOfItsOwn } from '../support/leastRights.js';
import { dropLogins, type DocumentedLogin } from '../support/permissionScripts.js';
import { preparedEnvironments, type PreparedEnvironments } from '../support/preparedEnvironments.js';
import { RefreshRig } from '../support/refreshRig.js';

/** For a whole refresh or more, on a machine that may have other things to do. Milliseconds. */
const slowMachine = 300_000;

const destination = 'leastRights';

let environments: PreparedEnvironments;
let logins: { readonly production: DocumentedLogin; readonly qa: DocumentedLogin };
let rig: RefreshRig;

beforeAll(async () => {
  environments = withMaintenanceProgram(await preparedEnvironments({ rows: 30, model }));
  logins = {
    production: await loginOf('source', environments.factories.production.database),
    qa: await loginOf('destination', environments.factories.qa.database),
  };
  rig = await RefreshRig.start(destinationNamed(environmentsAs(environments, logins), destination));
});

afterAll(async () => {
  await rig?.stop();
  await environments?.drop();
  if (logins !== undefined) await dropLogins(Object.values(logins));
});

beforeEach(({ onTestFailed }) => {
  onTestFailed(async () => void process.stderr.write(`${await rig.log()}\n`));
});

describe('with destination.sql, everything that a refresh can use and nothing else', { timeout: slowMachine }, () => {
  it('a whole refresh comes to a verified end, with a schema that it created', async () => {
    await expectWholeRefresh(rig, environments, destination);
    expect(await tablesOfItsOwn(environments)).toBeGreaterThan(0);
  });
});
