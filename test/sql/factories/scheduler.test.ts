import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type mssql from 'mssql';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import {
  consumeQueues,
  readApplicationsEnabled,
  setApplicationsEnabled,
  startScheduler,
  type FactoryDescription,
} from '../../../sandbox/factories/index.js';
import { connectTo, count, rowsOf, server, writeSmallFactories, dropFactories } from './support.js';

let factories: FactoryDescription;
let qa: mssql.ConnectionPool;

beforeAll(async () => {
  factories = await writeSmallFactories('factory_scheduler');
  qa = await connectTo(factories.qa.database);
});

afterAll(async () => {
  await qa?.close();
  await dropFactories(factories);
});

async function waitingModules(): Promise<string[]> {
  const rows = await rowsOf<{ NAME: string }>(
    qa,
    `SELECT e.NAME FROM OSSYS_BPM_EVENT q INNER JOIN OSSYS_ESPACE e ON e.ID = q.ESPACE_ID
     UNION SELECT e.NAME FROM OSSYS_BPM_EVENT_QUEUE q INNER JOIN OSSYS_ESPACE e ON e.ID = q.ESPACE_ID`,
  );
  return rows.map((each) => each.NAME).sort();
}

it('consumes the events of enabled applications only', async () => {
  expect(await waitingModules()).toEqual(['Organization', 'OrganizationClone', 'Recruiting']);
  await setApplicationsEnabled(qa, ['Recruiting'], false);
  await setApplicationsEnabled(qa, ['Recruiting'], false);
  expect((await readApplicationsEnabled(qa)).get('Recruiting')).toBe(false);
  expect(await consumeQueues(qa)).toBeGreaterThan(0);
  expect(await consumeQueues(qa)).toBe(0);
  // Organization belongs to the disabled application; the clone belongs to none.
  expect(await waitingModules()).toEqual(['Organization', 'Recruiting']);

  await setApplicationsEnabled(qa, ['Recruiting'], true);
  const scheduler = await startScheduler({ ...server(), database: factories.qa.database });
  try {
    await vi.waitFor(async () => expect(await waitingModules()).toEqual([]), { timeout: 20_000, interval: 100 });
  } finally {
    await scheduler.stop();
  }
  expect(scheduler.lastError()).toBeUndefined();
  await qa
    .request()
    .batch(`INSERT INTO OSSYS_BPM_EVENT (ESPACE_ID) SELECT ID FROM OSSYS_ESPACE WHERE NAME = N'Recruiting'`);
  expect(await count(qa, 'OSSYS_BPM_EVENT')).toBe(1);
});

it('is told by the maintenance command, as often as one likes', async () => {
  const { server: host, port, user, password } = server();
  const connection = {
    MAINTENANCE_SERVER: host,
    MAINTENANCE_PORT: String(port),
    MAINTENANCE_USER: user,
    MAINTENANCE_PASSWORD: password,
    MAINTENANCE_DATABASE: factories.qa.database,
  };
  const maintain = (...args: string[]) =>
    promisify(execFile)('npx', ['tsx', 'sandbox/factories/maintenance.ts', ...args], {
      env: { ...process.env, ...connection },
    });
  for (let n = 0; n < 2; n++) await maintain('disable', '--application', 'People', 'Core');
  expect(await readApplicationsEnabled(qa)).toEqual(
    new Map([
      ['Core', false],
      ['OrganizationClone', true],
      ['People', false],
      ['Recruiting', true],
      ['Service Center', true],
      ['Users', true],
    ]),
  );
  await maintain('enable', '--application', 'People', 'Core');
  expect([...(await readApplicationsEnabled(qa)).values()]).not.toContain(false);
  await expect(maintain('disable', '--application', 'Payroll')).rejects.toThrow('no active application Payroll');
});

it('names an application that is not there', async () => {
  await expect(setApplicationsEnabled(qa, ['Payroll'], false)).rejects.toThrow(
    'There is no active application Payroll.',
  );
});
