import type { RefreshPlan } from '../../plan/refreshPlan.js';
import { interruption, RefreshError } from '../../sqlserver/errors.js';
import type { SourceSession } from '../../sqlserver/session.js';
import { sideBySide } from '../sideBySide.js';
import { withDestination, withSource, type StageContext } from '../stageContext.js';
import type { LedgerEntry } from '../state/ledger.js';
import { BatchSteering } from './batchSteering.js';
import { batchStatements, type BatchStatements } from './batchStatements.js';
import { shapeOf, type EntityShape } from './entityShape.js';
import type { ItemProgress } from './itemProgress.js';
import { keyRangesOf, type KeyRange } from './keyRanges.js';
import type { LookupContext } from './lookup.js';
import { renewMapStatistics } from './mapStatistics.js';
import { keepPace, pacedLimits } from './pace.js';
import { giveUpRelay, rowPath } from './rowPath.js';
import { readPage, type PageLimits } from './readPage.js';
import { PagesAhead } from './pagesAhead.js';
import { withStagingLanes, type StagedPage, type StagingLanes } from './stagingLanes.js';
import { createStagingSql } from './stagingTable.js';
import { blockIsTaken, writeBatch, type BatchWriter } from './writeBatch.js';

/** Rows a statement on platform tables, which running applications use. */
const platformRows = 2_000;

/**
 * Rows a statement of writers that share a table: SQL Server escalates the locks of a statement to the table at 5,000,
 * and the others would wait for its end.
 */
const sharedTableRows = 4_500;

/** Sizes of pages, and how many key ranges of one entity move at once. */
export interface SliceLimits extends PageLimits {
  readonly ranges: number;
}

/** What the batches of one slice work with. */
export interface Slice {
  readonly context: StageContext;
  /** The run's plan, or one with a platform table added. */
  readonly plan: RefreshPlan;
  readonly source: SourceSession;
  readonly lanes: StagingLanes;
  readonly lookupContext: LookupContext;
  readonly limits: SliceLimits;
  readonly progress: ItemProgress;
}

export interface Adaptation {
  readonly literals: ReadonlyMap<string, string>;
  adapt(statements: BatchStatements, shape: EntityShape): BatchStatements;
}

/**
 * Moves one entity from where its ledger ends, until it is done or the slice is over. The key ranges of a large one move
 * side by side, each in sessions of its own; when one fails, the others end after the batch that they are at.
 */
export async function migrateEntity(slice: Slice, index: number, adaptation: Adaptation | null = null): Promise<void> {
  const { context, plan, lookupContext, progress } = slice;
  const shape = shapeOf(plan, index, adaptation?.literals, await rowPath(context));
  const built = batchStatements(lookupContext, shape);
  const writer: BatchWriter = {
    state: context.state,
    run: context.run,
    context: lookupContext,
    shape,
    statements: adaptation === null ? built : adaptation.adapt(built, shape),
    workItem: progress.workItem,
  };
  const ranges = keyRangesOf(shape.entity).map((range, number) => ({ ...range, number }));
  const left = ranges.filter(({ number }) => !progress.ofRange(index, number).done);
  const atOnce = Math.max(1, Math.min(slice.limits.ranges, left.length));
  let failed = false;
  const over = (): boolean => failed || context.deadline() || context.signal.aborted;
  const work = async (sessions: RangeSessions): Promise<void> => {
    for (let range = left.shift(); range !== undefined; range = over() ? undefined : left.shift())
      await moveRange({ ...slice, ...sessions, writer, atOnce, over }, range);
  };
  await sideBySide(
    Array.from({ length: atOnce }, (_, number) => () => (number === 0 ? work(slice) : withSessions(context, work))),
    () => (failed = true),
  );
  const { done, rowsDone } = progress.of(index);
  if (done) await renewMapStatistics(context, lookupContext, shape, rowsDone);
}

/** What one range after the other is moved with, and nothing else meanwhile. */
type RangeSessions = Pick<Slice, 'source' | 'lanes'>;

/** Works with a session of the source and staging lanes that nobody else uses. */
async function withSessions(context: StageContext, work: (sessions: RangeSessions) => Promise<void>): Promise<void> {
  await withDestination(context, (destination) =>
    withSource(context, (source) => withStagingLanes(context, destination, (lanes) => work({ source, lanes }))),
  );
}

interface NumberedRange extends KeyRange {
  readonly number: number;
}

/** What moves one range after the other, while `atOnce` others of the same entity do so too. */
interface RangeMover extends Slice {
  readonly writer: BatchWriter;
  readonly atOnce: number;
  over(): boolean;
}

async function moveRange(mover: RangeMover, range: NumberedRange): Promise<void> {
  const { context, progress, writer, atOnce } = mover;
  const { shape } = writer;
  const here = () => progress.ofRange(shape.index, range.number);
  const limits = limitsFor(pacedLimits(context.plan.request, mover.limits, atOnce), shape, atOnce);
  const steering = new BatchSteering(limits.rows, here().lastRows);
  const pages = pagesOf(mover, range, here().endKey, () => ({ ...limits, rows: steering.rows }));
  for (;;) {
    const started = Date.now();
    const page = await pages.next();
    if (page === null) break;
    const batch = progress.nextBatch(range.number);
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
    context.heartbeat({ stage, subject: shape.name, batch, rows: progress.of(shape.index).rowsDone });
    const last = here().done || context.signal.aborted;
    // Another attempt has written this batch with other bounds: go on from where it ended.
    if (!last && entry.endKey !== page.endKey) await pages.restart(entry.endKey);
    await keepPace(context, { stage, subject: shape.name }, page, Date.now() - started, atOnce);
    if (last) break;
  }
  await pages.stop();
}

function pagesOf(mover: RangeMover, range: KeyRange, endKey: string | null, limits: () => PageLimits): PagesAhead {
  const { context, plan, source, lanes, writer } = mover;
  const { shape, statements } = writer;
  const create = [createStagingSql(plan, shape), ...statements.create];
  lanes.restart();
  return new PagesAhead(
    {
      read: (after) =>
        readPage(source, plan, shape, { after, upTo: range.upTo }, limits()).catch((error: unknown) =>
          giveUpRelay(context, error),
        ),
      stage: async (page) => (await lanes.next()).stage(create, shape, page),
      goesOn: () => !mover.over(),
    },
    endKey ?? range.after,
  );
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

function limitsFor(limits: PageLimits, { entity }: EntityShape, atOnce: number): PageLimits {
  const ofPlatform = entity.destinationTable.table.toUpperCase().startsWith('OSSYS_');
  const most = ofPlatform ? platformRows : atOnce > 1 ? sharedTableRows : Infinity;
  return { ...limits, rows: Math.min(limits.rows, most) };
}
