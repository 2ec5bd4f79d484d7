import type { SliceResult, StageFailure } from '../../contract.js';
import type { PlannedNode } from '../../plan/refreshPlan.js';
import { quoteName, quoteTable } from '../../sqlserver/quoteName.js';
import type { DestinationSession, SourceSession } from '../../sqlserver/session.js';
import { isMapped, shapeOf } from '../migrateEntities/entityShape.js';
import type { LookupContext } from '../migrateEntities/lookup.js';
import { workItemName } from '../migrateEntities/migrateBatches.js';
import { isSkipped } from '../migrateEntities/skipItem.js';
import { rowPath } from '../migrateEntities/rowPath.js';
import { withDestination, withSource, type StageContext } from '../stageContext.js';
import { keyOwners } from '../state/keyOwners.js';
import { addCounts, isFinished, ledgered, noCounts, readLedger, type LedgerEntry } from '../state/ledger.js';
import { readNote, recordFact } from '../state/notes.js';
import { runNumberOf } from '../state/run.js';
import { withWriteTransaction } from '../state/transaction.js';
import { RowComparison } from './compareRows.js';
import { compareObjectState, objectStateNote, readObjectState, type ObjectState } from './objectState.js';
import { compareSurvivors, survivorsNote, type Survivors } from './survivors.js';
import { verifyEntity } from './verifyEntity.js';
import { verifyProcessTrees } from './verifyProcesses.js';

/** Problems shown at a time: the rest shows once these are mended. */
const shownProblems = 20;

/**
 * Checks the result before the applications may see it. What is found wrong parks the run; what was found right is
 * entered in the ledger, so that a repeated stage goes on with the rest.
 */
export async function verify(context: StageContext): Promise<SliceResult> {
  const problems: StageFailure[] = [];
  let handled = 0;
  const done = await withDestination(context, (destination) =>
    withSource(context, async (source) => {
      const lookupContext: LookupContext = {
        plan: context.plan,
        state: context.state,
        owners: await keyOwners(destination, context.state, context.plan),
        runNumber: await runNumberOf(destination, context.state, context.run),
      };
      for (const check of checks(context, lookupContext, source, destination)) {
        if (await isFinished(destination, context.state, context.run.run, check.workItem)) continue;
        const found = await check.run();
        if (found === null) return false;
        problems.push(...found);
        if (found.length === 0) await pass(context, destination, check.workItem);
        handled += 1;
        context.heartbeat({ stage: 'verify', subject: check.workItem });
        if (problems.length >= shownProblems) return true;
        if (context.deadline() || context.signal.aborted) return false;
      }
      return true;
    }),
  );
  return {
    done: done && problems.length === 0,
    handled,
    waiting: null,
    problems: done ? problems : problems.slice(0, shownProblems),
  };
}

interface Check {
  readonly workItem: string;
  /** What is wrong; null if the slice ended first. */
  run(): Promise<readonly StageFailure[] | null>;
}

function checks(
  context: StageContext,
  lookupContext: LookupContext,
  source: SourceSession,
  destination: DestinationSession,
): Check[] {
  const { plan } = context;
  const entities = plan.items.flatMap((item) =>
    item.entities.map((index): Check => ({
      workItem: `verify:entity:${item.id}:${index}`,
      run: () => verifyItemEntity(context, lookupContext, destination, workItemName(item.id), index),
    })),
  );
  const rows = plan.items.flatMap((item) =>
    item.entities.map((index): Check => {
      const workItem = `verify:rows:${item.id}:${index}`;
      return {
        workItem,
        run: () => verifyRows({ context, lookupContext, source, destination }, workItem, item.id, index),
      };
    }),
  );
  const matched = plan.nodes
    .filter((node) => node.origin === 'matched' && node.destination !== null)
    .map((node): Check => ({
      workItem: `verify:node:${node.node}`,
      run: () => verifyMatched(lookupContext, destination, node),
    }));
  return [
    ...entities,
    ...rows,
    ...matched,
    { workItem: 'verify:deferred', run: () => verifyDeferred(context, lookupContext, destination) },
    { workItem: 'verify:processTrees', run: () => verifyProcessTrees(source, destination, lookupContext) },
    { workItem: 'verify:objects', run: () => verifyObjects(context, destination) },
    { workItem: 'verify:survivors', run: () => verifySurvivors(context, destination) },
  ];
}

async function pass(context: StageContext, destination: DestinationSession, workItem: string): Promise<void> {
  await withWriteTransaction(destination, context.state, context.run, false, (transaction) =>
    ledgered(transaction, context.state, workItem, async () => ({ last: true })),
  );
}

async function verifyItemEntity(
  context: StageContext,
  lookupContext: LookupContext,
  destination: DestinationSession,
  workItem: string,
  index: number,
): Promise<StageFailure[]> {
  if (await isSkipped(destination, context, workItem)) return [];
  const entries = await entriesOf(context, destination, workItem, index);
  return verifyEntity(destination, lookupContext, {
    shape: shapeOf(context.plan, index),
    counts: entries.reduce((sum, entry) => addCounts(sum, entry), noCounts),
    complete: entries.some((entry) => entry.last),
  });
}

async function entriesOf(
  context: StageContext,
  destination: DestinationSession,
  workItem: string,
  index: number,
): Promise<LedgerEntry[]> {
  const entries = await readLedger(destination, context.state, context.run.run, workItem);
  return entries.filter((entry) => entry.entity === index);
}

interface Sides {
  readonly context: StageContext;
  readonly lookupContext: LookupContext;
  readonly source: SourceSession;
  readonly destination: DestinationSession;
}

/** Compares rows batch by batch, from where the ledger of the comparison ends. */
async function verifyRows(
  { context, lookupContext, source, destination }: Sides,
  workItem: string,
  item: number,
  index: number,
): Promise<readonly StageFailure[] | null> {
  if (await isSkipped(destination, context, workItemName(item))) return [];
  const entries = await entriesOf(context, destination, workItemName(item), index);
  const compared = await readLedger(destination, context.state, context.run.run, workItem);
  const skipped = await skippedNodes(context, destination);
  const comparison = await RowComparison.open(destination, lookupContext, index, skipped, await rowPath(context));
  let changed = compared.reduce((sum, entry) => sum + entry.rowsFiltered, 0);
  for (let position = compared.length; position < entries.length; position += 1) {
    const entry = entries[position];
    if (entry === undefined) break;
    const { problems, changedInSource } = await comparison.batch(source, entry, entries[position - 1]?.endKey ?? null);
    if (problems.length > 0) return problems;
    changed += changedInSource;
    await withWriteTransaction(destination, context.state, context.run, false, async (transaction) => {
      const counts = { rowsRead: entry.rowsRead, rowsFiltered: changedInSource, last: false };
      await ledgered(transaction, context.state, workItem, async () => counts);
      const fact = `${comparison.shape.name}: rows that differ because production has changed since they were read`;
      if (changed > 0) await recordFact(transaction, context.state, 'verify', fact, changed);
    });
    context.heartbeat({ stage: 'verify', subject: comparison.shape.name, batch: position + 1, rows: entry.rowsRead });
    if (context.deadline() || context.signal.aborted) return null;
  }
  return [];
}

async function skippedNodes(context: StageContext, destination: DestinationSession): Promise<ReadonlySet<number>> {
  const nodes = new Set<number>();
  for (const item of context.plan.items) {
    if (!(await isSkipped(destination, context, workItemName(item.id)))) continue;
    for (const index of item.entities) nodes.add(context.plan.entities[index]?.node ?? -1);
  }
  return nodes;
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

async function verifyDeferred(
  context: StageContext,
  lookupContext: LookupContext,
  destination: DestinationSession,
): Promise<StageFailure[]> {
  const [row] = await destination.rows(
    `SELECT COUNT_BIG(*) FROM ${context.state.table('deferred_reference')} WHERE run = ${lookupContext.runNumber};`,
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

async function verifyObjects(context: StageContext, destination: DestinationSession): Promise<StageFailure[]> {
  const before = await readNote<ObjectState>(destination, context.state, context.run.run, objectStateNote);
  return before === null ? [] : compareObjectState(before, await readObjectState(destination, context.plan));
}

async function verifySurvivors(context: StageContext, destination: DestinationSession): Promise<StageFailure[]> {
  const before = await readNote<Survivors[]>(destination, context.state, context.run.run, survivorsNote);
  return before === null ? [] : compareSurvivors(destination, context.plan, before);
}
