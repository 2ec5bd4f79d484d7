import { describe, expect, it } from 'vitest';
import type { EntityShape } from '../../../src/migrate/migrateEntities/entityShape.js';
import type { LookupContext } from '../../../src/migrate/migrateEntities/lookup.js';
import { renewMapStatistics } from '../../../src/migrate/migrateEntities/mapStatistics.js';
import type { StageContext } from '../../../src/migrate/stageContext.js';

const lookupContext = {
  plan: { entities: [] },
  state: { table: (name: string) => `[refresh].[${name}]` },
} as unknown as LookupContext;

function shape(origin: string, keyKind: string): EntityShape {
  return { name: 'Sales.Order', node: { node: 1, origin, keyKind } } as unknown as EntityShape;
}

/** What is asked of the destination, and what is logged, for an entity of so many keys. */
async function renew(entity: EntityShape, keys: number, answer: readonly unknown[][] = []) {
  const [asked, logged, closed] = [[] as string[], [] as unknown[], [] as true[]];
  const session = {
    rows: (sql: string) => Promise.resolve((asked.push(sql), answer)),
    close: () => closed.push(true),
  };
  const context = {
    destination: () => Promise.resolve(session),
    log: { info: (details: unknown) => logged.push(details) },
  } as unknown as StageContext;
  await renewMapStatistics(context, lookupContext, entity, keys);
  expect(closed).toHaveLength(asked.length);
  return { asked: asked.join(), logged };
}

describe('statistics of the key map', () => {
  it.each([
    ['integer', '[refresh].[key_map]'],
    ['text', '[refresh].[key_map_text]'],
  ])('are renewed after an entity of many %s keys', async (keyKind, map) => {
    const { asked, logged } = await renew(shape('generated', keyKind), 1_000);
    expect(asked).toContain(`UPDATE STATISTICS ${map};`);
    expect(logged).toEqual([]);
  });

  it.each([
    ['a few keys', shape('generated', 'integer'), 999],
    ['keys that are not mapped', shape('preserved', 'integer'), 1_000_000],
  ])('are left alone after %s', async (_, entity, keys) => {
    expect((await renew(entity, keys)).asked).toBe('');
  });

  it('cost no batch where the login may not renew them', async () => {
    const { logged } = await renew(shape('reserved', 'integer'), 5_000, [[1088]]);
    expect(logged).toEqual([{ entity: 'Sales.Order', sqlNumber: 1088 }]);
  });
});
