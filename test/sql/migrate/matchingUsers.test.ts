import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planRefresh } from '../../../src/plan/planRefresh.js';
import type { RefreshPlan } from '../../../src/plan/refreshPlan.js';
import { parseRequest } from '../../../src/request.js';
import { preparedEnvironments, type PreparedEnvironments } from '../../support/preparedEnvironments.js';
import { StageRig } from '../../support/stageRig.js';
import { columnOf, list, loginsOfImages, requestOfMembers, run, tableOf } from './support.js';

let environments: PreparedEnvironments;

/** People whom departments name, in this order: login and external id in production. */
const managers = [
  ['nobodys.id', ''],
  ['of.lost.tenant', 'EXT-LOST'],
  ['elsewhere.too', 'EXT-NEW'],
] as const;

beforeAll(async () => {
  environments = await preparedEnvironments({ rows: 60, scheduler: false });
  const { production, qa } = environments;
  const insert = (login: string, externalId: string, tenant: string): string =>
    `INSERT INTO OSSYS_USER (TENANT_ID, NAME, USERNAME, EMAIL, EXTERNAL_ID, IS_ACTIVE)
     SELECT TOP (1) ID, N'Of ${login}', N'${login}', N'', N'${externalId}', 1 FROM OSSYS_TENANT WHERE NAME = N'${tenant}' ORDER BY ID;`;
  const department = await tableOf(production, 'Organization', 'Department');
  const manager = await columnOf(production, 'Organization', 'Department', 'ManagerId');
  const member = await tableOf(production, 'Organization', 'Member');
  const userId = await columnOf(production, 'Organization', 'Member', 'UserId');
  await run(
    production,
    `INSERT INTO OSSYS_TENANT (NAME, ESPACE_ID, IS_ACTIVE) SELECT TOP (1) N'Lost', ESPACE_ID, 1 FROM OSSYS_TENANT WHERE NAME = N'Users' ORDER BY ID;` +
      managers.map(([login, id]) => insert(login, id, login === 'of.lost.tenant' ? 'Lost' : 'Users')).join('\n') +
      `UPDATE ${member} SET ${userId} = NULL; UPDATE ${department} SET ${manager} = NULL;` +
      managers
        .map(
          ([login], at) =>
            `UPDATE ${department} SET ${manager} = (SELECT MAX(ID) FROM OSSYS_USER WHERE USERNAME = N'${login}') WHERE ID = (SELECT MAX(x.ID) FROM (SELECT TOP (${at + 1}) ID FROM ${department} ORDER BY ID) x);`,
        )
        .join('\n'),
  );
  await run(
    qa,
    insert('somebody.else', '', 'Users') +
      insert('found.again', 'EXT-LOST', 'Users') +
      insert('ELSEWHERE.too', 'EXT-OLD', 'Users'),
  );
});

afterAll(async () => {
  await environments?.drop();
});

async function planned(users: object): Promise<RefreshPlan> {
  return (await planRefresh(environments.configuration, parseRequest(requestOfMembers(users)))).plan;
}

describe('users that are matched by an attribute which not everybody has', () => {
  it('are found in whatever tenant; of a tenant that the destination lacks nobody is created', async () => {
    expect((await planned({ match: ['email'] })).users).toMatchObject({
      needed: 3,
      matched: 0,
      created: 2,
      unmatched: 1,
    });
    const inTenant = await planned({ match: ['externalId', 'tenant'] });
    expect(inTenant.users).toMatchObject({ needed: 3, matched: 0, created: 2, unmatched: 1 });
  });

  it('are announced where they would be created beside somebody of the same login and tenant (trap 58)', async () => {
    const said = async (users: object) =>
      (await planned(users)).findings.filter(({ code }) => code === 'USERS_NAMESAKES').map((each) => each.message);
    expect(await said({ match: ['email'] })).toEqual([
      '1 users to create have the login of another user of the same tenant.',
    ]);
    expect(await said({ match: ['email'], mode: 'matchOnly' })).toEqual([]);
    expect(await said({ match: ['username', 'tenant'] })).toEqual([]);
  });

  it('are not matched by an empty one, neither in the forecast nor by the run', async () => {
    const { qa } = environments;
    const rig = await StageRig.open(environments, requestOfMembers({ match: ['externalId'] }));
    expect(rig.context.plan.users).toMatchObject({ needed: 3, matched: 1, created: 2, unmatched: 0 });
    await rig.upToItems();
    await rig.close();
    expect(await loginsOfImages(qa)).toEqual(['elsewhere.too', 'found.again', 'nobodys.id']);
    const logins = "SELECT COUNT(*) FROM OSSYS_USER WHERE USERNAME = N'elsewhere.too' OR USERNAME = N'nobodys.id'";
    expect(await list(qa, logins)).toEqual([3]);
  });
});
