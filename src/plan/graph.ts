/** References among the tables of a load, and an order in which they can be loaded. Pure and generic. */

export interface GraphEdge {
  /** The table whose column refers … */
  readonly from: number;
  /** … to this one, which must be loaded first. */
  readonly to: number;
  /** May the column be NULL at first and be set when everything is there? */
  readonly deferrable: boolean;
  /** Cost of setting it later: the rows to update. */
  readonly weight: number;
  /** For messages: Espace.Entity.Attribute. */
  readonly label: string;
}

export interface GraphOrder {
  /** Every node; what it refers to by edges that are not deferred stands before it. */
  readonly order: readonly number[];
  /** Length of the longest chain of such edges below each node. */
  readonly level: readonly number[];
  /** Indexes into the edges. */
  readonly deferred: ReadonlySet<number>;
  /** Cycles that no deferrable edge breaks, each as the labels of its edges; then `order` covers only the rest. */
  readonly unbreakable: readonly (readonly string[])[];
}

/**
 * Orders the nodes. Inside a strongly connected component as few rows as a greedy choice allows are deferred: the
 * edges that cannot be deferred are kept, then the deferrable ones, heaviest first, as long as they close no cycle.
 * An edge of a node to itself is always deferred.
 */
export function orderGraph(nodes: number, edges: readonly GraphEdge[]): GraphOrder {
  const component = stronglyConnectedComponents(nodes, edges);
  const deferred = new Set<number>();
  const unbreakable: string[][] = [];
  const kept: number[][] = Array.from({ length: nodes }, () => []);
  const inside: number[] = [];
  edges.forEach((edge, index) => {
    if (component[edge.from] !== component[edge.to]) kept[edge.from]?.push(edge.to);
    else inside.push(index);
  });
  const byNeed = inside
    .map((index) => ({ index, edge: edges[index] as GraphEdge }))
    .sort(
      (a, b) =>
        Number(a.edge.deferrable) - Number(b.edge.deferrable) || b.edge.weight - a.edge.weight || a.index - b.index,
    );
  const keptInside: GraphEdge[] = [];
  for (const { index, edge } of byNeed) {
    const cycle = edge.from === edge.to ? [] : path(keptInside, edge.to, edge.from);
    if (cycle === null) {
      keptInside.push(edge);
      kept[edge.from]?.push(edge.to);
    } else if (edge.deferrable) {
      deferred.add(index);
    } else {
      unbreakable.push([edge, ...cycle].map((each) => each.label));
    }
  }
  const { order, level } = topologicalOrder(nodes, kept);
  return { order, level, deferred, unbreakable };
}

/** Tarjan's algorithm, iterative; gives the component of every node. */
export function stronglyConnectedComponents(nodes: number, edges: readonly Pick<GraphEdge, 'from' | 'to'>[]): number[] {
  const targets: number[][] = Array.from({ length: nodes }, () => []);
  for (const edge of edges) targets[edge.from]?.push(edge.to);
  const index = new Array<number>(nodes).fill(-1);
  const low = new Array<number>(nodes).fill(0);
  const component = new Array<number>(nodes).fill(-1);
  const stack: number[] = [];
  let nextIndex = 0;
  let nextComponent = 0;
  for (let root = 0; root < nodes; root++) {
    if (index[root] !== -1) continue;
    const work: { node: number; next: number }[] = [];
    const enter = (node: number): void => {
      index[node] = low[node] = nextIndex++;
      stack.push(node);
      work.push({ node, next: 0 });
    };
    enter(root);
    for (let frame = work.at(-1); frame !== undefined; frame = work.at(-1)) {
      const { node } = frame;
      const target = targets[node]?.[frame.next];
      if (target !== undefined) {
        frame.next++;
        if (index[target] === -1) enter(target);
        else if (component[target] === -1) low[node] = Math.min(low[node] ?? 0, index[target] ?? 0);
        continue;
      }
      work.pop();
      const parent = work.at(-1);
      if (parent !== undefined) low[parent.node] = Math.min(low[parent.node] ?? 0, low[node] ?? 0);
      if (low[node] === index[node]) {
        for (let member = stack.pop(); member !== undefined; member = stack.pop()) {
          component[member] = nextComponent;
          if (member === node) break;
        }
        nextComponent++;
      }
    }
  }
  return component;
}

/** The edges of a shortest path, or null. */
function path(edges: readonly GraphEdge[], start: number, end: number): GraphEdge[] | null {
  const cameBy = new Map<number, GraphEdge | null>([[start, null]]);
  const queue = [start];
  for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
    if (node === end) break;
    for (const edge of edges) {
      if (edge.from !== node || cameBy.has(edge.to)) continue;
      cameBy.set(edge.to, edge);
      queue.push(edge.to);
    }
  }
  if (!cameBy.has(end)) return null;
  const result: GraphEdge[] = [];
  for (let edge = cameBy.get(end); edge != null; edge = cameBy.get(edge.from)) result.unshift(edge);
  return result;
}

/** Kahn's algorithm over an acyclic graph; among nodes that are ready the lowest number comes first. */
function topologicalOrder(nodes: number, kept: readonly (readonly number[])[]): { order: number[]; level: number[] } {
  const level = new Array<number>(nodes).fill(0);
  const missing = kept.map((targets) => targets.length);
  const referredBy: number[][] = Array.from({ length: nodes }, () => []);
  kept.forEach((targets, from) => targets.forEach((to) => referredBy[to]?.push(from)));
  const order: number[] = [];
  let ready = missing.flatMap((count, node) => (count === 0 ? [node] : []));
  while (ready.length > 0) {
    const next: number[] = [];
    for (const node of ready) {
      order.push(node);
      for (const from of referredBy[node] ?? []) {
        level[from] = Math.max(level[from] ?? 0, (level[node] ?? 0) + 1);
        missing[from] = (missing[from] ?? 0) - 1;
        if (missing[from] === 0) next.push(from);
      }
    }
    ready = next.sort((a, b) => a - b);
  }
  return { order, level };
}
