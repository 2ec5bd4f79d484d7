import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitKeys } from '../../../src/plan/keyRanges.js';

const request = { batch: { rows: 1_000, bytes: 16_000_000 }, parallelRanges: 4 };
const large = { rows: 1_000_000, lowest: '1', highest: '1000001', match: [] };

describe('the key ranges of an entity', () => {
  it('cover equal spans of its keys, more of them than move at once', () => {
    const keys = splitKeys(request, large);
    expect(keys).toHaveLength(15);
    expect(keys[0]).toBe('62501');
    expect(keys[7]).toBe('500001');
  });

  it('are fewer where the rows fill only a few batches each, and none of a small entity', () => {
    expect(splitKeys(request, { ...large, rows: 15_999 })).toHaveLength(2);
    expect(splitKeys(request, { ...large, rows: 7_999 })).toEqual([]);
  });

  it('are none where rows are matched, keys are texts, or the request wants none', () => {
    expect(splitKeys(request, { ...large, match: ['CODE'] })).toEqual([]);
    expect(splitKeys(request, { ...large, lowest: null, highest: null })).toEqual([]);
    expect(splitKeys({ ...request, parallelRanges: 1 }, large)).toEqual([]);
  });

  it('rise strictly and lie below the highest key, wherever the keys lie', () => {
    const bigint = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    fc.assert(
      fc.property(bigint, bigint, fc.integer({ min: 2, max: 16 }), (one, other, parallelRanges) => {
        const [lowest, highest] = one < other ? [one, other] : [other, one];
        const ends = { lowest: String(lowest), highest: String(highest) };
        const keys = splitKeys({ ...request, parallelRanges }, { ...large, ...ends }).map(BigInt);
        for (const [index, key] of keys.entries()) expect(key).toBeGreaterThan(keys[index - 1] ?? lowest - 1n);
        if (keys.length > 0) expect(keys.at(-1)).toBeLessThan(highest);
      }),
    );
  });
});
