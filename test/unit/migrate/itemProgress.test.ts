import { describe, expect, it } from 'vitest';
import { ItemProgress } from '../../../src/migrate/migrateEntities/itemProgress.js';
import { keyRangesOf } from '../../../src/migrate/migrateEntities/keyRanges.js';
import { noCounts, type LedgerEntry } from '../../../src/migrate/state/ledger.js';

const entity = 7;

function written(batch: number, more: Partial<LedgerEntry> = {}): LedgerEntry {
  return {
    ...noCounts,
    ...{ workItem: 'item:1', batch, entity, endKey: String(batch), last: false, digest: null, rowsRead: 10 },
    ...more,
  };
}

describe('the ledger of an item', () => {
  it('numbers the batches of each key range apart, so that no two ranges share one', () => {
    const progress = new ItemProgress('item:1', [entity], 3, []);
    const numbers = [0, 1, 2, 0, 0, 2].map((range) => {
      const batch = progress.nextBatch(range);
      progress.add(written(batch));
      return batch;
    });
    expect(numbers).toEqual([1, 2, 3, 4, 7, 6]);
  });

  it('tells where each range goes on, and is done when all ranges are', () => {
    const ledger = [written(1), written(2, { last: true }), written(3), written(5, { last: true, endKey: null })];
    const progress = new ItemProgress('item:1', [entity], 2, ledger);
    expect(progress.ofRange(entity, 0)).toMatchObject({ done: true, endKey: '3' });
    expect(progress.ofRange(entity, 1)).toMatchObject({ done: true, endKey: '2' });
    expect(progress.done).toBe(true);
    expect(progress.of(entity)).toEqual({ entity, rowsDone: 40, rowsQuarantined: 0, batches: 4, done: true });
    expect(new ItemProgress('item:1', [entity], 2, ledger.slice(0, 3)).done).toBe(false);
  });

  it('is one sequence for the entities of a group, which is never split', () => {
    const progress = new ItemProgress('item:1', [entity, 8], 1, [written(1, { last: true })]);
    expect(progress.nextBatch(0)).toBe(2);
    expect(progress.done).toBe(false);
    expect(() => new ItemProgress('item:1', [entity, 8], 2, [])).toThrow(RangeError);
  });
});

describe('key ranges', () => {
  it('follow one another without gap, up to the high-water mark', () => {
    expect(keyRangesOf({ splitAt: ['10', '20'], highWater: '30' })).toEqual([
      { after: null, upTo: '10' },
      { after: '10', upTo: '20' },
      { after: '20', upTo: '30' },
    ]);
    expect(keyRangesOf({ splitAt: [], highWater: null })).toEqual([{ after: null, upTo: null }]);
  });
});
