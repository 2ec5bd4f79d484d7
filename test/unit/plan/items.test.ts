import { describe, expect, it } from 'vitest';
import { planItems, type Loadable } from '../../../src/plan/items.js';

const one = (name: string, more: Partial<Loadable> = {}): Loadable => ({
  name,
  rows: 10,
  split: false,
  stage: 'migrateEntities',
  level: 0,
  dependsOn: [],
  ...more,
});

describe('work items', () => {
  it('are one for each entity of some size, and groups of at most twenty for tiny ones', () => {
    const items = planItems([
      one('Big', { rows: 501 }),
      ...Array.from({ length: 45 }, (_, index) => one(`Tiny${index}`, { rows: 500 })),
    ]);
    expect(items.map((item) => item.entities.length)).toEqual([1, 20, 20, 5]);
    expect(items[0]?.name).toBe('Big');
  });

  it('wait for the items of what their entities refer to, and never for themselves', () => {
    const items = planItems([
      one('Base'),
      one('Other'),
      one('Detail', { level: 1, dependsOn: [0] }),
      one('Huge', { rows: 1_000_000, level: 1, dependsOn: [1] }),
      one('Last', { level: 2, dependsOn: [2, 3] }),
    ]);
    const itemOf = (entity: number): number => items.findIndex((item) => item.entities.includes(entity));
    expect(items[itemOf(2)]?.dependsOn).toEqual([itemOf(0)]);
    expect(items[itemOf(4)]?.dependsOn).toEqual([itemOf(2), itemOf(3)].sort());
    for (const item of items) for (const other of item.dependsOn) expect(other).toBeLessThan(item.id);
  });

  it('do not let a tiny entity that is ready wait with one that is not', () => {
    const items = planItems([
      one('Huge', { rows: 1_000_000 }),
      one('Base'),
      one('AfterHuge', { level: 1, dependsOn: [0] }),
      one('AfterBase', { level: 1, dependsOn: [1] }),
    ]);
    expect(items.find((item) => item.entities.includes(3))?.entities).toEqual([3]);
  });

  it('leave an entity to itself whose key ranges move side by side', () => {
    const items = planItems([one('A'), one('B', { split: true }), one('C')]);
    expect(items.map((item) => item.entities)).toEqual([[0, 2], [1]]);
  });

  it('never mix stages', () => {
    const items = planItems([one('A'), one('B', { stage: 'migrateProcesses' })]);
    expect(items.map((item) => item.stage).sort()).toEqual(['migrateEntities', 'migrateProcesses']);
  });
});
