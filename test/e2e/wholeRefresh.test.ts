import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type mssql from 'mssql';
import type { WorkflowHandle } from '@temporalio/client';
import { readApplicationsEnabled } from '../../sandbox/factories/applicationState.js';
import { readByMarkers, type OracleReading } from '../../sandbox/factories/oracle.js';
import type { RunStatus } from '../../src/contract.js';
import { foresee, type Foreseen } from '../support/foreseen.js';
import { preparedEnvironments, type PreparedEnvironments } from '../support/preparedEnvironments.js';
import { rawDifferences, readRawTables, type RawTables } from '../support/rawTables.js';
import { RefreshRig } from '../support/refreshRig.js';

/** For a whole refresh or more, on a machine that may have other things to do. Milliseconds. */
const slowMachine = 300_000;

const request = { source: 'production', destination: 'qa', scope: { applications: ['Recruiting'] } };
const largeEntity = 'Recruiting.Note';

let environments: PreparedEnvironments;
let rig: RefreshRig;
let foreseen: Foreseen;
let beforeRaw: RawTables;

beforeAll(async () => {
  environments = await preparedEnvironments({ rows: 150 });
  foreseen = await foresee(environments, 'Recruiting');
  beforeRaw = await readOutside();
  rig = await RefreshRig.start(environments);
});

afterAll(async () => {
  await rig?.stop();
  await environments?.drop();
});

function readSource(): Promise<OracleReading> {
  return readByMarkers(environments.production, environments.factories.model);
}

/** Everything in QA that the refresh must leave as it is: tables of other entities, metamodel, settings, timers. */
function readOutside(): Promise<RawTables> {
  const { tables } = environments.factories.qa;
  const written = new Set([...foreseen.scope.entities].map((path) => tables[path]?.toLowerCase()));
  const shared =
    /^(ossys_(bpm_(process|activity)(_input|_output)?|bpm_event(_queue)?|user|group|user_role|group_role|group_user)|osevt_.*|sandbox_application_state)$/;
  return readRawTables(
    environments.qa,
    (table) => written.has(table.toLowerCase()) || shared.test(table.toLowerCase()),
  );
}

function queuedEvents(): Promise<number> {
  const queues = ['OSSYS_BPM_EVENT', 'OSSYS_BPM_EVENT_QUEUE'].map((queue) => `(SELECT COUNT(*) FROM ${queue})`);
  return count(environments.qa, `SELECT ${queues.join(' + ')} AS n`);
}

/** Nobody may be given the same role or group twice. */
async function doubledLinks(): Promise<number> {
  const links = [
    ['OSSYS_USER_ROLE', 'USER_ID', 'ROLE_ID'],
    ['OSSYS_GROUP_ROLE', 'GROUP_ID', 'ROLE_ID'],
    ['OSSYS_GROUP_USER', 'GROUP_ID', 'USER_ID'],
  ].map(
    ([table, left, right]) =>
      `(SELECT COUNT(*) FROM (SELECT ${left} FROM ${table} GROUP BY ${left}, ${right} HAVING COUNT(*) > 1) twice)`,
  );
  return count(environments.qa, `SELECT ${links.join(' + ')} AS n`);
}

async function expectRefreshed(status: RunStatus): Promise<void> {
  expect(status.state).toBe('done');
  expect(await foreseen.found()).toEqual(foreseen.expected);
  expect(await doubledLinks()).toBe(0);
  expect(rawDifferences(beforeRaw, await readOutside())).toEqual([]);
  expect([...(await readApplicationsEnabled(environments.qa))].filter(([, enabled]) => !enabled)).toEqual([]);
}

describe('a whole refresh', { timeout: slowMachine }, () => {
  it('is started and decided with JSON alone by Temporal’s own command line, and leaves the image of production', async () => {
    const id = 'refresh-by-json';
    const started = await rig.temporal(
      ...['workflow', 'start', '--type', 'refresh', '--task-queue', rig.taskQueue, '--workflow-id', id],
      ...['--input', JSON.stringify(request)],
    );
    expect(started.errors).toBe('');
    expect(started.exitCode).toBe(0);
    const queuedBeforeEnabling: number[] = [];
    let asSignal = false;
    const status = await rig.operate(rig.client.workflow.getHandle(id), {
      until: async ({ waitingFor }) => {
        // The scheduler leaves events of disabled applications alone: what the load caused would still be there.
        if (waitingFor?.step === 'applicationsEnabled') queuedBeforeEnabling.push(await queuedEvents());
        return false;
      },
      decide: async (kind, message) => {
        asSignal = !asSignal;
        const send = asSignal ? ['workflow', 'signal'] : ['workflow', 'update', 'execute'];
        const sent = await rig.temporal(
          ...send,
          '--workflow-id',
          id,
          '--name',
          kind,
          '--input',
          JSON.stringify(message),
        );
        expect(sent.exitCode, sent.errors).toBe(0);
      },
    });
    await expectRefreshed(status);
    expect(queuedBeforeEnabling.length).toBeGreaterThan(0);
    expect(new Set(queuedBeforeEnabling)).toEqual(new Set([0]));
    expect(await queuedEvents()).toBe(0);
  });

  it('comes to the same when the destination is refreshed again and the worker is killed in the middle of a large entity', async () => {
    const handle = await rig.startRefresh({ ...request, batch: { rows: 5 } });
    await rig.operate(handle, { until: ({ stage }) => stage === 'mapUsers' || stage === 'migrateEntities' });
    const total = await rowsOfLargeEntity('production');
    await rig.untilWritten(handle, largeEntity);
    await rig.killWorker();
    const committed = await rowsOfLargeEntity('qa');
    expect(committed).toBeGreaterThan(0);
    expect(committed).toBeLessThan(total);
    await rig.startWorker();
    await tuneBatches(handle);
    await expectRefreshed(await rig.operate(handle));
  });

  it('tells nothing of rows, logins and passwords to Temporal’s database and the worker’s log', async () => {
    const told = [...(await temporalDatabase()), ...(await workerLog())];
    const place = (text: string) =>
      told.filter(({ bytes }) => bytes.includes(text)).map(({ name }) => `${name}: ${text}`);
    // What is looked for would be found: both name the task queue.
    expect(place(rig.taskQueue)).toHaveLength(2);
    const values = await textsOfRows();
    expect(values.size).toBeGreaterThan(300);
    expect([...values, ...Object.values(environments.variables)].flatMap(place)).toEqual([]);
  });

  it('has histories that replay, those of its children too', async () => {
    expect(await rig.replayHistories()).toBeGreaterThan(4);
  });
});

interface Told {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Histories, the visibility store and whatever pages of them the write-ahead log still holds. */
async function temporalDatabase(): Promise<Told[]> {
  const database = inject('temporalDatabase');
  const files = (await readdir(dirname(database))).filter((name) => name.startsWith(basename(database)));
  const bytes = await Promise.all(files.map((name) => readFile(join(dirname(database), name))));
  return [{ name: 'Temporal’s database', bytes: Buffer.concat(bytes) }];
}

async function workerLog(): Promise<Told[]> {
  return [{ name: 'the worker’s log', bytes: Buffer.from(await rig.log(1_000_000)) }];
}

/** Texts of production that only a row can have told: long enough to be nobody's name for something else. */
async function textsOfRows(): Promise<Set<string>> {
  const { entities, directory } = await readSource();
  const rows = [...foreseen.scope.entities].flatMap((path) => [...(entities.get(path)?.values() ?? [])]);
  const values = [...rows, ...directory.users.values()].flatMap((row) => Object.values(row));
  return new Set(
    values.filter((value) => typeof value === 'string').filter((value) => value.length >= 8 && /\p{L}{3}/u.test(value)),
  );
}

async function rowsOfLargeEntity(side: 'production' | 'qa'): Promise<number> {
  const table = environments.factories[side].tables[largeEntity];
  return count(environments[side], `SELECT COUNT(*) AS n FROM [${table}]`);
}

async function count(pool: mssql.ConnectionPool, text: string): Promise<number> {
  return Number((await pool.request().query<{ n: number }>(text)).recordset[0]?.n);
}

async function tuneBatches(handle: WorkflowHandle): Promise<void> {
  await handle.executeUpdate('tune', { args: [{ batchRows: 20_000, by: 'tester' }] });
}
