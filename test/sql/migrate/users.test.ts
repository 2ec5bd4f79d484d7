import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readByMarkers, type OracleReading } from '../../../sandbox/factories/oracle.js';
import { preparedEnvironments, type PreparedEnvironments } from '../../support/preparedEnvironments.js';
import { StageRig } from '../../support/stageRig.js';
import { columnOf, list, rowsOf, run, tableOf, value } from './support.js';

let environments: PreparedEnvironments;
let there: OracleReading;
let before: OracleReading;

const entities = ['Organization.Member', 'Organization.Department', 'Organization.UserExtended'];

beforeAll(async () => {
  environments = await preparedEnvironments({ rows: 100, scheduler: false });
  const { production, qa } = environments;
  // Passwords to tell apart, and a subscription that would start a process for every new user.
  await run(production, "UPDATE OSSYS_USER SET PASSWORD = CONCAT(N'$prod', ID)");
  await run(
    qa,
    "UPDATE OSSYS_USER SET PASSWORD = CONCAT(N'$qa', ID); DELETE FROM OSSYS_BPM_EVENT_QUEUE; DELETE FROM OSSYS_BPM_EVENT",
  );
  const member = await tableOf(production, 'Organization', 'Member');
  const extended = await tableOf(production, 'Organization', 'UserExtended');
  const userId = await columnOf(production, 'Organization', 'Member', 'UserId');
  await run(
    production,
    `INSERT INTO OSSYS_USER (TENANT_ID, NAME, USERNAME, PASSWORD, EMAIL, IS_ACTIVE) SELECT MAX(TENANT_ID), N'Needed', N'only.needed', N'$prod', N'n@x.example', 1 FROM OSSYS_USER WHERE USERNAME <> N'admin';
     INSERT INTO OSSYS_USER (TENANT_ID, NAME, USERNAME, PASSWORD, EMAIL, IS_ACTIVE) SELECT MAX(TENANT_ID), N'Extended', N'only.extended', N'$prod', N'e@x.example', 1 FROM OSSYS_USER WHERE USERNAME <> N'admin';
     INSERT INTO ${extended} (ID, CODE) SELECT ID, N'EXT-ONLY' FROM OSSYS_USER WHERE USERNAME = N'only.extended';
     UPDATE ${member} SET ${userId} = (SELECT ID FROM OSSYS_USER WHERE USERNAME = N'only.needed') WHERE ID IN (SELECT TOP (2) ID FROM ${member} ORDER BY ID);
     INSERT INTO OSSYS_USER_ROLE (USER_ID, ROLE_ID) SELECT u.ID, r.ID FROM OSSYS_USER u CROSS JOIN OSSYS_ROLE r WHERE u.USERNAME = N'only.needed' AND r.NAME IN (N'Recruiter', N'Auditor') AND r.IS_ACTIVE = 1;`,
  );
  there = await read('production');
  before = await read('qa');
});

afterAll(async () => {
  await environments?.drop();
});

function read(side: 'production' | 'qa'): Promise<OracleReading> {
  return readByMarkers(environments[side], environments.factories.model, { entities });
}

const requestOf = (users: Record<string, unknown>): Record<string, unknown> => ({
  scope: { entities },
  processes: { migrate: false },
  tenants: 'exclude',
  unmapped: 'setNull',
  // Cities stay: people outside of the scope live in them.
  entities: { 'People.City': { data: 'keep', match: ['Name'], onMatch: 'skip' } },
  users,
});

async function refresh(users: Record<string, unknown>): Promise<StageRig> {
  const rig = await StageRig.open(environments, requestOf(users));
  await rig.all();
  await rig.close();
  return rig;
}

/** Logins of production that rows refer to, extensions aside. */
function needed(): string[] {
  const found = new Set<string>();
  const users = [
    ...[...rowsOf(there, 'Organization.Member').values()].map((row) => row['UserId']),
    ...[...rowsOf(there, 'Organization.Department').values()].map((row) => row['ManagerId']),
  ];
  for (const user of users) {
    if (typeof user === 'object' && user?.marker !== undefined) found.add(user.marker);
  }
  return [...found];
}

describe('users that are only matched', () => {
  let here: OracleReading;

  beforeAll(async () => {
    await refresh({ mode: 'matchOnly', fallback: 'qa.tester' });
    here = await read('qa');
  });

  it('are none more than before, and nothing of them is written (trap 62)', async () => {
    expect([...here.directory.users.keys()].sort()).toEqual([...before.directory.users.keys()].sort());
    expect(here.directory.userRoles).toEqual(before.directory.userRoles);
    expect(await value(environments.qa, "SELECT COUNT(*) FROM OSSYS_USER WHERE PASSWORD NOT LIKE N'$qa%'")).toBe(0);
  });

  it('pass nobody’s extension on to the fallback user, who stands for many', () => {
    const owners = [...rowsOf(here, 'Organization.UserExtended').values()].map((row) => row['Id']);
    expect(owners.length).toBeGreaterThan(0);
    for (const owner of owners) expect(typeof owner === 'object' ? owner?.marker : owner).not.toMatch(/\\qa\.tester$/);
  });

  it('are matched by login and tenant; the rest stands for the fallback user (trap 57)', () => {
    let replaced = 0;
    for (const [marker, row] of rowsOf(there, 'Organization.Member')) {
      const user = row['UserId'];
      const copy = rowsOf(here, 'Organization.Member').get(marker)?.['UserId'];
      if (typeof user !== 'object' || user?.marker === undefined) continue;
      const known = before.directory.users.has(user.marker);
      replaced += known ? 0 : 1;
      expect([marker, copy]).toEqual([
        marker,
        { to: 'ServiceCenter.User', marker: known ? user.marker : expect.stringMatching(/\\qa\.tester$/) },
      ]);
    }
    expect(replaced).toBeGreaterThan(0);
  });
});

describe('users that are created where they are missing', () => {
  let here: OracleReading;

  beforeAll(async () => {
    await refresh({ mode: 'createMissing', keep: ['qa.tester'] });
    here = await read('qa');
  });

  it('are those that rows refer to; a one-to-one extension makes nobody needed (trap 64)', () => {
    const created = [...here.directory.users.keys()].filter((login) => !before.directory.users.has(login));
    expect(created.sort()).toEqual(
      needed()
        .filter((login) => !before.directory.users.has(login))
        .sort(),
    );
    const extended = [...rowsOf(there, 'Organization.UserExtended').values()].map((row) => row['Id']);
    expect(extended.length).toBeGreaterThan(created.length);
  });

  it('own their extension rows, under the destination’s user id (traps 16 and 64)', () => {
    const moved = rowsOf(here, 'Organization.UserExtended');
    let compared = 0;
    for (const [marker, row] of rowsOf(there, 'Organization.UserExtended')) {
      const owner = row['Id'];
      const login = typeof owner === 'object' ? owner?.marker : undefined;
      expect([marker, moved.has(marker)]).toEqual([marker, login !== undefined && needed().includes(login)]);
      if (moved.has(marker)) expect(moved.get(marker)?.['Id']).toEqual(owner);
      compared += moved.has(marker) ? 1 : 0;
    }
    expect(compared).toBeGreaterThan(3);
  });

  it('take the active one of several with the same login (trap 57)', async () => {
    const doubled = await list(
      environments.qa,
      'SELECT LOWER(USERNAME) FROM OSSYS_USER GROUP BY TENANT_ID, LOWER(USERNAME) HAVING COUNT(*) > 1',
    );
    expect(doubled.length).toBeGreaterThan(0);
    const member = await tableOf(environments.qa, 'Organization', 'Member');
    const inactive = await value(
      environments.qa,
      `SELECT COUNT(*) FROM ${member} m INNER JOIN OSSYS_USER u ON u.ID = m.USERID WHERE u.IS_ACTIVE = 0 AND EXISTS
       (SELECT 1 FROM OSSYS_USER o WHERE o.USERNAME = u.USERNAME AND o.TENANT_ID = u.TENANT_ID AND o.IS_ACTIVE = 1)`,
    );
    expect(inactive).toBe(0);
  });

  it('have no password that opens anything; those that were there keep theirs (trap 63)', async () => {
    const { qa } = environments;
    expect(await value(qa, "SELECT COUNT(*) FROM OSSYS_USER WHERE PASSWORD LIKE N'$prod%'")).toBe(0);
    const blank = await list(qa, "SELECT LOWER(USERNAME) FROM OSSYS_USER WHERE PASSWORD = N''");
    const created = [...here.directory.users.keys()].filter((login) => !before.directory.users.has(login));
    expect(blank.sort()).toEqual(created.map((login) => login.split('\\')[1]).sort());
  });

  it('get the roles and groups of production that the destination has, none twice, in no environment others (trap 60)', async () => {
    const logins = new Set(needed());
    const of = (reading: OracleReading): string[] =>
      reading.directory.userRoles.filter((each) => logins.has(each.split(' -> ')[0] ?? ''));
    const lost = of(there).filter((each) => !here.directory.userRoles.includes(each));
    expect(lost).toEqual([]);
    for (const each of before.directory.userRoles) expect(here.directory.userRoles).toContain(each);
    const twice = 'SELECT USER_ID FROM OSSYS_USER_ROLE GROUP BY USER_ID, ROLE_ID HAVING COUNT(*) > 1';
    expect(await list(environments.qa, twice)).toEqual([]);
    const added = here.directory.userRoles.length - before.directory.userRoles.length;
    const fact =
      "SELECT TOP (1) content FROM refresh.note WHERE name = N'fact:mapUsers:OSSYS_USER_ROLE: memberships added' ORDER BY run DESC";
    expect(JSON.parse(String(await value(environments.qa, fact)))).toMatchObject({ count: added });
    for (const each of there.directory.groupUsers.filter((link) => logins.has(link.split(' -> ')[1] ?? '')))
      expect(here.directory.groupUsers).toContain(each);
  });

  it('start no process: the environment-wide event table is silent, and as it was afterwards (traps 61 and 66)', async () => {
    const { qa } = environments;
    expect(await value(qa, 'SELECT COUNT(*) FROM OSSYS_BPM_EVENT_QUEUE')).toBe(0);
    expect(await value(qa, 'SELECT COUNT(*) FROM OSSYS_BPM_EVENT')).toBe(0);
    expect(here.subscriptions.get('ServiceCenter.User')).toEqual(before.subscriptions.get('ServiceCenter.User'));
    expect(here.subscriptions.get('ServiceCenter.User')?.length).toBeGreaterThan(0);
  });
});

describe('users that are recreated', () => {
  const recreate = { mode: 'recreate', keep: ['qa.tester'], passwords: 'keep' };
  const ids = (): Promise<unknown[]> =>
    list(environments.qa, "SELECT CONCAT(ID, N' ', LOWER(USERNAME)) FROM OSSYS_USER ORDER BY ID");

  it('are not, while any row outside of the load refers to them: such rows are listed by key, and again looked for in the transaction (trap 59)', async () => {
    const { qa } = environments;
    const rig = await StageRig.open(environments, requestOf(recreate));
    const { findings, users } = rig.context.plan;
    const blocking = findings.filter(({ severity }) => severity === 'blocking');
    expect(new Set(blocking.map(({ code }) => code))).toEqual(new Set(['USERS_RECREATE_REFERRED']));
    const person = blocking.find(({ subject }) => /^Platform|^OSSYS_BPM_PROCESS|^ServiceCenter/i.test(subject));
    expect(person?.message).toMatch(/^\d+ rows outside of the load refer to users that would be deleted \(.*users \d+/);
    const logins = (await list(qa, 'SELECT USERNAME FROM OSSYS_USER WHERE LEN(USERNAME) > 4')).map(String);
    for (const login of logins) expect(JSON.stringify(blocking)).not.toContain(login);
    // Rows of the load go before the users do, so that they are in nobody's way.
    expect(
      blocking
        .map(({ subject }) => subject)
        .filter((each) => /^Organization\.(Member|Department|UserExtended)\./.test(each)),
    ).toEqual([]);
    expect(
      users?.references.map(({ name }) => name).filter((each) => /^Organization\.Member\./.test(each)),
    ).toHaveLength(1);

    const before = await ids();
    await expect(rig.upToItems()).rejects.toMatchObject({ code: 'userReferred', type: 'Refused' });
    expect(await ids()).toEqual(before);
    await rig.close();
  });

  it('are deleted with their roles and groups and made anew, once nothing else refers to them', async () => {
    const { qa } = environments;
    const rig = await StageRig.open(environments, requestOf(recreate));
    const load = rig.context.plan.deletions.map(({ table }) => table.table);
    for (const { table, column, typed } of rig.context.plan.users?.references ?? []) {
      if (load.includes(table.table)) continue;
      const name = `[dbo].[${table.table}]`;
      const condition = typed === null ? '' : ` WHERE [${typed.column}] = N'${typed.ssType}'`;
      const nullable = `SELECT is_nullable FROM sys.columns WHERE object_id = OBJECT_ID(N'${name}') AND name = N'${column}'`;
      const empty =
        (await value(qa, nullable)) === true ? `UPDATE ${name} SET [${column}] = NULL` : `DELETE FROM ${name}`;
      await run(qa, `${empty}${condition}`);
    }
    await rig.close();
    const before = await ids();
    const members = (await read('qa')).directory.groupUsers;
    const done = await refresh(recreate);
    expect(done.context.plan.findings.filter(({ severity }) => severity === 'blocking')).toEqual([]);

    const after = await ids();
    const names = (list: unknown[]): string[] => list.map((each) => String(each).split(' ')[1] ?? '').sort();
    const created = needed().map((login) => login.split('\\')[1] ?? '');
    expect(new Set(names(after))).toEqual(new Set([...names(before), ...created]));
    const kept = before.filter((each) => after.includes(each)).map((each) => String(each).split(' ')[1]);
    expect(kept).toContain('qa.tester');
    const here = await read('qa');
    const logins = new Set(needed());
    for (const login of logins) {
      const name = login.split('\\')[1] ?? '';
      expect([login, here.directory.users.get(login)?.['EMAIL']]).toEqual([
        login,
        there.directory.users.get(login)?.['EMAIL'],
      ]);
      const password = `SELECT PASSWORD FROM OSSYS_USER WHERE USERNAME = N'${name}'`;
      if (name !== 'qa.tester' && !here.directory.users.has(`${login}#2`)) {
        expect(kept).not.toContain(name);
        expect(await value(qa, password)).toMatch(/^\$prod/);
      }
    }
    // What a recreated user could do before is compared with what its successor may do.
    const lost =
      'SELECT COUNT(*) FROM refresh.effective_role e WHERE e.run = (SELECT MAX(number) FROM refresh.run) AND e.moment = 0 AND NOT EXISTS (SELECT 1 FROM OSSYS_USER u WHERE u.ID = e.user_id)';
    expect(await value(qa, lost)).toBe(0);
    // An inactive namesake in QA is somebody else, and keeps what it has.
    const single = new Set([...logins].filter((login) => !here.directory.users.has(`${login}#2`)));
    const of = (reading: OracleReading): string[] =>
      reading.directory.userRoles.filter((each) => single.has(each.split(' -> ')[0] ?? ''));
    expect(of(there).length).toBeGreaterThan(1);
    expect(of(here)).toEqual(of(there));
    // Whoever is no user of production stays in the groups.
    for (const each of members.filter((link) => !there.directory.users.has(link.split(' -> ')[1] ?? '')))
      expect(here.directory.groupUsers).toContain(each);
    for (const [marker, row] of rowsOf(there, 'Organization.Member'))
      if (typeof row['UserId'] === 'object' && row['UserId']?.marker !== undefined)
        expect([marker, rowsOf(here, 'Organization.Member').get(marker)?.['UserId']]).toEqual([marker, row['UserId']]);
  });
});

describe('users of production that share one login', () => {
  it('give the destination’s user the values of the active one, never of an inactive duplicate', async () => {
    const { qa, production } = environments;
    const [doubled] = await list(
      production,
      'SELECT USERNAME FROM OSSYS_USER GROUP BY TENANT_ID, USERNAME HAVING COUNT(*) > 1 AND MIN(CONVERT(int, IS_ACTIVE)) = 0 AND MAX(CONVERT(int, IS_ACTIVE)) = 1',
    );
    const active = `SELECT CONCAT(NAME, N'/', EMAIL) FROM OSSYS_USER WHERE USERNAME = N'${String(doubled)}' AND IS_ACTIVE = 1`;
    await refresh({ mode: 'update', scope: 'all' });
    expect(await list(qa, active)).toEqual(await list(production, active));
  });
});

describe('users of more pages than one', () => {
  it('are matched and created as those of the first', async () => {
    const { production, qa } = environments;
    const digits = '(VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9))';
    const many = `${digits} a (n) CROSS JOIN ${digits} b (n) CROSS JOIN ${digits} c (n) CROSS JOIN (VALUES (0), (1), (2)) d (n)`;
    await run(
      production,
      `INSERT INTO OSSYS_USER (TENANT_ID, NAME, USERNAME, PASSWORD, EMAIL, IS_ACTIVE)
       SELECT t.ID, N'Many', CONCAT(N'many.', d.n, c.n, b.n, a.n), N'', N'', 1 FROM ${many}
       CROSS JOIN (SELECT MAX(TENANT_ID) AS ID FROM OSSYS_USER WHERE USERNAME <> N'admin') t`,
    );
    await refresh({ mode: 'createMissing', scope: 'all' });
    const logins = "SELECT USERNAME FROM OSSYS_USER WHERE USERNAME LIKE N'many.%' ORDER BY USERNAME";
    const expected = await list(production, logins);
    expect(expected).toHaveLength(3_000);
    expect(await list(qa, logins)).toEqual(expected);
  });
});
