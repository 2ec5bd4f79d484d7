import type { DraftEntity } from '../plan/draft.js';
import { filterOf } from '../plan/deletions.js';
import type { Outline } from '../plan/outline.js';
import { integerList, quoteName, textList } from '../sqlserver/quoteName.js';
import { instancesOfDefinitions } from './processTrees.js';

/**
 * A condition for the rows of an entity with data: deleteFirst that are not deleted: those that keepRows names (trap 83),
 * those of tenants that are not refreshed, and instances of processes outside the scope. Null if none stays.
 * @param alias of the destination's table
 */
export function stayingRows(outline: Outline, entity: DraftEntity, alias: string): string | null {
  const conditions: string[] = [];
  const filter = filterOf(outline, entity);
  if (filter.kind === 'tenants') {
    const column = `${alias}.${quoteName(filter.column)}`;
    conditions.push(`${column} IS NULL`);
    conditions.push(filter.ids.length === 0 ? '1 = 1' : `${column} NOT IN (${integerList(filter.ids)})`);
  }
  if (filter.kind === 'processes') {
    const goes = instancesOfDefinitions(filter.definitionIds, filter.path, alias);
    conditions.push(filter.definitionIds.length === 0 ? '1 = 1' : `NOT (${goes})`);
  }
  const key = entity.columns[0]?.destination.column;
  const { keepRows } = entity.options;
  if (keepRows.length > 0 && key !== undefined) {
    const value = `CONVERT(nvarchar(450), ${alias}.${quoteName(key)}) COLLATE DATABASE_DEFAULT`;
    conditions.push(`${value} IN (${textList(keepRows)})`);
  }
  return conditions.length === 0 ? null : `(${conditions.join(' OR ')})`;
}

/**
 * A condition for the rows of a table that deleting leaves: all of one outside the load or with data: keep, else those of
 * stayingRows(). Null if it leaves none.
 * @param entity the entity that moves into the table; undefined: none does
 */
export function survivingRows(outline: Outline, entity: DraftEntity | undefined, alias: string): string | null {
  return entity === undefined || entity.data === 'keep' ? '1 = 1' : stayingRows(outline, entity, alias);
}
