import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { recruitingFactory } from '../../../sandbox/factories/recruitingFactory.js';
import { validateModel } from '../../../sandbox/factories/validateModel.js';
import { parseBatch } from '../../../sandbox/sqlserver/tsql/parser.js';
import { column, recordEnvironment, records, type Recording } from './support.js';

const model = recruitingFactory();
let production: Recording;
let qa: Recording;

beforeAll(async () => {
  // Timers are due in days from now: a second must not pass between two recordings.
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-01-02T03:04:05Z') });
  production = await recordEnvironment(model, 'production');
  qa = await recordEnvironment(model, 'qa');
});

afterAll(() => {
  vi.useRealTimers();
});

describe('the recruiting factory', () => {
  it('is a model that SQL Server accepts', () => {
    expect(() => validateModel(model)).not.toThrow();
  });

  it('is written in T-SQL that the sandbox parses', () => {
    for (const text of [...production.statements, ...qa.statements]) {
      expect(() => parseBatch(text, { quotedIdentifier: true }), text).not.toThrow();
    }
  });

  it('writes the same data for the same seed and other data for another', async () => {
    expect(await recordEnvironment(model, 'qa')).toEqual(qa);
    expect((await recordEnvironment(model, 'qa', 500, 2)).tables).not.toEqual(qa.tables);
  });

  it('gives entities other ids and other physical names in each environment, under the same keys', () => {
    const byKey = (recording: Recording): Map<string, Record<string, unknown>> => {
      const espaces = new Map(records(recording, 'OSSYS_ESPACE').map((each) => [each['ID'], each['SS_KEY']]));
      return new Map(
        records(recording, 'OSSYS_ENTITY').map((each) => [
          `${String(espaces.get(each['ESPACE_ID'] ?? null))} ${String(each['SS_KEY'])} ${String(each['IS_ACTIVE'])}`,
          each,
        ]),
      );
    };
    const there = byKey(production);
    const here = byKey(qa);
    expect([...here.keys()].sort()).toEqual([...there.keys()].sort());
    expect(here.size).toBe(records(qa, 'OSSYS_ENTITY').length);
    const application = [...there].filter(([, each]) => each['IS_SYSTEM'] === false);
    for (const [key, entity] of application)
      expect(here.get(key)?.['PHYSICAL_TABLE_NAME']).not.toBe(entity['PHYSICAL_TABLE_NAME']);
    const sameId = application.filter(([key, entity]) => here.get(key)?.['ID'] === entity['ID']);
    expect(sameId.length).toBeLessThan(application.length / 4);
  });

  it('lets clones share every key but the module’s', () => {
    const entities = records(production, 'OSSYS_ENTITY');
    const departments = entities.filter((each) => each['NAME'] === 'Department');
    expect(departments).toHaveLength(2);
    expect(new Set(departments.map((each) => each['SS_KEY'])).size).toBe(1);
    expect(new Set(departments.map((each) => each['ESPACE_ID'])).size).toBe(2);
  });

  it('keeps a deleted module under a changed name and key, with rows in its tables', () => {
    const deleted = records(production, 'OSSYS_ESPACE').find((each) => each['NAME'] === 'People(deleted0)');
    const present = records(production, 'OSSYS_ESPACE').find((each) => each['NAME'] === 'People');
    expect(deleted).toMatchObject({ IS_ACTIVE: false });
    expect(deleted?.['SS_KEY']).not.toBe(present?.['SS_KEY']);
    const city = records(production, 'OSSYS_ENTITY').find((each) => each['ESPACE_ID'] === deleted?.['ID']);
    expect(production.tables.get(String(city?.['PHYSICAL_TABLE_NAME']))?.rows.length).toBeGreaterThan(0);
  });

  it('has values that copies get wrong', () => {
    const table = String(
      records(production, 'OSSYS_ENTITY').find((each) => each['NAME'] === 'Candidate')?.['PHYSICAL_TABLE_NAME'],
    );
    const salaries = column(production, table, 'EXPECTEDSALARY');
    expect(salaries).toContain('99999999999999999999999999999.99999999');
    expect(column(production, table, 'BIRTHDATE')).toContain('1900-01-01T00:00:00.000');
    expect(column(production, table, 'CREATEDBY')).toContain(0);
    expect(column(production, table, 'CV').some((each) => typeof each === 'string' && each.length > 2_000)).toBe(true);
    expect(column(production, table, 'COUNTRYCODE')).toEqual(expect.arrayContaining([null, 'IS', 'BR']));
  });

  it('has processes below and above id 0, in every state, roots that are their own top, and three levels', () => {
    const processes = records(production, 'OSSYS_BPM_PROCESS');
    const ids = processes.map((each) => Number(each['ID']));
    expect(Math.min(...ids)).toBeLessThan(0);
    expect(Math.max(...ids)).toBeGreaterThan(0);
    expect(ids).not.toContain(0);
    expect(new Set(processes.map((each) => each['STATUS_ID']))).toEqual(new Set([1, 2, 3, 4]));
    const parents = new Map(processes.map((each) => [each['ID'], each['PARENT_PROCESS_ID']]));
    for (const each of processes) {
      if (each['PARENT_PROCESS_ID'] === null) expect(each['TOP_PROCESS_ID']).toBe(each['ID']);
      else expect(parents.get(each['TOP_PROCESS_ID'] ?? null)).toBeNull();
    }
    const depth = (id: unknown): number => {
      const parent = parents.get(id as number);
      return parent === null || parent === undefined ? 1 : 1 + depth(parent);
    };
    expect(Math.max(...ids.map(depth))).toBe(3);
  });

  it('names what event-generated inputs refer to by SS_TYPE, as the guide shows', () => {
    const input = records(production, 'OSSYS_BPM_PROCESS_INPUT').find(
      (each) => each['SS_KEY'] === 'ff1e6212-66f3-4eaf-9018-6eb58b8ed465.#EventGeneratedInput',
    );
    expect(input).toMatchObject({
      NAME: 'CandidateId',
      DATA_TYPE: 'rtInteger',
      SS_TYPE: 'bt44832b6b-eaf6-481b-b355-2eaaa488dbc4*8bfa817a-1092-472c-a14e-bc9e2ad9403b',
    });
  });

  it('leaves rows, processes, subscriptions and queued events of its own in qa', () => {
    for (const table of [
      'OSSYS_BPM_PROCESS',
      'OSSYS_BPM_EVENT',
      'OSSYS_BPM_EVENT_QUEUE',
      'OSEVT_USER',
      'OSSYS_GROUP_USER',
    ])
      expect(qa.tables.get(table)?.rows.length, table).toBeGreaterThan(0);
    for (const [table, { rows }] of qa.tables)
      if (table.startsWith('OSUSR_')) expect(rows.length, table).toBeGreaterThan(0);
  });

  it('shares some logins between the environments, under other ids, and keeps some to each', () => {
    const logins = (recording: Recording): Map<string, unknown> =>
      new Map(records(recording, 'OSSYS_USER').map((each) => [String(each['USERNAME']).toLowerCase(), each['ID']]));
    const there = logins(production);
    const here = logins(qa);
    const both = [...there.keys()].filter((login) => here.has(login));
    expect(both.length).toBeGreaterThan(5);
    expect(both.filter((login) => there.get(login) === here.get(login)).length).toBeLessThan(both.length / 2);
    expect([...there.keys()].some((login) => !here.has(login))).toBe(true);
    expect([...here.keys()].some((login) => !there.has(login))).toBe(true);
  });
});

describe('validateModel', () => {
  it('names two cascade paths into one table', () => {
    const modules = model.modules.map((module) =>
      module.name !== 'Recruiting'
        ? module
        : {
            ...module,
            entities: module.entities.map((entity) => ({
              ...entity,
              attributes: entity.attributes.map((each) =>
                entity.name === 'Interview' && each.name === 'PreviousId'
                  ? { ...each, deleteRule: 'Delete' as const }
                  : each,
              ),
            })),
          },
    );
    expect(() => validateModel({ ...model, modules })).toThrow(/Recruiting\.Interview.*1785/s);
  });

  it('names a reference to nothing', () => {
    const modules = model.modules.filter((each) => each.name !== 'Core');
    expect(() => validateModel({ ...model, modules })).toThrow(/refers to Core\.Country/);
  });
});
