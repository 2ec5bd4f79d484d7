import { physicalColumn, type UniqueIndex } from '../factory/factory.js';
import { integer } from '../factory/rowValues.js';
import type { DraftColumn, DraftEntity } from '../plan/draft.js';
import type { Outline } from '../plan/outline.js';
import { quoteName, quoteTable } from '../sqlserver/quoteName.js';
import type { ReadDatabase, SqlParameter, SqlRow } from '../sqlserver/readDatabase.js';
import type { UniqueFacts } from './facts.js';
import { inParallel } from './inParallel.js';
import type { RowConditions } from './movedRows.js';
import { stayingRows } from './stayingRows.js';

/** Rows whose values are sent to the other server for comparison; above, an index is left unchecked. */
const mostCompared = 50_000;
const parametersAStatement = 1_800;

/**
 * Looks for rows that a unique index of the destination will refuse, before anything is written: alike among
 * themselves there although production tells them apart (trap 17), or alike to rows that stay. By Espace.Entity.Index.
 */
export async function surveyUniqueness(
  source: ReadDatabase,
  destination: ReadDatabase,
  outline: Outline,
  moved: RowConditions,
  rowsOf: (entity: DraftEntity) => { readonly moved: number; readonly staying: number },
): Promise<Record<string, UniqueFacts>> {
  const facts: Record<string, UniqueFacts> = {};
  await inParallel(outline.entities, async (entity) => {
    if (entity.processTable !== null) return;
    const rows = rowsOf(entity);
    for (const index of entity.destination.uniqueIndexes) {
      const columns = carriedColumns(entity, index);
      if (columns === null || rows.moved === 0) continue;
      const alike = provenBySource(entity, columns) ? 0 : await countAlike(source, entity, columns, moved(entity));
      const staying = rows.staying > 0 ? comparedWith(outline, entity, index) : null;
      const stays =
        staying === null
          ? 0
          : await compareWithStaying(source, destination, outline, entity, columns, staying, moved(entity), rows.moved);
      if (alike > 0 || stays !== 0) {
        const own = columns.every((column) => column.treatment.kind === 'key');
        facts[`${entity.name}.${index.name}`] = { alike, stays, ofKey: own };
      }
    }
  });
  return facts;
}

/**
 * Rows that several of the source would be matched with: equal in every attribute that the request matches by, as the
 * destination compares them. NULL matches nothing. By Espace.Entity; absent where there are none.
 */
export async function surveyMatches(
  source: ReadDatabase,
  outline: Outline,
  moved: RowConditions,
  rowsOf: (entity: DraftEntity) => number,
): Promise<Record<string, number>> {
  const groups: Record<string, number> = {};
  await inParallel(outline.entities, async (entity) => {
    const columns = matchColumns(entity);
    if (columns.length === 0 || entity.options.onMatch === 'insert' || rowsOf(entity) < 2) return;
    if (provenBySource(entity, columns)) return;
    const set = columns.map((column) => `t.${quoteName(column.source.column)} IS NOT NULL`);
    const alike = await countAlike(source, entity, columns, [moved(entity), ...set].join(' AND '));
    if (alike > 0) groups[entity.name] = alike;
  });
  return groups;
}

function matchColumns(entity: DraftEntity): DraftColumn[] {
  return entity.match.flatMap((name) => entity.columns.find((column) => column.destination.column === name) ?? []);
}

/** Null for an index that says nothing about the values carried: filtered, over other columns, or over new keys. */
function carriedColumns(entity: DraftEntity, index: UniqueIndex): DraftColumn[] | null {
  if (index.filtered) return null;
  const columns = index.columns.flatMap(
    (name) => entity.columns.find((each) => each.destination.column.toLowerCase() === name.toLowerCase()) ?? [],
  );
  if (columns.length !== index.columns.length) return null;
  const identity = columns.some(
    (column) => physicalColumn(entity.destination, column.destination.column)?.identity === true,
  );
  return identity ? null : columns;
}

/** True if production has a unique index over the same columns and compares their texts in the same way. */
function provenBySource(entity: DraftEntity, columns: readonly DraftColumn[]): boolean {
  if (columns.some((column) => column.source.type.collation !== column.destination.type.collation)) return false;
  const wanted = new Set(columns.map((column) => column.source.column.toLowerCase()));
  return entity.source.uniqueIndexes.some(
    (index) => !index.filtered && index.columns.every((column) => wanted.has(column.toLowerCase())),
  );
}

/** Groups of rows that the destination takes as equal. */
async function countAlike(
  db: ReadDatabase,
  entity: DraftEntity,
  columns: readonly DraftColumn[],
  condition: string,
): Promise<number> {
  const groups = columns.map((column) => `t.${quoteName(column.source.column)}${collate(column)}`);
  const [row] = await db.query(
    `SELECT COUNT_BIG(*) AS alike FROM (SELECT COUNT(*) AS n FROM ${quoteTable(entity.source.name)} t WHERE ${condition} GROUP BY ${groups.join(', ')} HAVING COUNT(*) > 1) g`,
  );
  return integer(row ?? {}, 'alike');
}

function collate(column: DraftColumn): string {
  const { collation } = column.destination.type;
  return collation !== null && column.source.type.collation !== null && /^\w+$/.test(collation)
    ? ` COLLATE ${collation}`
    : '';
}

/** Rows of the destination (`d`) to compare with; null if keys that are kept as they are say so already (KEY_CONFLICT). */
function comparedWith(outline: Outline, entity: DraftEntity, index: UniqueIndex): string | null {
  if (entity.data === 'deleteFirst') return stayingRows(outline, entity, 'd');
  return index.primaryKey && entity.match.length === 0 ? null : '1 = 1';
}

/** Rows alike to one that stays and that they do not match; null where it cannot be told before writing. */
async function compareWithStaying(
  source: ReadDatabase,
  destination: ReadDatabase,
  outline: Outline,
  entity: DraftEntity,
  columns: readonly DraftColumn[],
  staying: string,
  condition: string,
  rows: number,
): Promise<number | null> {
  const matching = matchColumns(entity);
  // Rows alike in the index are then alike in what they are matched by: the same row.
  if (matching.length > 0 && matching.every((column) => columns.includes(column))) return 0;
  const compared = [...new Set([...columns, ...matching])];
  if (rows > mostCompared || compared.some((column) => kindOf(outline, column) === null)) return null;
  const values = await source.query(
    `SELECT ${compared.map((column, at) => `t.${quoteName(column.source.column)} AS value${at}`).join(', ')} FROM ${quoteTable(entity.source.name)} t WHERE ${condition}`,
  );
  const size = Math.floor(parametersAStatement / compared.length);
  let conflicts = 0;
  for (let start = 0; start < values.length; start += size) {
    const chunk = values.slice(start, start + size);
    conflicts += await countConflicts(destination, outline, entity, { columns, matching, compared, staying }, chunk);
  }
  return conflicts;
}

interface Comparison {
  readonly columns: readonly DraftColumn[];
  readonly matching: readonly DraftColumn[];
  readonly compared: readonly DraftColumn[];
  readonly staying: string;
}

async function countConflicts(
  db: ReadDatabase,
  outline: Outline,
  entity: DraftEntity,
  { columns, matching, compared, staying }: Comparison,
  rows: readonly SqlRow[],
): Promise<number> {
  const parameters: Record<string, SqlParameter> = {};
  const list = rows.map((row, index) => {
    const names = compared.map((column, at) => {
      parameters[`p${index}_${at}`] = parameterOf(outline, column, row[`value${at}`]);
      return `@p${index}_${at}`;
    });
    return `(${names.join(', ')})`;
  });
  const equal = (column: DraftColumn): string => {
    const value = `v.value${compared.indexOf(column)}${collate(column)}`;
    const name = `d.${quoteName(column.destination.column)}`;
    return `(${name} = ${value} OR (${name} IS NULL AND ${value} IS NULL))`;
  };
  const different = matching.length === 0 ? '' : ` AND NOT (${matching.map(equal).join(' AND ')})`;
  const [row] = await db.query(
    `SELECT COUNT_BIG(*) AS conflicts FROM (VALUES ${list.join(', ')}) v (${compared.map((_, at) => `value${at}`).join(', ')})
INNER JOIN ${quoteTable(entity.destination.name)} d ON ${columns.map(equal).join(' AND ')}${different}
WHERE ${staying}`,
    parameters,
  );
  return integer(row ?? {}, 'conflicts');
}

/** How a column's values are sent; null for types that a parameter might change, and for references, whose new ids nobody knows yet. */
function kindOf(outline: Outline, column: DraftColumn): 'text' | 'integer' | 'tenant' | null {
  const { treatment } = column;
  if (treatment.kind === 'reference') {
    return outline.registry.nodes[treatment.node]?.kind === 'tenant' ? 'tenant' : null;
  }
  if (treatment.kind === 'key' ? treatment.follows !== undefined : treatment.kind !== 'copy') return null;
  const { name } = column.destination.type;
  if (/^n?(var)?char$/.test(name)) return 'text';
  return ['bigint', 'int', 'smallint', 'tinyint', 'bit'].includes(name) ? 'integer' : null;
}

function parameterOf(outline: Outline, column: DraftColumn, value: unknown): SqlParameter {
  const kind = kindOf(outline, column);
  if (kind === 'text') return { type: 'nvarchar', value: value === null ? null : String(value) };
  if (value === null || value === undefined) return { type: 'bigint', value: null };
  if (kind !== 'tenant') return { type: 'bigint', value: String(typeof value === 'boolean' ? Number(value) : value) };
  const image = outline.tenants.images.find((each) => each.source.id === Number(value));
  return { type: 'bigint', value: image === undefined ? '0' : String(image.destination.id) };
}
