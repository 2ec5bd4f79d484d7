import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assertRunnable } from '../../../src/plan/findings.js';
import type { RefreshPlan } from '../../../src/plan/refreshPlan.js';
import { createState } from '../../../src/migrate/state/createState.js';
import { stateTablesOf } from '../../../src/migrate/state/stateTables.js';
import { DestinationSession } from '../../../src/sqlserver/session.js';
import { environmentNamed } from '../../../src/config.js';
import { PlanRig, entityOf } from '../plan/planRig.js';
import { asAdministrator, connect, uniqueName } from '../../support/sqlServer.js';

const password = 'Least-Pr1vilege';
const logins = {
  source: uniqueName('reader'),
  destination: uniqueName('writer'),
  dataWriter: uniqueName('data_writer'),
};

/** Logins belong to the server and outlive the databases. */
const created: string[] = [];

let rig: PlanRig;

/** Runs a script of deploy/permissions as sqlcmd would: variables replaced, batches ended by GO. */
async function run(script: string, database: string, login: string): Promise<void> {
  created.push(login);
  const variables: Record<string, string> = { DATABASE: database, LOGIN: login, PASSWORD: password };
  const text = readFileSync(`deploy/permissions/${script}.sql`, 'utf8').replace(
    /\$\((\w+)\)/g,
    (_, name: string) => variables[name] ?? '',
  );
  const session = await connect('master');
  try {
    for (const batch of text.split(/^GO$/m)) if (batch.trim() !== '') await session.batch(batch);
  } finally {
    await session.close();
  }
}

/** A plan made with exactly these logins. */
function planAs(destination: string): Promise<RefreshPlan> {
  return rig.plan(
    {},
    rig.configuration({ production: { user: logins.source, password }, qa: { user: destination, password } }),
  );
}

const codes = (plan: RefreshPlan): string[] => plan.findings.map(({ code }) => code);

beforeAll(async () => {
  rig = await PlanRig.open(uniqueName('permissions'));
  await run('source', rig.factories.production.database, logins.source);
});
afterAll(async () => {
  await rig?.close();
  for (const login of created) await asAdministrator(`DROP LOGIN [${login}]`);
});

describe('the scripts of deploy/permissions', () => {
  it('destination-data-writer.sql: a plan that generates keys, and state tables of its own', async () => {
    const { database } = rig.factories.qa;
    await run('destination-data-writer', database, logins.dataWriter);
    const plan = await planAs(logins.dataWriter);
    expect(() => assertRunnable(plan)).not.toThrow();
    expect(plan.rights).toBe('dataWriter');
    expect(codes(plan)).toContain('RIGHTS_LIMITED');
    expect(plan.nodes[entityOf(plan, 'People.City').node]?.origin).toBe('generated');
    await rig.qa.request().batch('DROP SCHEMA [refresh]');
  });

  it('destination.sql: a plan that lacks nothing, and state tables of its own', async () => {
    const { database } = rig.factories.qa;
    await run('destination', database, logins.destination);
    const plan = await planAs(logins.destination);
    expect(() => assertRunnable(plan)).not.toThrow();
    expect(plan.rights).toBe('full');
    expect(codes(plan).filter((code) => code.startsWith('RIGHTS_'))).toEqual([]);

    const configuration = rig.configuration({ qa: { user: logins.destination, password } });
    const environment = environmentNamed(configuration, 'qa');
    const session = await DestinationSession.open(environment);
    try {
      await createState(session, stateTablesOf(environment.state));
      expect(await session.rows('SELECT COUNT(*) FROM refresh.ledger')).toEqual([[0]]);
    } finally {
      session.close();
    }
  });

  it('source.sql: the login reads and cannot write', async () => {
    const session = await connect(rig.factories.production.database, { user: logins.source, password });
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
