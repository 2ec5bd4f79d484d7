import { describe, expect, it } from 'vitest';
import { entityName, keyAttribute, parseReferenceType } from '../../../src/factory/factory.js';
import { FactoryIndex } from '../../../src/factory/factoryIndex.js';
import { fingerprint } from '../../../src/factory/fingerprint.js';
import { readFactory } from '../../../src/factory/readFactory.js';
import type { SqlRow } from '../../../src/sqlserver/readDatabase.js';
import { FakeDatabase, platformTables, type FakeTable } from './fakeDatabase.js';

const peopleKey = '02632668-1434-43c2-82b1-e59ea75a0388';
const cloneKey = '11111111-1434-43c2-82b1-e59ea75a0388';
const cityKey = '0f3b6288-e5b3-4804-97e2-9b1ea18fc12e';
const personKey = 'ceaae4ec-0c65-4e1c-964a-52edd72bb7c1';
const idKey = 'ab9b9108-55a5-42a6-bdf0-85238d963c58';

const entity = (
  id: number,
  espace: number | null,
  name: string,
  table: string,
  key: string,
  more: SqlRow = {},
): SqlRow => ({
  ID: id,
  ESPACE_ID: espace,
  NAME: name,
  PHYSICAL_TABLE_NAME: table,
  SS_KEY: key,
  PRIMARYKEY_SS_KEY: idKey,
  IS_ACTIVE: true,
  DATA_KIND: 'entity',
  EXPOSE_PROCESS_EVENTS: false,
  ...more,
});
const attribute = (entityId: number, name: string, type: string, key: string, more: SqlRow = {}): SqlRow => ({
  ENTITY_ID: entityId,
  NAME: name,
  TYPE: type,
  SS_KEY: key,
  IS_ACTIVE: true,
  IS_MANDATORY: false,
  IS_AUTONUMBER: false,
  DELETE_RULE: 'Protect',
  LENGTH: 0,
  DECIMALS: 0,
  ...more,
});

const rows: Readonly<Record<string, readonly SqlRow[]>> = {
  OSSYS_APPLICATION: [
    { ID: 1, NAME: 'People', KEY: 'APP-1', IS_ACTIVE: true },
    { ID: 2, NAME: 'People', KEY: 'APP-2', IS_ACTIVE: false },
  ],
  OSSYS_MODULE: [
    { ID: 51, ESPACE_ID: 240, EXTENSION_ID: null },
    { ID: 52, ESPACE_ID: null, EXTENSION_ID: 240 },
  ],
  OSSYS_APP_DEFINITION_MODULE: [
    { APPLICATION_ID: 1, MODULE_ID: 51 },
    { APPLICATION_ID: 1, MODULE_ID: 52 },
  ],
  OSSYS_ESPACE: [
    { ID: 240, NAME: 'People', SS_KEY: peopleKey.toUpperCase(), IS_ACTIVE: true, IS_SYSTEM: false },
    { ID: 239, NAME: 'People(deleted0)', SS_KEY: 'deleted-key', IS_ACTIVE: false, IS_SYSTEM: false },
    { ID: 300, NAME: 'PeopleCopy', SS_KEY: cloneKey, IS_ACTIVE: true, IS_SYSTEM: false },
  ],
  OSSYS_EXTENSION: [{ ID: 240, NAME: 'Files', SS_KEY: 'extension-key', IS_ACTIVE: true }],
  OSSYS_ENTITY: [
    entity(1, 240, 'City', 'OSUSR_7i3_City', cityKey),
    entity(2, 240, 'Person', 'OSUSR_7i3_Person', personKey, {
      EVENT_TABLE_NAME: 'OSEVT_7i3_Person',
      EXPOSE_PROCESS_EVENTS: true,
    }),
    entity(3, 240, 'Person', 'OSUSR_7i3_Person1', 'another', { IS_ACTIVE: false }),
    entity(4, 239, 'City', 'OSUSR_old_City', cityKey),
    entity(5, 300, 'City', 'OSUSR_abc_City', cityKey),
    entity(6, null, 'File', 'FILES', 'file-key', { EXTENSION_ID: 240 }),
  ],
  OSSYS_ENTITY_ATTR: [
    attribute(1, 'Id', 'rtLongInteger', idKey),
    attribute(2, 'Code', 'rtLongInteger', idKey, { IS_MANDATORY: true }),
    attribute(2, 'Náme', 'rtText', 'name-key'),
    attribute(2, 'Name', 'rtText', 'old-name-key', { IS_ACTIVE: false }),
    attribute(2, 'City', `bt${peopleKey}*${cityKey}`, 'city-key', { DATABASE_NAME: 'CITYID' }),
    attribute(2, 'Gone', 'rtText', 'gone-key'),
    attribute(5, 'Id', 'rtLongInteger', idKey),
  ],
  OSSYS_TENANT: [{ ID: 1, NAME: 'Users', ESPACE_ID: 240, IS_ACTIVE: true }],
};

const applicationTables: Readonly<Record<string, FakeTable>> = {
  OSUSR_7i3_City: { columns: ['ID bigint!', 'TENANT_ID int'] },
  OSUSR_7i3_Person: {
    columns: ['CODE bigint!', 'NAME nvarchar(70)', 'CITYID bigint'],
    foreignKeys: { CITYID: 'OSUSR_7i3_City' },
    triggers: ['OSTRG_EI__OSUSR_7i3_Person'],
  },
  OSEVT_7i3_Person: { columns: ['_ACTIVITY_ID'] },
  OSUSR_abc_City: { columns: ['ID bigint!'] },
  FILES: { columns: ['ID!'] },
};

function database(
  changes: Readonly<Record<string, readonly SqlRow[]>> = {},
  tables: Readonly<Record<string, FakeTable>> = applicationTables,
): FakeDatabase {
  const platform = Object.fromEntries(
    Object.entries(platformTables).map(([name, table]) => [
      name,
      { ...table, rows: changes[name] ?? rows[name] ?? [] },
    ]),
  );
  return new FakeDatabase({ ...platform, ...tables });
}

describe('a metamodel', () => {
  it('is read without what is soft-deleted at any level (traps 5, 8)', async () => {
    const factory = await readFactory(database(), 'production');
    expect(factory.entities.map(entityName).sort()).toEqual([
      'Files.File',
      'People.City',
      'People.Person',
      'PeopleCopy.City',
    ]);
    expect(factory.tombstones.map((each) => each.table)).toEqual(['OSUSR_7i3_Person1', 'OSUSR_old_City']);
  });

  it('keeps modules apart that are an espace or an extension with one id (trap 12)', async () => {
    const factory = await readFactory(database(), 'production');
    expect(factory.applications[0]?.modules).toEqual(['espace:240', 'extension:240']);
    expect(factory.entities.find((each) => each.name === 'File')?.module.name).toBe('Files');
  });

  it('finds entities of clones by the keys of both, in any case (traps 1, 4)', async () => {
    const index = new FactoryIndex(await readFactory(database(), 'production'));
    expect(index.entityByKeys(peopleKey, cityKey.toUpperCase())?.table.table).toBe('OSUSR_7i3_City');
    expect(index.entityByKeys(cloneKey, cityKey)?.table.table).toBe('OSUSR_abc_City');
  });

  it('takes columns from DATABASE_NAME or the name, without case and accents, confirmed in the catalogue (traps 13, 14)', async () => {
    const factory = await readFactory(database(), 'production');
    const person = factory.entities.find((each) => each.name === 'Person');
    expect(person?.attributes.map((each) => [each.name, each.column])).toEqual([
      ['Code', 'CODE'],
      ['Náme', 'NAME'],
      ['City', 'CITYID'],
      ['Gone', null],
    ]);
    expect(person === undefined ? null : keyAttribute(person)?.name).toBe('Code');
    expect(person?.eventTable?.table).toBe('OSEVT_7i3_Person');
  });

  it('sees the tenant column that no attribute shows, and not one that an attribute owns (trap 47)', async () => {
    const city = (factory: Awaited<ReturnType<typeof readFactory>>) =>
      factory.entities.find((each) => entityName(each) === 'People.City');
    expect(city(await readFactory(database(), 'production'))?.tenantColumn).toBe('TENANT_ID');
    const shown = [
      ...(rows['OSSYS_ENTITY_ATTR'] ?? []),
      attribute(1, 'Tenant_Id', 'rtInteger', 'tenant-key', { IS_ACTIVE: false }),
    ];
    expect(city(await readFactory(database({ OSSYS_ENTITY_ATTR: shown }), 'production'))?.tenantColumn).toBeNull();
  });

  it('is read in a number of statements that does not depend on its size', async () => {
    const db = database();
    await readFactory(db, 'production');
    expect(db.statements.length).toBeLessThan(30);
  });

  it('that lacks tables or columns is refused with one message naming them all', async () => {
    const incomplete = Object.fromEntries(Object.entries(platformTables).filter(([name]) => name !== 'OSSYS_ROLE'));
    const db = new FakeDatabase({
      ...incomplete,
      OSSYS_TENANT: { columns: ['ID!', 'NAME nvarchar(50)', 'IS_ACTIVE bit'] },
    });
    await expect(readFactory(db, 'qa')).rejects.toThrow(
      'Environment qa lacks column OSSYS_TENANT.ESPACE_ID, table OSSYS_ROLE.',
    );
  });
});

describe('the fingerprint', () => {
  const of = async (changes: Readonly<Record<string, readonly SqlRow[]>> = {}, tables = applicationTables) =>
    fingerprint(await readFactory(database(changes, tables), 'production'), [peopleKey]);

  it('does not depend on the order in which rows come', async () => {
    const reversed = Object.fromEntries(Object.entries(rows).map(([name, list]) => [name, [...list].reverse()]));
    expect(await of(reversed)).toBe(await of());
  });

  it('changes with attributes, columns and inbound keys of its modules, and with nothing else (trap 86)', async () => {
    const before = await of();
    const attributes = rows['OSSYS_ENTITY_ATTR'] ?? [];
    expect(await of({ OSSYS_ENTITY_ATTR: attributes.slice(1) })).not.toBe(before);
    expect(
      await of({}, { ...applicationTables, OSUSR_7i3_City: { columns: ['ID bigint!', 'TENANT_ID int', 'NEW int'] } }),
    ).not.toBe(before);
    expect(
      await of(
        {},
        {
          ...applicationTables,
          OSUSR_other: { columns: ['ID!', 'CITY bigint'], foreignKeys: { CITY: 'OSUSR_7i3_City' } },
        },
      ),
    ).not.toBe(before);
    expect(await of({}, { ...applicationTables, OSUSR_abc_City: { columns: ['ID bigint!', 'NEW int'] } })).toBe(before);
    expect(await of({ OSSYS_TENANT: [] })).toBe(before);
  });
});

describe('a reference type', () => {
  it('is parsed by position (trap 2)', () => {
    expect(parseReferenceType(`bt${peopleKey}*${cityKey}`)).toEqual({ espaceKey: peopleKey, entityKey: cityKey });
    expect(parseReferenceType('btsite12*abc')).toEqual({ espaceKey: 'site12', entityKey: 'abc' });
    expect(parseReferenceType('rtText')).toBeNull();
    expect(parseReferenceType('rtEntityReference')).toBeNull();
    expect(parseReferenceType('bt')).toBeNull();
  });
});
