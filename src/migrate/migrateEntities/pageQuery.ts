import type { RefreshPlan } from '../../plan/refreshPlan.js';
import { integerList, quoteName, quoteTable, textList } from '../../sqlserver/quoteName.js';
import { typeDeclaration } from '../../sqlserver/columnText.js';
import { stagedColumnNamed, type EntityShape, type StagedColumn } from './entityShape.js';
import { plannedNode } from './lookup.js';

/** Which parameters the query takes: `@after` and `@upTo` bound the key, as text. */
export interface PageBounds {
  readonly after: boolean;
  readonly upTo: boolean;
}

/**
 * One keyset page of the source, in the order of the key, with the columns of the staging table: the row number, the
 * staged columns, and for each reference that the source does not enforce whether the row it names exists there, so
 * that orphans and unmapped references can be told apart.
 */
export function pageQuery(plan: RefreshPlan, shape: EntityShape, bounds: PageBounds): string {
  const key = `t.${quoteName(shape.key.source.column)}`;
  const selected = [`CONVERT(int, ROW_NUMBER() OVER (ORDER BY ${key})) AS n`];
  const presences: string[] = [];
  const joins: string[] = [];
  for (const column of shape.staged) {
    selected.push(`${column.transport.read(`t.${quoteName(column.source.column)}`)} AS ${column.name}`);
    if (column.presence === null) continue;
    const presence = presenceOf(plan, shape, column);
    joins.push(...presence.joins);
    presences.push(`CONVERT(bit, CASE WHEN ${presence.exists} THEN 1 ELSE 0 END) AS ${column.presence}`);
  }
  return [
    `SELECT TOP (@rows) ${[...selected, ...presences].join(', ')}`,
    `FROM ${sourceRows(shape)} t`,
    ...joins,
    ...whereClause(shape, bounds),
    `ORDER BY ${key}`,
  ].join('\n');
}

/** Key and size in bytes of the rows of the next page, where large values make the size unpredictable. */
export function sizeQuery(shape: EntityShape, bounds: PageBounds): string {
  const key = `t.${quoteName(shape.key.source.column)}`;
  const sizes = shape.staged.map((column) =>
    column.transport.widest === null
      ? `COALESCE(DATALENGTH(t.${quoteName(column.source.column)}), 0)`
      : String(column.transport.widest),
  );
  return [
    `SELECT TOP (@rows) ${shape.key.transport.read(key)}, CONVERT(float, ${sizes.join(' + ')})`,
    `FROM ${sourceRows(shape)} t`,
    ...whereClause(shape, bounds),
    `ORDER BY ${key}`,
  ].join('\n');
}

/** The operator's condition stands in a scope of its own, so that its unqualified names cannot become ambiguous. */
function sourceRows(shape: EntityShape): string {
  const table = quoteTable(shape.entity.sourceTable);
  return shape.entity.where === null ? table : `(SELECT * FROM ${table} WHERE ${shape.entity.where}\n)`;
}

function whereClause(shape: EntityShape, bounds: PageBounds): string[] {
  const key = `t.${quoteName(shape.key.source.column)}`;
  const type = typeDeclaration(shape.key.source.type);
  const conditions: string[] = [];
  if (bounds.after) conditions.push(`${key} > CONVERT(${type}, @after)`);
  if (bounds.upTo) conditions.push(`${key} <= CONVERT(${type}, @upTo)`);
  const tenants = shape.entity.tenantFilter;
  if (tenants !== undefined) conditions.push(`t.${quoteName(tenants.column)} IN (${integerList(tenants.sourceIds)})`);
  return conditions.length === 0 ? [] : [`WHERE ${conditions.join(' AND ')}`];
}

interface Presence {
  readonly joins: readonly string[];
  readonly exists: string;
}

function presenceOf(plan: RefreshPlan, shape: EntityShape, column: StagedColumn): Presence {
  const treatment = column.planned.treatment;
  const value = `t.${quoteName(column.source.column)}`;
  const alias = `e${column.name}`;
  if (treatment.kind === 'typedValue') return typedPresence(plan, shape, column, treatment.typeColumn);
  const node =
    treatment.kind === 'reference' ? treatment.node : treatment.kind === 'key' ? treatment.follows?.node : undefined;
  const source = node === undefined ? null : plannedNode(plan, node).source;
  if (source === null) return { joins: [], exists: '1 = 1' };
  const key = `${alias}.${quoteName(source.column)}`;
  return {
    joins: [`LEFT JOIN ${quoteTable(source.table)} ${alias} ON ${key} = ${value}`],
    exists: `${key} IS NOT NULL`,
  };
}

/** A typed value refers to a row of whichever entity its type names. */
function typedPresence(plan: RefreshPlan, shape: EntityShape, column: StagedColumn, typeColumn: string): Presence {
  const type = `t.${quoteName(stagedColumnNamed(shape, typeColumn).source.column)}`;
  const value = `t.${quoteName(column.source.column)}`;
  const joins: string[] = [];
  const exists: string[] = [];
  valueTypesByNode(plan).forEach(({ node, types }, position) => {
    const { source, keyKind } = plannedNode(plan, node);
    if (source === null) {
      exists.push(`${type} IN (${textList(types)})`);
      return;
    }
    const key = `e${column.name}_${position}.${quoteName(source.column)}`;
    const identifier = keyKind === 'text' ? value : `TRY_CONVERT(bigint, ${value})`;
    joins.push(
      `LEFT JOIN ${quoteTable(source.table)} e${column.name}_${position} ON ${type} IN (${textList(types)}) AND ${key} = ${identifier}`,
    );
    exists.push(`${key} IS NOT NULL`);
  });
  return { joins, exists: exists.length === 0 ? '1 = 1' : exists.join(' OR ') };
}

/** The type texts of process values, one entry a node, so that each node is joined once. */
export function valueTypesByNode(plan: RefreshPlan): { readonly node: number; readonly types: readonly string[] }[] {
  const nodes = new Map<number, string[]>();
  for (const { ssType, node } of plan.processes?.valueTypes ?? []) {
    const types = nodes.get(node);
    if (types === undefined) nodes.set(node, [ssType]);
    else types.push(ssType);
  }
  return [...nodes].map(([node, types]) => ({ node, types }));
}
