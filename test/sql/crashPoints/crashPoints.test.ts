/**
 * Each row of the table of crash points: where an attempt can die, and what must come of it. One refresh is walked
 * through, dying everywhere; at its end the destination holds what a refresh must leave.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { environmentNamed } from '../../../src/config.js';
import type { SliceResult } from '../../../src/contract.js';
import { compensate } from '../../../src/migrate/compensate/compensate.js';
import { clearEventSubscriptions } from '../../../src/migrate/clearEventSubscriptions/clearEventSubscriptions.js';
import { deleteDestinationData } from '../../../src/migrate/deleteDestinationData/deleteDestinationData.js';
import { mapStaticRecords } from '../../../src/migrate/mapStaticRecords/mapStaticRecords.js';
import { mapUsers } from '../../../src/migrate/mapUsers/mapUsers.js';
import { migrateBatches } from '../../../src/migrate/migrateEntities/migrateBatches.js';
import { resolveDeferredReferences } from '../../../src/migrate/resolveDeferredReferences/resolveDeferredReferences.js';
import { restoreEventSubscriptions } from '../../../src/migrate/restoreEventSubscriptions/restoreEventSubscriptions.js';
import type { StageContext } from '../../../src/migrate/stageContext.js';
import { raiseEpoch } from '../../../src/migrate/state/run.js';
import { withWriteTransaction } from '../../../src/migrate/state/transaction.js';
import { verify } from '../../../src/migrate/verify/verify.js';
import { RefreshError } from '../../../src/sqlserver/errors.js';
import { CuttingProxy } from '../../support/cuttingProxy.js';
import { foresee, type Foreseen } from '../../support/foreseen.js';
import { preparedEnvironments, type PreparedEnvironments } from '../../support/preparedEnvironments.js';
import { complete, StageRig } from '../../support/stageRig.js';
import { Gate, steppedSession } from '../../support/steppedSession.js';
import { itemOf, list, tablesOf, value } from '../migrate/support.js';

const limits = { rows: 7, bytes: 16_000_000, ranges: 1 };
/** Rows of it stay, so its new keys are reserved; it has enough rows for several batches. */
const large = 'Platform.OSSYS_BPM_PROCESS';
/** A table whose rows are all deleted and whose keys are kept. */
const emptied = 'Recruiting.Note';

let environments: PreparedEnvironments;
let proxy: CuttingProxy;
let rig: StageRig;
let foreseen: Foreseen;

beforeAll(async () => {
  environments = await preparedEnvironments({ rows: 40, scheduler: false });
  foreseen = await foresee(environments, 'Recruiting');
  const { server, port } = environmentNamed(environments.configuration, 'qa');
  proxy = await CuttingProxy.start({ host: server, port });
  rig = await StageRig.open(environments, { scope: { applications: ['Recruiting'] } });
  await complete(() => clearEventSubscriptions(rig.context));
  await complete(() => mapStaticRecords(rig.context));
});

afterAll(async () => {
  await rig?.close();
  await proxy?.stop();
  await environments?.drop();
});

/** The context of an attempt whose sessions stop before they commit. */
function stepped(before: (commit: number) => Promise<void> | void): StageContext {
  const qa = { ...environmentNamed(environments.configuration, 'qa'), server: '127.0.0.1', port: proxy.port };
  return { ...rig.context, destination: () => steppedSession(qa, before) };
}

/** What of the destination one batch writes. */
async function written(): Promise<object> {
  const { destination } = tablesOf(rig.context.plan, large);
  const item = `N'item:${itemOf(rig.context.plan, large)}'`;
  return {
    rows: await value(environments.qa, `SELECT COUNT(*) FROM ${destination}`),
    batches: await value(environments.qa, `SELECT COUNT(*) FROM refresh.ledger WHERE work_item = ${item}`),
    mapped: await value(environments.qa, 'SELECT COUNT(*) FROM refresh.key_map'),
    deferred: await value(environments.qa, 'SELECT COUNT(*) FROM refresh.deferred_reference'),
  };
}

function reservations(): Promise<unknown[]> {
  const item = `N'item:${itemOf(rig.context.plan, large)}'`;
  return list(
    environments.qa,
    `SELECT CONCAT(batch, N':', base, N'+', row_count) FROM refresh.key_reservation WHERE work_item = ${item} ORDER BY batch`,
  );
}

async function failureOf(attempt: Promise<unknown>): Promise<RefreshError> {
  const error = await attempt.then(
    () => new Error('the attempt did not fail'),
    (reason: unknown) => reason,
  );
  if (error instanceof RefreshError) return error;
  throw error;
}

/**
 * Stops the first attempt before one of its commits, starts a second, and lets the first go on as soon as the second
 * waits for it or is through. Either may fail, but only with what is tried again.
 */
async function overlap(commit: number, stage: (context: StageContext) => Promise<unknown>): Promise<void> {
  const gate = new Gate();
  const first = stage(stepped((number) => (number === commit ? gate.pass() : undefined)));
  first.catch(() => undefined);
  await Promise.race([gate.arrived, first.catch(() => undefined)]);
  let through = false;
  const second = stage(rig.context).finally(() => (through = true));
  second.catch(() => undefined);
  while (!through && !(await somebodyWaits()));
  gate.open();
  for (const outcome of await Promise.allSettled([first, second])) {
    if (outcome.status === 'fulfilled') continue;
    if (!(outcome.reason instanceof RefreshError)) throw outcome.reason;
    expect(outcome.reason).toMatchObject({ type: 'Infrastructure' });
  }
}

async function somebodyWaits(): Promise<boolean> {
  const waiting = await value(
    environments.qa,
    'SELECT COUNT(*) FROM sys.dm_exec_requests WHERE blocking_session_id <> 0 AND database_id = DB_ID()',
  );
  return Number(waiting) > 0;
}

async function overlapStage(commits: readonly number[], stage: (context: StageContext) => Promise<SliceResult>) {
  for (const commit of commits) await overlap(commit, stage);
  await complete(() => stage(rig.context));
}

describe('an attempt that is still running while the next one starts', () => {
  it('deletes once', async () => {
    await overlapStage([1, 6], (context) => deleteDestinationData(context, 100));
    const { destination } = tablesOf(rig.context.plan, emptied);
    expect(await value(environments.qa, `SELECT COUNT(*) FROM ${destination}`)).toBe(0);
  });

  it('maps and creates users once', async () => {
    await overlapStage([1, 2], mapUsers);
    expect(
      await list(
        environments.qa,
        'SELECT u.USERNAME FROM OSSYS_USER u WHERE u.IS_ACTIVE = 1 GROUP BY u.TENANT_ID, u.USERNAME HAVING COUNT(*) > 1',
      ),
    ).toEqual([]);
  });

  it('moves every batch once', async () => {
    for (const { id } of rig.context.plan.items) {
      if (id === itemOf(rig.context.plan, large)) break;
      if (id === itemOf(rig.context.plan, emptied)) await overlap(2, (context) => migrateBatches(context, id, limits));
      await rig.item(id, 500);
    }
  });
});

describe('an attempt that dies', () => {
  it('before COMMIT leaves nothing but its reserved keys, which the next attempt uses', async () => {
    const before = await written();
    const failure = await failureOf(
      migrateBatches(
        // The first commit is that of the reservation.
        stepped((commit) => void (commit === 2 && proxy.cut())),
        itemOf(rig.context.plan, large),
        limits,
      ),
    );
    expect(failure).toMatchObject({ type: 'Infrastructure', code: 'connectionLost' });
    expect(await written()).toEqual(before);
    const kept = await reservations();
    expect(kept).toHaveLength(1);
    await migrateBatches({ ...rig.context, deadline: () => true }, itemOf(rig.context.plan, large), limits);
    expect(await reservations()).toEqual(kept);
    const base = Number(/:(\d+)\+/.exec(String(kept[0]))?.[1]);
    const { destination } = tablesOf(rig.context.plan, large);
    expect(await list(environments.qa, `SELECT ID FROM ${destination} WHERE ID > ${base} ORDER BY ID`)).toEqual(
      Array.from({ length: limits.rows }, (_, index) => base + 1 + index),
    );
  });

  it('during COMMIT, its answer lost, has written its batch, and the next attempt goes on behind it', async () => {
    const before = (await written()) as { rows: number; batches: number };
    let answered: Promise<void> | undefined;
    const cutting = stepped((commit) => {
      if (commit === 2) answered = proxy.cutAtNextAnswer();
    });
    // A slice of one page: else the next answer may be that of a page that is staged in another session.
    const failure = await failureOf(
      migrateBatches({ ...cutting, deadline: () => true }, itemOf(rig.context.plan, large), limits),
    );
    await answered;
    expect(failure).toMatchObject({ type: 'Infrastructure', code: 'connectionLost' });
    expect(await written()).toMatchObject({ rows: before.rows + limits.rows, batches: before.batches + 1 });
    const next = await migrateBatches(
      { ...rig.context, deadline: () => true },
      itemOf(rig.context.plan, large),
      limits,
    );
    expect(await written()).toMatchObject({ rows: before.rows + 2 * limits.rows, batches: before.batches + 2 });
    expect(next.entities[0]).toMatchObject({ rowsDone: 3 * limits.rows, batches: before.batches + 2 });
  });

  it('after COMMIT, before it reports, is found to have done its work', async () => {
    const reported = await rig.item(itemOf(rig.context.plan, large), 500);
    const after = await written();
    expect(await migrateBatches(rig.context, itemOf(rig.context.plan, large), limits)).toEqual(reported);
    expect(await written()).toEqual(after);
  });
});

describe('what comes after the rows', () => {
  it('sets deferred references once and restores subscriptions once when two attempts overlap', async () => {
    await rig.items(500);
    await overlapStage([1], resolveDeferredReferences);
    await complete(() => verify(rig.context));
    await overlapStage([1], restoreEventSubscriptions);
    expect(await value(environments.qa, 'SELECT COUNT(*) FROM refresh.deferred_reference')).toBe(0);
  });

  it('holds what a refresh must leave', async () => {
    expect(await foreseen.found()).toEqual(foreseen.expected);
  });
});

describe('an attempt that was superseded', () => {
  const touch = (context: StageContext): Promise<unknown> =>
    rig.inDestination((session) =>
      withWriteTransaction(session, context.state, context.run, true, () => Promise.resolve()),
    );

  it('by another plan writes nothing and is not tried again', async () => {
    const other = { ...rig.context, run: { ...rig.context.run, planHash: 'another' } };
    expect(await failureOf(touch(other))).toMatchObject({ type: 'PlanDrift', retried: false });
  });

  it('by a later epoch writes nothing and is not tried again', async () => {
    const before = await written();
    await rig.inDestination((session) => raiseEpoch(session, rig.context.state, rig.context.run));
    expect(await failureOf(touch(rig.context))).toMatchObject({ type: 'RunClosed', retried: false });
    expect(await failureOf(mapUsers(rig.context).then(() => touch(rig.context)))).toMatchObject({ type: 'RunClosed' });
    expect(await written()).toEqual(before);
  });
});

describe('a late attempt that writes while its run is being ended', () => {
  it('is seen by what undoes the run: the data counts as written', async () => {
    await rig.close();
    rig = await StageRig.open(environments, { scope: { applications: ['Recruiting'] } });
    await complete(() => clearEventSubscriptions(rig.context));
    let sessions = 0;
    const late: StageContext = {
      ...rig.context,
      destination: async () => {
        sessions += 1;
        // The second session is the one that raises the fence: the late attempt is just before it.
        if (sessions === 2) await complete(() => deleteDestinationData(rig.context, 5_000));
        return rig.context.destination();
      },
    };
    expect(await compensate(late)).toMatchObject({ undone: false });
  });
});
