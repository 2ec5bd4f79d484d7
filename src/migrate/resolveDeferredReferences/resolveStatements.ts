import { quoteName, quoteTable, quoteText } from '../../sqlserver/quoteName.js';
import type { EntityShape, ReferenceTreatment, StagedColumn } from '../migrateEntities/entityShape.js';
import { lookup, plannedNode, type LookupContext } from '../migrateEntities/lookup.js';
import { targetSetAside } from '../migrateEntities/setAside.js';

/** A deferred column of an entity. */
export interface DeferredColumn {
  readonly shape: EntityShape;
  readonly staged: StagedColumn;
  readonly treatment: ReferenceTreatment;
  /** Index into the entity's columns. */
  readonly number: number;
}

export function deferredColumns(shape: EntityShape): DeferredColumn[] {
  return shape.staged.flatMap((staged): DeferredColumn[] => {
    const treatment = staged.planned.treatment;
    if (treatment.kind !== 'reference' || !treatment.deferred) return [];
    return [{ shape, staged, treatment, number: shape.entity.columns.indexOf(staged.planned) }];
  });
}

export const createDeferredTable =
  'DROP TABLE IF EXISTS #deferred; CREATE TABLE #deferred (row_key bigint NULL, row_key_text nvarchar(446) COLLATE DATABASE_DEFAULT NULL, ' +
  'source_key bigint NULL, source_key_text nvarchar(446) COLLATE DATABASE_DEFAULT NULL, exists_in_source bit NOT NULL);';

/** Moves a batch of deferred references of one column out of the state table; answers their number. */
export function takeSql(context: LookupContext, { shape, number }: DeferredColumn, rows: number): string {
  return [
    'SET NOCOUNT ON;',
    'TRUNCATE TABLE #deferred;',
    `DELETE TOP (${rows}) r`,
    'OUTPUT deleted.row_key, deleted.row_key_text, deleted.source_key, deleted.source_key_text, deleted.exists_in_source',
    'INTO #deferred (row_key, row_key_text, source_key, source_key_text, exists_in_source)',
    `FROM ${context.state.table('deferred_reference')} r`,
    `WHERE r.run = ${context.runNumber} AND r.entity = ${shape.index} AND r.column_number = ${number};`,
    'SELECT @@ROWCOUNT;',
  ].join('\n');
}

interface Parts {
  readonly join: string;
  readonly key: string;
  readonly found: string;
  readonly rowKey: string;
}

function partsOf(context: LookupContext, column: DeferredColumn): Parts {
  const found = lookup(context, column.treatment.node, 'm', sourceKey(context, column));
  const key = column.shape.key.planned.destination;
  const text = column.shape.node.keyKind === 'text';
  const collation =
    key.type.collation === null || !/^\w+$/.test(key.type.collation) ? '' : ` COLLATE ${key.type.collation}`;
  return { ...found, rowKey: `d.${quoteName(key.column)} = s.${text ? `row_key_text${collation}` : 'row_key'}` };
}

/** Sets the references whose target has an image; answers the rows set. */
export function resolveSql(context: LookupContext, column: DeferredColumn): string {
  const { join, key, found, rowKey } = partsOf(context, column);
  return [
    'SET NOCOUNT ON;',
    `UPDATE d SET d.${quoteName(column.staged.planned.destination.column)} = ${key}`,
    `FROM ${quoteTable(column.shape.entity.destinationTable)} d JOIN #deferred s ON ${rowKey}`,
    join,
    `WHERE ${found};`,
    'SELECT @@ROWCOUNT;',
  ].join('\n');
}

/** References of the batch without image: all, those whose target does not exist in the source either, and those whose
 * target was set aside. */
export function unresolvedSql(context: LookupContext, column: DeferredColumn): string {
  const { join, found } = partsOf(context, column);
  const setAside = targetSetAside(context, column.treatment.node, sourceKey(context, column));
  const aside = setAside === null ? '0' : `CASE WHEN ${setAside} THEN 1 ELSE 0 END`;
  // The rows are told apart first: a subquery cannot stand inside an aggregate.
  return (
    `SELECT COUNT(*), COALESCE(SUM(u.orphan), 0), COALESCE(SUM(u.aside), 0) FROM (` +
    `SELECT CASE WHEN s.exists_in_source = 0 THEN 1 ELSE 0 END AS orphan, ${aside} AS aside FROM #deferred s ${join} WHERE NOT (${found})) u;`
  );
}

function sourceKey(context: LookupContext, column: DeferredColumn): string {
  return plannedNode(context.plan, column.treatment.node).keyKind === 'text' ? 's.source_key_text' : 's.source_key';
}

/** Notes the rows whose reference stays NULL under the policy quarantine: they are in place, so they stay. */
export function noteUnresolvedSql(
  context: LookupContext,
  column: DeferredColumn,
  workItem: string,
  batch: number,
): string {
  const { join, found } = partsOf(context, column);
  const row = column.shape.node.keyKind === 'text' ? 's.row_key_text' : 's.row_key';
  return [
    `INSERT INTO ${context.state.table('quarantine')} (run, entity, work_item, batch, source_key, attribute, reason)`,
    `SELECT ${context.runNumber}, ${column.shape.index}, ${quoteText(workItem)}, ${batch}, CONVERT(nvarchar(450), ${row}), `,
    `${quoteText(column.staged.planned.attribute)}, N'reference set to NULL' FROM #deferred s`,
    join,
    `WHERE NOT (${found});`,
  ].join('\n');
}
