import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { passwords } from '../factories/support.js';
import { PlanRig, scalar } from './planRig.js';

let rig: PlanRig;

beforeAll(async () => {
  rig = await PlanRig.open('badinput');
});
afterAll(() => rig.close());

describe('bad input ends before anything is looked at', () => {
  it('swapped environments (trap 85)', async () => {
    await expect(rig.plan({ source: 'qa', destination: 'production' })).rejects.toMatchObject({
      code: 'DESTINATION_IS_PRODUCTION',
      message:
        'The destination production is a production environment; it is never written. The source qa is not a production one: source and destination look swapped.',
    });
  });

  it('two names for one database, compared by what the server says', async () => {
    const same = rig.configuration({
      qa: {
        server: 'localhost',
        database: rig.factories.production.database,
        user: 'prod_reader',
        password: passwords.prod_reader,
      },
    });
    await expect(rig.plan({}, same)).rejects.toMatchObject({ code: 'SAME_DATABASE' });
  });

  it('a source login that could write, unless allowed (trap 85)', async () => {
    const owner = { database: rig.factories.qa.database, user: 'qa_refresh', password: passwords.qa_refresh };
    const destination = {
      database: rig.factories.production.database,
      user: 'prod_reader',
      password: passwords.prod_reader,
    };
    await expect(rig.plan({}, rig.configuration({ production: owner, qa: destination }))).rejects.toMatchObject({
      code: 'SOURCE_WRITABLE',
    });
    await expect(
      rig.plan({}, rig.configuration({ production: { ...owner, allowWritableSource: true }, qa: destination })),
    ).resolves.toMatchObject({ format: 1 });
  });

  it('a wrong password, an unknown database and an unreachable server, each with a remedy', async () => {
    for (const change of [{ password: 'wrong' }, { database: 'nowhere' }, { port: 1 }]) {
      await expect(rig.plan({}, rig.configuration({ production: change }))).rejects.toMatchObject({
        code: 'ENVIRONMENT_UNREACHABLE',
        name: 'BadInputError',
      });
    }
  });

  it('an unknown environment, application, espace, entity, with the nearest names', async () => {
    await expect(rig.plan({ source: 'prodution' })).rejects.toThrow(
      'no environment named prodution (nearest: production',
    );
    await expect(rig.plan({ scope: { applications: ['Recruting'] } })).rejects.toThrow(
      'application Recruting does not exist in the source (nearest: Recruiting',
    );
    await expect(rig.plan({ scope: { espaces: ['Peopel'] } })).rejects.toThrow(
      /espace Peopel does not exist in the source \(nearest: .*People/,
    );
    await expect(rig.plan({ scope: { entities: ['People.Persn'] } })).rejects.toThrow(/nearest: .*People.Person/);
  });

  it('a database that is no platform database', async () => {
    await expect(
      rig.plan({}, rig.configuration({ qa: { database: 'master', user: 'qa_refresh' } })),
    ).rejects.toMatchObject({ name: 'BadInputError' });
  });

  it('and nothing was written', async () => {
    expect(await scalar(rig.qa, "SELECT COUNT(*) AS n FROM sys.schemas WHERE name = N'refresh'")).toBe(0);
  });
});

describe('a login without write rights', () => {
  it('still gets its plan, which says what it lacks', async () => {
    const reader = { user: 'qa_writer', password: passwords.qa_writer };
    const plan = await rig.plan({}, rig.configuration({ qa: reader }));
    const found = plan.findings.map((finding) => finding.code);
    expect(plan.rights).toBe('applicationTables');
    expect(found).toContain('RIGHTS_LIMITED');
  });
});
