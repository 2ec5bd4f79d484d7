import type mssql from 'mssql';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { FactoryDescription } from '../../../sandbox/factories/index.js';
import { connectTo, rowsOf, writeSmallFactories, dropFactories } from './support.js';

let factories: FactoryDescription;
let qa: mssql.ConnectionPool;
let interview: string;
let events: string;

interface Queued {
  readonly ACTIVITY_ID: number | null;
  readonly PROCESS_DEF_ID: number | null;
  readonly TENANT_ID: number | null;
  readonly DATA_ID: string;
}

beforeAll(async () => {
  factories = await writeSmallFactories('factory_triggers');
  qa = await connectTo(factories.qa.database);
  interview = factories.qa.tables['Recruiting.Interview'] ?? '';
  events = interview.replace('OSUSR_', 'OSEVT_');
});

afterAll(async () => {
  await qa?.close();
  await dropFactories(factories);
});

beforeEach(async () => {
  for (const table of ['OSSYS_BPM_EVENT', 'OSSYS_BPM_EVENT_QUEUE', events])
    await qa.request().batch(`DELETE FROM [${table}]`);
});

async function subscribe(columns: string, values: string): Promise<void> {
  await qa
    .request()
    .batch(`INSERT INTO [${events}] (_ESPACE_ID, _TENANT_ID, _IS_LIGHT, ${columns}) VALUES (1, 7, 0, ${values})`);
}

async function twoInterviews(): Promise<{ ID: number; CANDIDATEID: string }[]> {
  return await rowsOf(
    qa,
    `SELECT TOP (2) ID, CONVERT(nvarchar(30), CANDIDATEID) AS CANDIDATEID FROM [${interview}] i WHERE CANDIDATEID <> (SELECT CANDIDATEID FROM [${interview}] WHERE ID = (SELECT MIN(ID) FROM [${interview}])) OR ID = (SELECT MIN(ID) FROM [${interview}]) ORDER BY ID`,
  );
}

async function queued(): Promise<Queued[]> {
  return await rowsOf(
    qa,
    'SELECT ACTIVITY_ID, PROCESS_DEF_ID, TENANT_ID, DATA_ID FROM OSSYS_BPM_EVENT_QUEUE ORDER BY ACTIVITY_ID, DATA_ID',
  );
}

it('queues one event for each changed row and matching subscription', async () => {
  const [first, second] = await twoInterviews();
  await subscribe('_ACTIVITY_ID, _IS_UPDATE, CANDIDATEID', `1, 1, ${first?.CANDIDATEID}`);
  await subscribe('_ACTIVITY_ID, _IS_UPDATE, ID', `2, 1, ${second?.ID}`);
  await subscribe('_ACTIVITY_ID, _IS_UPDATE, CANDIDATEID', `3, 1, 0`);
  await subscribe('_ACTIVITY_ID, _IS_UPDATE', `4, 0`);
  await qa.request().batch(`UPDATE [${interview}] SET MINUTES = 1 WHERE ID IN (${first?.ID}, ${second?.ID})`);
  const found = await queued();
  expect(found.map((each) => [each.ACTIVITY_ID, each.DATA_ID])).toEqual([
    [1, String(first?.ID)],
    [2, String(second?.ID)],
    [3, String(first?.ID)],
    [3, String(second?.ID)],
  ]);
  expect(found[0]?.TENANT_ID).toBe(7);
});

it('starts processes on insert, and keeps light events in a queue of their own', async () => {
  await subscribe('_PROCESS_DEF_ID, _IS_UPDATE', '31, 0');
  await qa
    .request()
    .batch(`INSERT INTO [${events}] (_ESPACE_ID, _PROCESS_DEF_ID, _IS_UPDATE, _IS_LIGHT) VALUES (1, 32, 0, 1)`);
  await qa.request().batch(`INSERT INTO [${interview}] (CODE) VALUES (N'Probe')`);
  const id = (await rowsOf<{ ID: number }>(qa, `SELECT ID FROM [${interview}] WHERE CODE = N'Probe'`))[0]?.ID;
  expect(await queued()).toEqual([{ ACTIVITY_ID: null, PROCESS_DEF_ID: 31, TENANT_ID: 7, DATA_ID: String(id) }]);
  expect(await rowsOf(qa, 'SELECT PROCESS_DEF_ID, ENTITY_RECORD_ID FROM OSSYS_BPM_EVENT')).toEqual([
    { PROCESS_DEF_ID: 32, ENTITY_RECORD_ID: String(id) },
  ]);
});
