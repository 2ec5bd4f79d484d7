import type { RunReference } from '../../contract.js';
import { interruption, RefreshError, refuse } from '../../sqlserver/errors.js';
import { quoteName, quoteTable, quoteText } from '../../sqlserver/quoteName.js';
import type { SqlParameter } from '../../sqlserver/readDatabase.js';
import type { DestinationSession } from '../../sqlserver/session.js';
import { completeLedger, enterBatch, noCounts, type LedgerCounts, type LedgerEntry } from '../state/ledger.js';
import type { StateTables } from '../state/stateTables.js';
import { withWriteTransaction } from '../state/transaction.js';
import type { BatchStatements } from './batchStatements.js';
import { outcomeColumns } from './writeStatement.js';
import { followedKey, isMapped, type EntityShape } from './entityShape.js';
import type { LookupContext } from './lookup.js';
import { reserveKeys } from './reservation.js';
import type { StagedPage } from './stagingLanes.js';
import { emptyStaging } from './stagingTable.js';

/** Everything that stays the same over the batches of one entity. */
export interface BatchWriter {
  readonly state: StateTables;
  readonly run: RunReference;
  readonly context: LookupContext;
  readonly shape: EntityShape;
  readonly statements: BatchStatements;
  readonly workItem: string;
}

/**
 * Writes one staged page: one transaction with ledger row, keys, rows, map rows and deferred references, every count
 * asserted. Replayed, it finds its ledger row and answers that; cut off anywhere, nothing of it stays but a
 * reservation of keys, which the next attempt uses. An overlapping attempt meets the primary key of the ledger.
 */
export async function writeBatch(writer: BatchWriter, batch: number, page: StagedPage): Promise<LedgerEntry> {
  const { state, run } = writer;
  const { session } = page.lane;
  const filtered = page.rowCount === 0 ? 0 : await leaveBehind(session, writer.statements.filter);
  const staged = page.rowCount - filtered;
  const base = await reserveFor(writer, batch, page);
  try {
    const entry = await withWriteTransaction(session, state, run, true, async (transaction) => {
      // For the next page; whatever fails ends the session, and the staging table with it.
      if (page.rowCount > 0) transaction.atCommit(emptyStaging);
      const key = { workItem: writer.workItem, batch, entity: writer.shape.index };
      const { committed, fenced } = await enterBatch(transaction, state, key, skippedNote(writer.workItem));
      if (committed !== null) return committed;
      if (fenced) throw refuse('skipped', 'the entity was skipped by the operator', 'Nothing.', writer.shape.name);
      const counts = staged === 0 ? noCounts : await writeRows(writer, session, batch, base, staged);
      const entry: LedgerEntry = {
        ...counts,
        rowsRead: page.rowCount,
        rowsFiltered: counts.rowsFiltered + filtered,
        workItem: writer.workItem,
        batch,
        entity: writer.shape.index,
        endKey: page.endKey,
        last: page.last,
        digest: page.digest,
      };
      completeLedger(transaction, state, entry);
      return entry;
    });
    page.lane.emptied();
    return entry;
  } catch (error) {
    throw nameEntity(error, writer.shape);
  }
}

/**
 * Takes the rows out of the staging table that the plan leaves behind; answers their number.
 * @param filter the entity's BatchStatements.filter
 */
export async function leaveBehind(session: DestinationSession, filter: string | null): Promise<number> {
  return filter === null ? 0 : Number((await session.rows(filter))[0]?.[0]);
}

async function reserveFor(writer: BatchWriter, batch: number, page: StagedPage): Promise<string | null> {
  const { node } = writer.shape;
  if (node.origin !== 'reserved' || followedKey(writer.context.plan, node) !== null || page.rowCount === 0) return null;
  return reserveKeys(page.lane.session, writer.state, writer.run, writer.shape, writer.workItem, batch, page.rowCount);
}

/** Name of the note that fences attempts of an item whose operator gave it up. */
export function skippedNote(workItem: string): string {
  return `skipped:${workItem}`;
}

async function writeRows(
  writer: BatchWriter,
  session: DestinationSession,
  batch: number,
  base: string | null,
  staged: number,
): Promise<LedgerCounts> {
  const { statements, shape } = writer;
  const parameters: Record<string, SqlParameter> = {
    base: { type: 'bigint', value: base ?? '0' },
    batch: { type: 'int', value: batch },
    workItem: { type: 'nvarchar', value: writer.workItem },
  };
  const found = await matchRows(writer, session);
  await refuseObstacles(writer, session);
  const aside = statements.quarantine === null ? [0, 0] : (await session.query(statements.quarantine, parameters))[0];
  const quarantined = Number(aside?.[0]);
  const matched = found - Number(aside?.[1]);
  const [row] = await session.query(statements.write, parameters);
  const outcome = outcomeOf(row);
  const skipped = shape.entity.onMatch === 'update' ? outcome.updated : matched;
  const left = shape.node.origin === 'matched' ? staged - quarantined - matched : 0;
  const expected = staged - quarantined - left;
  if (outcome.inserted + skipped !== expected)
    throw await explain(writer, session, expected - outcome.inserted - skipped);
  assertMapped(writer, outcome, matched);
  return {
    rowsRead: staged,
    rowsWritten: outcome.inserted + outcome.updated,
    rowsMatched: matched,
    rowsFiltered: left,
    rowsQuarantined: quarantined,
    referencesOrphaned: outcome.orphaned,
    referencesUnmapped: outcome.unmapped,
    referencesDeferred: outcome.deferred,
  };
}

async function matchRows(writer: BatchWriter, session: DestinationSession): Promise<number> {
  if (writer.statements.match === null) return 0;
  const [row] = await session.rows(writer.statements.match);
  if (Number(row?.[1]) > 0) {
    throw refuse(
      'matchAmbiguous',
      `${Number(row?.[1])} rows match more than one row of the destination, or the same one`,
      'Name match attributes that identify a row, or delete the destination rows first.',
      writer.shape.name,
    );
  }
  return Number(row?.[0]);
}

async function refuseObstacles({ statements, shape }: BatchWriter, session: DestinationSession): Promise<void> {
  if (statements.obstacles === null) return;
  const rows = (await session.rows(statements.obstacles)).filter((row) => Number(row[1]) > 0);
  if (rows.length === 0) return;
  throw refuse(
    'userReferred',
    `rows outside of the load refer to users that are to be deleted: ${rows.map((row) => `${String(row[0])} (${Number(row[1])} rows)`).join('; ')}`,
    'Delete these rows or empty their references, then retry; or abort and plan with users.mode update.',
    shape.name,
  );
}

type Outcome = Record<(typeof outcomeColumns)[number], number>;

function outcomeOf(row: readonly unknown[] | undefined): Outcome {
  const values = outcomeColumns.map((name, position) => [name, Number(row?.[position])] as const);
  return Object.fromEntries(values) as Outcome;
}

/** Every row whose key changes has its map row; a difference means that the batch must not be committed. */
function assertMapped(writer: BatchWriter, outcome: Outcome, matched: number): void {
  if (!isMapped(writer.context.plan, writer.shape.node)) return;
  const expected = outcome.inserted + matched;
  if (outcome.mapped !== expected) {
    throw interruption('countsDiffer', `${outcome.mapped} map rows for ${expected} rows`, writer.shape.name);
  }
}

/** Why rows were kept out of the insert: by attribute, so that the operator knows which policy to set. */
async function explain(writer: BatchWriter, session: DestinationSession, missing: number): Promise<RefreshError> {
  const { shape, statements } = writer;
  const rows = statements.explain === null ? [] : await session.rows(statements.explain);
  const causes = rows
    .filter((row) => Number(row[1]) > 0)
    .map((row) => {
      const [attribute, total, orphans] = [String(row[0]), Number(row[1]), Number(row[2])];
      return `${attribute} (${total - orphans} without image, ${orphans} orphans)`;
    });
  if (causes.length === 0) return interruption('countsDiffer', `${missing} rows were not written`, shape.name);
  return refuse(
    'referenceWithoutImage',
    `references have no image in the destination: ${causes.join('; ')}`,
    'Include what they refer to, or set the policy of the attribute: unmapped or orphans: setNull or quarantine.',
    shape.name,
  );
}

/**
 * Failures of the data and of rights name the entity. A duplicate key in a reserved block means that another writer has used one of
 * its keys meanwhile: the next attempt reserves anew, so it is tried again rather than refused.
 */
function nameEntity(error: unknown, shape: EntityShape): unknown {
  if (!(error instanceof RefreshError) || error.details.sqlNumber == null) return error;
  if (error.type !== 'Refused' && error.type !== 'AccessDenied') return error;
  return new RefreshError(error.code, error.type, error.message, error.remedy, {
    ...error.details,
    subject: shape.name,
  });
}

/**
 * After a duplicate key: true if rows of another writer stand in the batch's block of reserved keys, so that a new
 * attempt, with a new block, may succeed.
 */
export async function blockIsTaken(writer: BatchWriter, session: DestinationSession, batch: number): Promise<boolean> {
  if (writer.shape.node.origin !== 'reserved') return false;
  const key = quoteName(writer.shape.key.planned.destination.column);
  const [row] = await session.rows(
    `SELECT COUNT(*) FROM ${writer.state.table('key_reservation')} r JOIN ${quoteTable(writer.shape.entity.destinationTable)} d ` +
      `ON d.${key} > r.base AND d.${key} <= r.base + r.row_count ` +
      `WHERE r.run = ${writer.context.runNumber} AND r.work_item = ${quoteText(writer.workItem)} AND r.batch = ${batch};`,
  );
  return Number(row?.[0]) > 0;
}
