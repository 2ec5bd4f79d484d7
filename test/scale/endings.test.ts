import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readByMarkers, type OracleReading } from '../../sandbox/factories/oracle.js';
import { stageNames, type RunEnding, type RunStatus, type StageName } from '../../src/contract.js';
import { findReport } from '../../src/report/findReport.js';
import { disabledApplications, readDestination, subscriptions } from '../support/destinationState.js';
import { withMaintenanceProgram } from '../support/environmentsAs.js';
import { foresee, type Foreseen } from '../support/foreseen.js';
import { preparedEnvironments, type PreparedEnvironments } from '../support/preparedEnvironments.js';
import { rawDifferences, readRawTables, type RawTables } from '../support/rawTables.js';
import { RefreshRig } from '../support/refreshRig.js';

/** For a whole refresh or more, on a machine that may have other things to do. Milliseconds. */
const slowMachine = 600_000;

const id = 'refresh-qa';
const affected = ['Core', 'OrganizationClone', 'People', 'Recruiting'];
const request = { source: 'production', destination: 'qa', scope: { applications: ['Recruiting'] } };

/** How a run is ended at a gate, and what becomes of it; null: its workflow cannot say anything any more. */
const endings: Readonly<
  Record<
    string,
    { readonly end: (handle: WorkflowHandle, stage: StageName) => Promise<unknown>; ends: RunEnding | null }
  >
> = {
  'is rejected': {
    end: (handle, stage) => handle.executeUpdate('reject', { args: [{ stage, by: 'tester' }] }),
    ends: 'rejected',
  },
  'is approved by nobody': { end: () => Promise.resolve(), ends: 'rejected' },
  'is aborted': { end: (handle) => handle.signal('abort', { by: 'tester' }), ends: 'aborted' },
  'is paused and then aborted': {
    end: async (handle, stage) => {
      await handle.executeUpdate('pause', { args: [{ by: 'tester' }] });
      await handle.executeUpdate('approve', { args: [{ stage, by: 'tester' }] });
      await handle.executeUpdate('abort', { args: [{ by: 'tester' }] });
    },
    ends: 'aborted',
  },
  'is cancelled': { end: (handle) => handle.cancel(), ends: 'cancelled' },
  'is terminated': { end: (handle) => handle.terminate('lost'), ends: null },
};

/** Stages that may be asked about, in their order: whatever stands before `mapUsers` can be undone. */
const boundaries = stageNames.slice(stageNames.indexOf('drainEventQueues'));
const undoneBefore = boundaries.indexOf('mapUsers');

/** ENDINGS=all: every way to end at every boundary; else each boundary with one, and each way about twice. */
const cases = boundaries.flatMap((stage, index) =>
  Object.keys(endings)
    .filter((_, way, ways) => process.env['ENDINGS'] === 'all' || way === index % ways.length)
    .map((how) => [stage, how] as const),
);

let environments: PreparedEnvironments;
let rig: RefreshRig;
let foreseen: Foreseen;
let before: OracleReading;
let beforeRaw: RawTables;
let production: RawTables;

beforeAll(async () => {
  environments = withMaintenanceProgram(await preparedEnvironments({ rows: 40 }));
  foreseen = await foresee(environments, 'Recruiting');
  before = foreseen.before;
  beforeRaw = await readDestination(environments);
  production = await readProduction();
  rig = await RefreshRig.start(environments);
});

afterAll(async () => {
  await rig?.stop();
  await environments?.drop();
});

beforeEach(({ onTestFailed }) => {
  onTestFailed(async () => void process.stderr.write(`${await rig.log()}\n`));
});

function readProduction(): Promise<RawTables> {
  return readRawTables(environments.production, () => false);
}

function readQa(): Promise<OracleReading> {
  return readByMarkers(environments.qa, environments.factories.model);
}

/** Starts a run and lets it go on until it asks about the stage. */
async function untilAskedAbout(stage: StageName, given: object): Promise<WorkflowHandle> {
  const handle = await rig.startRefresh(given, id);
  const status = await rig.operate(handle, { until: ({ waitingFor }) => waitingFor?.stage === stage });
  expect(status).toMatchObject({ state: 'waitingForApproval', waitingFor: { kind: 'approval', stage } });
  return handle;
}

async function untilEnded(handle: WorkflowHandle): Promise<RunStatus> {
  await handle.result().catch(() => undefined);
  return handle.query<RunStatus>('progress');
}

/** Ends a run whose workflow is gone, or enables the applications that it left disabled; with an approval. */
async function recover(): Promise<{ found: boolean; undone: boolean; enabled: boolean }> {
  const args = [{ destination: 'qa' }];
  const handle = await rig.client.workflow.start('recover', { workflowId: id, taskQueue: rig.taskQueue, args });
  await rig.operate(handle);
  return (await handle.result()) as { found: boolean; undone: boolean; enabled: boolean };
}

async function expectUndone(): Promise<void> {
  expect(await disabledApplications(environments)).toEqual([]);
  expect(rawDifferences(beforeRaw, await readDestination(environments))).toEqual([]);
}

/** Old and new data are mixed: no process of the source's may wake, and the destination's start as before. */
async function expectHalfLoaded(disabled: readonly string[]): Promise<void> {
  expect(await disabledApplications(environments)).toEqual(disabled);
  const now = await readQa();
  expect(subscriptions(now, 'start')).toEqual(subscriptions(before, 'start'));
  expect(Object.values(subscriptions(now, 'activity')).flat()).toEqual([]);
}

async function expectLoaded(disabled: readonly string[]): Promise<void> {
  expect(await disabledApplications(environments)).toEqual(disabled);
  expect(await foreseen.found()).toEqual(foreseen.expected);
}

describe('a run that waits for the approval', { timeout: slowMachine }, () => {
  it.each(cases)('of %s and %s leaves a known state', async (stage, how) => {
    const { end, ends } = endings[how]!;
    const expires = how === 'is approved by nobody' ? { remindAfter: '1s', expireAfter: '5s' } : {};
    const handle = await untilAskedAbout(stage, { ...request, approvals: { stages: [stage], ...expires } });
    await end(handle, stage);
    const undone = boundaries.indexOf(stage) < undoneBefore;
    const expectLeft = stage === 'enableApplications' ? expectLoaded : expectHalfLoaded;
    if (ends !== null) {
      expect(await untilEnded(handle)).toMatchObject({ state: ends, waitingFor: null });
      expect(await findReport(environments.configuration, id)).toMatchObject({ ending: ends, status: { state: ends } });
      if (undone) await expectUndone();
      else await expectLeft(affected);
    }
    const recovered = await recover();
    expect(recovered).toMatchObject(
      ends !== null && undone ? { found: false } : { found: true, undone, enabled: true },
    );
    if (undone) await expectUndone();
    else await expectLeft([]);
    expect(rawDifferences(production, await readProduction())).toEqual([]);
  });
});

describe('a run whose entities are being moved', { timeout: slowMachine }, () => {
  /** Slow enough that a decision arrives while entities move. */
  const slowRequest = { ...request, approvals: [], batch: { rows: 5 }, limits: { rowsPerSecond: 60 } };

  it.each(['is aborted', 'is paused and then aborted', 'is cancelled', 'is terminated'])(
    'and that %s keeps what was committed, with its applications disabled',
    async (how) => {
      const handle = await rig.startRefresh(slowRequest, id);
      await rig.operate(handle, { until: ({ stage }) => stage === 'mapUsers' || stage === 'migrateEntities' });
      await rig.untilWritten(handle, 'Recruiting.Note');
      if (how === 'is paused and then aborted') {
        await handle.executeUpdate('pause', { args: [{ by: 'tester' }] });
        expect(await handle.query<RunStatus>('progress')).toMatchObject({ state: 'paused' });
        await handle.executeUpdate('abort', { args: [{ by: 'tester' }] });
      } else await endings[how]!.end(handle, 'migrateEntities');
      const { ends } = endings[how]!;
      if (ends !== null) {
        expect(await untilEnded(handle)).toMatchObject({ state: ends });
        const report = await findReport(environments.configuration, id);
        expect(report?.entities.some(({ rowsWritten }) => rowsWritten > 0)).toBe(true);
        expect(report?.entities.some(({ rowsPlanned, rowsRead }) => rowsRead < rowsPlanned)).toBe(true);
        await expectHalfLoaded(affected);
      }
      expect(await recover()).toMatchObject({ found: true, undone: false, enabled: true });
      await expectHalfLoaded([]);
      expect(rawDifferences(production, await readProduction())).toEqual([]);
    },
  );

  it('leaves nothing that keeps the next one from its end', async () => {
    const handle = await rig.startRefresh(request, id);
    expect(await rig.operate(handle)).toMatchObject({ state: 'done' });
    await expectLoaded([]);
  });
});
