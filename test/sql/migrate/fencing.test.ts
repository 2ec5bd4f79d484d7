import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clearEventSubscriptions } from '../../../src/migrate/clearEventSubscriptions/clearEventSubscriptions.js';
import { compensate } from '../../../src/migrate/compensate/compensate.js';
import { deleteDestinationData } from '../../../src/migrate/deleteDestinationData/deleteDestinationData.js';
import { disableApplications } from '../../../src/migrate/disableApplications/disableApplications.js';
import { drainEventQueues } from '../../../src/migrate/drainEventQueues/drainEventQueues.js';
import { enableApplications } from '../../../src/migrate/enableApplications/enableApplications.js';
import { mapStaticRecords } from '../../../src/migrate/mapStaticRecords/mapStaticRecords.js';
import { mapUsers } from '../../../src/migrate/mapUsers/mapUsers.js';
import { migrateBatches } from '../../../src/migrate/migrateEntities/migrateBatches.js';
import { skipItem } from '../../../src/migrate/migrateEntities/skipItem.js';
import { resolveDeferredReferences } from '../../../src/migrate/resolveDeferredReferences/resolveDeferredReferences.js';
import { restoreEventSubscriptions } from '../../../src/migrate/restoreEventSubscriptions/restoreEventSubscriptions.js';
import type { StageContext } from '../../../src/migrate/stageContext.js';
import { verify } from '../../../src/migrate/verify/verify.js';
import { RefreshError } from '../../../src/sqlserver/errors.js';
import { preparedEnvironments, type PreparedEnvironments } from '../../support/preparedEnvironments.js';
import { rawDifferences, readRawTables, type RawTables } from '../../support/rawTables.js';
import { StageRig } from '../../support/stageRig.js';
import { list, nameOf, tablesOf, value } from './support.js';

/** For a whole refresh or more, on a machine that may have other things to do. Milliseconds. */
const slowMachine = 300_000;

const request = { scope: { applications: ['Recruiting'] } };
const limits = { rows: 7, bytes: 16_000_000, ranges: 1 };

/** What each stage would write first, at a moment when it has everything to do. */
const writers: readonly (readonly [string, (context: StageContext) => Promise<unknown>])[] = [
  ['drainEventQueues', (context) => drainEventQueues(context, true)],
  ['disableApplications', (context) => disableApplications(context, true)],
  ['clearEventSubscriptions', clearEventSubscriptions],
  ['mapStaticRecords', mapStaticRecords],
  ['deleteDestinationData', (context) => deleteDestinationData(context, 5_000)],
  ['mapUsers', mapUsers],
  ['migrateBatches', (context) => migrateBatches(context, context.plan.items[0]!.id, limits)],
  ['skipItem', (context) => skipItem(context, context.plan.items[0]!.id)],
  ['resolveDeferredReferences', resolveDeferredReferences],
  ['verify', verify],
  ['restoreEventSubscriptions', restoreEventSubscriptions],
  ['enableApplications', (context) => enableApplications(context, true)],
];

let environments: PreparedEnvironments;

beforeAll(async () => {
  environments = await preparedEnvironments({ rows: 40, scheduler: false });
});

afterAll(() => environments?.drop());

function destination(): Promise<RawTables> {
  return readRawTables(environments.qa, () => false);
}

describe('a run that is over', () => {
  it('cannot write by any of its stages once it is closed', async () => {
    const before = await destination();
    const closed = await StageRig.open(environments, request);
    await closed.close();
    for (const [name, write] of writers)
      await expect(write(closed.context), name).rejects.toMatchObject({ type: 'RunClosed', retried: false });
    expect(rawDifferences(before, await destination())).toEqual([]);
  });

  it('cannot write by a late attempt after compensate has undone it', async () => {
    const before = await destination();
    const undone = await StageRig.open(environments, request);
    await clearEventSubscriptions(undone.context);
    expect(rawDifferences(before, await destination())).not.toEqual([]);
    expect(await compensate(undone.context)).toMatchObject({ undone: true });
    for (const [name, write] of writers.filter(([name]) => name !== 'clearEventSubscriptions'))
      await expect(write(undone.context), name).rejects.toMatchObject({ type: 'RunClosed' });
    expect(rawDifferences(before, await destination())).toEqual([]);
    await undone.close();
  });
});

/** As Temporal does: an attempt that meets the other one's batch ends, and is tried again. */
async function untilDone(rig: StageRig, item: number): Promise<void> {
  for (;;) {
    try {
      await rig.item(item, limits.rows);
      return;
    } catch (error) {
      if (!(error instanceof RefreshError) || !error.retried) throw error;
    }
  }
}

describe('a batch that is worked twice', { timeout: slowMachine }, () => {
  it('adds no row, neither after its item is finished nor by two attempts at once', async () => {
    const rig = await StageRig.open(environments, request);
    await rig.upToItems();
    const { plan } = rig.context;
    for (const { id, entities } of plan.items) {
      await Promise.all([untilDone(rig, id), untilDone(rig, id)]);
      expect(await migrateBatches(rig.context, id, limits)).toMatchObject({ done: true });
      for (const entity of entities) {
        const name = nameOf(plan, plan.entities[entity]!.node);
        if (!name.startsWith('Recruiting.')) continue;
        const { source, destination: written } = tablesOf(plan, name);
        expect(await value(environments.qa, `SELECT COUNT(*) FROM ${written}`), name).toBe(
          await value(environments.production, `SELECT COUNT(*) FROM ${source}`),
        );
      }
    }
    const map = rig.context.state.table('key_map');
    expect(
      await list(environments.qa, `SELECT owner FROM ${map} GROUP BY owner, source_key HAVING COUNT(*) > 1`),
    ).toEqual([]);
    await rig.fromItemsOn();
    await rig.close();
  });
});
