import { quoteTable, quoteText, textList } from '../../sqlserver/quoteName.js';
import { referredUser } from '../../sqlserver/userReference.js';
import type { LookupContext } from '../migrateEntities/lookup.js';
import { stagingTable } from '../migrateEntities/stagingTable.js';
import { unlessShared } from './userPairs.js';

/**
 * Mode recreate (guide, "Create or Update Users & Groups", first approach): in the transaction of a batch the matched
 * users of the destination are deleted with their memberships, and its rows are inserted as of new users. Users that any
 * row still refers to stop the batch: the data of the load has been deleted by then, so such a row is not of the load
 * (trap 59).
 */
const recreated = '#recreated';

/** Rows a statement on tables that running applications use. */
const platformRows = 2_000;

export const createRecreated: readonly string[] = [
  `DROP TABLE IF EXISTS ${recreated};`,
  `CREATE TABLE ${recreated} (n int NOT NULL PRIMARY KEY, destination_key bigint NOT NULL);`,
];

/**
 * Takes the users that are deleted out of #matched, so that their rows are inserted. Users that this run has
 * created stay matched, as do those that the request spares.
 * @param best the matches of the page, numbered by `place` for each user of the destination
 */
export function pickRecreatedSql(context: LookupContext, owner: number, best: string): string {
  const { plan, state, runNumber } = context;
  const { keep } = plan.request.users;
  const conditions = [
    'k.place = 1',
    unlessShared('k.destination_key'),
    `NOT EXISTS (SELECT 1 FROM ${state.table('key_map')} m WHERE m.owner = ${owner} AND m.run = ${runNumber} AND m.destination_key = k.destination_key)`,
  ];
  const fallback = plan.users?.fallbackId ?? null;
  if (fallback !== null) conditions.push(`k.destination_key <> ${fallback}`);
  if (keep.length > 0) {
    conditions.push(
      `NOT EXISTS (SELECT 1 FROM dbo.OSSYS_USER u WHERE u.ID = k.destination_key AND u.USERNAME IN (${textList(keep)}))`,
    );
  }
  return [
    `TRUNCATE TABLE ${recreated};`,
    `INSERT INTO ${recreated} (n, destination_key) SELECT k.n, k.destination_key FROM (${best}) k WHERE ${conditions.join(' AND ')};`,
    `DELETE k FROM #matched k WHERE EXISTS (SELECT 1 FROM ${recreated} r WHERE r.destination_key = k.destination_key);`,
  ].join('\n');
}

/** Names and numbers of rows that refer to the users which are to be deleted; null where nothing can. */
export function obstaclesSql(context: LookupContext): string | null {
  const references = context.plan.users?.references ?? [];
  if (references.length === 0) return null;
  return references
    .map((reference) => {
      const user = referredUser(reference, 't');
      return `SELECT ${quoteText(reference.name)}, COUNT(*) FROM ${quoteTable(reference.table)} t WHERE ${user} IN (SELECT r.destination_key FROM ${recreated} r)`;
    })
    .join('\nUNION ALL\n')
    .concat(';');
}

/** A user whose row was set aside is not made anew, and so not deleted. */
export const deleteRecreatedSql: string = [
  `DELETE r FROM ${recreated} r WHERE NOT EXISTS (SELECT 1 FROM ${stagingTable} s WHERE s.n = r.n);`,
  ...(['OSSYS_USER_ROLE', 'OSSYS_GROUP_USER'] as const).map((table) =>
    [
      'WHILE 1 = 1',
      'BEGIN',
      `  DELETE TOP (${platformRows}) d FROM dbo.${table} d WHERE EXISTS (SELECT 1 FROM ${recreated} r WHERE r.destination_key = d.USER_ID);`,
      `  IF @@ROWCOUNT < ${platformRows} BREAK;`,
      'END;',
    ].join('\n'),
  ),
  `DELETE d FROM dbo.OSSYS_USER d WHERE EXISTS (SELECT 1 FROM ${recreated} r WHERE r.destination_key = d.ID);`,
  '',
].join('\n');

/** What a user could do before belongs to its new id from now on, so that the report compares the same person. */
export function followRolesSql(context: LookupContext, owner: number, sourceKey: string): string {
  const { state, runNumber } = context;
  return [
    `UPDATE e SET e.user_id = m.destination_key FROM ${state.table('effective_role')} e JOIN ${recreated} r ON r.destination_key = e.user_id`,
    `JOIN ${stagingTable} s ON s.n = r.n JOIN ${state.table('key_map')} m ON m.owner = ${owner} AND m.source_key = ${sourceKey} AND m.run = ${runNumber}`,
    `WHERE e.run = ${runNumber} AND e.moment = 0;`,
  ].join('\n');
}
