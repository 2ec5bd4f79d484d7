import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { uniqueName } from '../../support/sqlServer.js';
import { connectTo, dropDatabase } from '../factories/support.js';
import { entityOf, PlanRig } from './planRig.js';

const catalog = uniqueName('catalog');
let rig: PlanRig;

beforeAll(async () => {
  rig = await PlanRig.open('catalogs');
  const master = await connectTo('master');
  await master.request().batch(`CREATE DATABASE [${catalog}]`);
  await master.close();
});
afterAll(async () => {
  await rig.close();
  await dropDatabase(catalog);
});

describe('an espace of another database catalog', () => {
  it('has its tables there, read and named in three parts; the platform stays where it is (trap 88)', async () => {
    const before = entityOf(await rig.plan(), 'People.Icon');
    const other = await connectTo(catalog);
    const columns = before.columns
      .map(({ destination: { column, type } }, at) =>
        at === 0
          ? `[${column}] ${type.name} IDENTITY PRIMARY KEY`
          : `[${column}] ${type.length === null ? type.name : `${type.name}(${type.length === -1 ? 'max' : type.length})`} NULL`,
      )
      .join(', ');
    await other.request().batch(`CREATE TABLE dbo.[${before.destinationTable.table}] (${columns})`);
    await other.request().batch(`INSERT INTO dbo.[${before.destinationTable.table}] DEFAULT VALUES`);
    await other.request().batch('CREATE USER [qa_refresh] FOR LOGIN [qa_refresh]');
    await other.request().batch('ALTER ROLE db_owner ADD MEMBER [qa_refresh]');
    await other.close();
    await rig.qa.request().batch(`INSERT INTO dbo.OSSYS_DBCATALOG (NAME) VALUES (N'${catalog}')`);
    await rig.qa
      .request()
      .batch(
        `UPDATE dbo.OSSYS_ESPACE SET DBCATALOG_ID = (SELECT MAX(ID) FROM dbo.OSSYS_DBCATALOG) WHERE NAME = N'People' AND IS_ACTIVE = 1`,
      );
    const plan = await rig.plan();
    const icon = entityOf(plan, 'People.Icon');
    expect(icon.destinationTable).toEqual({ ...before.destinationTable, database: catalog });
    expect(plan.deletions.find((deletion) => deletion.name === 'People.Icon')).toMatchObject({
      rows: 1,
      table: { database: catalog },
    });
    expect(entityOf(plan, 'People.City').destinationTable.database).toBeNull();
    expect(plan.findings.filter((each) => each.code === 'RIGHTS_MISSING')).toEqual([]);
  });
});
