import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readByMarkers, type OracleReading } from '../../sandbox/factories/oracle.js';
import type { RunStatus } from '../../src/contract.js';
import { findReport } from '../../src/report/findReport.js';
import { disabledApplications, readDestination, subscriptions } from '../support/destinationState.js';
import { withMaintenanceEndpoint } from '../support/environmentsAs.js';
import { foresee, type Foreseen } from '../support/foreseen.js';
import { preparedEnvironments, type PreparedEnvironments } from '../support/preparedEnvironments.js';
import { rawDifferences, type RawTables } from '../support/rawTables.js';
import { expectExit } from '../support/commandHere.js';
import { RefreshRig } from '../support/refreshRig.js';

/** For a whole refresh or more, on a machine that may have other things to do. Milliseconds. */
const slowMachine = 300_000;

const request = { source: 'production', destination: 'qa', scope: { applications: ['Recruiting'] } };
/** Slow enough that a decision arrives while entities move. */
const slowRequest = { ...request, batch: { rows: 5 }, limits: { rowsPerSecond: 60 } };
const id = 'refresh-qa';
const affected = ['Core', 'OrganizationClone', 'People', 'Recruiting'];

let environments: PreparedEnvironments;
let rig: RefreshRig;
let foreseen: Foreseen;
let before: OracleReading;
let beforeRaw: RawTables;

beforeAll(async () => {
  environments = await withMaintenanceEndpoint(await preparedEnvironments({ rows: 60, scheduler: false }));
  foreseen = await foresee(environments, 'Recruiting');
  before = foreseen.before;
  beforeRaw = await readDestination(environments);
  rig = await RefreshRig.start(environments);
});

afterAll(async () => {
  await rig?.stop();
  await environments?.drop();
});

beforeEach(({ onTestFailed }) => {
  onTestFailed(async () => void process.stderr.write(`${await rig.log()}\n`));
});

async function start(given: object): Promise<WorkflowHandle> {
  const file = await rig.file('request.yaml', JSON.stringify(given));
  expectExit(await rig.command('start', '-f', file), 0);
  return rig.client.workflow.getHandle(id);
}

async function statusByCommand(): Promise<RunStatus> {
  const result = await rig.command('status', id, '--json');
  expectExit(result, 0);
  return JSON.parse(result.output) as RunStatus;
}

/** Subscriptions are cleared, applications are disabled, and no data has been touched. */
async function untilDeletionWaits(handle: WorkflowHandle): Promise<void> {
  const status = await rig.operate(handle, {
    until: ({ waitingFor }) => waitingFor?.stage === 'deleteDestinationData',
  });
  expect(status.waitingFor?.stage).toBe('deleteDestinationData');
  expect(await disabledApplications(environments)).toEqual(affected);
  const now = await readByMarkers(environments.qa, environments.factories.model);
  expect(subscriptions(now, 'start')).toEqual({
    ...subscriptions(before, 'start'),
    'Recruiting.Candidate': [],
    'Recruiting.Interview': [],
    'ServiceCenter.User': [],
  });
}

async function untilEntitiesMove(handle: WorkflowHandle): Promise<void> {
  await rig.operate(handle, { until: ({ stage }) => stage === 'mapUsers' || stage === 'migrateEntities' });
  await rig.untilWritten(handle, 'Recruiting.Note');
}

/** Old and new data are mixed: no user may come in, and no process of the source's may wake. */
async function expectHalfLoaded(): Promise<void> {
  expect(await disabledApplications(environments)).toEqual(affected);
  const now = await readByMarkers(environments.qa, environments.factories.model);
  expect(subscriptions(now, 'start')).toEqual(subscriptions(before, 'start'));
  expect(Object.values(subscriptions(now, 'activity')).flat()).toEqual([]);
}

describe('a run that ends before it wrote data', { timeout: slowMachine }, () => {
  it.each([
    {
      how: 'aborted',
      end: async () => expectExit(await rig.command('abort', id, '--by', 'tester', '--note', 'not today'), 0),
    },
    {
      how: 'cancelled',
      end: async (handle: WorkflowHandle) => void (await handle.cancel()),
    },
    {
      how: 'rejected',
      end: async () => expectExit(await rig.command('reject', id, 'deleteDestinationData'), 0),
    },
  ])('leaves everything as it was when $how', async ({ how, end }) => {
    const handle = await start(request);
    await untilDeletionWaits(handle);
    await end(handle);
    expectExit(await rig.command('status', id, '--watch'), 3);
    expect(await statusByCommand()).toMatchObject({ id, state: how, waitingFor: null });
    expect(await disabledApplications(environments)).toEqual([]);
    expect(rawDifferences(beforeRaw, await readDestination(environments))).toEqual([]);
  });
});

describe('a run that cannot be undone at once', { timeout: slowMachine }, () => {
  it('stays open for recover, which undoes it when what was in the way is gone', async () => {
    const handle = await rig.startRefresh(request, id);
    await untilDeletionWaits(handle);
    const table = await emptiedEventTable();
    await environments.qa.request().batch(`ALTER TABLE ${table} WITH NOCHECK ADD CONSTRAINT in_the_way CHECK (1 = 0)`);
    await handle.signal('abort', { by: 'tester' });
    await expect(handle.result()).rejects.toThrow();
    expect((await handle.describe()).status.name).toBe('FAILED');
    expect(await disabledApplications(environments)).toEqual(affected);
    const report = await findReport(environments.configuration, id);
    expect(report).toMatchObject({ ending: null, decisions: [{ kind: 'approve' }, { kind: 'abort' }] });
    expect(report?.left.join()).toContain('refresh recover qa');

    await environments.qa.request().batch(`ALTER TABLE ${table} DROP CONSTRAINT in_the_way`);
    expectExit(await rig.command('recover', 'qa'), 0);
    expect(await disabledApplications(environments)).toEqual([]);
    expect(rawDifferences(beforeRaw, await readDestination(environments))).toEqual([]);
    expect(await findReport(environments.configuration, id)).toMatchObject({ ending: 'aborted' });
  });
});

/** An event table whose subscriptions the run holds in the state schema. */
async function emptiedEventTable(): Promise<string> {
  const { recordset } = await environments.qa
    .request()
    .query<{ name: string }>(
      'SELECT TOP (1) table_name AS name FROM refresh.event_snapshot WHERE row_count > 0 AND restored_at IS NULL ORDER BY number DESC',
    );
  return recordset[0]!.name;
}

describe('a run that ends while entities move', { timeout: slowMachine }, () => {
  it('leaves the applications disabled when aborted, until recover enables them with approval', async () => {
    const handle = await start(slowRequest);
    await untilEntitiesMove(handle);
    expectExit(await rig.program('abort', id, '--by', 'tester'), 0);
    expectExit(await rig.program('status', id, '--watch'), 3);
    await expectHalfLoaded();
    const reported = await rig.program('report', id, '--json');
    expectExit(reported, 0);
    expect(JSON.parse(reported.output)).toMatchObject({ workflowId: id, ending: 'aborted' });
    expect(reported.output).toContain('The data of qa is incomplete');

    const waiting = await rig.program('recover', 'qa');
    expectExit(waiting, 4);
    expect(waiting.errors).toContain(`refresh approve ${id} enableApplications`);
    expect(await disabledApplications(environments)).toEqual(affected);
    expectExit(await rig.program('approve', id, 'enableApplications', '--by', 'tester'), 0);
    expectExit(await rig.program('status', id, '--watch'), 0);
    expect(await disabledApplications(environments)).toEqual([]);
  });

  it('is ended by recover when its workflow was terminated', async () => {
    const handle = await start(slowRequest);
    await untilEntitiesMove(handle);
    await handle.terminate('lost');
    expect(await disabledApplications(environments)).toEqual(affected);

    const file = await rig.file('request.yaml', JSON.stringify(request));
    const refused = await rig.command('start', '-f', file, '--id', 'refresh-another', '--wait');
    expectExit(refused, 2);
    expect(refused.errors).toContain('refresh recover qa');

    expectExit(await rig.command('recover', 'qa', '--approve'), 0);
    expect(await disabledApplications(environments)).toEqual([]);
    const now = await readByMarkers(environments.qa, environments.factories.model);
    expect(subscriptions(now, 'start')).toEqual(subscriptions(before, 'start'));
    expectExit(await rig.command('recover', 'qa'), 0);
  });

  it('does not keep the next refresh from coming to its end', async () => {
    const file = await rig.file('request.yaml', JSON.stringify(request));
    expectExit(await rig.program('start', '-f', file, '--wait', '--approve', 'all'), 0);
    expect(await foreseen.found()).toEqual(foreseen.expected);
    expect(await disabledApplications(environments)).toEqual([]);
  });
});
