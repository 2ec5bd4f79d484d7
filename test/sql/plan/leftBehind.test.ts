import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { autoNumber, entity, module, parameter, record, reference } from '../../../sandbox/factories/define.js';
import { planRefresh } from '../../../src/plan/planRefresh.js';
import type { RefreshPlan } from '../../../src/plan/refreshPlan.js';
import { parseRequest } from '../../../src/request.js';
import { preparedEnvironments, type PreparedEnvironments } from '../../support/preparedEnvironments.js';
import { city, code, country, journey, travelFactory } from '../../support/travelFactory.js';

const few = { share: 0, minimum: 6, qaMinimum: 6 };

let environments: PreparedEnvironments;

beforeAll(async () => {
  const app = module('App', {
    entities: [
      country(few),
      city(few),
      entity('Visit', {
        marker: 'Code',
        scale: few,
        multiTenant: true,
        attributes: [autoNumber(), code, reference('CityId', 'App.City', 'Protect', { mandatory: true })],
      }),
      entity('Kind', {
        marker: 'Code',
        attributes: [autoNumber(), code],
        records: [
          record('Business', { Code: 'Business' }),
          { ...record('Leisure', { Code: 'Leisure' }), onlyIn: 'production' },
        ],
      }),
    ],
    processes: [journey(parameter('Kind', { kind: 'reference', to: 'App.Kind' }))],
  });
  const guide = module('Guide', {
    entities: [
      entity('Tip', {
        marker: 'Code',
        scale: few,
        attributes: [
          autoNumber(),
          code,
          reference('CountryId', 'App.Country', 'Protect', { mandatory: true }),
          reference('NextId', 'Guide.Tip', 'Protect', { mandatory: true }),
        ],
      }),
    ],
  });
  environments = await preparedEnvironments({
    model: travelFactory([app, guide], 'Other'),
    rows: 40,
    scheduler: false,
  });
});

afterAll(async () => {
  await environments?.drop();
});

async function planOf(options: Record<string, unknown>): Promise<RefreshPlan> {
  const request = parseRequest({ source: 'production', destination: 'qa', unmapped: 'setNull', ...options });
  return (await planRefresh(environments.configuration, request)).plan;
}

async function codesOf(options: Record<string, unknown>): Promise<string[]> {
  const { findings } = await planOf(options);
  return findings.filter((each) => each.severity !== 'info').map((each) => `${each.code} ${each.subject}`);
}

const wholeModule = { scope: { espaces: ['App'] } };

describe('references of rows that move to rows that stay behind', () => {
  const halfOfCountries = { 'App.Country': { where: "CODE LIKE N'%1' OR CODE LIKE N'%2'" } };
  const reference = 'App.City.CountryId';
  const value = 'Platform.OSSYS_BPM_PROCESS_INPUT.INPUT_VALUE';

  it('are counted where a condition leaves the rows out, and refused under unmapped: fail', async () => {
    const refused = await codesOf({ ...wholeModule, unmapped: 'fail', entities: halfOfCountries });
    expect(refused).toEqual(expect.arrayContaining([`REFERENCE_UNMAPPED ${reference}`, `REFERENCE_UNMAPPED ${value}`]));
    const dropped = await codesOf({ ...wholeModule, entities: halfOfCountries });
    expect(dropped).toEqual(expect.arrayContaining([`REFERENCE_DROPPED ${reference}`, `REFERENCE_DROPPED ${value}`]));
    expect(
      (await codesOf({ ...wholeModule, unmapped: 'fail' })).filter((each) => each.startsWith('REFERENCE')),
    ).toEqual([]);
  });

  it('are refused under unmapped: fail where values of processes name an entity that does not move', async () => {
    const excluded = { scope: { espaces: ['App'], exclude: ['App.Country', 'App.City', 'App.Visit'] } };
    expect(await codesOf({ ...excluded, unmapped: 'fail' })).toContain(`REFERENCE_UNMAPPED ${value}`);
    expect(await codesOf(excluded)).toContain('PROCESS_VALUE_UNMAPPED App.Country');
  });
});

describe('values of processes', () => {
  const value = 'Platform.OSSYS_BPM_PROCESS_INPUT.INPUT_VALUE';
  const ofKind = "WHERE NAME = N'Kind' AND INPUT_VALUE <> N''";
  const inProduction = (sql: string) => environments.production.request().batch(sql);

  async function messageOf(code: string, options: Record<string, unknown>): Promise<string | undefined> {
    const { findings } = await planOf({ ...wholeModule, ...options });
    return findings.find((each) => each.code === code && each.subject === value)?.message;
  }

  it('that name static records which the destination lacks are counted, and refused under unmapped: fail (trap 53)', async () => {
    const kinds = environments.factories.production.tables['App.Kind'];
    const id = (code: string) => `(SELECT CONVERT(nvarchar(50), ID) FROM dbo.[${kinds}] WHERE CODE = N'${code}')`;
    await inProduction(`UPDATE dbo.OSSYS_BPM_PROCESS_INPUT SET INPUT_VALUE = ${id('Business')} ${ofKind}`);
    expect(await messageOf('STATIC_RECORD_MISSING_IN_USE', { unmapped: 'fail' })).toBeUndefined();
    await inProduction(
      `UPDATE dbo.OSSYS_BPM_PROCESS_INPUT SET INPUT_VALUE = ${id('Leisure')} WHERE ID = (SELECT MIN(ID) FROM dbo.OSSYS_BPM_PROCESS_INPUT ${ofKind})`,
    );
    expect(await messageOf('STATIC_RECORD_MISSING_IN_USE', { unmapped: 'fail' })).toContain(
      'App.Kind.Leisure (1 rows)',
    );
    expect(await messageOf('REFERENCE_DROPPED', {})).toContain('App.Kind.Leisure (1 rows)');
  });

  it('that name nothing of the source are counted, and refused under orphans: fail (trap 22)', async () => {
    expect(await messageOf('ORPHANS_REFUSED', { orphans: 'fail' })).toBeUndefined();
    await inProduction(
      `UPDATE dbo.OSSYS_BPM_PROCESS_INPUT SET INPUT_VALUE = N'987654' WHERE ID = (SELECT MIN(ID) FROM dbo.OSSYS_BPM_PROCESS_INPUT ${ofKind})`,
    );
    expect(await messageOf('ORPHANS_REFUSED', { orphans: 'fail' })).toMatch(/^1 rows /);
    expect(await messageOf('ORPHANS_FOUND', {})).toMatch(/^1 rows /);
  });
});

describe('keys that carry a meaning', () => {
  it('are in the way of rows that are inserted beside those they match', async () => {
    const keep = { scope: { entities: ['App.Country'] }, destinationData: 'keep' };
    const matched = (onMatch: string) =>
      codesOf({ ...keep, entities: { 'App.Country': { match: ['Code'], onMatch } } });
    expect(await matched('insert')).toContain('KEY_CONFLICT App.Country');
    expect(await matched('update')).not.toContain('KEY_CONFLICT App.Country');
  });
});

describe('rows of the destination that cannot be deleted', () => {
  it('are those outside the scope that hold on to each other', async () => {
    const codes = await codesOf({ scope: { entities: ['App.Country', 'App.City', 'App.Visit'] } });
    const chained = codes.filter((each) => each.startsWith('DELETION_CHAIN'));
    expect(chained).toHaveLength(1);
    expect(chained[0]).toContain('Tip');
  });

  it('are those to which rows of a tenant hold on that is not refreshed', async () => {
    const scope = { scope: { entities: ['App.City', 'App.Visit', 'App.Country', 'Guide.Tip'] }, tenants: 'exclude' };
    const refused = async () => (await codesOf(scope)).filter((each) => each.startsWith('DELETION_REFUSED_BY_KEPT'));
    expect(await refused()).toEqual([]);
    const rename = (from: string, to: string) =>
      environments.qa.request().batch(`UPDATE dbo.OSSYS_TENANT SET NAME = N'${to}' WHERE NAME = N'${from}'`);
    await rename('Other', 'Elsewhere');
    expect(await refused()).toEqual([expect.stringMatching(/^DELETION_REFUSED_BY_KEPT App\.Visit\.CITYID/i)]);
    await rename('Elsewhere', 'Other');
  });
});

describe('people whom processes name', () => {
  it('are missed beforehand where only a value of a process names the group', async () => {
    await environments.production.request().batch('UPDATE dbo.OSSYS_BPM_ACTIVITY SET GROUP_ID = NULL');
    const refused = async () => await codesOf({ ...wholeModule, unmapped: 'fail', users: { mode: 'matchOnly' } });
    expect(await refused()).not.toContain('USERS_UNMATCHED_REFUSED groups');
    const rename = (name: string) => environments.qa.request().batch(`UPDATE dbo.OSSYS_GROUP SET NAME = ${name}`);
    await rename("N'Was ' + NAME");
    expect(await refused()).toContain('USERS_UNMATCHED_REFUSED groups');
    await rename('SUBSTRING(NAME, 5, 250)');
  });

  it('are missed beforehand where a group has no counterpart, which nobody stands for', async () => {
    await environments.qa.request().batch("UPDATE dbo.OSSYS_GROUP SET NAME = N'Was ' + NAME");
    await environments.production
      .request()
      .batch('UPDATE dbo.OSSYS_BPM_ACTIVITY SET GROUP_ID = (SELECT MIN(ID) FROM dbo.OSSYS_GROUP)');
    const matchOnly = { ...wholeModule, users: { mode: 'matchOnly', fallback: 'qa.tester' } };
    expect(await codesOf({ ...matchOnly, unmapped: 'fail' })).toContain('USERS_UNMATCHED_REFUSED groups');
    expect(await codesOf(matchOnly)).toContain('USERS_UNMATCHED groups');
    expect(await codesOf({ ...wholeModule, unmapped: 'fail' })).not.toContain('USERS_UNMATCHED_REFUSED groups');
  });

  it('never take their activity out of its tree', async () => {
    const plan = await planOf({ ...wholeModule, unmapped: 'quarantine', orphans: 'quarantine' });
    const activities = plan.entities.find((each) => each.destinationTable.table === 'OSSYS_BPM_ACTIVITY');
    const policies = new Map(activities?.columns.map(({ destination, treatment }) => [destination.column, treatment]));
    for (const column of ['USER_ID', 'GROUP_ID'])
      expect(policies.get(column)).toMatchObject({ kind: 'reference', unmapped: 'setNull', orphans: 'setNull' });
  });
});
