import { physicalColumn, tableKey } from '../factory/factory.js';
import { integer, textOrNull } from '../factory/rowValues.js';
import type { Outline } from '../plan/outline.js';
import type { PlannedUserReference, TableName } from '../plan/refreshPlan.js';
import { isIntegerType } from '../plan/nodeRegistry.js';
import { userReferences } from '../plan/userReferences.js';
import { integerList, quoteName, quoteTable } from '../sqlserver/quoteName.js';
import type { ReadDatabase, SqlParameter } from '../sqlserver/readDatabase.js';
import { referredUser } from '../sqlserver/userReference.js';
import type { DestinationRights, RecreatedUserFacts, UserReferenceFacts } from './facts.js';
import { inParallel } from './inParallel.js';
import { survivingRows } from './stayingRows.js';

/** Ids a statement, below what makes a long IN list costly to compile. */
const idsAStatement = 1_000;
const shownKeys = 5;

/**
 * users.mode: recreate — looks for rows that would still refer to users which are deleted: rows of entities that do not
 * move, and those that survive in entities that do (trap 59).
 * @param images users of the destination that stand for production's
 */
export async function surveyRecreatedUsers(
  db: ReadDatabase,
  outline: Outline,
  rights: DestinationRights,
  images: readonly number[],
  spared: { readonly fallbackId: number | null; readonly shared: readonly number[] },
): Promise<RecreatedUserFacts | null> {
  if (outline.request.users.mode !== 'recreate') return null;
  const kept = await keptUsers(db, outline.request.users.keep);
  const stay = new Set([...kept, ...spared.shared, spared.fallbackId ?? 0]);
  const users = [...new Set(images)].filter((id) => !stay.has(id)).sort((a, b) => a - b);
  const references: UserReferenceFacts[] = [];
  const unreadable = new Set<string>();
  await inParallel(userReferences(outline.destination), async (reference) => {
    const entity = outline.entities.find((each) => tableKey(each.destination.name) === tableKey(reference.table));
    const survivors = survivingRows(outline, entity, 't');
    if (survivors === null || users.length === 0) return;
    if (rights.tables[tableKey(reference.table)]?.select !== true) {
      unreadable.add(reference.table.table);
      return;
    }
    const facts = await countReferring(db, outline, reference, survivors, users);
    if (facts.rows > 0) references.push(facts);
  });
  return {
    users: users.length,
    references: references.sort((a, b) => (a.name < b.name ? -1 : 1)),
    unreadable: [...unreadable].sort(),
  };
}

async function keptUsers(db: ReadDatabase, names: readonly string[]): Promise<number[]> {
  if (names.length === 0) return [];
  const parameters = Object.fromEntries(
    names.map((value, index): [string, SqlParameter] => [`name${index}`, { type: 'nvarchar', value }]),
  );
  const list = Object.keys(parameters).map((name) => `@${name}`);
  const rows = await db.query(
    `SELECT u.ID AS user_id FROM dbo.OSSYS_USER u WHERE u.USERNAME IN (${list.join(', ')})`,
    parameters,
  );
  return rows.map((row) => integer(row, 'user_id'));
}

async function countReferring(
  db: ReadDatabase,
  outline: Outline,
  reference: PlannedUserReference,
  survivors: string,
  users: readonly number[],
): Promise<UserReferenceFacts> {
  const user = referredUser(reference, 't');
  const key = keyOf(outline, reference.table);
  let rows = 0;
  const keys: string[] = [];
  const userIds: number[] = [];
  for (let start = 0; start < users.length; start += idsAStatement) {
    const where = `FROM ${quoteTable(reference.table)} t WHERE ${user} IN (${integerList(users.slice(start, start + idsAStatement))}) AND ${survivors}`;
    const [counted] = await db.query(`SELECT COUNT_BIG(*) AS referring_rows ${where}`);
    const here = integer(counted ?? {}, 'referring_rows');
    rows += here;
    if (here === 0) continue;
    const named = `SELECT TOP (${shownKeys}) x.user_id AS user_id FROM (SELECT DISTINCT CAST(${user} AS bigint) AS user_id ${where}) x ORDER BY x.user_id`;
    userIds.push(...(await db.query(named)).map((row) => integer(row, 'user_id')));
    if (key === null || keys.length >= shownKeys) continue;
    const sample = `SELECT TOP (${shownKeys}) CAST(t.${quoteName(key)} AS bigint) AS row_key ${where} ORDER BY t.${quoteName(key)}`;
    keys.push(...(await db.query(sample)).map((row) => textOrNull(row, 'row_key') ?? ''));
  }
  return { name: reference.name, rows, keys: keys.slice(0, shownKeys), userIds: userIds.slice(0, shownKeys) };
}

/** Text keys may be anybody's name: only numbers are shown. */
function keyOf(outline: Outline, table: TableName): string | null {
  const physical = outline.destination.factory.tables[tableKey(table)] ?? null;
  const name = physical?.uniqueIndexes.find((index) => index.primaryKey && index.columns.length === 1)?.columns[0];
  const column = physicalColumn(physical, name ?? null);
  return column !== null && isIntegerType(column.type.name) ? column.name : null;
}
