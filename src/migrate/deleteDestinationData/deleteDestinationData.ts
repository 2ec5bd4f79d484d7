import type { SliceResult } from '../../contract.js';
import { integerList } from '../../sqlserver/quoteName.js';
import type { DestinationSession } from '../../sqlserver/session.js';
import { withDestination, type StageContext } from '../stageContext.js';
import { keyOwners } from '../state/keyOwners.js';
import { enterDone, summarizeWork } from '../state/ledger.js';
import { readNote, writeNote } from '../state/notes.js';
import { withWriteTransaction } from '../state/transaction.js';
import { objectStateNote, readObjectState } from '../verify/objectState.js';
import { readSurvivors, survivorsNote } from '../verify/survivors.js';
import { clearSql, deleteSql, deletionRows, passesSql, type Pass } from './deleteStatements.js';

/** Map rows a statement; their tables do not escalate locks. */
const mapRows = 20_000;

/** Passes over small tables share a transaction, until this many of them or so many rows: their commits cost the most. */
const sharing = { passes: 20, rows: 500 };

/**
 * Deletes the destination's rows in batches, consumers before producers. Each deletion has two passes: references inside
 * a cycle become NULL, then the rows go. What earlier runs noted of keys dies first, before the rows it speaks of; a run
 * never reads that of another anyway.
 */
export async function deleteDestinationData(context: StageContext, batchRows: number): Promise<SliceResult> {
  let handled = 0;
  const done = await withDestination(context, async (session) => {
    await noteWhatStays(context, session);
    if (!(await forgetEarlierRuns(context, session))) return false;
    const passes = await unfinishedPasses(context, session, batchRows);
    while (passes.length > 0) {
      const { deleted, finished } = await runPasses(context, session, passes);
      handled += deleted;
      const subject = passes[Math.max(0, finished - 1)]?.deletion.name ?? '';
      context.heartbeat({ stage: 'deleteDestinationData', subject, rows: handled });
      passes.splice(0, finished);
      if (passes.length > 0 && (context.deadline() || context.signal.aborted)) return false;
    }
    return true;
  });
  return { done, handled, waiting: null, problems: [] };
}

async function unfinishedPasses(
  context: StageContext,
  session: DestinationSession,
  batchRows: number,
): Promise<Pass[]> {
  const known = new Map([
    ...(await summarizeWork(session, context.state, context.run.run, 'clear:')),
    ...(await summarizeWork(session, context.state, context.run.run, 'delete:')),
  ]);
  const passes = (['clear', 'delete'] as const).flatMap((kind) =>
    context.plan.deletions.flatMap((deletion, index): Pass[] => {
      const rows = deletionRows(deletion, batchRows);
      const sql = kind === 'clear' ? clearSql(deletion, rows) : deleteSql(deletion, rows);
      return sql === null ? [] : [{ kind, deletion, workItem: `${kind}:${index}`, sql, rows }];
    }),
  );
  return passes.filter(({ workItem }) => known.get(workItem)?.finished !== true);
}

/** One transaction: a batch of the first pass, and as many passes behind it as are small. */
async function runPasses(
  context: StageContext,
  session: DestinationSession,
  passes: readonly Pass[],
): Promise<{ readonly deleted: number; readonly finished: number }> {
  const offered = passes.slice(0, sharing.passes);
  return withWriteTransaction(session, context.state, context.run, true, async (transaction) => {
    // The last result set: a trigger of the application may answer rows of its own.
    const begun = (await session.batch(passesSql(offered, sharing.rows))).at(-1) ?? [];
    const batches = begun.flatMap(([place, affected]) => {
      const pass = offered[Number(place)];
      const rowsWritten = Number(affected);
      return pass === undefined ? [] : [{ ...pass, rowsWritten, last: rowsWritten < pass.rows }];
    });
    await enterDone(transaction, context.state, batches);
    return {
      deleted: batches.reduce((sum, { kind, rowsWritten }) => sum + (kind === 'delete' ? rowsWritten : 0), 0),
      finished: batches.filter(({ last }) => last).length,
    };
  });
}

/** What verify compares: the run itself disables no constraint or trigger, and leaves the rows that are to survive. */
async function noteWhatStays(context: StageContext, session: DestinationSession): Promise<void> {
  if ((await readNote(session, context.state, context.run.run, objectStateNote)) !== null) return;
  const state = await readObjectState(session, context.plan);
  const survivors = await readSurvivors(session, context.plan);
  await withWriteTransaction(session, context.state, context.run, false, async (transaction) => {
    // An overlapping attempt that was faster may have begun to delete: its note holds.
    if ((await readNote(session, context.state, context.run.run, objectStateNote)) !== null) return;
    await writeNote(transaction, context.state, objectStateNote, state);
    await writeNote(transaction, context.state, survivorsNote, survivors);
  });
}

/** @returns false if the slice ended first */
async function forgetEarlierRuns(context: StageContext, session: DestinationSession): Promise<boolean> {
  const owners = await keyOwners(session, context.state, context.plan);
  const ofOwners = `owner IN (${integerList([...owners.values()])}) AND `;
  for (const [name, own] of [
    ['key_map', ofOwners],
    ['key_map_text', ofOwners],
    ['written_row', ''],
  ] as const) {
    const sql = (run: number): string =>
      `SET NOCOUNT ON;\nDELETE TOP (${mapRows}) FROM ${context.state.table(name)} WHERE ${own}run <> ${run};\nSELECT @@ROWCOUNT;`;
    for (;;) {
      const deleted = await withWriteTransaction(session, context.state, context.run, false, async ({ runNumber }) =>
        Number((await session.rows(sql(runNumber)))[0]?.[0]),
      );
      if (deleted < mapRows) break;
      if (context.deadline() || context.signal.aborted) return false;
    }
  }
  return true;
}
