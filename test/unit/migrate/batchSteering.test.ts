import { describe, expect, it } from 'vitest';
import { BatchSteering } from '../../../src/migrate/migrateEntities/batchSteering.js';

/** Batches of an entity whose rows take so long each, until their size stays. */
function sizes(steering: BatchSteering, millisecondsARow: number, batches = 12): number[] {
  return Array.from({ length: batches }, () => {
    const { rows } = steering;
    steering.wrote(rows, rows * millisecondsARow);
    return rows;
  });
}

describe('rows a batch', () => {
  it('grow to the request’s where rows are cheap, and never above', () => {
    const found = sizes(new BatchSteering(20_000, 0), 0.01);
    expect(found[0]).toBeLessThan(20_000);
    expect(found.at(-1)).toBe(20_000);
    expect(Math.max(...found)).toBe(20_000);
  });

  it('shrink until a batch takes seconds where rows are dear, step by step', () => {
    const found = sizes(new BatchSteering(20_000, 0), 50);
    expect(found.at(-1)! * 50).toBeGreaterThanOrEqual(2_000);
    expect(found.at(-1)! * 50).toBeLessThanOrEqual(3_000);
    found.slice(1).forEach((rows, index) => expect(rows).toBeGreaterThanOrEqual(Math.floor(found[index]! / 2)));
  });

  it('are one at least, however long a row takes', () => {
    expect(sizes(new BatchSteering(20_000, 0), 60_000, 20).at(-1)).toBe(1);
  });

  it('go on from the batch before, in a later slice of the entity', () => {
    expect(new BatchSteering(20_000, 300).rows).toBeLessThanOrEqual(1_200);
    expect(new BatchSteering(20_000, 300).rows).toBeGreaterThanOrEqual(300);
    expect(new BatchSteering(100, 300).rows).toBe(100);
  });

  it('follow the request where it asks for few', () => {
    expect(new BatchSteering(7, 0).rows).toBe(7);
  });

  it('stay after an empty page', () => {
    const steering = new BatchSteering(20_000, 800);
    const before = steering.rows;
    steering.wrote(0, 9_000);
    expect(steering.rows).toBe(before);
  });
});
