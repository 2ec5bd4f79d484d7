import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readByMarkers, type OracleRow } from '../../../sandbox/factories/oracle.js';
import { migrateBatches } from '../../../src/migrate/migrateEntities/migrateBatches.js';
import { resolveDeferredReferences } from '../../../src/migrate/resolveDeferredReferences/resolveDeferredReferences.js';
import { preparedEnvironments, type PreparedEnvironments } from '../../support/preparedEnvironments.js';
import { StageRig } from '../../support/stageRig.js';
import {
  columnOf,
  entityOf,
  imageOf,
  list,
  nameOf,
  originOf,
  rowsOf,
  run,
  tableOf,
  tablesOf,
  value,
} from './support.js';

let environments: PreparedEnvironments;

beforeAll(async () => {
  environments = await preparedEnvironments({ rows: 100, scheduler: false });
});

afterAll(async () => {
  await environments?.drop();
});

const quiet = { processes: { migrate: false }, tenants: 'exclude', unmapped: 'setNull' };

/** A refresh of some entities, from plan to verification. */
async function refresh(request: Record<string, unknown>, batchRows?: number): Promise<StageRig> {
  const rig = await StageRig.open(environments, { ...quiet, ...request });
  await rig.all(batchRows);
  await rig.close();
  return rig;
}

async function both(
  entity: string,
): Promise<{ there: Awaited<ReturnType<typeof readByMarkers>>; here: Awaited<ReturnType<typeof readByMarkers>> }> {
  const { model } = environments.factories;
  const entities = [entity];
  return {
    there: await readByMarkers(environments.production, model, { entities }),
    here: await readByMarkers(environments.qa, model, { entities }),
  };
}

/** Text keys of the destination's own rows may be written in another case. */
function folded(row: OracleRow | undefined): unknown {
  return JSON.parse(JSON.stringify(row ?? null).toLowerCase());
}

describe('keys', () => {
  it('are reserved above every key that is or was there, and the identity ends above both (trap 29)', async () => {
    const { qa } = environments;
    const city = await tableOf(qa, 'People', 'City');
    await run(
      qa,
      `SET IDENTITY_INSERT ${city} ON; INSERT INTO ${city} (ID, NAME) VALUES (50000, N'gone'); SET IDENTITY_INSERT ${city} OFF;
       DELETE FROM ${city} WHERE ID = 50000;`,
    );
    const before = await list(qa, `SELECT CONCAT(ID, N' ', NAME) FROM ${city} ORDER BY ID`);
    const rig = await refresh({ scope: { entities: ['People.City'] }, destinationData: 'keep' }, 5);
    expect(originOf(rig.context.plan, 'People.City')).toBe('reserved');
    const added = await list(qa, `SELECT ID FROM ${city} WHERE ID > 50000`);
    expect(added).toHaveLength(
      Number(
        await value(
          environments.production,
          `SELECT COUNT(*) FROM ${tablesOf(rig.context.plan, 'People.City').source}`,
        ),
      ),
    );
    expect(await list(qa, `SELECT CONCAT(ID, N' ', NAME) FROM ${city} WHERE ID <= 50000 ORDER BY ID`)).toEqual(before);
    expect(Number(await value(qa, `SELECT IDENT_CURRENT(N'${city}')`))).toBe(
      Number(await value(qa, `SELECT MAX(ID) FROM ${city}`)),
    );
  });

  it('of rows that the destination numbers are paired by rank, self references and the root included (traps 30, 31 and 37)', async () => {
    const { production } = environments;
    const department = await tableOf(production, 'Organization', 'Department');
    const parent = await columnOf(production, 'Organization', 'Department', 'ParentId');
    for (let depth = 1; depth <= 60; depth += 1) {
      await run(
        production,
        `INSERT INTO ${department} (CODE, NAME, ${parent}) SELECT N'DEEP-${depth}', N'deep', ${depth === 1 ? 'NULL' : `(SELECT ID FROM ${department} WHERE CODE = N'DEEP-${depth - 1}')`};`,
      );
    }
    const rig = await refresh({
      scope: { entities: ['Organization.Department'] },
      keys: 'generate',
      destinationData: 'keep',
    });
    expect(originOf(rig.context.plan, 'Organization.Department')).toBe('generated');
    const { there, here } = await both('Organization.Department');
    for (const [marker, row] of rowsOf(there, 'Organization.Department')) {
      expect([marker, rowsOf(here, 'Organization.Department').get(marker)]).toEqual([marker, imageOf(row)]);
    }
    expect(rowsOf(here, 'Organization.Department').get('DEEP-60')?.['ParentId']).toMatchObject({ marker: 'DEEP-59' });
  });

  it('below zero and zero itself are keys like others where a row has them (traps 19 and 21)', async () => {
    const { production, qa } = environments;
    const city = await tableOf(production, 'People', 'City');
    await run(
      production,
      `SET IDENTITY_INSERT ${city} ON; INSERT INTO ${city} (ID, NAME) VALUES (-7, N'Below'), (0, N'Nought'); SET IDENTITY_INSERT ${city} OFF;`,
    );
    const person = await tableOf(production, 'People', 'Person');
    const rig = await StageRig.open(environments, { ...quiet, scope: { entities: ['People.Person'] } });
    const cityId = entityOf(rig.context.plan, 'People.Person').columns.find(({ attribute }) => attribute === 'CityId');
    await run(
      production,
      `UPDATE ${person} SET [${cityId?.source?.column}] = -7 WHERE NAME = (SELECT MIN(NAME) FROM ${person});
       UPDATE ${person} SET [${cityId?.source?.column}] = 0 WHERE NAME = (SELECT MAX(NAME) FROM ${person});`,
    );
    await rig.all(10);
    await rig.close();
    const { here } = await both('People.Person');
    const cities = [...rowsOf(here, 'People.Person').values()].map((row) => row['CityId']);
    expect(cities).toContainEqual({ to: 'People.City', marker: 'Below' });
    expect(cities).toContainEqual({ to: 'People.City', marker: 'Nought' });
    expect(
      await value(
        qa,
        `SELECT COUNT(*) FROM ${tablesOf(rig.context.plan, 'People.City').destination} WHERE NAME = N'Below'`,
      ),
    ).toBe(1);
  });

  it('of text match in any case and accent, and references follow them (traps 17 and 18)', async () => {
    const rig = await refresh({
      scope: { entities: ['Core.Contact'] },
      entities: { 'Core.Country': { data: 'keep', match: ['Code'], onMatch: 'update' } },
    });
    expect(originOf(rig.context.plan, 'Core.Country')).toBe('preserved');
    const { there, here } = await both('Core.Contact');
    for (const [marker, row] of rowsOf(there, 'Core.Contact'))
      expect([marker, folded(rowsOf(here, 'Core.Contact').get(marker))]).toEqual([marker, folded(imageOf(row))]);
    const countries = (await both('Core.Country')).here.entities.get('Core.Country');
    expect([...(countries?.keys() ?? [])].filter((marker) => marker.includes('#'))).toEqual([]);
  });

  it('that carry a meaning lead to the row matched by other attributes, whatever its key is there (trap 18)', async () => {
    const { qa } = environments;
    const country = await tableOf(qa, 'Core', 'Country');
    const contact = await tableOf(qa, 'Core', 'Contact');
    await run(qa, `DELETE FROM ${contact}; UPDATE ${country} SET CODE = N'XX' WHERE CODE = N'PT';`);
    await refresh({
      scope: { entities: ['Core.Contact'] },
      entities: { 'Core.Country': { data: 'keep', match: ['Name'], onMatch: 'update' } },
    });
    const names = `FROM ${contact} c INNER JOIN ${country} k ON k.CODE = c.COUNTRYCODE`;
    expect(await list(qa, `SELECT DISTINCT k.CODE ${names} WHERE k.NAME = N'Portugal'`)).toEqual(['XX']);
    expect(await value(qa, `SELECT COUNT(*) FROM ${country} WHERE NAME = N'Portugal'`)).toBe(1);
  });

  it('that match one row of the destination are found before, and told from an update in whatever batch they come', async () => {
    const { production, qa } = environments;
    const country = await tableOf(production, 'Core', 'Country');
    // A namesake as the destination compares names, in a batch of its own.
    await run(production, `INSERT INTO ${country} (CODE, NAME) VALUES (N'ZZ', N'PORTUGAL')`);
    const rowsBefore = await list(qa, `SELECT NAME FROM ${await tableOf(qa, 'Core', 'Country')} ORDER BY CODE`);
    const asked = (onMatch: string): Record<string, unknown> => ({
      ...quiet,
      scope: { entities: ['Core.Country'] },
      entities: { 'Core.Country': { data: 'keep', match: ['Name'], onMatch } },
    });
    try {
      const rig = await StageRig.open(environments, asked('update'));
      const said = rig.context.plan.findings.filter(({ code }) => code === 'MATCH_ALIKE');
      expect(said.map(({ severity, subject }) => `${severity} ${subject}`)).toEqual(['blocking Core.Country']);
      expect(said[0]?.message).not.toMatch(/portugal/i);
      await rig.upToItems();
      await expect(rig.items(1)).rejects.toMatchObject({ code: 'matchAmbiguous', type: 'Refused' });
      await rig.close();
      const again = await StageRig.open(environments, asked('skip'));
      const warned = again.context.plan.findings.filter(({ code }) => code === 'MATCH_ALIKE');
      expect(warned.map(({ severity }) => severity)).toEqual(['warning']);
      await again.upToItems();
      await again.items(1);
      await again.close();
      const rowsAfter = await list(qa, `SELECT NAME FROM ${await tableOf(qa, 'Core', 'Country')} ORDER BY CODE`);
      expect(rowsAfter).toEqual(rowsBefore);
    } finally {
      await run(production, `DELETE FROM ${country} WHERE CODE = N'ZZ'`);
    }
  });

  it('of a clone and its original stand apart, although their entity keys are the same; cycles and self references are deleted first (traps 1, 26 and 83)', async () => {
    await refresh({ scope: { espaces: ['Organization', 'OrganizationClone'] } });
    for (const entity of ['Organization.Member', 'OrganizationClone.Member']) {
      const { there, here } = await both(entity);
      expect(rowsOf(there, entity).size).toBeGreaterThan(3);
      for (const [marker, row] of rowsOf(there, entity))
        expect([marker, rowsOf(here, entity).get(marker)]).toEqual([marker, imageOf(row)]);
    }
  });

  it('are refused when the type has none left, before a row is written (trap 73)', async () => {
    const { qa } = environments;
    const contact = await tableOf(qa, 'Core', 'Contact');
    const rig = await StageRig.open(environments, {
      ...quiet,
      scope: { entities: ['Core.Contact'] },
      destinationData: 'keep',
      entities: { 'Core.Country': { match: ['Code'], onMatch: 'skip' } },
    });
    await run(
      qa,
      `SET IDENTITY_INSERT ${contact} ON; INSERT INTO ${contact} (ID, CODE) VALUES (2147483640, N'last'); SET IDENTITY_INSERT ${contact} OFF;`,
    );
    const rows = await value(qa, `SELECT COUNT(*) FROM ${contact}`);
    await rig.upToItems();
    await expect(rig.items()).rejects.toMatchObject({ code: 'keysExhausted', type: 'Refused' });
    expect(await value(qa, `SELECT COUNT(*) FROM ${contact}`)).toBe(rows);
    await rig.close();
    await run(qa, `DELETE FROM ${contact} WHERE ID = 2147483640;`);
  });
});

describe('attempts that overlap or are cut off', () => {
  it('write every row once and set every reference once (traps 36 and 79)', async () => {
    const rig = await StageRig.open(environments, { ...quiet, scope: { espaces: ['Organization'] } });
    await rig.upToItems();
    const limits = { rows: 7, bytes: 16_000_000, ranges: 1 };
    for (const item of rig.context.plan.items) {
      await Promise.allSettled([
        migrateBatches(rig.context, item.id, limits),
        migrateBatches(rig.context, item.id, { ...limits, rows: 5 }),
      ]);
      await rig.item(item.id, 9);
    }
    // A slice that is over at once ends after one batch.
    const slices = rig.with({ deadline: () => true });
    while (!(await resolveDeferredReferences(slices.context)).done);
    expect((await resolveDeferredReferences(rig.context)).handled).toBe(0);
    await rig.fromItemsOn();
    await rig.close();
    for (const { node } of rig.context.plan.entities.filter(({ stage }) => stage === 'migrateEntities')) {
      const entity = nameOf(rig.context.plan, node);
      if (entity === 'Organization.UserExtended' || entity === 'Organization.Announcement') continue;
      const { there, here } = await both(entity);
      expect([...rowsOf(here, entity).keys()].sort()).toEqual([...rowsOf(there, entity).keys()].sort());
    }
  });
});
