import type mssql from 'mssql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EnvironmentDescription, FactoryDescription } from '../../../sandbox/factories/index.js';
import { connectAs, connectTo, count, rowsOf, writeSmallFactories, dropFactories } from './support.js';

let factories: FactoryDescription;
let production: mssql.ConnectionPool;
let qa: mssql.ConnectionPool;

beforeAll(async () => {
  factories = await writeSmallFactories('write_factories');
  production = await connectTo(factories.production.database);
  qa = await connectTo(factories.qa.database);
});

afterAll(async () => {
  await production?.close();
  await qa?.close();
  await dropFactories(factories);
});

function both(): [EnvironmentDescription, mssql.ConnectionPool][] {
  return [
    [factories.production, production],
    [factories.qa, qa],
  ];
}

describe('writeFactories', () => {
  it('writes as many rows as it says, in production and in qa', async () => {
    for (const [description, pool] of both()) {
      for (const [path, table] of Object.entries(description.tables)) {
        if (table.startsWith('OSUSR_')) expect(await count(pool, table), path).toBe(description.rows[path]);
      }
      expect(await count(pool, 'OSSYS_BPM_PROCESS')).toBe(description.processes);
      expect(await count(pool, 'OSSYS_BPM_ACTIVITY')).toBe(description.activities);
    }
    expect(factories.production.rows['Recruiting.Note']).toBe(300);
  });

  it('publishes the same keys under other ids and names', async () => {
    const query = `SELECT e.SS_KEY AS espace, n.SS_KEY AS entity, n.ID AS id, n.PHYSICAL_TABLE_NAME AS name
      FROM OSSYS_ENTITY n INNER JOIN OSSYS_ESPACE e ON e.ID = n.ESPACE_ID WHERE n.IS_ACTIVE = 1 AND n.IS_SYSTEM = 0 AND e.IS_ACTIVE = 1`;
    type Published = { espace: string; entity: string; id: number; name: string };
    const there = await rowsOf<Published>(production, query);
    const here = new Map((await rowsOf<Published>(qa, query)).map((each) => [`${each.espace} ${each.entity}`, each]));
    expect(here.size).toBe(there.length);
    expect(there.every((each) => here.get(`${each.espace} ${each.entity}`)?.name !== each.name)).toBe(true);
    expect(there.filter((each) => here.get(`${each.espace} ${each.entity}`)?.id === each.id).length).toBeLessThan(
      there.length / 4,
    );
  });

  it('leaves every foreign key trusted, and no event of its own loading in the queues', async () => {
    for (const [, pool] of both()) {
      const keys = await rowsOf<{ name: string; is_not_trusted: boolean; is_disabled: boolean }>(
        pool,
        'SELECT name, is_not_trusted, is_disabled FROM sys.foreign_keys',
      );
      expect(keys.length).toBeGreaterThan(30);
      expect(keys.filter((each) => each.is_not_trusted || each.is_disabled)).toEqual([]);
      expect(await count(pool, 'OSSYS_BPM_EVENT')).toBe(12);
    }
  });

  it('has the collation of OutSystems databases, and keys that differ in case only do not both fit', async () => {
    const found = await rowsOf<{ c: string }>(
      production,
      `SELECT CONVERT(nvarchar(60), DATABASEPROPERTYEX(DB_NAME(), 'Collation')) AS c`,
    );
    expect(found[0]?.c).toBe('Latin1_General_100_CI_AI_SC');
    const country = factories.production.tables['Core.Country'];
    await expect(
      production.request().query(`INSERT INTO [${country}] (CODE, NAME) VALUES (N'pt', N'again')`),
    ).rejects.toMatchObject({ number: 2627 });
  });

  it('keeps extreme values exactly', async () => {
    const rate = factories.production.tables['Core.CurrencyRate'];
    const rows = await rowsOf<{ id: string; rate: string }>(
      production,
      `SELECT TOP (5) CONVERT(nvarchar(30), ID) AS id, CONVERT(nvarchar(60), RATE) AS rate FROM [${rate}] ORDER BY ID`,
    );
    expect(rows).toEqual([
      { id: '9007199254740993', rate: '99999999999999999999999999999.99999999' },
      { id: '9007199254740994', rate: '-99999999999999999999999999999.99999999' },
      { id: '9007199254740995', rate: '0.00000001' },
      { id: '9007199254740996', rate: '-0.00000001' },
      { id: '9007199254740997', rate: '9007199254740993.12345678' },
    ]);
  });
});

describe('the logins', () => {
  it('let prod_reader read and not write', async () => {
    const reader = await connectAs('prod_reader', factories.production.database);
    try {
      const city = factories.production.tables['People.City'];
      expect(await count(reader, city ?? '')).toBeGreaterThan(0);
      await expect(reader.request().query(`DELETE FROM [${city}]`)).rejects.toMatchObject({ number: 229 });
      await expect(reader.request().query(`CREATE TABLE [dbo].[Probe] (ID int)`)).rejects.toMatchObject({
        number: 262,
      });
    } finally {
      await reader.close();
    }
    await expect(connectAs('prod_reader', factories.qa.database)).rejects.toThrow();
  });

  it('let qa_refresh create tables and change identities', async () => {
    const owner = await connectAs('qa_refresh', factories.qa.database);
    try {
      await owner.request().batch('CREATE TABLE [dbo].[Probe] (ID int)');
      await owner.request().batch('DROP TABLE [dbo].[Probe]');
      const city = factories.qa.tables['People.City'];
      await owner
        .request()
        .batch(
          `SET IDENTITY_INSERT [${city}] ON; INSERT INTO [${city}] (ID, NAME) VALUES (99999, N'Probe'); SET IDENTITY_INSERT [${city}] OFF; DELETE FROM [${city}] WHERE ID = 99999`,
        );
    } finally {
      await owner.close();
    }
  });

  it('let qa_writer write application tables only', async () => {
    const writer = await connectAs('qa_writer', factories.qa.database);
    try {
      const city = factories.qa.tables['People.City'];
      await writer
        .request()
        .query(`INSERT INTO [${city}] (NAME) VALUES (N'Probe'); DELETE FROM [${city}] WHERE NAME = N'Probe'`);
      expect(await count(writer, 'OSSYS_USER')).toBeGreaterThan(0);
      await expect(writer.request().query(`UPDATE OSSYS_USER SET NAME = N'x'`)).rejects.toMatchObject({ number: 229 });
      await expect(writer.request().query(`DELETE FROM OSEVT_USER`)).rejects.toMatchObject({ number: 229 });
    } finally {
      await writer.close();
    }
  });
});
