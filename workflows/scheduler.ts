import {
  condition,
  isCancellation,
  ParentClosePolicy,
  startChild,
  type ChildWorkflowHandle,
} from '@temporalio/workflow';
import {
  migrateEntityWorkflowType,
  type ItemEntityProgress,
  type MigrateEntityInput,
  type PlanSummary,
  type RunReference,
  type StageFailure,
  type WorkItem,
} from '../src/contract.js';
import { slices, summaryOf } from './activityOptions.js';
import { failureOf } from './failures.js';
import { childSteeringSignal, type ChildSteering } from './messages.js';
import type { migrateEntity } from './migrateEntity.js';
import { now, type Run } from './run.js';
import { answerFailure, batchRowsOf, entityName, move, recordFailure } from './runState.js';

/** How many progress reports all children of a run may send together: each is an event in the parent's history. */
const reportsPerRun = 2000;
/** Children report less often as their number grows, and never more than this. */
const reportsPerChild = 100;

type Child = ChildWorkflowHandle<typeof migrateEntity>;

/**
 * Runs the work items of a stage: each starts when what it refers to is ready, at most parallelEntities at once. A
 * failed item parks without holding a slot; the others go on.
 */
export class ItemScheduler {
  private readonly running = new Map<number, Child | null>();
  private readonly finished: Set<number>;
  /** Thrown by a child's watcher: a cancellation, which must end the stage only after all children ended. */
  private broken: { error: unknown } | null = null;
  private steered = '';
  private stopping = false;

  constructor(
    private readonly run: Run,
    private readonly plan: PlanSummary,
    private readonly reference: RunReference,
    private readonly stage: WorkItem['stage'],
  ) {
    run.childrenRun = () => this.running.size > 0;
    this.finished = new Set([...run.state.finishedItems, ...run.state.skippedItems]);
  }

  async complete(): Promise<void> {
    const items = this.plan.items.filter((item) => item.stage === this.stage);
    const waiting = new Map(items.filter((item) => !this.finished.has(item.id)).map((item) => [item.id, item]));
    const watchers: Promise<void>[] = [];
    try {
      while (waiting.size > 0 || this.running.size > 0) {
        this.startReady(waiting, watchers);
        this.showParked(waiting);
        const before = this.wakeKey(waiting);
        await condition(() => this.broken !== null || this.wakeKey(waiting) !== before);
        if (this.broken !== null) throw this.broken.error;
        this.run.throwIfEnded();
        await this.steer(false);
        await this.answerParked(waiting);
      }
    } catch (error) {
      // Committed batches stay committed: children end after their current call, and only then the stage does.
      if (!isCancellation(error)) await this.steer(true);
      await Promise.all(watchers);
      throw error;
    }
    await Promise.all(watchers);
  }

  /** Everything a decision of this loop rests on; it wakes when any of it changes. */
  private wakeKey(waiting: ReadonlyMap<number, WorkItem>): string {
    const { steering } = this.run.state;
    return [
      this.running.size,
      this.finished.size,
      waiting.size,
      steering.pausedBy !== null,
      this.run.interrupted(),
      Object.keys(steering.released).join(),
      Object.keys(steering.parked).join(),
      this.parallelEntities(),
      JSON.stringify(steering.tuned),
    ].join('|');
  }

  private parallelEntities(): number {
    return this.run.state.steering.tuned.parallelEntities ?? this.run.state.preflight!.request.parallelEntities;
  }

  private parallelRanges(): number {
    return this.run.state.steering.tuned.parallelRanges ?? this.run.state.preflight!.request.parallelRanges;
  }

  private startReady(waiting: Map<number, WorkItem>, watchers: Promise<void>[]): void {
    if (this.run.state.steering.pausedBy !== null) return;
    for (const item of waiting.values()) {
      if (this.running.size >= this.parallelEntities()) return;
      if (this.isParked(item) || !item.dependsOn.every((id) => this.finished.has(id))) continue;
      waiting.delete(item.id);
      this.running.set(item.id, null);
      watchers.push(this.watch(item, waiting));
    }
  }

  private async watch(item: WorkItem, waiting: Map<number, WorkItem>): Promise<void> {
    try {
      this.moveEntities(item, 'running');
      this.run.show();
      const child = await this.start(item);
      this.running.set(item.id, child);
      // What was said while the child was being started did not reach it.
      await this.tell([child]);
      const result = await child.result();
      this.take(result.entities);
      const complete = result.entities.length > 0 && result.entities.every((entity) => entity.done);
      if (result.failed) this.parkItem(item, result.failure, waiting);
      else if (complete) this.finish(item);
      else this.moveEntities(item, 'pending');
    } catch (error) {
      if (isCancellation(error)) this.broken ??= { error };
      else this.parkItem(item, failureOf(error), waiting);
    } finally {
      this.running.delete(item.id);
      this.run.show();
    }
  }

  private async start(item: WorkItem): Promise<Child> {
    const { preflight } = this.run.state;
    const input: MigrateEntityInput = {
      run: this.reference,
      item,
      batchRows: batchRowsOf(this.run.state),
      batchBytes: preflight!.request.batch.bytes,
      parallelRanges: this.parallelRanges(),
      paused: false,
      reports: Math.min(reportsPerChild, Math.floor(reportsPerRun / Math.max(this.plan.items.length, 1))),
    };
    return startChild<typeof migrateEntity>(migrateEntityWorkflowType, {
      workflowId: `${this.run.state.id}/${item.name}`,
      args: [input],
      staticSummary: summaryOf(item.name),
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    });
  }

  private finish(item: WorkItem): void {
    this.finished.add(item.id);
    this.run.state.finishedItems.push(item.id);
    this.moveEntities(item, 'done');
  }

  private parkItem(item: WorkItem, failure: StageFailure, waiting: Map<number, WorkItem>): void {
    waiting.set(item.id, item);
    this.moveEntities(item, 'parked');
    for (const name of this.namesOf(item)) {
      this.run.state.steering.parked[name] = failure;
      this.run.state.entityErrors[name] = failure;
      recordFailure(this.run.state, name, failure, now());
    }
  }

  private isParked(item: WorkItem): boolean {
    return this.namesOf(item).some((name) => this.run.state.steering.parked[name] !== undefined);
  }

  /** Takes up retry and skip of parked items; an answer to one entity of a group answers for the group. */
  private async answerParked(waiting: Map<number, WorkItem>): Promise<void> {
    const { steering, entityErrors } = this.run.state;
    for (const item of [...waiting.values()]) {
      const names = this.namesOf(item);
      const answered = names.find((name) => steering.released[name] !== undefined);
      if (answered === undefined) continue;
      const answer = steering.released[answered];
      for (const name of names) {
        delete steering.released[name];
        delete steering.parked[name];
        answerFailure(this.run.state, name, answer ?? 'retry');
      }
      if (answer === 'skip') {
        await this.run.slices(() =>
          slices.skipItem.executeWithOptions({ summary: summaryOf(item.name) }, [
            { run: this.reference, item: item.id },
          ]),
        );
        waiting.delete(item.id);
        this.finished.add(item.id);
        this.run.state.skippedItems.push(item.id);
        this.moveEntities(item, 'skipped');
      } else {
        for (const name of names) delete entityErrors[name];
        this.moveEntities(item, 'pending');
      }
    }
  }

  /** When nothing can go on but what is parked, the run itself is shown as parked. */
  private showParked(waiting: ReadonlyMap<number, WorkItem>): void {
    const parked = [...waiting.values()].filter((item) => this.isParked(item));
    const first = parked[0];
    if (first === undefined || this.running.size > 0) {
      if (this.run.state.state === 'parked') this.run.stopWaiting();
      return;
    }
    const name = this.namesOf(first)[0] ?? first.name;
    const failure = this.run.state.entityErrors[name];
    const others = parked.length > 1 ? ` (and ${parked.length - 1} more)` : '';
    const text = `${name} is parked${others}: ${failure?.message ?? ''} ${failure?.remedy ?? ''}`.trim();
    this.run.wait('parked', { kind: 'retry', entity: name, since: now(), text });
  }

  /** Tells running children about pause, stop and what was tuned, once per change. */
  private async steer(stop: boolean): Promise<void> {
    this.stopping ||= stop;
    const key = JSON.stringify(this.childSteering());
    if (key === this.steered) return;
    this.steered = key;
    await this.tell([...this.running.values()].filter((child) => child !== null));
  }

  private async tell(children: readonly Child[]): Promise<void> {
    const steering = this.childSteering();
    const { batchRows, parallelRanges } = this.run.state.steering.tuned;
    const asStarted = !steering.paused && !steering.stop && batchRows === null && parallelRanges === null;
    if (asStarted && this.steered === '') return;
    // A child that ended meanwhile takes no signal; that is as good as having obeyed it.
    await Promise.all(children.map((child) => child.signal(childSteeringSignal, steering).catch(() => undefined)));
  }

  private childSteering(): ChildSteering {
    return {
      paused: this.run.state.steering.pausedBy !== null,
      stop: this.stopping,
      batchRows: batchRowsOf(this.run.state),
      parallelRanges: this.parallelRanges(),
    };
  }

  take(progress: readonly ItemEntityProgress[]): void {
    for (const { entity, rowsDone, rowsQuarantined, batches, done } of progress) {
      const known = this.run.state.entities[entity];
      if (known === undefined) continue;
      Object.assign(known, { rowsDone, rowsQuarantined, batches });
      if (done) move(known, 'done', now());
    }
  }

  private moveEntities(item: WorkItem, state: 'pending' | 'running' | 'parked' | 'done' | 'skipped'): void {
    for (const index of item.entities) {
      const entity = this.run.state.entities[index];
      if (entity !== undefined && entity.state !== 'done') move(entity, state, now());
    }
  }

  private namesOf(item: WorkItem): string[] {
    return item.entities.flatMap((index) => {
      const entity = this.run.state.entities[index];
      return entity === undefined ? [] : [entityName(entity)];
    });
  }
}
