import type { MigrateBatchesInput, RefreshActivities, RunReference } from '../src/contract.js';
import { clearEventSubscriptions } from '../src/migrate/clearEventSubscriptions/clearEventSubscriptions.js';
import { deleteDestinationData } from '../src/migrate/deleteDestinationData/deleteDestinationData.js';
import { disableApplications } from '../src/migrate/disableApplications/disableApplications.js';
import { drainEventQueues } from '../src/migrate/drainEventQueues/drainEventQueues.js';
import { enableApplications } from '../src/migrate/enableApplications/enableApplications.js';
import { mapStaticRecords } from '../src/migrate/mapStaticRecords/mapStaticRecords.js';
import { mapUsers } from '../src/migrate/mapUsers/mapUsers.js';
import { migrateBatches } from '../src/migrate/migrateEntities/migrateBatches.js';
import { skipItem } from '../src/migrate/migrateEntities/skipItem.js';
import { resolveDeferredReferences } from '../src/migrate/resolveDeferredReferences/resolveDeferredReferences.js';
import { restoreEventSubscriptions } from '../src/migrate/restoreEventSubscriptions/restoreEventSubscriptions.js';
import { verify } from '../src/migrate/verify/verify.js';
import type { ActivityDependencies } from './dependencies.js';
import { driftGuard } from './driftGuard.js';
import { endings } from './endings.js';
import { plan } from './plan.js';
import { preflight } from './preflight.js';
import { stageActivity } from './stageActivity.js';

/** Every activity with what the process gives it. */
export function createActivities(dependencies: ActivityDependencies): RefreshActivities {
  const unlessDrifted = driftGuard(dependencies);
  return {
    preflight: preflight(dependencies),
    plan: plan(dependencies),
    drainEventQueues: stageActivity(dependencies, (context, { discard }: { run: RunReference; discard: boolean }) =>
      drainEventQueues(context, discard),
    ),
    disableApplications: stageActivity(
      dependencies,
      async (context, { run, confirmed }: { run: RunReference; confirmed: boolean }) => {
        await unlessDrifted(run, 'disableApplications');
        return disableApplications(context, confirmed);
      },
    ),
    clearEventSubscriptions: stageActivity(dependencies, clearEventSubscriptions),
    mapStaticRecords: stageActivity(dependencies, mapStaticRecords),
    deleteDestinationData: stageActivity(
      dependencies,
      async (context, { run, batchRows }: { run: RunReference; batchRows: number }) => {
        await unlessDrifted(run, 'deleteDestinationData');
        return deleteDestinationData(context, batchRows);
      },
    ),
    mapUsers: stageActivity(dependencies, mapUsers),
    migrateBatches: stageActivity(
      dependencies,
      (context, { item, batchRows, batchBytes, parallelRanges }: MigrateBatchesInput) =>
        migrateBatches(context, item, { rows: batchRows, bytes: batchBytes, ranges: parallelRanges }),
    ),
    skipItem: stageActivity(dependencies, (context, { item }: { run: RunReference; item: number }) =>
      skipItem(context, item),
    ),
    resolveDeferredReferences: stageActivity(dependencies, resolveDeferredReferences),
    verify: stageActivity(dependencies, async (context, { run }: { run: RunReference }) => {
      await unlessDrifted(run, 'verify');
      return verify(context);
    }),
    restoreEventSubscriptions: stageActivity(dependencies, restoreEventSubscriptions),
    enableApplications: stageActivity(
      dependencies,
      (context, { confirmed }: { run: RunReference; confirmed: boolean }) => enableApplications(context, confirmed),
    ),
    ...endings(dependencies),
  };
}
