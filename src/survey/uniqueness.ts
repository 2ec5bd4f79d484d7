import type { UniqueIndex } from '../factory/factory.js';
import { integer } from '../factory/rowValues.js';
import type { DraftEntity } from '../plan/draft.js';
import { quoteTable } from '../sqlserver/quoteName.js';
import type { ReadDatabase } from '../sqlserver/readDatabase.js';
import { carriedColumns, collationOf, matchColumns, type CarriedColumn, type CarryContext } from './carriedColumns.js';
import type { UniqueFacts } from './facts.js';
import { unknownImages } from './images.js';
import { inParallel } from './inParallel.js';
import { countStayingConflicts } from './stayingConflicts.js';

/**
 * Looks for rows that a unique index of the destination will refuse, before anything is written: alike among
 * themselves there although production tells them apart (trap 17, or because they come to name one and the same row, or
 * none), or alike to rows that stay. By Espace.Entity.Index.
 */
export async function surveyUniqueness(
  source: ReadDatabase,
  destination: ReadDatabase,
  context: CarryContext,
  rowsOf: (entity: DraftEntity) => { readonly moved: number; readonly staying: number },
): Promise<Record<string, UniqueFacts>> {
  const facts: Record<string, UniqueFacts> = {};
  await inParallel(context.outline.entities, async (entity) => {
    const rows = rowsOf(entity);
    if (entity.processTable !== null || rows.moved === 0) return;
    for (const index of entity.destination.uniqueIndexes) {
      const found = await lookAt(source, destination, context, entity, index, rows.staying > 0);
      if (found !== null && (found.alike > 0 || found.stays !== 0)) facts[`${entity.name}.${index.name}`] = found;
    }
  });
  return facts;
}

async function lookAt(
  source: ReadDatabase,
  destination: ReadDatabase,
  context: CarryContext,
  entity: DraftEntity,
  index: UniqueIndex,
  anyStays: boolean,
): Promise<UniqueFacts | null> {
  const columns = carriedColumns(context, entity, index);
  if (columns === null) return null;
  const ofKey = columns.every(
    ({ column: { treatment } }) => treatment.kind === 'key' && treatment.follows === undefined,
  );
  // Which rows a filter takes in is an expression that nothing here understands.
  if (index.filtered) return { alike: 0, stays: null, ofKey };
  const condition = context.moved(entity);
  const alike = provenBySource(entity, columns) ? 0 : await countAlike(source, entity, columns, condition);
  const stays = anyStays ? await countStayingConflicts(source, destination, context, entity, index, columns) : 0;
  // Rows that are matched may turn out to be one row of the destination, and with them what refers to them.
  const mayMerge = columns.some((each) => each.images === unknownImages && leadsToMatched(context, each));
  // Rows that are matched and skipped are in nobody's way; which ones these are only the run tells.
  if (alike > 0 && stays === 0 && anyStays && entity.match.length > 0 && entity.options.onMatch === 'skip')
    return { alike: 0, stays: null, ofKey };
  return { alike, stays: stays === 0 && mayMerge ? null : stays, ofKey };
}

function leadsToMatched({ outline }: CarryContext, { column }: CarriedColumn): boolean {
  const { treatment } = column;
  if (treatment.kind !== 'reference') return false;
  return outline.entities.some(({ node, match }) => node === treatment.node && match.length > 0);
}

/**
 * Rows that several of the source would be matched with: equal in every attribute that the request matches by, as the
 * destination compares them. NULL matches nothing. By Espace.Entity; absent where there are none.
 */
export async function surveyMatches(
  source: ReadDatabase,
  context: CarryContext,
  rowsOf: (entity: DraftEntity) => number,
): Promise<Record<string, number>> {
  const groups: Record<string, number> = {};
  await inParallel(context.outline.entities, async (entity) => {
    const columns = matchColumns(context, entity);
    if (columns.length === 0 || rowsOf(entity) < 2 || provenBySource(entity, columns)) return;
    const set = columns.map((_, at) => `x.value${at} IS NOT NULL`).join(' AND ');
    const alike = await countAlike(source, entity, columns, context.moved(entity), ` WHERE ${set}`);
    if (alike > 0) groups[entity.name] = alike;
  });
  return groups;
}

/** True if production has a unique index over the same columns, and values that it tells apart stay apart. */
function provenBySource(entity: DraftEntity, columns: readonly CarriedColumn[]): boolean {
  if (columns.some(({ merges }) => merges)) return false;
  const wanted = new Set(columns.map(({ column }) => column.source.column.toLowerCase()));
  return entity.source.uniqueIndexes.some(
    (index) => !index.filtered && index.columns.every((column) => wanted.has(column.toLowerCase())),
  );
}

/** Groups of rows that the destination takes as equal; NULL equals NULL, as in a unique index. */
async function countAlike(
  db: ReadDatabase,
  entity: DraftEntity,
  columns: readonly CarriedColumn[],
  condition: string,
  where = '',
): Promise<number> {
  const written = columns.flatMap((each) => each.written ?? []);
  const rows =
    `SELECT ${columns.map(({ value }, at) => `${value} AS value${at}`).join(', ')} ` +
    `FROM ${quoteTable(entity.source.name)} t${columns.map(({ join }) => join).join('')} ` +
    `WHERE ${[condition, ...written].join(' AND ')}`;
  const groups = columns.map((column, at) => `x.value${at}${collationOf(column)}`);
  const [row] = await db.query(
    `SELECT COUNT_BIG(*) AS alike FROM (SELECT COUNT(*) AS n FROM (${rows}) x${where} GROUP BY ${groups.join(', ')} HAVING COUNT(*) > 1) g`,
  );
  return integer(row ?? {}, 'alike');
}
