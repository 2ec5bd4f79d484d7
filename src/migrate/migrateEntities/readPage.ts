import type { RefreshPlan } from '../../plan/refreshPlan.js';
import { refuse } from '../../sqlserver/errors.js';
import type { SqlParameter } from '../../sqlserver/readDatabase.js';
import { lastValue } from '../../sqlserver/relay/lastKey.js';
import type { RelayedRows } from '../../sqlserver/relay/rowTap.js';
import type { SourceSession, SqlRowArray, SqlValue } from '../../sqlserver/session.js';
import type { EntityShape } from './entityShape.js';
import type { KeyRange } from './keyRanges.js';
import { pageQuery, sizeQuery, type PageBounds } from './pageQuery.js';

/** A page of source rows, ready for the staging table. */
export interface Page {
  readonly rowCount: number;
  /** As they came, where that is known; else of values that may be large their size, of others what they may hold. */
  readonly bytes: number;
  readonly content: PageContent;
  /** Key of the last row as text: where the next page starts. Null for an empty page. */
  readonly endKey: string | null;
  /** True if the source has no further rows in the range. */
  readonly last: boolean;
}

/** The rows, as the entity's path has them. */
export type PageContent =
  | { readonly path: 'driver'; readonly rows: readonly SqlRowArray[] }
  | { readonly path: 'relay'; readonly rows: RelayedRows };

export interface PageLimits {
  readonly rows: number;
  readonly bytes: number;
}

/** Rows of a page. */
export function rowCountOf(content: PageContent): number {
  return content.path === 'relay' ? content.rows.count : content.rows.length;
}

/** Bytes of the rows as they came; of values that the driver has decoded, what they hold. */
export function bytesOf(content: PageContent): number {
  if (content.path === 'relay') return content.rows.bytes;
  return content.rows.flat().reduce<number>((sum, value) => {
    if (typeof value === 'string') return sum + 2 * value.length;
    return sum + (Buffer.isBuffer(value) ? value.length : 8);
  }, 0);
}

/** Place of the key among the columns of the page query, after the row's number. */
const keyPosition = 1;

/** Rows of declared width may fill a page to this many times the byte budget before their number is cut. */
const widthAllowance = 2;

/**
 * Reads the first page of a range. Its size is bounded in rows and bytes: rows of known width by their number, rows with
 * large values by asking for their sizes first. A row larger than the budget makes a page of its own.
 */
export async function readPage(
  session: SourceSession,
  plan: RefreshPlan,
  shape: EntityShape,
  range: KeyRange,
  limits: PageLimits,
): Promise<Page> {
  const widths = shape.staged.map((column) => column.transport.widest);
  if (widths.includes(null)) return readSizedPage(session, plan, shape, range, limits);
  const width = widths.reduce<number>((sum, each) => sum + (each ?? 0), 1);
  const rows = Math.max(1, Math.min(limits.rows, Math.floor((widthAllowance * limits.bytes) / width)));
  const page = await readRows(session, plan, shape, range, rows);
  const { content } = page;
  return { ...page, bytes: content.path === 'relay' ? content.rows.bytes : page.rowCount * width };
}

async function readSizedPage(
  session: SourceSession,
  plan: RefreshPlan,
  shape: EntityShape,
  range: KeyRange,
  limits: PageLimits,
): Promise<Page> {
  const sizes = await session.query(sizeQuery(shape, boundsOf(range)), parameters(range, limits.rows));
  let taken = 0;
  let bytes = 0;
  for (const [, size] of sizes) {
    if (taken > 0 && bytes + Number(size) > limits.bytes) break;
    bytes += Number(size);
    taken += 1;
  }
  const end = sizes[taken - 1]?.[0];
  if (end === undefined)
    return { rowCount: 0, bytes: 0, content: { path: 'driver', rows: [] }, endKey: null, last: true };
  const page = await readRows(session, plan, shape, { ...range, upTo: keyText(end, shape) }, limits.rows);
  const last = taken === sizes.length && sizes.length < limits.rows;
  return { ...page, bytes, endKey: keyText(end, shape), last };
}

/** The rows of a page read before, by where it began and ended. */
export async function readAgain(
  session: SourceSession,
  plan: RefreshPlan,
  shape: EntityShape,
  range: KeyRange,
  rows: number,
): Promise<PageContent> {
  return (await readRows(session, plan, shape, range, rows)).content;
}

async function readRows(
  session: SourceSession,
  plan: RefreshPlan,
  shape: EntityShape,
  range: KeyRange,
  count: number,
): Promise<Omit<Page, 'bytes'>> {
  const sql = pageQuery(plan, shape, boundsOf(range));
  if (shape.path === 'relay') {
    const rows = await session.queryBytes(sql, parameters(range, count));
    const content = { path: shape.path, rows };
    return { rowCount: rows.count, content, endKey: lastValue(rows, keyPosition), last: rows.count < count };
  }
  const rows = await session.query(sql, parameters(range, count));
  const end = rows.at(-1)?.[keyPosition];
  return {
    rowCount: rows.length,
    content: { path: shape.path, rows },
    endKey: end === undefined ? null : keyText(end, shape),
    last: rows.length < count,
  };
}

function boundsOf({ after, upTo }: KeyRange): PageBounds {
  return { after: after !== null, upTo: upTo !== null };
}

function parameters({ after, upTo }: KeyRange, rows: number): Record<string, SqlParameter> {
  return {
    rows: { type: 'int', value: rows },
    ...(after === null ? {} : { after: { type: 'nvarchar', value: after } as const }),
    ...(upTo === null ? {} : { upTo: { type: 'nvarchar', value: upTo } as const }),
  };
}

/** Integers arrive as numbers or as text, identifiers and texts as text: all are exact as text. */
function keyText(key: SqlValue, shape: EntityShape): string {
  if (typeof key === 'string') return key;
  if (typeof key === 'number' && Number.isSafeInteger(key)) return String(key);
  throw refuse(
    'keyType',
    `keys of type ${shape.key.source.type.name} cannot be paged`,
    'Leave the entity out of the scope.',
    shape.name,
  );
}
