import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withStateModule } from '../../../sandbox/factories/modules/refreshState.js';
import { recruitingFactory } from '../../../sandbox/factories/recruitingFactory.js';
import { assertRunnable } from '../../../src/plan/findings.js';
import type { RefreshPlan } from '../../../src/plan/refreshPlan.js';
import { createState } from '../../../src/migrate/state/createState.js';
import { findStateTables } from '../../../src/migrate/state/stateTables.js';
import { DestinationSession } from '../../../src/sqlserver/session.js';
import { environmentNamed } from '../../../src/config.js';
import { PlanRig, entityOf } from '../plan/planRig.js';
import { documentedLogin, dropLogins, type DocumentedLogin } from '../../support/permissionScripts.js';
import { connect, uniqueName } from '../../support/sqlServer.js';

let rig: PlanRig;
let source: DocumentedLogin;
const created: DocumentedLogin[] = [];

async function login(script: string, database: string): Promise<DocumentedLogin> {
  const made = await documentedLogin(script, database, uniqueName('documented'));
  created.push(made);
  return made;
}

/** A plan made with exactly these logins. */
function planAs(destination: DocumentedLogin, more: object = {}): Promise<RefreshPlan> {
  return rig.plan({}, rig.configuration({ production: source, qa: { ...destination, ...more } }));
}

const codes = (plan: RefreshPlan): string[] => plan.findings.map(({ code }) => code);

beforeAll(async () => {
  rig = await PlanRig.open(uniqueName('permissions'), withStateModule(recruitingFactory()));
  source = await login('source', rig.factories.production.database);
});
afterAll(async () => {
  await rig?.close();
  await dropLogins(created);
});

describe('the scripts of deploy/permissions', () => {
  it('destination-data-writer.sql: a plan that generates keys, and state tables of its own', async () => {
    const plan = await planAs(await login('destination-data-writer', rig.factories.qa.database));
    expect(() => assertRunnable(plan)).not.toThrow();
    expect(plan.rights).toBe('dataWriter');
    expect(codes(plan)).toContain('RIGHTS_LIMITED');
    expect(plan.nodes[entityOf(plan, 'People.City').node]?.origin).toBe('generated');
    await rig.qa.request().batch('DROP SCHEMA [refresh]');
  });

  it('destination.sql: a plan that lacks nothing, and state tables of its own', async () => {
    const destination = await login('destination', rig.factories.qa.database);
    const plan = await planAs(destination);
    expect(() => assertRunnable(plan)).not.toThrow();
    expect(plan.rights).toBe('full');
    expect(codes(plan).filter((code) => code.startsWith('RIGHTS_'))).toEqual([]);

    const configuration = rig.configuration({ qa: destination });
    const environment = environmentNamed(configuration, 'qa');
    const session = await DestinationSession.open(environment);
    try {
      await createState(session, await findStateTables(session, environment.state));
      expect(await session.rows('SELECT COUNT(*) FROM refresh.ledger')).toEqual([[0]]);
    } finally {
      session.close();
    }
  });

  it('destination-state-module.sql: no table can be made, so a plan needs the module with the state', async () => {
    const noDdl = await login('destination-state-module', rig.factories.qa.database);
    const blocking = async (state: object): Promise<string[]> =>
      (await planAs(noDdl, { state })).findings
        .filter(({ severity }) => severity === 'blocking')
        .map(({ code, subject }) => `${code} ${subject}`);
    expect(await blocking({ schema: 'of_nobody' })).toEqual(['RIGHTS_STATE_SCHEMA of_nobody']);
    expect(await blocking({ espace: 'RefreshState' })).toEqual([]);
  });

  it('source.sql: the login reads and cannot write', async () => {
    const session = await connect(rig.factories.production.database, source);
    try {
      expect(Number(await session.value('SELECT COUNT(*) FROM dbo.OSSYS_USER'))).toBeGreaterThan(0);
      await expect(
        session.batch("INSERT INTO dbo.OSSYS_GROUP (NAME, TENANT_ID) VALUES (N'x', 1)"),
      ).rejects.toMatchObject({ number: 229 });
    } finally {
      await session.close();
    }
  });
});
