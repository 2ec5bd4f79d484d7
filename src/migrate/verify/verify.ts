import type { SliceResult, StageFailure } from '../../contract.js';
import type { PlannedNode, RefreshPlan } from '../../plan/refreshPlan.js';
import { quoteName, quoteTable } from '../../sqlserver/quoteName.js';
import type { DestinationSession } from '../../sqlserver/session.js';
import { isMapped, shapeOf } from '../migrateEntities/entityShape.js';
import { keyRangesOf, rangeOfBatch, type KeyRange } from '../migrateEntities/keyRanges.js';
import type { LookupContext } from '../migrateEntities/lookup.js';
import { keepPace } from '../migrateEntities/pace.js';
import { rowPath } from '../migrateEntities/rowPath.js';
import { sideBySide } from '../sideBySide.js';
import { withDestination, withSource, type StageContext } from '../stageContext.js';
import { addCounts, ledgered, noCounts, type LedgerEntry } from '../state/ledger.js';
import { readNote, recordFact } from '../state/notes.js';
import { withWriteTransaction } from '../state/transaction.js';
import { RowComparison } from './compareRows.js';
import { compareObjectState, objectStateNote, readObjectState, type ObjectState } from './objectState.js';
import { compareSurvivors, survivorsNote, type Survivors } from './survivors.js';
import { verifyEntity } from './verifyEntity.js';
import { verifyProcessTrees } from './verifyProcesses.js';
import { VerifySession, type LastItem } from './verifySession.js';

/** Problems shown at a time: the rest shows once these are mended. */
const shownProblems = 20;

/**
 * Checks the result before the applications may see it, as many entities at once as were moved at once. What is found
 * wrong parks the run; what was found right is entered in the ledger, so that a repeated stage goes on with the rest.
 */
export async function verify(context: StageContext): Promise<SliceResult> {
  const { plan } = context;
  const slice: VerifySlice = {
    left: checks(plan),
    problems: [],
    handled: 0,
    over: false,
    cut: false,
    lastItem: { read: null },
  };
  const moved = plan.items.reduce((sum, item) => sum + item.entities.length, 0);
  const checkers = Math.max(1, Math.min(plan.request.parallelEntities, moved));
  await sideBySide(
    Array.from({ length: checkers }, () => () => runChecks(context, slice)),
    () => (slice.over = true),
  );
  const { problems, handled } = slice;
  const whole = !slice.cut && slice.left.length === 0;
  return {
    done: whole && problems.length === 0,
    handled,
    waiting: null,
    problems: whole ? problems : problems.slice(0, shownProblems),
  };
}

/** What the checkers of one call share. */
interface VerifySlice {
  /** Checks that nobody has taken yet. */
  readonly left: Check[];
  readonly problems: StageFailure[];
  handled: number;
  /** True when no further check shall be begun. */
  over: boolean;
  /** True if a check was left before its end. */
  cut: boolean;
  readonly lastItem: LastItem;
}

/** Takes one check after the other, in sessions of its own. */
function runChecks(context: StageContext, slice: VerifySlice): Promise<void> {
  return withDestination(context, (destination) =>
    withSource(context, async (source) => {
      const session = await VerifySession.open(context, source, destination, slice.lastItem);
      while (!slice.over) {
        const check = slice.left.shift();
        if (check === undefined) break;
        if (session.ledgerOf(check.workItem)?.finished === true) continue;
        const found = await check.run(session);
        if (found === null) slice.cut = true;
        else slice.handled += 1;
        if (found?.length === 0) await session.pass(check.workItem);
        slice.problems.push(...(found ?? []));
        context.heartbeat({ stage: 'verify', subject: check.workItem });
        const enough = slice.problems.length >= shownProblems;
        slice.over ||= enough || found === null || context.deadline() || context.signal.aborted;
      }
      await session.enterPassed();
    }),
  );
}

interface Check {
  readonly workItem: string;
  /** What is wrong; null if the slice ended first. */
  run(session: VerifySession): Promise<readonly StageFailure[] | null>;
}

function checks(plan: RefreshPlan): Check[] {
  const moved = plan.items.flatMap((item) => item.entities.map((index) => ({ item: item.id, index })));
  const entities = moved.map(({ item, index }): Check => ({
    workItem: `verify:entity:${item}:${index}`,
    run: (session) => verifyItemEntity(session, item, index),
  }));
  const rows = moved.map(({ item, index }): Check => ({
    workItem: `verify:rows:${item}:${index}`,
    run: (session) => verifyRows(session, `verify:rows:${item}:${index}`, item, index),
  }));
  const matched = plan.nodes
    .filter((node) => node.origin === 'matched' && node.destination !== null)
    .map((node): Check => ({
      workItem: `verify:node:${node.node}`,
      run: ({ lookupContext, destination }) => verifyMatched(lookupContext, destination, node),
    }));
  return [
    ...entities,
    ...rows,
    ...matched,
    { workItem: 'verify:deferred', run: verifyDeferred },
    {
      workItem: 'verify:processTrees',
      run: ({ source, destination, lookupContext }) => verifyProcessTrees(source, destination, lookupContext),
    },
    { workItem: 'verify:objects', run: verifyObjects },
    { workItem: 'verify:survivors', run: verifySurvivors },
  ];
}

async function verifyItemEntity(session: VerifySession, item: number, index: number): Promise<StageFailure[]> {
  const { context, lookupContext, destination } = session;
  if (session.skippedItems.has(item)) return [];
  const entries = await session.batchesOf(item, index);
  const shape = shapeOf(context.plan, index);
  return verifyEntity(destination, lookupContext, {
    shape,
    counts: entries.reduce((sum, entry) => addCounts(sum, entry), noCounts),
    complete: entries.filter((entry) => entry.last).length === keyRangesOf(shape.entity).length,
  });
}

/** Where the rows of a batch begin: after those of the batch before in its key range, or with the range. */
function keyBefore(entries: readonly LedgerEntry[], position: number, ranges: readonly KeyRange[]): string | null {
  const rangeAt = (at: number): number => rangeOfBatch(entries[at]?.batch ?? 1, ranges.length);
  const range = rangeAt(position);
  for (let before = position - 1; before >= 0; before -= 1) {
    const endKey = entries[before]?.endKey ?? null;
    if (rangeAt(before) === range && endKey !== null) return endKey;
  }
  return ranges[range]?.after ?? null;
}

/** Compares rows batch by batch, from where the ledger of the comparison ends. */
async function verifyRows(
  session: VerifySession,
  workItem: string,
  item: number,
  index: number,
): Promise<readonly StageFailure[] | null> {
  const { context, source, destination } = session;
  if (session.skippedItems.has(item)) return [];
  const entries = await session.batchesOf(item, index);
  const path = await rowPath(context);
  const comparison = await RowComparison.open(session.tables, session.lookupContext, index, session.skippedNodes, path);
  const ranges = keyRangesOf(comparison.shape.entity);
  const compared = session.ledgerOf(workItem);
  let changed = compared?.rowsFiltered ?? 0;
  for (let position = compared?.batches ?? 0; position < entries.length; position += 1) {
    const entry = entries[position];
    if (entry === undefined) break;
    const after = keyBefore(entries, position, ranges);
    const started = Date.now();
    const { problems, changedInSource, ...read } = await comparison.batch(source, entry, after);
    if (problems.length > 0) return problems;
    changed += changedInSource;
    const reader = { stage: 'verify', subject: comparison.shape.name } as const;
    context.heartbeat({ ...reader, batch: position + 1, rows: entry.rowsRead });
    await keepPace(context, reader, read, Date.now() - started, 1);
    // The last one is entered with the check, if there is nothing to say of it.
    if (position === entries.length - 1 && changedInSource === 0) break;
    await withWriteTransaction(destination, context.state, context.run, false, async (transaction) => {
      const counts = { rowsRead: entry.rowsRead, rowsFiltered: changedInSource, last: false };
      await ledgered(transaction, context.state, workItem, async () => counts);
      const fact = `${comparison.shape.name}: rows that differ because production has changed since they were read`;
      if (changed > 0) await recordFact(transaction, context.state, 'verify', fact, changed);
    });
    if (context.deadline() || context.signal.aborted) return null;
  }
  return [];
}

/** Every image that the map promises for records of the platform exists as a row. */
async function verifyMatched(
  context: LookupContext,
  destination: DestinationSession,
  node: PlannedNode,
): Promise<StageFailure[]> {
  const owner = context.owners.get(node.node);
  if (owner === undefined || node.destination === null || !isMapped(context.plan, node)) return [];
  const text = node.keyKind === 'text';
  const collation = node.destination.type.collation;
  const image =
    text && collation !== null && /^\w+$/.test(collation)
      ? `m.destination_key COLLATE ${collation}`
      : 'm.destination_key';
  const key = `d.${quoteName(node.destination.column)}`;
  const [row] = await destination.rows(
    `SELECT COUNT(*) FROM ${context.state.table(text ? 'key_map_text' : 'key_map')} m ` +
      `LEFT JOIN ${quoteTable(node.destination.table)} d ON ${key} = ${image} ` +
      `WHERE m.owner = ${owner} AND m.run = ${context.runNumber} AND ${key} IS NULL;`,
  );
  const missing = Number(row?.[0]);
  if (missing === 0) return [];
  const name = `${node.espace}.${node.entity}`;
  return [
    {
      code: 'imagesMissing',
      message: `${name}: ${missing} records that references were translated to do not exist in the destination`,
      sqlNumber: null,
      subject: name,
      remedy: 'Publish the module that owns the records in the destination, then retry verify.',
    },
  ];
}

async function verifyDeferred({ lookupContext, destination }: VerifySession): Promise<StageFailure[]> {
  const [row] = await destination.rows(
    `SELECT COUNT_BIG(*) FROM ${lookupContext.state.table('deferred_reference')} WHERE run = ${lookupContext.runNumber};`,
  );
  const left = Number(row?.[0]);
  if (left === 0) return [];
  return [
    {
      code: 'referencesLeft',
      message: `${left} deferred references have not been set`,
      sqlNumber: null,
      subject: null,
      remedy: 'Retry resolveDeferredReferences.',
    },
  ];
}

async function verifyObjects({ context, destination }: VerifySession): Promise<StageFailure[]> {
  const before = await readNote<ObjectState>(destination, context.state, context.run.run, objectStateNote);
  return before === null ? [] : compareObjectState(before, await readObjectState(destination, context.plan));
}

async function verifySurvivors({ context, destination }: VerifySession): Promise<StageFailure[]> {
  const before = await readNote<Survivors[]>(destination, context.state, context.run.run, survivorsNote);
  return before === null ? [] : compareSurvivors(destination, context.plan, before);
}
