import type { SliceResult } from '../../contract.js';
import { interruption, refuse } from '../../sqlserver/errors.js';
import type { DestinationSession } from '../../sqlserver/session.js';
import { shapeOf } from '../migrateEntities/entityShape.js';
import type { LookupContext } from '../migrateEntities/lookup.js';
import { withDestination, type StageContext } from '../stageContext.js';
import { keyOwners } from '../state/keyOwners.js';
import { ledgered, summarizeWork } from '../state/ledger.js';
import { runNumberOf } from '../state/run.js';
import { withWriteTransaction } from '../state/transaction.js';
import {
  createDeferredTable,
  deferredColumns,
  noteUnresolvedSql,
  resolveSql,
  takeSql,
  unresolvedSql,
  type DeferredColumn,
} from './resolveStatements.js';

/** References a transaction; fewer on platform tables, which other applications use. */
const batchRows = { platform: 2_000, application: 20_000 };

/**
 * Sets the references that were inserted as NULL because their targets did not exist yet: self references and the edges
 * that break a cycle. A deferred reference is taken from the state schema in the transaction that sets it, so each is
 * set once however often the stage runs.
 */
export async function resolveDeferredReferences(context: StageContext): Promise<SliceResult> {
  let handled = 0;
  const done = await withDestination(context, async (session) => {
    const lookupContext: LookupContext = {
      plan: context.plan,
      state: context.state,
      owners: await keyOwners(session, context.state, context.plan),
      runNumber: await runNumberOf(session, context.state, context.run),
    };
    await session.batch(createDeferredTable);
    const resolved = await summarizeWork(session, context.state, context.run.run, 'deferred:');
    for (const index of context.plan.entities.keys()) {
      for (const column of deferredColumns(shapeOf(context.plan, index))) {
        const workItem = `deferred:${index}:${column.number}`;
        if (resolved.get(workItem)?.finished === true) continue;
        const outcome = await resolveColumn(context, lookupContext, session, column, workItem);
        handled += outcome.rows;
        if (!outcome.done) return false;
      }
    }
    return true;
  });
  return { done, handled, waiting: null, problems: [] };
}

async function resolveColumn(
  context: StageContext,
  lookupContext: LookupContext,
  session: DestinationSession,
  column: DeferredColumn,
  workItem: string,
): Promise<{ readonly rows: number; readonly done: boolean }> {
  const { shape } = column;
  const limit = shape.entity.destinationTable.table.toUpperCase().startsWith('OSSYS_')
    ? batchRows.platform
    : batchRows.application;
  let rows = 0;
  for (;;) {
    const batch = await withWriteTransaction(session, context.state, context.run, true, (transaction) =>
      ledgered(transaction, context.state, workItem, (number) =>
        resolveBatch(lookupContext, session, column, workItem, number, limit),
      ),
    );
    rows += batch.rowsWritten;
    context.heartbeat({
      stage: 'resolveDeferredReferences',
      subject: `${shape.name}.${column.staged.planned.attribute}`,
      rows,
    });
    if (batch.last) return { rows, done: true };
    if (context.deadline() || context.signal.aborted) return { rows, done: false };
  }
}

interface Batch {
  readonly rowsRead: number;
  readonly rowsWritten: number;
  readonly referencesUnmapped: number;
  readonly referencesOrphaned: number;
  readonly last: boolean;
}

async function resolveBatch(
  lookupContext: LookupContext,
  session: DestinationSession,
  column: DeferredColumn,
  workItem: string,
  number: number,
  limit: number,
): Promise<Batch> {
  const taken = await one(session, takeSql(lookupContext, column, limit));
  if (taken === 0) return { rowsRead: 0, rowsWritten: 0, referencesUnmapped: 0, referencesOrphaned: 0, last: true };
  const [row] = await session.rows(unresolvedSql(lookupContext, column));
  const [unresolved, orphaned, setAside] = [Number(row?.[0]), Number(row?.[1]), Number(row?.[2])];
  const unmapped = unresolved - orphaned;
  const { treatment, shape } = column;
  if ((unmapped > setAside && treatment.unmapped === 'fail') || (orphaned > 0 && treatment.orphans === 'fail')) {
    throw refuse(
      'referenceWithoutImage',
      `references have no image in the destination: ${column.staged.planned.attribute} (${unmapped} without image, ${orphaned} orphans)`,
      'Include what they refer to, or set the policy of the attribute: unmapped or orphans: setNull or quarantine.',
      shape.name,
    );
  }
  if (unresolved > 0 && (setAside > 0 || treatment.unmapped === 'quarantine' || treatment.orphans === 'quarantine')) {
    await session.batch(noteUnresolvedSql(lookupContext, column, workItem, number));
  }
  const resolved = await one(session, resolveSql(lookupContext, column));
  if (resolved !== taken - unresolved) {
    throw interruption('countsDiffer', `${resolved} of ${taken - unresolved} deferred references were set`, shape.name);
  }
  return {
    rowsRead: taken,
    rowsWritten: resolved,
    referencesUnmapped: unmapped,
    referencesOrphaned: orphaned,
    last: taken < limit,
  };
}

async function one(session: DestinationSession, sql: string): Promise<number> {
  return Number((await session.rows(sql))[0]?.[0]);
}
