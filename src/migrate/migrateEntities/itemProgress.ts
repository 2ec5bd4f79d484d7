import type { ItemEntityProgress, MigrateBatchesResult } from '../../contract.js';
import type { LedgerEntry } from '../state/ledger.js';
import { nextBatchOf, rangeOfBatch } from './keyRanges.js';

/** Where one key range of an entity goes on. */
export interface RangeProgress {
  readonly done: boolean;
  readonly endKey: string | null;
  /** Rows of the last batch. */
  readonly lastRows: number;
}

type Counts = Omit<ItemEntityProgress, 'entity' | 'done'>;

class EntityProgress {
  counts: Counts = { rowsDone: 0, rowsQuarantined: 0, batches: 0 };
  readonly ranges: RangeProgress[];

  constructor(ranges: number) {
    this.ranges = Array.from({ length: ranges }, () => ({ done: false, endKey: null, lastRows: 0 }));
  }

  get done(): boolean {
    return this.ranges.every((range) => range.done);
  }

  add(entry: LedgerEntry, range: number): void {
    const before = this.ranges[range];
    this.ranges[range] = {
      done: before?.done === true || entry.last,
      endKey: entry.endKey ?? before?.endKey ?? null,
      lastRows: entry.rowsRead,
    };
    this.counts = {
      // What the plan counted: rows outside the moved process trees are read and left behind.
      rowsDone: this.counts.rowsDone + entry.rowsRead - entry.rowsFiltered,
      rowsQuarantined: this.counts.rowsQuarantined + entry.rowsQuarantined,
      batches: this.counts.batches + 1,
    };
  }
}

/** What the ledger says of an item, and where it goes on. */
export class ItemProgress {
  readonly #entities: ReadonlyMap<number, EntityProgress>;
  /** By range. */
  readonly #lastBatches: number[];

  /** @param ranges key ranges of the item's entity; one for an item of several entities */
  constructor(
    readonly workItem: string,
    entities: readonly number[],
    readonly ranges: number,
    ledger: readonly LedgerEntry[],
  ) {
    if (ranges > 1 && entities.length > 1) throw new RangeError(`${workItem}: a group of entities is not split`);
    this.#entities = new Map(entities.map((entity) => [entity, new EntityProgress(ranges)]));
    this.#lastBatches = Array.from({ length: ranges }, () => 0);
    for (const entry of ledger) this.add(entry);
  }

  get done(): boolean {
    return [...this.#entities.values()].every((entity) => entity.done);
  }

  /** Number of the batch that a range's next page makes. */
  nextBatch(range: number): number {
    return nextBatchOf(range, this.#lastBatches[range] ?? 0, this.ranges);
  }

  of(entity: number): ItemEntityProgress {
    const { counts, done } = this.#found(entity);
    return { entity, ...counts, done };
  }

  ofRange(entity: number, range: number): RangeProgress {
    const found = this.#found(entity).ranges[range];
    if (found === undefined) throw new RangeError(`${this.workItem} has no range ${range}`);
    return found;
  }

  add(entry: LedgerEntry): void {
    const range = rangeOfBatch(entry.batch, this.ranges);
    this.#lastBatches[range] = Math.max(this.#lastBatches[range] ?? 0, entry.batch);
    if (entry.entity !== null) this.#found(entry.entity).add(entry, range);
  }

  result(): MigrateBatchesResult {
    return { done: this.done, entities: [...this.#entities.keys()].map((entity) => this.of(entity)) };
  }

  #found(entity: number): EntityProgress {
    const found = this.#entities.get(entity);
    if (found === undefined) throw new RangeError(`${this.workItem} has no entity ${entity}`);
    return found;
  }
}
