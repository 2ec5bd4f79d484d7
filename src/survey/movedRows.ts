import type { DraftEntity } from '../plan/draft.js';
import type { Outline } from '../plan/outline.js';
import { missingInUse } from '../plan/processOutline.js';
import { integerList, quoteName, quoteTable } from '../sqlserver/quoteName.js';
import type { ProcessFacts } from './facts.js';
import { movedProcessCondition } from './processTrees.js';

/** Rows of one draft that move, as a condition on the alias `t`. */
export type RowConditions = (entity: DraftEntity) => string;

/**
 * The rows of the source that move: at or below the mark, under the operator's condition, of tenants and process trees
 * that are refreshed. A condition on the alias `t`.
 * @param mark highest key when the survey began; null for text keys and empty tables
 */
export function movedRows(
  outline: Outline,
  entity: DraftEntity,
  processes: ProcessFacts | null,
  mark: string | null,
): string {
  const conditions: string[] = [];
  const key = outline.registry.nodes[entity.node]?.source;
  if (key !== null && key !== undefined && mark !== null) conditions.push(`t.${quoteName(key.column)} <= ${mark}`);
  // The operator's condition stands in a scope of its own, so that its unqualified names mean the entity's table.
  if (entity.options.where !== null && key !== null && key !== undefined) {
    const column = quoteName(key.column);
    conditions.push(
      `t.${column} IN (SELECT ${column} FROM ${quoteTable(entity.source.name)} WHERE ${entity.options.where}\n)`,
    );
  }
  if (entity.tenantColumn !== null && outline.request.tenants === 'exclude' && outline.tenants.missing.length > 0) {
    const ids = outline.tenants.images.map((image) => image.source.id);
    conditions.push(`t.${quoteName(entity.tenantColumn.source)} IN (${integerList(ids)})`);
  }
  if (entity.processTable !== null) {
    if (outline.processes === null || processes === null) return '1 = 0';
    const missing = missingInUse(outline.processes, processes);
    conditions.push(movedProcessCondition(outline.processes, missing, entity.processTable.processPath, 't'));
  }
  return conditions.length === 0 ? '1 = 1' : conditions.join(' AND ');
}
