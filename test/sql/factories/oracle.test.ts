import type mssql from 'mssql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FactoryDescription } from '../../../sandbox/factories/index.js';
import { Content } from '../../../sandbox/factories/data/content.js';
import { readByMarkers, type OracleReading } from '../../../sandbox/factories/oracle.js';
import { recreateDatabase, writeEnvironment } from '../../../sandbox/factories/write/environment.js';
import { Identifiers } from '../../../sandbox/factories/write/identifiers.js';
import { Loader } from '../../../sandbox/factories/write/load.js';
import { assignIdentifiers } from '../../../sandbox/factories/write/assignIdentifiers.js';
import { physicalNames } from '../../../sandbox/factories/write/physicalNames.js';
import { Target } from '../../../sandbox/factories/write/target.js';
import { connectTo, rowsOf, writeSmallFactories, dropDatabase, dropFactories } from './support.js';

let factories: FactoryDescription;
let production: mssql.ConnectionPool;
let qa: mssql.ConnectionPool;
let here: OracleReading;
let there: OracleReading;

beforeAll(async () => {
  factories = await writeSmallFactories('factory_oracle');
  production = await connectTo(factories.production.database);
  qa = await connectTo(factories.qa.database);
  there = await readByMarkers(production, factories.model);
  here = await readByMarkers(qa, factories.model);
});

afterAll(async () => {
  await production?.close();
  await qa?.close();
  await dropFactories(factories);
});

/** The same data under other ids and physical names: what a perfect refresh of an empty environment leaves. */
async function writeCopy(database: string): Promise<mssql.ConnectionPool> {
  const master = await connectTo('master');
  await recreateDatabase(master, database);
  await master.close();
  const pool = await connectTo(database);
  const content = new Content(factories.model, 'production', 300, factories.seed);
  const target = new Target(content, new Identifiers('qa', 77), physicalNames(content.index, 77), new Loader(pool));
  assignIdentifiers(target);
  await writeEnvironment(pool, target);
  return pool;
}

describe('readByMarkers', () => {
  it('reads every row of both environments under a marker of its own', () => {
    for (const [reading, description] of [
      [there, factories.production],
      [here, factories.qa],
    ] as const) {
      for (const [path, rows] of reading.entities) {
        const expected = description.rows[path];
        expect(
          [...rows.keys()].filter((marker) => marker.includes('#')),
          path,
        ).toEqual([]);
        expect(rows.size, path).toBe(expected);
      }
      expect(reading.processes.size).toBe(description.processes);
      expect(reading.activities.size).toBe(description.activities);
    }
  });

  it('finds no unresolved identifier but in references without a constraint', () => {
    const unresolved = new Set<string>();
    for (const [path, rows] of there.entities) {
      for (const row of rows.values()) {
        for (const [name, value] of Object.entries(row))
          if (value !== null && typeof value === 'object' && value.missing !== undefined)
            unresolved.add(`${path}.${name}`);
      }
    }
    expect(unresolved).toContain('People.Person.IconId');
    for (const each of unresolved) {
      const attribute = factories.model.modules
        .flatMap((m) =>
          m.entities.flatMap((e) => e.attributes.map((a) => [`${m.name}.${e.name}.${a.name}`, a] as const)),
        )
        .find(([name]) => name === each)?.[1];
      expect(attribute?.deleteRule, each).toBe('Ignore');
    }
    expect(JSON.stringify([...there.processes, ...there.activities])).not.toContain('"missing');
  });

  it('resolves what ids stand for: rows, statics by key, users by login, processes by label', () => {
    const candidate = there.entities.get('Recruiting.Candidate')?.get('CANDIDATE-000001');
    expect(candidate?.['PersonId']).toMatchObject({ to: 'People.Person' });
    expect(candidate?.['ProcessId']).toEqual({
      to: 'ServiceCenter.Process',
      marker: expect.stringContaining('John Doe') as string,
    });
    expect(there.processes.get('John Doe CANDIDATESEL-000001')).toMatchObject({
      TOP_PROCESS_ID: 'John Doe CANDIDATESEL-000001',
      'input CandidateId': { to: 'Recruiting.Candidate', marker: 'CANDIDATE-000001' },
    });
    expect(there.subscriptions.get('Recruiting.Interview')?.some((each) => each.includes('CANDIDATE-000001'))).toBe(
      true,
    );
  });

  it('reads the same from the same data under other ids and names', async () => {
    const copy = await writeCopy('factory_oracle_copy');
    try {
      const reading = await readByMarkers(copy, factories.model);
      expect(reading.entities).toEqual(there.entities);
      expect(reading.processes).toEqual(there.processes);
      expect(reading.activities).toEqual(there.activities);
      expect(reading.directory).toEqual(there.directory);
      expect(reading.subscriptions).toEqual(there.subscriptions);
    } finally {
      await copy.close();
      await dropDatabase('factory_oracle_copy');
    }
  });

  it('sees one wrong link', async () => {
    const candidate = factories.qa.tables['Recruiting.Candidate'];
    const person = factories.qa.tables['People.Person'];
    const columns = await rowsOf<{ name: string }>(
      qa,
      `SELECT c.name FROM sys.columns c WHERE c.object_id = OBJECT_ID(N'${candidate}') AND c.name LIKE N'PERSONID%'`,
    );
    await qa
      .request()
      .batch(
        `UPDATE c SET [${columns[0]?.name}] = (SELECT MAX(ID) FROM [${person}]) FROM [${candidate}] c WHERE c.CODE = N'QA-CANDIDATE-000002'`,
      );
    const after = await readByMarkers(qa, factories.model, { entities: ['Recruiting.Candidate'] });
    const before = here.entities.get('Recruiting.Candidate');
    const changed = [...(after.entities.get('Recruiting.Candidate') ?? [])].filter(
      ([marker, row]) => JSON.stringify(row) !== JSON.stringify(before?.get(marker)),
    );
    expect(changed.map(([marker]) => marker)).toEqual(['QA-CANDIDATE-000002']);
  });
});
