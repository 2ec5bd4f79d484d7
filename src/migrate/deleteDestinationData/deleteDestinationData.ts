import type { SliceResult } from '../../contract.js';
import type { PlannedDeletion } from '../../plan/refreshPlan.js';
import { integerList } from '../../sqlserver/quoteName.js';
import type { DestinationSession } from '../../sqlserver/session.js';
import { withDestination, type StageContext } from '../stageContext.js';
import { keyOwners } from '../state/keyOwners.js';
import { isFinished, ledgered } from '../state/ledger.js';
import { readNote, writeNote } from '../state/notes.js';
import { withWriteTransaction } from '../state/transaction.js';
import { objectStateNote, readObjectState } from '../verify/objectState.js';
import { readSurvivors, survivorsNote } from '../verify/survivors.js';
import { clearSql, deleteSql, deletionRows } from './deleteStatements.js';

/** Map rows a statement; their tables do not escalate locks. */
const mapRows = 20_000;

/**
 * Deletes the destination's rows in batches, consumers before producers. Each deletion has two passes: references inside
 * a cycle become NULL, then the rows go. Map rows of earlier runs die first, before the rows they speak of; a run never
 * reads those of another anyway.
 */
export async function deleteDestinationData(context: StageContext, batchRows: number): Promise<SliceResult> {
  let handled = 0;
  const done = await withDestination(context, async (session) => {
    await noteWhatStays(context, session);
    if (!(await forgetEarlierRuns(context, session))) return false;
    for (const pass of ['clear', 'delete'] as const) {
      for (const [index, deletion] of context.plan.deletions.entries()) {
        const rows = deletionRows(deletion, batchRows);
        const sql = pass === 'clear' ? clearSql(deletion, rows) : deleteSql(deletion, rows);
        if (sql === null) continue;
        const outcome = await runPass(context, session, deletion, `${pass}:${index}`, sql, rows);
        handled += pass === 'delete' ? outcome.rows : 0;
        if (!outcome.done) return false;
      }
    }
    return true;
  });
  return { done, handled, waiting: null, problems: [] };
}

async function runPass(
  context: StageContext,
  session: DestinationSession,
  deletion: PlannedDeletion,
  workItem: string,
  sql: string,
  rows: number,
): Promise<{ readonly rows: number; readonly done: boolean }> {
  let total = 0;
  if (await isFinished(session, context.state, context.run.run, workItem)) return { rows: 0, done: true };
  for (;;) {
    const { rowsWritten, last } = await withWriteTransaction(session, context.state, context.run, true, (transaction) =>
      ledgered(transaction, context.state, workItem, async () => {
        const affected = Number((await session.rows(`SET NOCOUNT ON;\n${sql}`))[0]?.[0]);
        return { rowsWritten: affected, last: affected < rows };
      }),
    );
    total += rowsWritten;
    context.heartbeat({ stage: 'deleteDestinationData', subject: deletion.name, rows: total });
    if (last) return { rows: total, done: true };
    if (context.deadline() || context.signal.aborted) return { rows: total, done: false };
  }
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
  const list = integerList([...owners.values()]);
  for (const name of ['key_map', 'key_map_text'] as const) {
    const sql = (run: number): string =>
      `SET NOCOUNT ON;\nDELETE TOP (${mapRows}) FROM ${context.state.table(name)} WHERE owner IN (${list}) AND run <> ${run};\nSELECT @@ROWCOUNT;`;
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
