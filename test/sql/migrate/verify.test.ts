import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SliceResult } from '../../../src/contract.js';
import { resolveDeferredReferences } from '../../../src/migrate/resolveDeferredReferences/resolveDeferredReferences.js';
import type { StageContext } from '../../../src/migrate/stageContext.js';
import { verify } from '../../../src/migrate/verify/verify.js';
import { preparedEnvironments, type PreparedEnvironments } from '../../support/preparedEnvironments.js';
import { complete, StageRig } from '../../support/stageRig.js';
import { entityOf, list, run, tablesOf, value, withColumns } from './support.js';

let environments: PreparedEnvironments;
let rig: StageRig;
let person: ReturnType<typeof tablesOf>;

/** A statement on the destination's Person, in attributes. */
async function tamper(sql: string): Promise<void> {
  const entity = entityOf(rig.context.plan, 'People.Person');
  await run(environments.qa, withColumns(entity, 'destination', sql.replaceAll('PERSON', person.destination)));
}

/** What verification says to a run of its own, whose ledger of verification starts empty. */
async function problems(): Promise<SliceResult['problems']> {
  await run(environments.qa, "DELETE FROM refresh.ledger WHERE work_item LIKE N'verify:%'");
  const result = await verify(rig.context);
  expect(result.done).toBe(result.problems.length === 0);
  return result.problems;
}

beforeAll(async () => {
  environments = await preparedEnvironments({ rows: 100, scheduler: false });
  rig = await StageRig.open(environments, {
    scope: { entities: ['People.Person', 'People.City'] },
    processes: { migrate: false },
    unmapped: 'setNull',
    entities: { 'People.City': { data: 'keep', match: ['Name'], onMatch: 'skip' } },
  });
  person = tablesOf(rig.context.plan, 'People.Person');
  await rig.upToItems();
  await rig.items(15);
  await complete(() => resolveDeferredReferences(rig.context));
});

afterAll(async () => {
  await rig?.close();
  await environments?.drop();
});

beforeEach(async () => {
  expect(await problems()).toEqual([]);
});

describe('verification', () => {
  it('names the attribute and the key of a row whose text, date or number differs, by a digit or by case', async () => {
    const [first, second] = await list(environments.qa, `SELECT ID FROM ${person.destination} ORDER BY ID`);
    const name = await value(environments.qa, `SELECT NAME FROM ${person.destination} WHERE ID = ${String(first)}`);
    await tamper(`UPDATE PERSON SET {Name} = UPPER({Name}) WHERE {Id} = ${String(first)}`);
    await tamper(
      `UPDATE PERSON SET {DateofBirth} = DATEADD(millisecond, 10, {DateofBirth}) WHERE {Id} = ${String(second)}`,
    );
    const found = (await problems()).map(({ code, message }) => `${code} ${message}`);
    expect(found).toEqual([
      `rowsDiffer People.Person: 1 rows differ from the source in Name (keys ${String(first)})`,
      `rowsDiffer People.Person: 1 rows differ from the source in DateofBirth (keys ${String(second)})`,
    ]);
    expect(found.join()).not.toContain(String(name).toUpperCase());
    await tamper(`UPDATE PERSON SET {Name} = N'${String(name).replaceAll("'", "''")}' WHERE {Id} = ${String(first)}`);
    await tamper(
      `UPDATE PERSON SET {DateofBirth} = DATEADD(millisecond, -10, {DateofBirth}) WHERE {Id} = ${String(second)}`,
    );
  });

  it('finds a reference that leads to another row than its image', async () => {
    const [row] = await list(
      environments.qa,
      withColumns(
        entityOf(rig.context.plan, 'People.Person'),
        'destination',
        `SELECT CONCAT({Id}, N' ', {CityId}) FROM ${person.destination} WHERE {CityId} IS NOT NULL`,
      ),
    );
    const [id, city] = String(row).split(' ');
    const cities = tablesOf(rig.context.plan, 'People.City').destination;
    const other = await value(environments.qa, `SELECT MAX(ID) FROM ${cities} WHERE ID <> ${city}`);
    await tamper(`UPDATE PERSON SET {CityId} = ${String(other)} WHERE {Id} = ${id}`);
    expect((await problems()).map(({ message }) => message)).toEqual([expect.stringContaining('in CityId')]);
    await tamper(`UPDATE PERSON SET {CityId} = ${city} WHERE {Id} = ${id}`);
  });

  it('misses no row', async () => {
    await run(
      environments.qa,
      `SELECT * INTO refresh.taken FROM ${person.destination} WHERE ID = (SELECT MAX(ID) FROM ${person.destination})`,
    );
    await run(environments.qa, `DELETE FROM ${person.destination} WHERE ID IN (SELECT ID FROM refresh.taken)`);
    expect((await problems()).map(({ code }) => code).sort()).toContain('rowsMissing');
    const columns = (
      await list(
        environments.qa,
        `SELECT c.name FROM sys.columns c WHERE c.object_id = OBJECT_ID(N'${person.destination}')`,
      )
    )
      .map((each) => `[${String(each)}]`)
      .join(', ');
    await run(
      environments.qa,
      `SET IDENTITY_INSERT ${person.destination} ON; INSERT INTO ${person.destination} (${columns}) SELECT ${columns} FROM refresh.taken; SET IDENTITY_INSERT ${person.destination} OFF; DROP TABLE refresh.taken;`,
    );
  });

  it('does not blame the refresh for what production has changed since (trap 78)', async () => {
    const source = withColumns(
      entityOf(rig.context.plan, 'People.Person'),
      'source',
      `UPDATE ${person.source} SET {Name} = CONCAT({Name}, N' changed') WHERE {Id} = (SELECT MIN({Id}) FROM ${person.source})`,
    );
    await run(environments.production, source);
    expect(await problems()).toEqual([]);
    const fact = "SELECT content FROM refresh.note WHERE name LIKE N'fact:verify:People.Person%'";
    expect(JSON.parse(String(await value(environments.qa, fact)))).toMatchObject({ count: 1 });
  });

  it('sees rows that were to survive and were changed or removed', async () => {
    const cities = tablesOf(rig.context.plan, 'People.City').destination;
    const own = await value(environments.qa, `SELECT MIN(ID) FROM ${cities}`);
    const name = await value(environments.qa, `SELECT NAME FROM ${cities} WHERE ID = ${String(own)}`);
    await run(environments.qa, `UPDATE ${cities} SET NAME = N'${String(name)}x' WHERE ID = ${String(own)}`);
    expect((await problems()).map(({ code }) => code)).toEqual(['survivorsChanged']);
    await run(environments.qa, `UPDATE ${cities} SET NAME = N'${String(name)}' WHERE ID = ${String(own)}`);
  });

  it('sees a constraint that lost its trust and a trigger that was switched off (trap 75)', async () => {
    const constraint = await value(
      environments.qa,
      `SELECT name FROM sys.foreign_keys WHERE parent_object_id = OBJECT_ID(N'${person.destination}')`,
    );
    await run(
      environments.qa,
      `ALTER TABLE ${person.destination} NOCHECK CONSTRAINT [${String(constraint)}]; ALTER TABLE ${person.destination} CHECK CONSTRAINT [${String(constraint)}];`,
    );
    expect((await problems()).map(({ code }) => code)).toEqual(['objectsChanged']);
    await run(
      environments.qa,
      `ALTER TABLE ${person.destination} WITH CHECK CHECK CONSTRAINT [${String(constraint)}];`,
    );
  });

  it('holds its reading of production back as the load is held back', async () => {
    await run(environments.qa, "DELETE FROM refresh.ledger WHERE work_item LIKE N'verify:%'");
    const { plan } = rig.context;
    const request = { ...plan.request, limits: { rowsPerSecond: 1, bytesPerSecond: null }, parallelEntities: 1 };
    const told: string[] = [];
    const held = new AbortController();
    const heartbeat: StageContext['heartbeat'] = ({ stage, subject, waiting }) => {
      if (waiting === undefined) return;
      told.push(`${stage} ${subject}: ${waiting}`);
      held.abort();
    };
    const result = await verify({ ...rig.context, plan: { ...plan, request }, heartbeat, signal: held.signal });
    expect(told).toEqual([
      expect.stringMatching(/^verify People\.\w+: the request limits reading to 1 rows a second$/),
    ]);
    expect(result.done).toBe(false);
  });
});
