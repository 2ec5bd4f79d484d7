import type { ItemEntityProgress, MigrateBatchesResult } from '../../contract.js';
import type { RefreshPlan } from '../../plan/refreshPlan.js';
import { interruption, RefreshError } from '../../sqlserver/errors.js';
import type { SourceSession } from '../../sqlserver/session.js';
import { withDestination, type StageContext } from '../stageContext.js';
import type { LedgerEntry } from '../state/ledger.js';
import { BatchSteering } from './batchSteering.js';
import { batchStatements, type BatchStatements } from './batchStatements.js';
import { shapeOf, type EntityShape } from './entityShape.js';
import type { LookupContext } from './lookup.js';
import { pacedLimits, pause, pauseReason, waitFor } from './pace.js';
import { giveUpRelay, rowPath } from './rowPath.js';
import { readPage, type PageLimits } from './readPage.js';
import { PagesAhead } from './pagesAhead.js';
import type { StagedPage, StagingLanes } from './stagingLanes.js';
import { createStagingSql } from './stagingTable.js';
import { blockIsTaken, writeBatch, type BatchWriter } from './writeBatch.js';

/** Rows a statement on platform tables, which running applications use. */
const platformRows = 2_000;

/** What the batches of one slice work with. */
export interface Slice {
  readonly context: StageContext;
  /** The run's plan, or one with a platform table added. */
  readonly plan: RefreshPlan;
  readonly source: SourceSession;
  readonly lanes: StagingLanes;
  readonly lookupContext: LookupContext;
  readonly limits: PageLimits;
  readonly progress: ItemProgress;
}

export interface Adaptation {
  readonly literals: ReadonlyMap<string, string>;
  adapt(statements: BatchStatements, shape: EntityShape): BatchStatements;
}

/** Moves one entity from where its ledger ends, until it is done or the slice is over. */
export async function migrateEntity(slice: Slice, index: number, adaptation: Adaptation | null = null): Promise<void> {
  const { context, plan, lookupContext, progress } = slice;
  const shape = shapeOf(plan, index, adaptation?.literals, await rowPath(context));
  const built = batchStatements(lookupContext, shape);
  const statements = adaptation === null ? built : adaptation.adapt(built, shape);
  const writer: BatchWriter = {
    state: context.state,
    run: context.run,
    context: lookupContext,
    shape,
    statements,
    workItem: progress.workItem,
  };
  const limits = limitsFor(pacedLimits(context.plan.request, slice.limits), shape.entity.destinationTable.table);
  const steering = new BatchSteering(limits.rows, progress.of(index).lastRows);
  const pages = pagesOf(slice, shape, statements, () => ({ ...limits, rows: steering.rows }));
  for (;;) {
    const started = Date.now();
    const page = await pages.next();
    if (page === null) break;
    const batch = progress.lastBatch + 1;
    const begun = Date.now();
    const entry = await writeOrRenew(writer, context, batch, page);
    steering.wrote(page.rowCount, page.loading + Date.now() - begun);
    progress.add(entry);
    const { stage } = shape.entity;
    context.batchCommitted?.({
      stage,
      entity: shape.name,
      rowsWritten: entry.rowsWritten,
      duration: Date.now() - started,
    });
    context.heartbeat({ stage: shape.entity.stage, subject: shape.name, batch, rows: progress.of(index).rowsDone });
    if (progress.of(index).done || context.signal.aborted) break;
    // Another attempt has written this batch with other bounds: go on from where it ended.
    if (entry.endKey !== page.endKey) await pages.restart(entry.endKey);
    await keepPace(context, shape.name, page, Date.now() - started);
  }
  await pages.stop();
}

function pagesOf(slice: Slice, shape: EntityShape, statements: BatchStatements, limits: () => PageLimits): PagesAhead {
  const { context, plan, source, lanes, progress } = slice;
  const create = [createStagingSql(plan, shape), ...statements.create];
  lanes.restart();
  return new PagesAhead(
    {
      read: (after) =>
        readPage(source, plan, shape, after, limits()).catch((error: unknown) => giveUpRelay(context, error)),
      stage: async (page) => (await lanes.next()).stage(create, shape, page),
      goesOn: () => !context.deadline() && !context.signal.aborted,
    },
    progress.of(shape.index).endKey,
  );
}

/** Also after the last page of a slice or an entity: the next one begins at once. */
async function keepPace(context: StageContext, subject: string, page: StagedPage, elapsed: number): Promise<void> {
  const { request } = context.plan;
  const milliseconds = pause(request, page, elapsed);
  if (milliseconds === 0) return;
  context.heartbeat({ stage: 'migrateEntities', subject, waiting: pauseReason(request) });
  await waitFor(milliseconds, context.signal);
}

async function writeOrRenew(
  writer: BatchWriter,
  context: StageContext,
  batch: number,
  page: StagedPage,
): Promise<LedgerEntry> {
  try {
    return await writeBatch(writer, batch, page);
  } catch (error) {
    if (error instanceof RefreshError && error.code === 'duplicateKey') {
      const taken = await withDestination(context, (session) => blockIsTaken(writer, session, batch));
      if (taken)
        throw interruption(
          'keysTaken',
          'another writer has used reserved keys; new ones are reserved',
          writer.shape.name,
        );
    }
    throw error;
  }
}

function limitsFor(limits: PageLimits, table: string): PageLimits {
  return table.toUpperCase().startsWith('OSSYS_') ? { ...limits, rows: Math.min(limits.rows, platformRows) } : limits;
}

interface EntityProgress extends ItemEntityProgress {
  readonly endKey: string | null;
  /** Rows of the last batch. */
  readonly lastRows: number;
}

/** What the ledger says of an item, and where it goes on. */
export class ItemProgress {
  readonly #entities = new Map<number, EntityProgress>();
  #lastBatch = 0;

  constructor(
    readonly workItem: string,
    entities: readonly number[],
    ledger: readonly LedgerEntry[],
  ) {
    for (const entity of entities) {
      const nothing = { rowsDone: 0, rowsQuarantined: 0, batches: 0, done: false, endKey: null, lastRows: 0 };
      this.#entities.set(entity, { entity, ...nothing });
    }
    for (const entry of ledger) this.add(entry);
  }

  get lastBatch(): number {
    return this.#lastBatch;
  }

  get done(): boolean {
    return [...this.#entities.values()].every((entity) => entity.done);
  }

  of(entity: number): EntityProgress {
    const found = this.#entities.get(entity);
    if (found === undefined) throw new RangeError(`${this.workItem} has no entity ${entity}`);
    return found;
  }

  add(entry: LedgerEntry): void {
    this.#lastBatch = Math.max(this.#lastBatch, entry.batch);
    if (entry.entity === null) return;
    const before = this.of(entry.entity);
    this.#entities.set(entry.entity, {
      entity: entry.entity,
      // What the plan counted: rows outside the moved process trees are read and left behind.
      rowsDone: before.rowsDone + entry.rowsRead - entry.rowsFiltered,
      rowsQuarantined: before.rowsQuarantined + entry.rowsQuarantined,
      batches: before.batches + 1,
      done: before.done || entry.last,
      endKey: entry.endKey ?? before.endKey,
      lastRows: entry.rowsRead,
    });
  }

  result(): MigrateBatchesResult {
    const entities = [...this.#entities.values()].map(({ entity, rowsDone, rowsQuarantined, batches, done }) => ({
      entity,
      rowsDone,
      rowsQuarantined,
      batches,
      done,
    }));
    return { done: this.done, entities };
  }
}
