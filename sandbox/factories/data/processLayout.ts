/**
 * Where every process and activity instance stands in one numbering, so that an instance can be referred to without
 * keeping any in memory: a top process of a definition owns a fixed run of numbers, one for each process of its tree.
 */
import type { Path } from '../model.js';
import type { ModelIndex, Owned } from '../modelIndex.js';
import type { ActivityModel, ProcessModel } from '../model.js';

/** A place in the tree that a top process may grow. */
export interface TreeSlot {
  readonly definition: Owned<ProcessModel>;
  readonly parent: number | null;
  /** Activity of the parent that executes this process. */
  readonly parentActivity: string | null;
}

export interface Block {
  readonly definition: Owned<ProcessModel>;
  readonly instances: number;
  readonly firstOrdinal: number;
  readonly slots: readonly TreeSlot[];
}

const deepest = 4;

export class ProcessLayout {
  readonly blocks: readonly Block[];
  /** Numbers reserved for the activities of one process. */
  readonly activitySlots: number;
  readonly topProcesses: number;
  private readonly blockByPath: ReadonlyMap<Path, Block>;

  constructor(
    private readonly index: ModelIndex,
    instancesOf: (process: Owned<ProcessModel>) => number,
  ) {
    let ordinal = 0;
    const blocks: Block[] = [];
    for (const definition of index.processes) {
      const instances = definition.item.light || definition.item.activities.length === 0 ? 0 : instancesOf(definition);
      const slots = this.treeOf(definition, null, null, 0, []);
      blocks.push({ definition, instances, firstOrdinal: ordinal, slots });
      ordinal += instances * slots.length;
    }
    this.blocks = blocks;
    this.blockByPath = new Map(blocks.map((each) => [each.definition.path, each]));
    this.topProcesses = blocks.reduce((sum, each) => sum + each.instances, 0);
    this.activitySlots = Math.max(1, ...index.processes.map((each) => activityOffsets(each.item).total));
  }

  block(definition: Path): Block | undefined {
    return this.blockByPath.get(definition);
  }

  processOrdinal(block: Block, instance: number, slot: number): number {
    return block.firstOrdinal + instance * block.slots.length + slot;
  }

  /** The n-th top process over all definitions. */
  topProcess(n: number): { readonly block: Block; readonly instance: number } {
    let rest = n;
    for (const block of this.blocks) {
      if (rest < block.instances) return { block, instance: rest };
      rest -= block.instances;
    }
    throw new RangeError(`There is no top process ${n}.`);
  }

  activityOrdinal(processOrdinal: number, offset: number): number {
    return processOrdinal * this.activitySlots + offset;
  }

  private treeOf(
    definition: Owned<ProcessModel>,
    parent: number | null,
    parentActivity: string | null,
    depth: number,
    slots: TreeSlot[],
  ): TreeSlot[] {
    const own = slots.length;
    slots.push({ definition, parent, parentActivity });
    if (depth < deepest) {
      for (const activity of definition.item.activities) {
        if (activity.process) this.treeOf(this.index.process(activity.process), own, activity.name, depth + 1, slots);
      }
    }
    return slots;
  }
}

/** Offset of each activity's first instance among the activities of its process. */
export function activityOffsets(process: ProcessModel): {
  readonly offsets: ReadonlyMap<ActivityModel, number>;
  readonly total: number;
} {
  let total = 0;
  const offsets = new Map<ActivityModel, number>();
  for (const activity of process.activities) {
    offsets.set(activity, total);
    total += activity.maximumInstances ?? 1;
  }
  return { offsets, total };
}
