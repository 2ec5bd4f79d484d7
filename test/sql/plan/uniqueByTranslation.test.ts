import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  autoNumber,
  decimal,
  entity,
  module,
  record,
  reference,
  simple,
  text,
} from '../../../sandbox/factories/define.js';
import { serviceCenter, user, users } from '../../../sandbox/factories/modules/serviceCenter.js';
import type { RefreshPlan } from '../../../src/plan/refreshPlan.js';
import { entityOf, PlanRig, scalar } from './planRig.js';

const few = { share: 0, minimum: 6, qaMinimum: 6 };
const code = text('Code', 60);

let rig: PlanRig;
let plan: RefreshPlan;

beforeAll(async () => {
  const app = module('App', {
    entities: [
      entity('Kind', {
        marker: 'Label',
        attributes: [autoNumber('integer'), text('Label', 50, { mandatory: true })],
        records: [record('Day', { Label: 'Day' }), record('Night', { Label: 'Night' })],
      }),
      entity('Country', {
        marker: 'Code',
        scale: few,
        attributes: [simple('Id', 'integer', { mandatory: true }), code],
      }),
      entity('City', { marker: 'Code', scale: few, attributes: [autoNumber(), code] }),
      entity('Slot', {
        marker: 'Code',
        scale: few,
        attributes: [
          autoNumber(),
          code,
          simple('Starts', 'dateTime'),
          decimal('Price', 37, 8),
          reference('KindId', 'App.Kind', 'Ignore'),
          reference('UserId', user, 'Ignore'),
          reference('CountryId', 'App.Country', 'Ignore'),
          reference('CityId', 'App.City', 'Ignore'),
        ],
      }),
    ],
  });
  rig = await PlanRig.open('uniqueTranslated', {
    ...{ modules: [serviceCenter, users, app], applications: [], solutions: [] },
    tenants: ['ServiceCenter', 'Users'].map((name) => ({
      name,
      provider: name === 'ServiceCenter' ? 'ServiceCenter' : 'Users',
    })),
  });
  plan = await rig.plan({ scope: { espaces: ['App'] } });
  // What the two sides call alike would otherwise depend on what the writer of the samples made.
  await clear();
});
afterEach(clear);
afterAll(() => rig?.close());

type Side = 'source' | 'destination';

function table(name: string, side: Side): string {
  const found = entityOf(plan, name);
  return `dbo.[${(side === 'source' ? found.sourceTable : found.destinationTable).table}]`;
}

const slot = (side: Side): string => table('App.Slot', side);

/** A row of Slot with the given values, as SQL; other columns are NULL. */
async function add(side: Side, values: Readonly<Record<string, string>>): Promise<void> {
  const pool = side === 'source' ? rig.production : rig.qa;
  const names = Object.keys(values).map((name) => `[${name.toUpperCase()}]`);
  await pool
    .request()
    .batch(`INSERT INTO ${slot(side)} (${names.join(', ')}) VALUES (${Object.values(values).join(', ')})`);
}

/** Codes found about a unique index over the columns, which is there only meanwhile. */
async function foundWithIndex(columns: string, request: object): Promise<string[]> {
  await rig.qa.request().batch(`CREATE UNIQUE INDEX OSIDX_TEST ON ${slot('destination')} (${columns})`);
  try {
    const { findings } = await rig.plan({ unmapped: 'setNull', ...request });
    return findings.filter(({ code: each }) => each.startsWith('UNIQUE_')).map(({ code: each }) => each);
  } finally {
    await rig.qa.request().batch(`DROP INDEX OSIDX_TEST ON ${slot('destination')}`);
  }
}

async function clear(): Promise<void> {
  await rig.production.request().batch(`DELETE FROM ${slot('source')}`);
  await rig.qa.request().batch(`DELETE FROM ${slot('destination')}`);
}

const keep = { scope: { entities: ['App.Slot'] }, producers: 'matchOnly', destinationData: 'keep' };

describe('rows of the destination that stay are compared with', () => {
  it('dates and decimals, to the last digit', async () => {
    await add('source', { Starts: "'2024-05-01T10:00:00.123'", Price: '12345678901234567890.12345678' });
    await add('destination', { Starts: "'2024-05-01T10:00:00.120'", Price: '12345678901234567890.12345678' });
    expect(await foundWithIndex('STARTS, PRICE', keep)).toEqual([]);
    await add('destination', { Starts: "'2024-05-01T10:00:00.123'", Price: '12345678901234567890.12345679' });
    expect(await foundWithIndex('STARTS, PRICE', keep)).toEqual([]);
    await add('destination', { Starts: "'2024-05-01T10:00:00.123'", Price: '12345678901234567890.12345678' });
    expect(await foundWithIndex('STARTS, PRICE', keep)).toEqual(['UNIQUE_CONFLICT']);
  });

  it('static records by their keys, whatever their ids are', async () => {
    const ids = (side: Side, label: string) =>
      scalar(
        side === 'source' ? rig.production : rig.qa,
        `SELECT DATA_ID AS n FROM dbo.OSSYS_ENTITY_RECORD WHERE NAME = N'${label}'`,
      );
    const [day, night, there] = [
      await ids('source', 'Day'),
      await ids('source', 'Night'),
      await ids('destination', 'Day'),
    ];
    await add('source', { KindId: String(night) });
    await add('destination', { KindId: String(there) });
    expect(await foundWithIndex('KINDID', keep)).toEqual([]);
    await add('source', { KindId: String(day) });
    expect(await foundWithIndex('KINDID', keep)).toEqual(['UNIQUE_CONFLICT']);
  });

  it('users by their matching, and users to be created not at all', async () => {
    await rig.production.request().batch(
      `INSERT INTO dbo.OSSYS_USER (TENANT_ID, NAME, USERNAME, PASSWORD, EMAIL, IS_ACTIVE)
       SELECT TOP (1) TENANT_ID, N'New', N'only.there', N'', N'', 1 FROM dbo.OSSYS_USER WHERE IS_ACTIVE = 1 ORDER BY ID`,
    );
    const created = await scalar(rig.production, "SELECT ID AS n FROM dbo.OSSYS_USER WHERE USERNAME = N'only.there'");
    await rig.qa.request().batch(
      `INSERT INTO dbo.OSSYS_USER (TENANT_ID, NAME, USERNAME, PASSWORD, EMAIL, IS_ACTIVE)
       SELECT t.ID, N'Here', N'known.to.both', N'', N'', 1 FROM dbo.OSSYS_TENANT t WHERE t.NAME = N'Users'`,
    );
    await rig.production.request().batch(
      `INSERT INTO dbo.OSSYS_USER (TENANT_ID, NAME, USERNAME, PASSWORD, EMAIL, IS_ACTIVE)
       SELECT t.ID, N'There', N'known.to.both', N'', N'', 1 FROM dbo.OSSYS_TENANT t WHERE t.NAME = N'Users'`,
    );
    const known = (side: Side) =>
      scalar(
        side === 'source' ? rig.production : rig.qa,
        "SELECT ID AS n FROM dbo.OSSYS_USER WHERE USERNAME = N'known.to.both'",
      );
    await add('source', { UserId: String(created) });
    await add('destination', { UserId: String(created) });
    await add('destination', { UserId: String(await known('destination')) });
    expect(await foundWithIndex('USERID', keep)).toEqual([]);
    await add('source', { UserId: String(await known('source')) });
    expect(await foundWithIndex('USERID', keep)).toEqual(['UNIQUE_CONFLICT']);
  });

  it('kept keys as they are, new ones not at all, and nothing is said of rows that are themselves matched', async () => {
    const both = { scope: { entities: ['App.Slot', 'App.City', 'App.Country'] } };
    const slots = { 'App.Slot': { data: 'keep' } };
    const country = await scalar(rig.production, `SELECT MIN(ID) AS n FROM ${table('App.Country', 'source')}`);
    const city = await scalar(rig.production, `SELECT MIN(ID) AS n FROM ${table('App.City', 'source')}`);
    await add('source', { CityId: String(city), CountryId: String(country), Code: "N'a'" });
    await add('destination', { CityId: String(city), CountryId: String(country), Code: "N'b'" });
    expect(await foundWithIndex('COUNTRYID', { ...both, entities: slots })).toEqual(['UNIQUE_CONFLICT']);
    expect(await foundWithIndex('CITYID', { ...both, keys: 'generate', entities: slots })).toEqual([]);
    const matched = { ...slots, 'App.City': { data: 'keep', match: ['Code'] } };
    expect(await foundWithIndex('CITYID', { ...both, entities: matched })).toEqual(['UNIQUE_UNCHECKED']);
  });

  it('NULL, which a unique index takes as a value like any other', async () => {
    await add('source', { Code: 'NULL' });
    await add('destination', { Code: 'NULL' });
    expect(await foundWithIndex('CODE', keep)).toEqual(['UNIQUE_CONFLICT']);
    const matched = { ...keep, entities: { 'App.Slot': { match: ['Code'] } } };
    expect(await foundWithIndex('CODE', matched)).toEqual(['UNIQUE_CONFLICT']);
  });
});

describe('loaded rows become alike', () => {
  it('where two users of production are one in the destination', async () => {
    const twins = ['known.to.both', 'KNOWN.to.both'];
    await rig.production.request().batch(
      `INSERT INTO dbo.OSSYS_USER (TENANT_ID, NAME, USERNAME, PASSWORD, EMAIL, IS_ACTIVE)
       SELECT t.ID, N'Twin', N'${twins[1]}', N'', N'', 0 FROM dbo.OSSYS_TENANT t WHERE t.NAME = N'Users'`,
    );
    const ids = await rig.production
      .request()
      .query<{ id: number }>("SELECT ID AS id FROM dbo.OSSYS_USER WHERE USERNAME = N'known.to.both' ORDER BY ID");
    const [first, second] = ids.recordset.map(({ id }) => String(id));
    await add('source', { UserId: first ?? '', Code: "N'a'" });
    await add('source', { UserId: second ?? '', Code: "N'b'" });
    expect(await foundWithIndex('USERID', { scope: keep.scope, producers: 'matchOnly' })).toEqual(['UNIQUE_CONFLICT']);
    expect(await foundWithIndex('USERID, CODE', { scope: keep.scope, producers: 'matchOnly' })).toEqual([]);
  });

  it('where references that lead nowhere become NULL, but not where their rows are set aside', async () => {
    const scope = { scope: keep.scope, producers: 'matchOnly' };
    await add('source', { UserId: '900000001' });
    await add('source', { UserId: '900000002' });
    expect(await foundWithIndex('USERID', scope)).toEqual(['UNIQUE_CONFLICT']);
    expect(await foundWithIndex('USERID', { ...scope, orphans: 'quarantine' })).toEqual([]);
  });
});
