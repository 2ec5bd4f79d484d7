import { describe, expect, it } from 'vitest';
import { assertRunnable } from '../../../src/plan/findings.js';
import type { FactorySpec } from './specFactory.js';
import { columnOf, findingsOf as codes, planFor as plan } from './planFor.js';

describe('cycles', () => {
  const pair = (more: object): FactorySpec => ({
    modules: {
      App: {
        entities: {
          Team: { attributes: { LeadId: { to: 'App.Member', ...more } } },
          Member: { attributes: { TeamId: { to: 'App.Team', ...more } } },
          Node: { attributes: { ParentId: { to: 'App.Node' } } },
        },
      },
    },
  });

  it('of two and self references are broken by references that wait (traps 31 to 35 and 37)', () => {
    const result = plan(pair({}), { scope: { espaces: ['App'] } });
    expect(columnOf(result, 'App.Node', 'ParentId').treatment).toMatchObject({ deferred: true });
    const waiting = [columnOf(result, 'App.Team', 'LeadId'), columnOf(result, 'App.Member', 'TeamId')].filter(
      (column) => column.treatment.kind === 'reference' && column.treatment.deferred,
    );
    expect(waiting).toHaveLength(1);
    expect(result.deletions.find((deletion) => deletion.name === 'App.Node')?.clearFirst).toEqual(['PARENTID']);
  });

  it('that nothing may break are refused with the edges of the cycle', () => {
    for (const more of [{ notNull: true }, { unique: true }]) {
      const result = plan(pair(more), { scope: { espaces: ['App'] } });
      expect(codes(result, 'blocking')).toContainEqual(
        expect.stringMatching(/App\.(Team\.LeadId → App\.Member\.TeamId|Member\.TeamId → App\.Team\.LeadId)/),
      );
      expect(() => assertRunnable(result)).toThrow(/GRAPH_CYCLE/);
    }
  });
});
