import { integer, text } from '../factory/rowValues.js';
import type { Outline } from '../plan/outline.js';
import { integerList } from '../sqlserver/quoteName.js';
import type { ReadDatabase, SqlParameter } from '../sqlserver/readDatabase.js';
import type { GroupFacts } from './facts.js';
import type { RowConditions } from './movedRows.js';
import { referencedIds } from './references.js';

/** Groups a statement; each takes one parameter of the 2,100. */
const groupsAStatement = 1_000;

/**
 * Forecasts the matching of the groups that instances name: those of tenants that the destination has, and how many of
 * them it has by name, compared as its collation compares (guide: groups are mapped by name).
 */
export async function surveyGroups(
  source: ReadDatabase,
  destination: ReadDatabase,
  outline: Outline,
  moved: RowConditions,
): Promise<GroupFacts> {
  const ids = await referencedIds(source, outline, moved, new Set([outline.registry.ofPlatform('group').node]));
  const tenants = new Map(outline.tenants.images.map((image) => [image.source.id, image.destination.id]));
  const facts = { needed: ids.length, matched: 0, withoutTenant: 0 };
  for (let start = 0; start < ids.length; start += groupsAStatement) {
    const list = integerList(ids.slice(start, start + groupsAStatement));
    const rows = await source.query(`SELECT TENANT_ID, NAME FROM dbo.OSSYS_GROUP WHERE ID IN (${list})`);
    const groups = rows.map((row) => ({ tenant: tenants.get(integer(row, 'TENANT_ID')), name: text(row, 'NAME') }));
    const placed = groups.flatMap(({ tenant, name }) => (tenant === undefined ? [] : [{ tenant, name }]));
    facts.withoutTenant += groups.length - placed.length;
    if (placed.length > 0) facts.matched += await countMatched(destination, placed);
  }
  return facts;
}

async function countMatched(
  db: ReadDatabase,
  groups: readonly { readonly tenant: number; readonly name: string }[],
): Promise<number> {
  const parameters: Record<string, SqlParameter> = {};
  const list = groups.map(({ tenant, name }, at) => {
    parameters[`name${at}`] = { type: 'nvarchar', value: name };
    return `(${tenant}, @name${at})`;
  });
  const [row] = await db.query(
    `SELECT COUNT_BIG(*) AS matched FROM (VALUES ${list.join(', ')}) v (tenant_id, name)
WHERE EXISTS (SELECT 1 FROM dbo.OSSYS_GROUP g WHERE g.TENANT_ID = v.tenant_id AND g.NAME = v.name COLLATE DATABASE_DEFAULT)`,
    parameters,
  );
  return integer(row ?? {}, 'matched');
}
