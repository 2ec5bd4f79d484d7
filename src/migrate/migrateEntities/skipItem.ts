import type { SliceResult } from '../../contract.js';
import { quoteName, quoteTable, quoteText, textList } from '../../sqlserver/quoteName.js';
import type { DestinationSession } from '../../sqlserver/session.js';
import { withDestination, type StageContext } from '../stageContext.js';
import { keyOwners, type KeyOwners } from '../state/keyOwners.js';
import { noteNames, readNote, recordFact, writeNote } from '../state/notes.js';
import { takeExclusively } from '../state/run.js';
import { withWriteTransaction, type WriteTransaction } from '../state/transaction.js';
import { isMapped, shapeOf, type EntityShape } from './entityShape.js';
import { workItemName } from './migrateBatches.js';
import { skippedNote } from './writeBatch.js';

const rowsATransaction = 4_500;

/**
 * Gives an item up: fences every attempt of it, then removes the rows it inserted, their map rows, and its ledger, so
 * that whatever refers to them finds them without image. Rows that it only matched stay: they were there before.
 */
export async function skipItem(context: StageContext, itemId: number): Promise<SliceResult> {
  const item = context.plan.items.find((each) => each.id === itemId);
  if (item === undefined) throw new RangeError(`the plan has no item ${itemId}`);
  const workItem = workItemName(itemId);
  let handled = 0;
  const done = await withDestination(context, async (session) => {
    const owners = await keyOwners(session, context.state, context.plan);
    await fence(context, session, workItem);
    for (const index of [...item.entities].reverse()) {
      const shape = shapeOf(context.plan, index);
      for (;;) {
        const removed = await withWriteTransaction(session, context.state, context.run, true, (transaction) =>
          removeBatch(context, transaction, owners, shape, workItem),
        );
        handled += removed.rows;
        context.heartbeat({ stage: shape.entity.stage, subject: shape.name, rows: handled });
        if (!removed.more) break;
        if (context.deadline() || context.signal.aborted) return false;
      }
    }
    await forget(context, session, workItem, item.entities, item.name, handled);
    return true;
  });
  return { done, handled, waiting: null, problems: [] };
}

/** Ids of the items that the operator gave up. */
export async function skippedItems(
  session: DestinationSession,
  { plan, state, run }: Pick<StageContext, 'plan' | 'state' | 'run'>,
): Promise<ReadonlySet<number>> {
  const names = await noteNames(session, state, run.run, skippedNote(''));
  return new Set(plan.items.filter(({ id }) => names.has(skippedNote(workItemName(id)))).map(({ id }) => id));
}

/** The note is written under the exclusive lock, so no batch of the item is under way when it stands. */
async function fence(context: StageContext, session: DestinationSession, workItem: string): Promise<void> {
  if ((await readNote(session, context.state, context.run.run, skippedNote(workItem))) !== null) return;
  await withWriteTransaction(session, context.state, context.run, false, async (transaction) => {
    await takeExclusively(session);
    await writeNote(transaction, context.state, skippedNote(workItem), true);
  });
}

interface Removed {
  readonly rows: number;
  readonly more: boolean;
}

async function removeBatch(
  context: StageContext,
  transaction: WriteTransaction,
  owners: KeyOwners,
  shape: EntityShape,
  workItem: string,
): Promise<Removed> {
  const sql = isMapped(context.plan, shape.node)
    ? removeMappedSql(context, transaction, owners, shape, workItem)
    : removePreservedSql(context, shape);
  if (sql === null) return { rows: 0, more: false };
  const [row] = await transaction.session.rows(sql);
  return { rows: Number(row?.[1]), more: Number(row?.[0]) === rowsATransaction };
}

/** References inside the entity stand in the way of any order of deletion. */
function clearDeferred(shape: EntityShape, from: string, where: string): string[] {
  const columns = shape.columns
    .filter(({ planned }) => planned.treatment.kind === 'reference' && planned.treatment.deferred)
    .map(({ planned }) => quoteName(planned.destination.column));
  if (columns.length === 0) return [];
  const set = `(${columns.map((column) => `d.${column} IS NOT NULL`).join(' OR ')})`;
  const condition = where === '' ? ` WHERE ${set}` : `${where} AND ${set}`;
  return [`UPDATE d SET ${columns.map((column) => `d.${column} = NULL`).join(', ')} FROM ${from}${condition};`];
}

/**
 * Takes map rows and deletes their rows. Rows that the batch inserted are told from rows it matched by their keys: they
 * lie in the item's reserved blocks; where the destination made the keys, an entity that matches has no such mark and
 * only its map rows go.
 */
function removeMappedSql(
  context: StageContext,
  { runNumber }: WriteTransaction,
  owners: KeyOwners,
  shape: EntityShape,
  workItem: string,
): string {
  const text = shape.node.keyKind === 'text';
  const map = context.state.table(text ? 'key_map_text' : 'key_map');
  const key = `d.${quoteName(shape.key.planned.destination.column)}`;
  const collation = shape.key.planned.destination.type.collation;
  const gone =
    text && collation !== null && /^\w+$/.test(collation)
      ? `g.destination_key COLLATE ${collation}`
      : 'g.destination_key';
  const table = quoteTable(shape.entity.destinationTable);
  const inserted =
    shape.node.origin === 'reserved'
      ? ` WHERE EXISTS (SELECT 1 FROM ${context.state.table('key_reservation')} r WHERE r.run = ${runNumber} ` +
        `AND r.work_item = ${quoteText(workItem)} AND ${key} > r.base AND ${key} <= r.base + r.row_count)`
      : '';
  const deletes = shape.node.origin === 'reserved' || shape.entity.match.length === 0;
  const from = `${table} d JOIN #gone g ON ${key} = ${gone}`;
  return [
    'SET NOCOUNT ON;',
    'DECLARE @taken int, @deleted int = 0;',
    `CREATE TABLE #gone (destination_key ${text ? 'nvarchar(446) COLLATE DATABASE_DEFAULT' : 'bigint'} NOT NULL);`,
    `DELETE TOP (${rowsATransaction}) m OUTPUT deleted.destination_key INTO #gone (destination_key) FROM ${map} m`,
    `WHERE m.owner = ${owners.get(shape.node.node) ?? 0} AND m.run = ${runNumber};`,
    'SET @taken = @@ROWCOUNT;',
    ...(deletes
      ? [...clearDeferred(shape, from, inserted), `DELETE d FROM ${from}${inserted};`, 'SET @deleted = @@ROWCOUNT;']
      : []),
    'DROP TABLE #gone;',
    'SELECT @taken, @deleted;',
  ].join('\n');
}

/** Rows with preserved keys are the table's only ones, but for the ones that the request keeps. */
function removePreservedSql(context: StageContext, shape: EntityShape): string | null {
  if (shape.entity.data !== 'deleteFirst') return null;
  const keep = context.plan.request.entities[shape.name]?.keepRows ?? [];
  const key = `d.${quoteName(shape.key.planned.destination.column)}`;
  const where =
    keep.length === 0
      ? ''
      : ` WHERE CONVERT(nvarchar(450), ${key}) COLLATE DATABASE_DEFAULT NOT IN (${textList(keep)})`;
  const table = quoteTable(shape.entity.destinationTable);
  const clear = clearDeferred(shape, `${table} d`, where);
  return [
    'SET NOCOUNT ON;',
    'DECLARE @deleted int;',
    ...clear,
    `DELETE TOP (${rowsATransaction}) d FROM ${table} d${where};`,
    'SET @deleted = @@ROWCOUNT;',
    'SELECT @deleted, @deleted;',
  ].join('\n');
}

async function forget(
  context: StageContext,
  session: DestinationSession,
  workItem: string,
  entities: readonly number[],
  name: string,
  removed: number,
): Promise<void> {
  await withWriteTransaction(session, context.state, context.run, true, async (transaction) => {
    const where = `WHERE run = ${transaction.runNumber}`;
    await session.batch(
      [
        `DELETE FROM ${context.state.table('deferred_reference')} ${where} AND entity IN (${entities.join(', ')});`,
        `DELETE FROM ${context.state.table('quarantine')} ${where} AND work_item = ${quoteText(workItem)};`,
        `DELETE FROM ${context.state.table('key_reservation')} ${where} AND work_item = ${quoteText(workItem)};`,
        `DELETE FROM ${context.state.table('ledger')} ${where} AND work_item = ${quoteText(workItem)};`,
      ].join('\n'),
    );
    await recordFact(transaction, context.state, 'migrateEntities', `${name}: skipped, rows removed`, removed);
  });
}
