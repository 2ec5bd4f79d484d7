import { integer } from '../factory/rowValues.js';
import type { DraftColumn, DraftEntity, DraftNode } from '../plan/draft.js';
import type { Outline } from '../plan/outline.js';
import { quoteName, quoteTable } from '../sqlserver/quoteName.js';
import type { ReadDatabase } from '../sqlserver/readDatabase.js';
import type { ColumnFacts } from './facts.js';
import type { RowConditions } from './movedRows.js';
import { existsInSource, identifiersOf } from './references.js';

type LeftOut = NonNullable<ColumnFacts['leftOut']>[number];

/**
 * Counts the references of rows that move to rows which exist in the source and stay behind: those of entities that are
 * not in the refresh, and those that where, tenants or the statuses of processes leave out. What refers to nothing in the
 * source either (a record whose row is gone, trap 52) is an orphan, counted apart.
 */
export async function surveyLeftOut(
  db: ReadDatabase,
  outline: Outline,
  entity: DraftEntity,
  column: DraftColumn,
  moved: RowConditions,
): Promise<LeftOut[]> {
  const found: LeftOut[] = [];
  for (const { node, value, condition } of identifiersOf(outline, column)) {
    if (insideTrees(entity, node)) continue;
    const stays = staysBehind(outline, node, value, moved);
    if (stays === null) continue;
    const [row] = await db.query(
      `SELECT COUNT_BIG(*) AS left_out FROM ${quoteTable(entity.source.name)} t WHERE ${moved(entity)} AND ${condition} AND ${stays}`,
    );
    const rows = integer(row ?? {}, 'left_out');
    if (rows > 0) found.push({ node: node.node, rows, all: node.origin === 'unavailable' });
  }
  return found;
}

/** References among the process tables lead to rows of trees, which move or stay behind whole. */
function insideTrees({ processTable }: DraftEntity, { kind }: DraftNode): boolean {
  return processTable !== null && (kind === 'process' || kind === 'activity');
}

/** That the identifier is one of a row in the source that stays behind, as a condition; null where none does. */
export function staysBehind(outline: Outline, node: DraftNode, value: string, moved: RowConditions): string | null {
  const exists = existsInSource(outline, node, value);
  if (node.source === null || exists === null) return node.origin === 'unavailable' ? '1 = 1' : null;
  if (node.origin === 'unavailable') return exists;
  const target = outline.entities.find((each) => each.node === node.node);
  if (target === undefined || !isFiltered(outline, target)) return null;
  const [table, key] = [quoteTable(node.source.table), quoteName(node.source.column)];
  return `${exists}\nAND NOT EXISTS (SELECT 1 FROM (SELECT t.${key} AS moved_key FROM ${table} t WHERE ${moved(target)}) kept WHERE kept.moved_key = ${value})`;
}

function isFiltered(outline: Outline, { options, processTable, tenantColumn }: DraftEntity): boolean {
  const tenants = tenantColumn !== null && outline.tenants.missing.length > 0;
  return options.where !== null || processTable !== null || tenants;
}
