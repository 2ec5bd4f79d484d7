import type { DraftColumn, DraftEntity } from './draft.js';
import { orderGraph, type GraphEdge, type GraphOrder } from './graph.js';
import type { Outline } from './outline.js';

export interface LoadOrder extends GraphOrder {
  /** Name.Attribute of every reference to be set later. */
  readonly deferredColumns: ReadonlySet<string>;
}

/** The references among entities that move, as edges between their indexes. */
export function loadEdges(
  outline: Pick<Outline, 'entities' | 'processes'>,
  rows: (entity: DraftEntity) => number,
): GraphEdge[] {
  const indexOfNode = new Map(outline.entities.map((entity, index) => [entity.node, index]));
  const edges: GraphEdge[] = [];
  outline.entities.forEach((entity, from) => {
    const add = (node: number, label: string, deferrable: boolean): void => {
      const to = indexOfNode.get(node);
      if (to !== undefined) edges.push({ from, to, deferrable, weight: rows(entity), label });
    };
    for (const column of entity.columns) {
      const { treatment } = column;
      const label = `${entity.name}.${column.attribute}`;
      if (treatment.kind === 'key' && treatment.follows !== undefined) add(treatment.follows.node, label, false);
      if (treatment.kind === 'reference' && column.deferral !== 'always')
        add(treatment.node, label, isDeferrable(entity, column));
      if (treatment.kind === 'typedValue') {
        for (const type of outline.processes?.valueTypes ?? []) add(type.node, `${label} (${type.ssType})`, false);
      }
    }
  });
  return edges;
}

/**
 * Loading order of the entities. A reference inside a cycle can wait if its column may be NULL in the destination and
 * is in no unique index, where several NULLs would collide (trap 34); mandatory is no obstacle (trap 33).
 */
export function loadOrder(
  outline: Pick<Outline, 'entities' | 'processes'>,
  rows: (entity: DraftEntity) => number = () => 1,
): LoadOrder {
  const edges = loadEdges(outline, rows);
  const order = orderGraph(outline.entities.length, edges);
  const deferredColumns = new Set([...order.deferred].flatMap((index) => edges[index]?.label ?? []));
  return { ...order, deferredColumns };
}

function isDeferrable(entity: DraftEntity, column: DraftColumn): boolean {
  if (column.deferral === 'never' || !column.destination.type.nullable) return false;
  const name = column.destination.column.toLowerCase();
  return !entity.destination.uniqueIndexes.some((index) => index.columns.some((each) => each.toLowerCase() === name));
}
