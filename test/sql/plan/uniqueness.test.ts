import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RefreshPlan } from '../../../src/plan/refreshPlan.js';
import { entityOf, PlanRig, scalar } from './planRig.js';

let rig: PlanRig;
let plan: RefreshPlan;

beforeAll(async () => {
  rig = await PlanRig.open('uniqueness');
  plan = await rig.plan();
});
afterAll(() => rig.close());

const production = (sql: string) => rig.production.request().batch(sql);
const qa = (sql: string) => rig.qa.request().batch(sql);

function found(of: RefreshPlan, code: string): string[] {
  return of.findings.filter((each) => each.code === code).map((each) => `${each.severity} ${each.subject}`);
}

function tables(name: string): { from: string; to: string; columnOf(attribute: string): { from: string; to: string } } {
  const entity = entityOf(plan, name);
  return {
    from: `dbo.[${entity.sourceTable.table}]`,
    to: `dbo.[${entity.destinationTable.table}]`,
    columnOf(attribute) {
      const column = entity.columns.find((each) => each.attribute === attribute);
      return { from: `[${column?.source?.column}]`, to: `[${column?.destination.column}]` };
    },
  };
}

describe('before anything is written, a plan finds', () => {
  it('text keys that only the destination takes as equal, and says how many, never which (trap 17)', async () => {
    const token = tables('Organization.AccessToken');
    const [key] = entityOf(plan, 'Organization.AccessToken').columns;
    const { from, to } = token.columnOf(key?.attribute ?? '');
    const first = await rig.production.request().query<{ k: string }>(`SELECT MIN(${from}) AS k FROM ${token.from}`);
    const value = first.recordset[0]?.k ?? '';
    const lower = value.toLowerCase() === value ? value.toUpperCase() : value.toLowerCase();
    const constraint = await rig.production
      .request()
      .query<{ name: string }>(
        `SELECT name FROM sys.key_constraints WHERE parent_object_id = OBJECT_ID(N'${token.from}') AND type = 'PK'`,
      );
    await production(`ALTER TABLE ${token.from} DROP CONSTRAINT [${constraint.recordset[0]?.name}]`);
    await production(`UPDATE TOP (1) ${token.from} SET ${from} = N'${lower}' WHERE ${from} <> N'${value}'`);
    const again = await rig.plan();
    const conflicts = again.findings.filter((each) => each.code === 'KEY_COLLATION_CONFLICT');
    expect(conflicts.map((each) => each.severity)).toEqual(['blocking']);
    expect(conflicts[0]?.message).toContain('1 values occur more than once');
    expect(JSON.stringify(again).toLowerCase()).not.toContain(value.toLowerCase());
    expect(to).toBe(from);
  });

  it('unique values of rows that stay, unless the rows are matched by them', async () => {
    const city = tables('People.City');
    const name = city.columnOf('Name');
    const keep = { scope: { entities: ['People.City'] }, destinationData: 'keep' };
    await qa(`CREATE UNIQUE INDEX OSIDX_TEST_CITY ON ${city.to} (ID, ${name.to})`);
    expect(found(await rig.plan(keep), 'UNIQUE_CONFLICT')).toEqual([]);
    await qa(`DROP INDEX OSIDX_TEST_CITY ON ${city.to}`);
    await qa(`UPDATE ${city.to} SET ${name.to} = N'only here ' + CONVERT(nvarchar(20), ID)`);
    await production(`UPDATE ${city.from} SET ${name.from} = N'only there ' + CONVERT(nvarchar(20), ID)`);
    await qa(`CREATE UNIQUE INDEX OSIDX_TEST_CITY ON ${city.to} (${name.to})`);
    expect(found(await rig.plan(keep), 'UNIQUE_CONFLICT')).toEqual([]);
    const id = await scalar(rig.qa, `SELECT MIN(ID) AS n FROM ${city.to}`);
    await qa(`UPDATE ${city.to} SET ${name.to} = N'ONLY THERE 1' WHERE ID = ${id}`);
    await production(`UPDATE TOP (1) ${city.from} SET ${name.from} = N'only there 1'`);
    expect(found(await rig.plan(keep), 'UNIQUE_CONFLICT')).toEqual(['blocking People.City.OSIDX_TEST_CITY']);
    const matched = { ...keep, entities: { 'People.City': { match: ['Name'] } } };
    expect(found(await rig.plan(matched), 'UNIQUE_CONFLICT')).toEqual([]);
    expect(found(await rig.plan({ scope: keep.scope }), 'UNIQUE_CONFLICT')).toEqual([]);
    const other = await scalar(rig.qa, `SELECT MAX(ID) AS n FROM ${city.to}`);
    const keeping = (row: unknown) => ({ scope: keep.scope, entities: { 'People.City': { keepRows: [row] } } });
    expect(found(await rig.plan(keeping(other)), 'UNIQUE_CONFLICT')).toEqual([]);
    expect(found(await rig.plan(keeping(id)), 'UNIQUE_CONFLICT')).toEqual(['blocking People.City.OSIDX_TEST_CITY']);
  });

  it('rows kept by name that hold on to rows which are deleted', async () => {
    const person = tables('People.Person');
    const city = person.columnOf('CityId');
    const kept = await scalar(rig.qa, `SELECT MIN(ID) AS n FROM ${person.to} WHERE ${city.to} IS NOT NULL`);
    const home = await scalar(rig.qa, `SELECT ${city.to} AS n FROM ${person.to} WHERE ID = ${kept}`);
    const lost = await rig.plan({ entities: { 'People.Person': { keepRows: [kept] } } });
    expect(found(lost, 'DELETION_REFUSED_BY_KEPT')).toEqual([`blocking People.Person.${city.to.slice(1, -1)}`]);
    const both = await rig.plan({
      entities: { 'People.Person': { keepRows: [kept] }, 'People.City': { keepRows: [home] } },
    });
    expect(found(both, 'DELETION_REFUSED_BY_KEPT')).toEqual([]);
  });
});

describe('users match', () => {
  const twin = (active: number): string =>
    `INSERT INTO dbo.OSSYS_USER (TENANT_ID, NAME, USERNAME, PASSWORD, EMAIL, IS_ACTIVE)
     SELECT TOP (1) d.TENANT_ID, d.NAME, UPPER(d.USERNAME), N'', d.EMAIL, ${active} FROM dbo.OSSYS_USER d
     WHERE d.IS_ACTIVE = 1 AND d.USERNAME = N'USERNAME_HERE'`;

  it('the active one of namesakes, and stop the plan when two are active (trap 57)', async () => {
    const before = await rig.plan({ users: { scope: 'all' } });
    expect(before.users?.ambiguous).toBe(0);
    const names = await rig.production
      .request()
      .query<{ name: string }>('SELECT USERNAME AS name FROM dbo.OSSYS_USER WHERE IS_ACTIVE = 1 ORDER BY ID');
    let shared = '';
    for (const { name } of names.recordset) {
      const there = await scalar(
        rig.qa,
        `SELECT COUNT(*) AS n FROM dbo.OSSYS_USER WHERE IS_ACTIVE = 1 AND USERNAME = N'${name.replaceAll("'", "''")}'`,
      );
      if (there === 1) shared = name.replaceAll("'", "''");
    }
    await qa(twin(0).replace('USERNAME_HERE', shared));
    const inactive = await rig.plan({ users: { scope: 'all' } });
    expect(inactive.users).toEqual(before.users);
    await qa(twin(1).replace('USERNAME_HERE', shared));
    const active = await rig.plan({ users: { scope: 'all' } });
    expect(active.users?.ambiguous).toBe(1);
    expect(found(active, 'USERS_AMBIGUOUS')).toEqual(['blocking users']);
  });
});
