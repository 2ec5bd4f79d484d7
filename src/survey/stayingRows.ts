import type { DraftEntity } from '../plan/draft.js';
import { filterOf } from '../plan/deletions.js';
import type { Outline } from '../plan/outline.js';
import { integerList, quoteName } from '../sqlserver/quoteName.js';
import type { SqlParameter } from '../sqlserver/readDatabase.js';
import { instancesOfDefinitions } from './processTrees.js';

/** Keys of one entity in a statement: two entities fit into the 2,100 parameters that it takes. */
const mostKept = 1_000;

/** A condition for rows of the destination, with the parameters that it names. */
export interface StayingRows {
  readonly condition: string;
  readonly parameters: Readonly<Record<string, SqlParameter>>;
}

/**
 * Rows of an entity with data: deleteFirst that are not deleted: those that keepRows names (trap 83), those of tenants
 * that are not refreshed, and instances of processes outside the scope. Null if none stays.
 * @param alias of the destination's table; also what the parameters' names begin with
 */
export function stayingRows(outline: Outline, entity: DraftEntity, alias: string): StayingRows | null {
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
  const parameters = Object.fromEntries(
    entity.options.keepRows
      .slice(0, mostKept)
      .map((value, at): [string, SqlParameter] => [`${alias}_kept${at}`, { type: 'nvarchar', value }]),
  );
  const names = Object.keys(parameters).map((name) => `@${name}`);
  if (names.length > 0 && key !== undefined)
    conditions.push(`CONVERT(nvarchar(450), ${alias}.${quoteName(key)}) IN (${names.join(', ')})`);
  return conditions.length === 0 ? null : { condition: `(${conditions.join(' OR ')})`, parameters };
}
