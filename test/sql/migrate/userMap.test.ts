import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planRefresh } from '../../../src/plan/planRefresh.js';
import { parseRequest } from '../../../src/request.js';
import { preparedEnvironments, type PreparedEnvironments } from '../../support/preparedEnvironments.js';
import { StageRig } from '../../support/stageRig.js';
import { columnOf, list, loginsOfImages, requestOfMembers, run, tableOf, value } from './support.js';

let folder: string;
let environments: PreparedEnvironments;

const insertUser = (login: string, tenant = "N'Users'", active = 1): string =>
  `INSERT INTO OSSYS_USER (TENANT_ID, NAME, USERNAME, PASSWORD, EMAIL, IS_ACTIVE) SELECT TOP (1) ID, N'Of ${login}', N'${login}', N'$', N'${login}@x.example', ${active} FROM OSSYS_TENANT WHERE NAME = ${tenant} ORDER BY ID;`;

const grant = (login: string, role: string): string =>
  `INSERT INTO OSSYS_USER_ROLE (USER_ID, ROLE_ID) SELECT u.ID, (SELECT MIN(r.ID) FROM OSSYS_ROLE r WHERE r.NAME = N'${role}' AND r.IS_ACTIVE = 1) FROM OSSYS_USER u WHERE u.USERNAME = N'${login}';`;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'user-map-'));
  const prepared = await preparedEnvironments({ rows: 60, scheduler: false });
  environments = { ...prepared, configuration: { ...prepared.configuration, folder } };
  const { production, qa } = environments;
  const member = await tableOf(production, 'Organization', 'Member');
  const userId = await columnOf(production, 'Organization', 'Member', 'UserId');
  const refer = (login: string, place: number): string =>
    `UPDATE ${member} SET ${userId} = (SELECT MAX(ID) FROM OSSYS_USER WHERE USERNAME = N'${login}') WHERE ID = (SELECT MAX(x.ID) FROM (SELECT TOP (${place}) ID FROM ${member} ORDER BY ID) x);`;
  await run(
    production,
    ['Prod.Ana', 'prod.bob', 'prod.eve', 'prod.free'].map((login) => insertUser(login)).join('\n') +
      // An inactive namesake of the same tenant is the same person.
      insertUser('prod.bob', undefined, 0) +
      ['Prod.Ana', 'prod.bob', 'prod.eve'].map((login) => grant(login, 'Recruiter')).join('\n') +
      ['Prod.Ana', 'prod.bob', 'prod.eve', 'prod.free'].map((login, place) => refer(login, place + 1)).join('\n'),
  );
  await run(qa, ['test.one', 'Test.Two', 'prod.free'].map((login) => insertUser(login)).join('\n'));
  await run(qa, insertUser('test.twice') + insertUser('test.twice'));
});

afterAll(async () => {
  await environments?.drop();
  rmSync(folder, { recursive: true, force: true });
});

const request = (map: string, users: object = {}): Record<string, unknown> => requestOfMembers({ map, ...users });

describe('a file that maps users', () => {
  it('is wrong line by line: everything that is wrong is said before anything is written, and no name with it', async () => {
    writeFileSync(
      join(folder, 'wrong.csv'),
      [
        'production,destination,production_tenant',
        'prod.ana,test.one,',
        'nobody.there,test.one,',
        'prod.eve,nobody.here,',
        'PROD.ANA,test.two,',
        'prod.bob,test.twice,',
        'prod.eve,test.one,No such tenant',
      ].join('\n'),
    );
    const { plan } = await planRefresh(environments.configuration, parseRequest(request('wrong.csv')));
    const said = plan.findings.filter(({ code }) => code.startsWith('USERS_MAP'));
    expect(said.map(({ severity, code, message }) => `${severity} ${code} ${message}`)).toEqual([
      'blocking USERS_MAP_AMBIGUOUS Line 6: The destination has several such users: name the tenant (destination_tenant).',
      'blocking USERS_MAP_TWICE Line 5: It maps the production user of line 2 again.',
      'blocking USERS_MAP_USER_UNKNOWN Line 3: Production has no such user.',
      'blocking USERS_MAP_USER_UNKNOWN Line 4: The destination has no such user.',
      'blocking USERS_MAP_USER_UNKNOWN Line 7: Production has no such user.',
    ]);
    expect(JSON.stringify(plan)).not.toMatch(/prod\.|test\.(one|two)/i);
    const missing = await planRefresh(environments.configuration, parseRequest(request('none.csv')));
    expect(missing.plan.findings.map(({ code }) => code)).toContain('USERS_MAP_UNREADABLE');
  });

  it('goes before every other match, compares as SQL Server does, and gathers nobody’s roles on a shared user (trap 58)', async () => {
    const { production, qa } = environments;
    const sourceIds: Record<string, number[]> = {};
    for (const login of ['prod.ana', 'prod.bob', 'prod.eve', 'prod.free'])
      sourceIds[login] = (await list(production, `SELECT ID FROM OSSYS_USER WHERE USERNAME = N'${login}'`)).map(Number);
    expect(sourceIds['prod.bob']).toHaveLength(2);
    const before = await value(qa, 'SELECT COUNT(*) FROM OSSYS_USER');
    const two = "SELECT CONCAT(NAME, N'/', EMAIL) FROM OSSYS_USER WHERE USERNAME = N'test.two'";
    const asItWas = await value(qa, two);

    writeFileSync(
      join(folder, 'users.csv'),
      'production,destination\nprod.ANA,TEST.one\nprod.bob,test.two\nprod.eve,test.two\n',
    );
    const rig = await StageRig.open(environments, request('users.csv', { mode: 'update', scope: 'all' }));
    // What becomes of the file once the plan is made does not matter: every worker works by the plan.
    rmSync(join(folder, 'users.csv'));
    expect(rig.context.plan.users).toMatchObject({ byMap: 4 });
    expect(rig.context.plan.findings.find(({ code }) => code === 'USERS_FORECAST')?.message).toContain(
      '(4 of them by users.map)',
    );
    await rig.upToItems();
    await rig.close();

    const imageOf = (login: string): Promise<string[]> => loginsOfImages(qa, sourceIds[login] ?? []);
    expect(await imageOf('prod.ana')).toEqual(['test.one']);
    expect(await imageOf('prod.bob')).toEqual(['test.two']);
    expect(await imageOf('prod.eve')).toEqual(['test.two']);
    expect(await imageOf('prod.free')).toEqual(['prod.free']);
    const created = "SELECT COUNT(*) FROM OSSYS_USER WHERE USERNAME IN (N'prod.ana', N'prod.bob', N'prod.eve')";
    expect(await value(qa, created)).toBe(0);
    expect(Number(await value(qa, 'SELECT COUNT(*) FROM OSSYS_USER'))).toBeGreaterThan(Number(before));
    const roles = (login: string): string =>
      `SELECT COUNT(*) FROM OSSYS_USER_ROLE x INNER JOIN OSSYS_USER u ON u.ID = x.USER_ID WHERE u.USERNAME = N'${login}'`;
    expect(await value(qa, roles('test.one'))).toBe(1);
    expect(await value(qa, roles('test.two'))).toBe(0);
    expect(await value(qa, "SELECT NAME FROM OSSYS_USER WHERE USERNAME = N'test.one'")).toBe('Of Prod.Ana');
    expect(await value(qa, two)).toBe(asItWas);
    const fact = "SELECT content FROM refresh.note WHERE name = N'fact:mapUsers:users matched by users.map'";
    expect(JSON.parse(String(await value(qa, fact)))).toMatchObject({ count: 4 });
  });

  it('grants roles in the tenant of the user that it leads to, unless production grants them in another than its own (trap 57)', async () => {
    const { production, qa } = environments;
    const grantIn = (tenant: string, role: string): string =>
      `INSERT INTO OSSYS_USER_ROLE (USER_ID, ROLE_ID, TENANT_ID) SELECT u.ID, (SELECT MIN(r.ID) FROM OSSYS_ROLE r WHERE r.NAME = N'${role}' AND r.IS_ACTIVE = 1),
         (SELECT MIN(t.ID) FROM OSSYS_TENANT t WHERE t.NAME = N'${tenant}') FROM OSSYS_USER u WHERE u.USERNAME = N'prod.moves';`;
    await run(
      production,
      `${insertUser('prod.moves')} ${grantIn('Users', 'Auditor')} ${grantIn('ServiceCenter', 'HiringManager')}`,
    );
    await run(qa, insertUser('test.away', "N'Northwind'"));
    writeFileSync(join(folder, 'users.csv'), 'production,destination\nprod.moves,test.away\n');
    const rig = await StageRig.open(environments, request('users.csv', { scope: 'all' }));
    await rig.upToItems();
    await rig.close();
    const granted = `SELECT CONCAT(r.NAME, N' in ', t.NAME) FROM OSSYS_USER_ROLE x INNER JOIN OSSYS_USER u ON u.ID = x.USER_ID
      INNER JOIN OSSYS_ROLE r ON r.ID = x.ROLE_ID INNER JOIN OSSYS_TENANT t ON t.ID = x.TENANT_ID WHERE u.USERNAME = N'test.away' ORDER BY r.NAME`;
    expect(await list(qa, granted)).toEqual(['Auditor in Northwind', 'HiringManager in ServiceCenter']);
  });

  it('leaves one extension to a user for whom two stand: that of the active one, and none where several lines lead there (trap 64)', async () => {
    const { production, qa } = environments;
    const extended = (pool: typeof qa): Promise<string> => tableOf(pool, 'Organization', 'UserExtended');
    const logins = "N'prod.ana', N'prod.bob', N'prod.eve'";
    await run(
      production,
      `INSERT INTO ${await extended(production)} (ID, CODE) SELECT ID, CONCAT(N'OF-', USERNAME, N'-', IS_ACTIVE) FROM OSSYS_USER WHERE USERNAME IN (${logins})`,
    );
    const leftOnes = async (lines: string): Promise<unknown[]> => {
      writeFileSync(join(folder, 'users.csv'), `production,destination\n${lines}`);
      const rig = await StageRig.open(environments, {
        ...request('users.csv'),
        scope: { entities: ['Organization.UserExtended'] },
        users: { map: 'users.csv', scope: 'all' },
        unmapped: 'fail',
      });
      await rig.all();
      await rig.close();
      return list(qa, `SELECT UPPER(CODE) FROM ${await extended(qa)} WHERE CODE LIKE N'OF-%' ORDER BY UPPER(CODE)`);
    };
    // prod.bob has an inactive namesake, with an extension of its own.
    expect(await leftOnes('prod.bob,test.two\nprod.ana,test.one\n')).toEqual([
      'OF-PROD.ANA-1',
      'OF-PROD.BOB-1',
      'OF-PROD.EVE-1',
    ]);
    expect(await leftOnes('prod.bob,test.two\nprod.ana,test.two\n')).toEqual(['OF-PROD.EVE-1']);
  });

  it('whose users were deleted since the plan stops the stage instead of matching somebody else', async () => {
    writeFileSync(join(folder, 'users.csv'), 'production;destination\nprod.ana;test.twice2\n');
    await run(environments.qa, insertUser('test.twice2'));
    const rig = await StageRig.open(environments, request('users.csv'));
    await run(environments.qa, "DELETE FROM OSSYS_USER WHERE USERNAME = N'test.twice2'");
    await expect(rig.upToItems()).rejects.toMatchObject({ code: 'mappedUserGone' });
    await rig.close();
  });
});
