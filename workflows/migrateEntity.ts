import {
  allHandlersFinished,
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  isCancellation,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { ItemEntityProgress, MigrateEntityInput, MigrateEntityResult } from '../src/contract.js';
import { slices, summaryOf } from './activityOptions.js';
import { failureOf } from './failures.js';
import { childReportSignal, childSteeringSignal, itemProgressQuery, type ChildSteering } from './messages.js';

/** So large that even six reports tell of the first quarter of an hour, and a hundred of more than a day. */
const reportSpread = 8;

/**
 * Moves the rows of one work item: one activity call after another until nothing is left. Where it stands is kept in
 * the destination's ledger, so a new attempt, or a new run after continue-as-new, goes on without being told.
 */
export async function migrateEntity(input: MigrateEntityInput): Promise<MigrateEntityResult> {
  const { paused, batchRows, parallelRanges } = input;
  let steering: ChildSteering = { paused, stop: false, batchRows, parallelRanges };
  let progress: readonly ItemEntityProgress[] = [];
  const reported = { ...(input.reported ?? { calls: 0, sent: 0, next: 1 }) };

  setHandler(childSteeringSignal, (next) => {
    steering = next;
  });
  setHandler(itemProgressQuery, () => progress);

  const parent = workflowInfo().parent;
  const report = async () => {
    reported.calls += 1;
    if (parent === undefined || reported.calls < reported.next || reported.sent >= input.reports) return;
    reported.sent += 1;
    // Every report is an event of the parent: the longer an item takes, the further apart they are.
    reported.next = reported.calls + 1 + Math.floor((reported.calls * reportSpread) / input.reports);
    // The parent may have ended (terminated); the rows are what counts, the report is a courtesy.
    await getExternalWorkflowHandle(parent.workflowId)
      .signal(childReportSignal, { item: input.item.id, entities: progress })
      .catch((error: unknown) => {
        if (isCancellation(error)) throw error;
      });
  };

  let done = false;
  while (!done) {
    await condition(() => !steering.paused || steering.stop);
    if (steering.stop) break;
    try {
      const result = await slices.migrateBatches.executeWithOptions({ summary: summaryOf(input.item.name) }, [
        {
          run: input.run,
          item: input.item.id,
          batchBytes: input.batchBytes,
          batchRows: steering.batchRows,
          parallelRanges: steering.parallelRanges,
        },
      ]);
      progress = result.entities;
      done = result.done;
    } catch (error) {
      if (isCancellation(error)) throw error;
      return { failed: true, entities: progress, failure: failureOf(error) };
    }
    if (!done) await report();
    if (!done && workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished);
      await continueAsNew<typeof migrateEntity>({
        ...input,
        batchRows: steering.batchRows,
        parallelRanges: steering.parallelRanges,
        paused: steering.paused,
        reported,
      });
    }
  }
  await condition(allHandlersFinished);
  return { failed: false, entities: progress };
}
