/** Process instances: each top process with its sub-processes, in any state that the guide names. */
import type { ActivityModel, ParameterModel, GeneratedValue, Path, ProcessModel } from '../model.js';
import type { Owned } from '../modelIndex.js';
import { activityStatuses, processStatuses, terminalProcessStatuses } from '../platformStatics.js';
import { hashText, mix, Random } from '../random.js';
import type { Content } from './content.js';
import { activityOffsets, type Block } from './processLayout.js';
import { generateValue, nullDate } from './values.js';

export interface ParameterValue {
  readonly parameter: ParameterModel;
  readonly value: GeneratedValue;
}

export interface ActivityInstance {
  readonly ordinal: number;
  readonly definition: ActivityModel;
  readonly created: string;
  readonly opened: string;
  readonly closed: string;
  readonly status: number;
  readonly user: number | null;
  readonly group: number | null;
  readonly precedent: number | null;
  readonly outcome: string;
  readonly nextRun: string;
  readonly dueDate: string;
  readonly runningSince: string;
  readonly runningAt: string;
  readonly errors: number;
  readonly inboxDetail: string;
  readonly outputs: readonly ParameterValue[];
}

export interface ProcessInstance {
  readonly ordinal: number;
  readonly definition: Owned<ProcessModel>;
  /** The instance of the top process that the whole tree is computed from. */
  readonly instance: number;
  readonly label: string;
  readonly tenant: number;
  readonly created: string;
  readonly createdBy: number | null;
  readonly modified: string;
  readonly status: number;
  readonly suspended: string;
  readonly suspendedBy: number | null;
  readonly parent: number | null;
  readonly parentActivity: number | null;
  readonly top: number;
  readonly inputs: readonly ParameterValue[];
  readonly outputs: readonly ParameterValue[];
  readonly activities: readonly ActivityInstance[];
}

/** All instances of an environment, parents before their sub-processes. */
export function* generateProcesses(content: Content): Generator<ProcessInstance> {
  for (const block of content.layout.blocks) {
    for (let instance = 0; instance < block.instances; instance++) yield* new Tree(content, block, instance).build();
  }
}

const firstDay = Date.UTC(2026, 0, 5, 8, 0, 0);

function moment(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 23);
}

class Tree {
  private readonly random: Random;
  private readonly processes: ProcessInstance[] = [];
  private readonly tenant: number;

  constructor(
    private readonly content: Content,
    private readonly block: Block,
    private readonly instance: number,
  ) {
    this.random = new Random(
      mix(mix(content.seed, hashText(`${content.environment} ${block.definition.path}`)), instance),
    );
    const tenants = content.endUserTenants();
    this.tenant = tenants[instance % 5 === 4 ? 1 % tenants.length : 0] ?? 0;
  }

  build(): readonly ProcessInstance[] {
    this.grow(0, this.topStatus(), null, null);
    return this.processes;
  }

  /** The first eight show every state; of the rest few are under way, as in a factory that has run for years. */
  private topStatus(): number {
    const { active, closed, suspended, terminated } = processStatuses;
    const shown = [active, closed, suspended, terminated, active, closed, active, closed][this.instance];
    if (shown !== undefined) return shown;
    const roll = this.random.next();
    return roll < 0.05 ? active : roll < 0.08 ? suspended : roll < 0.15 ? terminated : closed;
  }

  private grow(slot: number, status: number, parent: number | null, parentActivity: number | null): void {
    const place = this.block.slots[slot];
    if (!place) throw new RangeError(`No place ${slot} in the tree of ${this.block.definition.path}.`);
    const { definition } = place;
    const ordinal = this.content.layout.processOrdinal(this.block, this.instance, slot);
    const start = firstDay + this.instance * 37 * 60_000 + slot * 1_000;
    const children: { readonly slot: number; readonly status: number; readonly activity: number }[] = [];
    const activities = this.activitiesOf(definition, slot, ordinal, status, start, children);
    const suspended = status === processStatuses.suspended;
    const user = (): number => this.random.integer(this.content.directory.users.length);
    this.processes.push({
      ordinal,
      definition,
      instance: this.instance,
      label: this.label(definition, slot),
      tenant: this.tenant,
      created: moment(start),
      createdBy: definition.item.launchOn && slot === 0 ? null : user(),
      modified: moment(start + 40_000),
      status,
      suspended: suspended ? moment(start + 3_600_000) : nullDate,
      suspendedBy: suspended ? user() : null,
      parent,
      parentActivity,
      top: this.content.layout.processOrdinal(this.block, this.instance, 0),
      inputs: this.values(definition.path, definition.item.inputs, `${slot} input`),
      outputs:
        status === processStatuses.closed
          ? this.values(definition.path, definition.item.outputs, `${slot} output`)
          : [],
      activities,
    });
    for (const child of children) this.grow(child.slot, child.status, ordinal, child.activity);
  }

  private label(definition: Owned<ProcessModel>, slot: number): string {
    const { label, name } = definition.item;
    let text = '';
    this.content.processValue(this.block.definition.path, 'label', this.instance, (cell) => {
      text = slot === 0 && label ? label(cell) : `${this.block.definition.module.name} ${cell.marker} ${name} ${slot}`;
      return null;
    });
    return text;
  }

  private activitiesOf(
    definition: Owned<ProcessModel>,
    slot: number,
    process: number,
    status: number,
    start: number,
    children: { slot: number; status: number; activity: number }[],
  ): ActivityInstance[] {
    const { offsets } = activityOffsets(definition.item);
    const sequence = definition.item.activities.filter((each) => each.kind !== 'conditionalStart');
    const over = status === processStatuses.closed;
    const reached = over
      ? sequence.length
      : Math.min(sequence.length, 2 + this.random.integer(Math.max(1, sequence.length - 2)));
    const result: ActivityInstance[] = [];
    let precedent: number | null = null;
    let step = 0;
    const add = (
      activity: ActivityModel,
      instance: number,
      state: number,
      previous: number | null,
    ): ActivityInstance => {
      const ordinal = this.content.layout.activityOrdinal(process, (offsets.get(activity) ?? 0) + instance);
      const made = this.activity(
        definition.path,
        activity,
        ordinal,
        `${slot}.${instance}`,
        state,
        start + 60_000 * step++,
        previous,
      );
      result.push(made);
      return made;
    };
    sequence.slice(0, reached).forEach((activity, at) => {
      const current = !over && at === reached - 1;
      const made = add(activity, 0, current ? this.currentState(activity, status) : activityStatuses.closed, precedent);
      precedent = made.ordinal;
      const child = this.block.slots.findIndex((each) => each.parent === slot && each.parentActivity === activity.name);
      if (child > 0)
        children.push({ slot: child, status: current ? status : processStatuses.closed, activity: made.ordinal });
    });
    const ended = terminalProcessStatuses.includes(status);
    for (const activity of definition.item.activities.filter((each) => each.kind === 'conditionalStart')) {
      const listener = add(activity, 0, ended ? activityStatuses.closed : activityStatuses.listening, null);
      const fired = this.random.integer(activity.maximumInstances ?? 1);
      for (let n = 1; n <= fired; n++) add(activity, n, activityStatuses.closed, listener.ordinal);
    }
    return result;
  }

  private currentState(activity: ActivityModel, process: number): number {
    if (process === processStatuses.terminated) return activityStatuses.terminated;
    if (activity.kind === 'human') return activityStatuses.ready;
    if (activity.kind === 'wait') return activityStatuses.listening;
    return activity.kind === 'automatic' ? activityStatuses.scheduled : activityStatuses.waiting;
  }

  private activity(
    process: Path,
    definition: ActivityModel,
    ordinal: number,
    place: string,
    status: number,
    created: number,
    precedent: number | null,
  ): ActivityInstance {
    const { random, content } = this;
    const human = definition.kind === 'human';
    const assigned = human ? random.integer(3) : 0;
    const { groups, users } = content.directory;
    const running = status === activityStatuses.scheduled && content.environment === 'production' && random.chance(0.3);
    const closed = status === activityStatuses.closed || status === activityStatuses.terminated;
    return {
      ordinal,
      definition,
      created: moment(created),
      opened: human && assigned === 1 ? moment(created + 5_003) : nullDate,
      closed: closed ? moment(created + 30_007) : nullDate,
      status,
      user: assigned === 1 ? random.integer(users.length) : null,
      group: assigned === 2 && groups.length > 0 ? random.integer(groups.length) : null,
      precedent,
      outcome: precedent === null ? '' : 'Done',
      nextRun: status === activityStatuses.scheduled ? moment(created + 60_000) : nullDate,
      dueDate: human ? moment(created + 86_400_000) : nullDate,
      runningSince: running ? moment(created + 1_000) : nullDate,
      runningAt: running ? 'PROD-FE-01' : '',
      errors: status === activityStatuses.scheduled ? random.integer(3) : 0,
      inboxDetail: human ? `/Inbox/Detail.aspx?Step=${definition.name}` : '',
      outputs: closed ? this.values(process, definition.outputs, `${definition.name} ${place} output`) : [],
    };
  }

  private values(process: Path, parameters: readonly ParameterModel[], place: string): ParameterValue[] {
    return parameters.map((parameter) => ({
      parameter,
      value: this.content.processValue(
        process,
        `${place} ${parameter.name}`,
        this.instance,
        parameter.value ??
          ((cell) =>
            generateValue(this.content.index, { type: parameter.type, mandatory: false, deleteRule: 'Protect' }, cell)),
      ),
    }));
  }
}
