import { physicalColumn, type UniqueIndex } from '../factory/factory.js';
import type { DraftColumn, DraftEntity } from '../plan/draft.js';
import { styleOf, typeDeclaration } from '../sqlserver/columnText.js';
import { quoteName } from '../sqlserver/quoteName.js';
import type { SqlParameter } from '../sqlserver/readDatabase.js';
import { imagesOf, imagesOfExtension, unknownImages, type ImageContext, type NodeImages } from './images.js';
import { staysBehind } from './leftOut.js';
import type { RowConditions } from './movedRows.js';
import { existsInSource, isSet, referencedNode } from './references.js';

/** What the carrying of values follows from. */
export interface CarryContext extends ImageContext {
  readonly moved: RowConditions;
}

/**
 * A column as its values will be written, in terms of the source: expressions over the source's table `t` and the join.
 * Two rows whose values are equal are equal in the destination as well, as far as the images are known.
 */
export interface CarriedColumn {
  readonly column: DraftColumn;
  readonly join: string;
  readonly value: string;
  /** Rows that are written at all, for those that this column sets aside; null: every row. */
  readonly written: string | null;
  /** Null for values that are copied. */
  readonly images: NodeImages | null;
  /** True if values that differ in the source may become equal. */
  readonly merges: boolean;
}

/** Null for an index that says nothing about the values carried: over other columns, or over new keys. */
export function carriedColumns(
  context: CarryContext,
  entity: DraftEntity,
  index: UniqueIndex,
): readonly CarriedColumn[] | null {
  const columns = index.columns.flatMap(
    (name) => entity.columns.find((each) => each.destination.column.toLowerCase() === name.toLowerCase()) ?? [],
  );
  if (columns.length !== index.columns.length) return null;
  const identity = columns.some(
    (column) => physicalColumn(entity.destination, column.destination.column)?.identity === true,
  );
  return identity ? null : columns.map((column) => carried(context, entity, column));
}

/** The columns that the request matches by. */
export function matchColumns(context: CarryContext, entity: DraftEntity): CarriedColumn[] {
  return entity.match.flatMap((name) => {
    const column = entity.columns.find((each) => each.destination.column === name);
    return column === undefined ? [] : [carried(context, entity, column)];
  });
}

function carried(context: CarryContext, entity: DraftEntity, column: DraftColumn): CarriedColumn {
  const { treatment } = column;
  const name = `t.${quoteName(column.source.column)}`;
  const plain = { column, join: '', value: name, written: null, images: null, merges: false };
  if (treatment.kind === 'copy' || (treatment.kind === 'key' && treatment.follows === undefined))
    return { ...plain, ...inDestinationType(column, name) };
  if (treatment.kind === 'reference') return carriedReference(context, entity, column, treatment);
  if (treatment.kind !== 'key' || treatment.follows === undefined) return { ...plain, images: unknownImages };
  return carriedReference(context, entity, column, { ...treatment.follows, enforcedInDestination: true });
}

/** Values that lose something on their way to a smaller type may become equal by that. */
function inDestinationType(column: DraftColumn, name: string): Pick<CarriedColumn, 'value' | 'merges'> {
  const { source, destination } = column;
  const merges = source.type.collation !== destination.type.collation;
  if (source.type.collation !== null || typeDeclaration(source.type) === typeDeclaration(destination.type))
    return { value: name, merges };
  return { value: `TRY_CONVERT(${typeDeclaration(destination.type)}, ${name})`, merges: column.narrower };
}

interface Reference {
  readonly node: number;
  readonly unmapped: 'fail' | 'setNull' | 'quarantine';
  readonly orphans: 'fail' | 'setNull' | 'quarantine';
  readonly enforcedInSource: boolean;
  readonly enforcedInDestination: boolean;
}

/** What has no image becomes NULL, or its row is not written; of those that share an image one stands for all. */
function carriedReference(
  context: CarryContext,
  entity: DraftEntity,
  column: DraftColumn,
  { node: number, unmapped, orphans, enforcedInSource, enforcedInDestination }: Reference,
): CarriedColumn {
  const name = `t.${quoteName(column.source.column)}`;
  const { outline, moved } = context;
  const node = referencedNode(outline, column);
  if (node === null) return { column, join: '', value: name, written: null, images: unknownImages, merges: false };
  const images = column.treatment.kind === 'key' ? imagesOfExtension(context, number) : imagesOf(context, number);
  const stands = `r${entity.columns.indexOf(column)}`;
  const exists = enforcedInSource ? null : existsInSource(outline, node, name);
  const losses = [
    { when: exists === null ? null : `NOT ${exists}`, policy: orphans },
    { when: staysBehind(outline, node, name, moved), policy: unmapped },
    {
      when: images.replaced.size === 0 ? null : `${stands}.replaced_id IS NOT NULL AND ${stands}.stands_for IS NULL`,
      policy: unmapped,
    },
  ].flatMap(({ when, policy }) => (when === null ? [] : [{ when: `(${when})`, policy }]));
  const emptied = losses.filter(({ policy }) => policy === 'setNull').map(({ when }) => `WHEN ${when} THEN NULL`);
  const aside = losses.filter(({ policy }) => policy !== 'setNull').map(({ when }) => when);
  const image = images.replaced.size === 0 ? name : `COALESCE(${stands}.stands_for, ${name})`;
  const own = emptied.length === 0 ? image : `CASE ${emptied.join(' ')} ELSE ${image} END`;
  const set = isSet(column, node);
  return {
    column,
    join: joinOf(images, stands, name),
    // Where no constraint stands in the way a null identifier stays as it was written (trap 21).
    value: `CASE WHEN ${set} THEN ${own}${enforcedInDestination ? '' : ` ELSE ${name}`} END`,
    written: aside.length === 0 ? null : `NOT (${set} AND (${aside.join(' OR ')}))`,
    images,
    merges: emptied.length > 0 || images.replaced.size > 0 || (enforcedInDestination && !enforcedInSource),
  };
}

function joinOf({ replaced }: NodeImages, alias: string, name: string): string {
  if (replaced.size === 0) return '';
  const rows = [...replaced].map(([id, stands]) => `(${id}, CAST(${stands ?? 'NULL'} AS bigint))`);
  return ` LEFT JOIN (VALUES ${rows.join(', ')}) ${alias} (replaced_id, stands_for) ON ${alias}.replaced_id = ${name}`;
}

/** How a column's values are sent to the destination; null for types that no text stands for exactly (float, real). */
export function sentAs({ column, images }: CarriedColumn): 'text' | 'integer' | 'converted' | null {
  const { name } = column.destination.type;
  if (/^n?(var)?char$/.test(name)) return 'text';
  if (['bigint', 'int', 'smallint', 'tinyint', 'bit'].includes(name)) return 'integer';
  if (images !== null) return null;
  return /^(decimal|numeric|(small)?money|uniqueidentifier|time|(var)?binary)$|date/.test(name) ? 'converted' : null;
}

/** The value as text that loses nothing. */
export function readAsText({ column, value }: CarriedColumn): string {
  return `CONVERT(nvarchar(max), ${value}${styleOf(column.destination.type)})`;
}

/** The parameter for a value that readAsText() gave; what is new or unknown is no value of the destination. */
export function sentValue(carried: CarriedColumn, text: string | null): SqlParameter | 'new' | 'unknown' {
  const type = sentAs(carried) === 'integer' ? 'bigint' : 'nvarchar';
  if (text === null || carried.images === null || isNone(carried.column, text)) return { type, value: text };
  const image = carried.images.image(text);
  return typeof image === 'string' ? image : { type, value: image.id };
}

/** As isSet() says in SQL, where spaces at the end of a text do not count, but other white space does. */
function isNone({ source }: DraftColumn, text: string): boolean {
  return source.type.collation === null ? text === '0' : /^ *$/.test(text);
}

/** The sent value in the destination's own type, so that it compares as a stored value does. */
export function receivedValue(carried: CarriedColumn, parameter: string): string {
  const { type } = carried.column.destination;
  if (sentAs(carried) !== 'converted') return parameter;
  return `TRY_CONVERT(${typeDeclaration(type)}, ${parameter}${styleOf(type)})`;
}

/** COLLATE of the destination's column, for comparing texts as it does. */
export function collationOf({ column }: CarriedColumn): string {
  const { collation } = column.destination.type;
  return collation !== null && column.source.type.collation !== null && /^\w+$/.test(collation)
    ? ` COLLATE ${collation}`
    : '';
}
