/** Milliseconds that a batch is to take: long enough to outweigh its commit, short enough that a pause is soon heard. */
const aim = 2_500;

/** Rows of an entity's first batch, when nobody knows what a row costs there. */
const firstRows = 5_000;

/** A batch shrinks by this factor at most: one that waited for a lock tells little of the next. */
const largestShrinkage = 2;

/** A batch grows by this factor at most. Two further pages are on their way when a batch tells what its rows took. */
const largestGrowth = 4;

/**
 * How many rows the next batch of an entity takes, so that it takes about as long as is aimed at: triggers and indexes
 * make the cost of a row differ a hundredfold between tables. Bytes bound the page besides (readPage).
 */
export class BatchSteering {
  #rows: number;

  /**
   * @param most rows a batch, as the request or a tune says
   * @param before rows of the batch that the entity's ledger ends with; 0 if it has none
   */
  constructor(
    readonly most: number,
    before: number,
  ) {
    this.#rows = Math.min(most, before > 0 ? before * largestGrowth : firstRows);
  }

  /** Rows of the next batch at most. */
  get rows(): number {
    return this.#rows;
  }

  /** Told of a batch that was written: its rows, and the milliseconds from staging to commit. */
  wrote(rows: number, milliseconds: number): void {
    if (rows === 0) return;
    const aimed = Math.round((rows * aim) / Math.max(1, milliseconds));
    const grown = Math.min(Math.max(aimed, Math.floor(rows / largestShrinkage)), rows * largestGrowth);
    this.#rows = Math.max(1, Math.min(this.most, grown));
  }
}
