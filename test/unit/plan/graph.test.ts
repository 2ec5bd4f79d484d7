import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orderGraph, stronglyConnectedComponents, type GraphEdge } from '../../../src/plan/graph.js';

const size = 12;
const node = fc.nat(size - 1);
const edges = fc.array(
  fc.record({ from: node, to: node, deferrable: fc.boolean(), weight: fc.nat(1000), label: fc.constant('edge') }),
  { maxLength: 30 },
);

function reaches(list: readonly Pick<GraphEdge, 'from' | 'to'>[], from: number, to: number): boolean {
  const seen = new Set([from]);
  for (const each of seen) for (const edge of list) if (edge.from === each) seen.add(edge.to);
  return seen.has(to);
}

describe('the order of a load', () => {
  it('puts what a row refers to before it, unless the reference waits', () => {
    fc.assert(
      fc.property(edges, (list) => {
        const { order, deferred, unbreakable } = orderGraph(size, list);
        if (unbreakable.length > 0) return;
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: size }, (_, index) => index));
        const position = new Map(order.map((each, at) => [each, at]));
        list.forEach((edge, index) => {
          if (!deferred.has(index)) expect(position.get(edge.to)).toBeLessThan(position.get(edge.from) ?? -1);
        });
      }),
    );
  });

  it('lets only references wait that may, and only inside cycles', () => {
    fc.assert(
      fc.property(edges, (list) => {
        const { deferred } = orderGraph(size, list);
        for (const index of deferred) {
          const edge = list[index];
          expect(edge?.deferrable).toBe(true);
          expect(reaches(list, edge?.to ?? -1, edge?.from ?? -1)).toBe(true);
        }
      }),
    );
  });

  it('finds a cycle unbreakable exactly if references that may not wait form one', () => {
    fc.assert(
      fc.property(edges, (list) => {
        const rigid = list.filter((edge) => !edge.deferrable);
        const cyclic = rigid.some((edge) => reaches(rigid, edge.to, edge.from));
        expect(orderGraph(size, list).unbreakable.length > 0).toBe(cyclic);
      }),
    );
  });

  it('gives each table a level above all that it waits for', () => {
    fc.assert(
      fc.property(edges, (list) => {
        const { level, deferred, unbreakable } = orderGraph(size, list);
        if (unbreakable.length > 0) return;
        list.forEach((edge, index) => {
          if (!deferred.has(index)) expect(level[edge.from]).toBeGreaterThan(level[edge.to] ?? Infinity);
        });
      }),
    );
  });

  it('defers the reference of the smaller table', () => {
    const list: GraphEdge[] = [
      { from: 0, to: 1, deferrable: true, weight: 1_000_000, label: 'Big.SmallId' },
      { from: 1, to: 0, deferrable: true, weight: 3, label: 'Small.BigId' },
    ];
    expect([...orderGraph(2, list).deferred]).toEqual([1]);
  });
});

describe('strongly connected components', () => {
  it('hold two nodes together exactly if each reaches the other', () => {
    fc.assert(
      fc.property(edges, node, node, (list, a, b) => {
        const component = stronglyConnectedComponents(size, list);
        expect(component[a] === component[b]).toBe(reaches(list, a, b) && reaches(list, b, a));
      }),
    );
  });

  it('of a chain of 50,000 tables are found without deep recursion', () => {
    const chain = Array.from({ length: 49_999 }, (_, index) => ({ from: index, to: index + 1 }));
    expect(new Set(stronglyConnectedComponents(50_000, chain)).size).toBe(50_000);
  });
});
