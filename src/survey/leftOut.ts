import { integer } from '../factory/rowValues.js';
import type { DraftColumn, DraftEntity, DraftNode } from '../plan/draft.js';
import type { Outline } from '../plan/outline.js';
import { quoteName, quoteTable } from '../sqlserver/quoteName.js';
import type { EntityQuestion } from './askTogether.js';
import type { ColumnFacts } from './facts.js';
import type { RowConditions } from './movedRows.js';
import { existsInSource, identifiersOf } from './references.js';

export type LeftOut = NonNullable<ColumnFacts['leftOut']>[number];

/**
 * Questions that count the references of rows that move to rows which exist in the source and stay behind: those of entities that are
 * not in the refresh, and those that where, tenants or the statuses of processes leave out. What refers to nothing in the
 * source either (a record whose row is gone, trap 52) is an orphan, counted apart.
 */
export function leftOutQuestions(
  outline: Outline,
  entity: DraftEntity,
  column: DraftColumn,
  moved: RowConditions,
  found: (leftOut: LeftOut) => void,
): EntityQuestion[] {
  return identifiersOf(outline, column).flatMap(({ node, value, condition }) => {
    const stays = insideTrees(entity, node) ? null : staysBehind(outline, node, value, moved);
    if (stays === null) return [];
    return {
      entity: entity.name,
      table: entity.source.name,
      sql: `SELECT COUNT_BIG(*) AS left_out FROM ${quoteTable(entity.source.name)} t WHERE ${moved(entity)} AND ${condition} AND ${stays}`,
      answered: ([row]) => {
        const rows = integer(row ?? {}, 'left_out');
        if (rows > 0) found({ node: node.node, rows, all: node.origin === 'unavailable' });
      },
    };
  });
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
