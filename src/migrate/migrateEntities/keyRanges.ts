import type { PlannedEntity } from '../../plan/refreshPlan.js';

/** Rows of an entity from one key to another, which move one batch after the other. */
export interface KeyRange {
  /** Keys as text; the first range has no lower end, the last none but the entity's high-water mark. */
  readonly after: string | null;
  readonly upTo: string | null;
}

/** The parts of an entity that may move side by side; a single one for an entity that is not split. */
export function keyRangesOf(entity: Pick<PlannedEntity, 'splitAt' | 'highWater'>): KeyRange[] {
  const { splitAt, highWater } = entity;
  return [null, ...splitAt].map((after, index) => ({ after, upTo: splitAt[index] ?? highWater }));
}

/*
 * Batches of a work item are numbered in one sequence, of which each of n ranges has every n-th number. So what is kept
 * by batch (ledger, reserved keys, quarantine) needs to know nothing of ranges, and two ranges never share a number.
 */

/** The range that a batch belongs to. */
export function rangeOfBatch(batch: number, ranges: number): number {
  return (batch - 1) % ranges;
}

/** @param last number of the range's last batch; 0 before the first */
export function nextBatchOf(range: number, last: number, ranges: number): number {
  return last === 0 ? range + 1 : last + ranges;
}
