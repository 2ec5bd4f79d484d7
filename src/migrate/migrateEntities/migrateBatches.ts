import type { MigrateBatchesResult } from '../../contract.js';
import type { PlannedItem } from '../../plan/refreshPlan.js';
import { withDestination, withSource, type StageContext } from '../stageContext.js';
import { keyOwners } from '../state/keyOwners.js';
import { readLedger } from '../state/ledger.js';
import { runNumberOf } from '../state/run.js';
import { migrateEntity, type SliceLimits } from './entityLoop.js';
import { ItemProgress } from './itemProgress.js';
import { keyRangesOf } from './keyRanges.js';
import type { LookupContext } from './lookup.js';
import { withStagingLanes } from './stagingLanes.js';

/** Name of an item in the ledger. */
export function workItemName(item: number): string {
  return `item:${item}`;
}

/**
 * One slice of an item: consecutive batches of its entities, from where the ledger ends, until the item is done or the
 * slice is over. The next page is staged while one is written.
 */
export async function migrateBatches(
  context: StageContext,
  itemId: number,
  limits: SliceLimits,
): Promise<MigrateBatchesResult> {
  const item = context.plan.items.find((each) => each.id === itemId);
  if (item === undefined) throw new RangeError(`the plan has no item ${itemId}`);
  return withDestination(context, async (destination) => {
    const ledger = await readLedger(destination, context.state, context.run.run, workItemName(itemId));
    const progress = new ItemProgress(workItemName(itemId), item.entities, rangesOf(context, item), ledger);
    if (progress.done) return progress.result();
    const lookupContext: LookupContext = {
      plan: context.plan,
      state: context.state,
      owners: await keyOwners(destination, context.state, context.plan),
      runNumber: await runNumberOf(destination, context.state, context.run),
    };
    await withStagingLanes(context, destination, (lanes) =>
      withSource(context, async (source) => {
        const slice = { context, plan: context.plan, source, lanes, lookupContext, limits, progress };
        for (const entity of item.entities) {
          if (progress.of(entity).done) continue;
          await migrateEntity(slice, entity);
          if (context.deadline() || context.signal.aborted) return;
        }
      }),
    );
    return progress.result();
  });
}

/** Only an entity that has an item of its own is split. */
function rangesOf({ plan }: StageContext, { entities }: PlannedItem): number {
  const [only] = entities.length === 1 ? entities : [];
  const entity = only === undefined ? undefined : plan.entities[only];
  return entity === undefined ? 1 : keyRangesOf(entity).length;
}
