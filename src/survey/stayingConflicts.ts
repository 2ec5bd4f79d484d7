import type { UniqueIndex } from '../factory/factory.js';
import { integer, textOrNull } from '../factory/rowValues.js';
import type { DraftEntity } from '../plan/draft.js';
import type { Outline } from '../plan/outline.js';
import { quoteName, quoteTable } from '../sqlserver/quoteName.js';
import type { ReadDatabase, SqlParameter, SqlRow } from '../sqlserver/readDatabase.js';
import {
  collationOf,
  matchColumns,
  readAsText,
  receivedValue,
  sentAs,
  sentValue,
  type CarriedColumn,
  type CarryContext,
} from './carriedColumns.js';
import { stayingRows } from './stayingRows.js';

/** Rows whose values are sent to the other server for comparison; above, an index is left unchecked. */
const mostCompared = 50_000;
const parametersAStatement = 1_800;

/** What is compared: the columns of the index, those that rows are matched by, and both without duplicates. */
interface Comparison {
  readonly entity: DraftEntity;
  readonly columns: readonly CarriedColumn[];
  readonly matching: readonly CarriedColumn[];
  readonly compared: readonly CarriedColumn[];
  /** The rows of the destination's table `d` that stay. */
  readonly staying: string;
}

/**
 * Rows that move and are alike, in a unique index of the destination, to one that stays and that they do not match; null
 * where it cannot be told before writing.
 */
export async function countStayingConflicts(
  source: ReadDatabase,
  destination: ReadDatabase,
  context: CarryContext,
  entity: DraftEntity,
  index: UniqueIndex,
  columns: readonly CarriedColumn[],
): Promise<number | null> {
  const staying = comparedWith(context.outline, entity, index);
  if (staying === null) return 0;
  const matching = matchColumns(context, entity);
  const named = (each: CarriedColumn): string => each.column.destination.column;
  const compared = [...columns, ...matching.filter((each) => !columns.some((own) => named(own) === named(each)))];
  if (compared.some((column) => sentAs(column) === null)) return null;
  const comparison = { entity, columns, matching, compared, staying };
  const rows = await readRows(source, context, comparison);
  if (rows === null) return null;
  const size = Math.floor(parametersAStatement / compared.length);
  let conflicts = 0;
  let unknown = false;
  for (let start = 0; start < rows.length; start += size) {
    const sent = rows.slice(start, start + size).map((row) => sentRow(comparison, row));
    unknown ||= sent.includes('unknown');
    const known = sent.filter((each) => typeof each !== 'string');
    if (known.length > 0) conflicts += await countConflicts(destination, comparison, known);
  }
  return conflicts === 0 && unknown ? null : conflicts;
}

/** Rows of the destination (`d`) to compare with; null if keys that are kept as they are say so already (KEY_CONFLICT). */
function comparedWith(outline: Outline, entity: DraftEntity, index: UniqueIndex): string | null {
  if (entity.data === 'deleteFirst') return stayingRows(outline, entity, 'd');
  return index.primaryKey && entity.match.length === 0 ? null : '1 = 1';
}

/** The values of the rows that may be in the way, as texts; null if they are too many. */
async function readRows(
  db: ReadDatabase,
  { moved }: CarryContext,
  { entity, columns, matching, compared }: Comparison,
): Promise<SqlRow[] | null> {
  const conditions = [moved(entity), ...compared.flatMap((each) => each.written ?? [])];
  // Rows alike in the index are then alike in what they are matched by: the same row, unless by NULL, which matches none.
  if (matching.length > 0 && compared.length === columns.length) {
    conditions.push(`(${matching.map(({ value }) => `${value} IS NULL`).join(' OR ')})`);
  }
  const values = compared.map((column, at) => `${readAsText(column)} AS value${at}`);
  const rows = await db.query(
    `SELECT TOP (${mostCompared + 1}) ${values.join(', ')} FROM ${quoteTable(entity.source.name)} t${compared.map(({ join }) => join).join('')} WHERE ${conditions.join(' AND ')}`,
  );
  return rows.length > mostCompared ? null : rows;
}

/** What is new in a column of the index is in no row that stays; new among what a row is matched by, it matches none. */
function sentRow({ columns, compared }: Comparison, row: SqlRow): SqlParameter[] | 'new' | 'unknown' {
  const values = compared.map((column, at) => sentValue(column, textOrNull(row, `value${at}`)));
  if (values.slice(0, columns.length).includes('new')) return 'new';
  const known = values.map((value) => (value === 'new' ? ({ type: 'nvarchar', value: null } as const) : value));
  return known.some((value) => value === 'unknown') ? 'unknown' : known.filter((value) => value !== 'unknown');
}

async function countConflicts(
  db: ReadDatabase,
  { entity, columns, matching, compared, staying }: Comparison,
  rows: readonly (readonly SqlParameter[])[],
): Promise<number> {
  const parameters: Record<string, SqlParameter> = {};
  const list = rows.map((row, index) => {
    const names = row.map((parameter, at) => {
      parameters[`p${index}_${at}`] = parameter;
      return `@p${index}_${at}`;
    });
    return `(${names.join(', ')})`;
  });
  const sent = (column: CarriedColumn): string => {
    const position = compared.findIndex((each) => each.column === column.column);
    return `${receivedValue(column, `v.value${position}`)}${collationOf(column)}`;
  };
  const alike = columns.map((column) => {
    const [there, here] = [storedIn('d', column), sent(column)];
    return `(${there} = ${here} OR (${there} IS NULL AND ${here} IS NULL))`;
  });
  const matched = (alias: string): string =>
    matching.map((column) => `${storedIn(alias, column)} = ${sent(column)}`).join(' AND ');
  const other = matching.length === 0 ? '' : ` AND ${isOther(entity, matched)}`;
  const [row] = await db.query(
    `SELECT COUNT_BIG(*) AS conflicts FROM (VALUES ${list.join(', ')}) v (${compared.map((_, at) => `value${at}`).join(', ')})
INNER JOIN ${quoteTable(entity.destination.name)} d ON ${alike.join(' AND ')}${other}
WHERE ${staying}`,
    parameters,
  );
  return integer(row ?? {}, 'conflicts');
}

function storedIn(alias: string, { column }: CarriedColumn): string {
  return `${alias}.${quoteName(column.destination.column)}`;
}

/** The row that stays is not the one that the moved row stands for. A row that is matched and skipped is in nobody's way. */
function isOther({ options, destination }: DraftEntity, matched: (alias: string) => string): string {
  return options.onMatch === 'skip'
    ? `NOT EXISTS (SELECT 1 FROM ${quoteTable(destination.name)} m WHERE ${matched('m')})`
    : `CASE WHEN ${matched('d')} THEN 1 ELSE 0 END = 0`;
}
