import type { RefreshRequest } from '../contract.js';

/** A range with fewer batches would end before the sessions that it needs have paid for themselves. */
const batchesARange = 4;
/** Keys are seldom spread evenly: with more ranges than move at once, a full one does not keep the others waiting long. */
const rangesAtOnceTimes = 4;

export interface SplittableEntity {
  readonly rows: number;
  /** Of all rows of the table, when the plan was made; null for text keys and empty tables. */
  readonly lowest: string | null;
  readonly highest: string | null;
  /** Attributes by which rows of the destination are found; none for rows that are only inserted. */
  readonly match: readonly string[];
}

/**
 * Where a large entity is divided, so that its parts may move side by side: the highest key of every part but the last.
 * Parts cover equal spans of keys, as the two ends of an index cost nothing to read and a count of its rows does. An
 * entity with text keys stays whole, and one whose rows are matched: two rows must not be written to one of the
 * destination, which only batches that follow one another can tell.
 */
export function splitKeys(
  request: Pick<RefreshRequest, 'batch' | 'parallelRanges'>,
  { rows, lowest, highest, match }: SplittableEntity,
): string[] {
  if (request.parallelRanges === 1 || lowest === null || highest === null) return [];
  if (match.length > 0) return [];
  const most = Math.floor(rows / (batchesARange * request.batch.rows));
  const ranges = BigInt(Math.min(most, rangesAtOnceTimes * request.parallelRanges));
  const first = BigInt(lowest);
  const span = BigInt(highest) - first;
  if (ranges < 2n || span < ranges) return [];
  return Array.from({ length: Number(ranges) - 1 }, (_, index) => String(first + (span * BigInt(index + 1)) / ranges));
}
