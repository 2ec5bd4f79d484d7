import type { RoleChangesReport } from '../../report/runReport.js';
import type { DestinationSession } from '../../sqlserver/session.js';
import { rolesWorkItem } from '../mapUsers/effectiveRoles.js';
import type { StateTables } from '../state/stateTables.js';
import type { AccountLine } from './ledgerAccount.js';

/** Users that a report lists; the others are in its counts. */
const shownUsers = 50;

/** Effective roles before and after the users were mapped; null if the run did not get to both looks. */
export async function readRoleChanges(
  session: DestinationSession,
  state: StateTables,
  runNumber: number,
  account: readonly AccountLine[],
): Promise<RoleChangesReport | null> {
  const finished = new Set(account.filter((line) => line.ends > 0).map((line) => line.workItem));
  if (!finished.has(rolesWorkItem('before')) || !finished.has(rolesWorkItem('after'))) return null;
  const changes = changesSql(state.table('effective_role'), runNumber);
  const [totals] = await session.rows(
    `SELECT COUNT(DISTINCT CASE WHEN c.created = 0 THEN c.user_id END), COUNT(DISTINCT CASE WHEN c.created = 1 THEN c.user_id END) FROM (${changes}) c;`,
  );
  const [before] = await session.rows(
    `SELECT COUNT_BIG(*) FROM ${state.table('effective_role')} b WHERE b.run = ${runNumber} AND b.moment = 0 AND b.role_id = 0;`,
  );
  const named =
    "COALESCE(e.NAME + N'.', N'') + COALESCE(r.NAME, CONVERT(nvarchar(20), c.role_id)) AS role_name " +
    `FROM (${changes}) c LEFT JOIN dbo.OSSYS_ROLE r ON r.ID = c.role_id LEFT JOIN dbo.OSSYS_ESPACE e ON e.ID = r.ESPACE_ID WHERE c.role_id <> 0`;
  const roles = await session.rows(
    'SELECT x.role_name, SUM(CASE WHEN x.created = 0 THEN x.gained ELSE 0 END), SUM(1 - x.gained), SUM(CASE WHEN x.created = 1 THEN 1 ELSE 0 END) ' +
      `FROM (SELECT c.created, c.gained, ${named}) x GROUP BY x.role_name ORDER BY x.role_name;`,
  );
  const first = `SELECT TOP (${shownUsers}) u.user_id FROM (SELECT DISTINCT c.user_id FROM (${changes}) c WHERE c.role_id <> 0) u ORDER BY u.user_id`;
  const users = await session.rows(
    `SELECT x.user_id, x.created, x.gained, x.role_name FROM (SELECT c.user_id, c.created, c.gained, ${named}) x ` +
      `JOIN (${first}) f ON f.user_id = x.user_id ORDER BY x.user_id, x.role_name;`,
  );
  return {
    usersBefore: Number(before?.[0]),
    usersChanged: Number(totals?.[0]),
    usersCreated: Number(totals?.[1]),
    roles: roles.map((row) => ({
      role: String(row[0]),
      gained: Number(row[1]),
      lost: Number(row[2]),
      ofCreated: Number(row[3]),
    })),
    shown: shownOf(users),
  };
}

/** Roles gained and lost; of users that were created all that they have, and role 0 for the user itself. */
function changesSql(roles: string, run: number): string {
  const none = (moment: number, of: string, role: string): string =>
    `NOT EXISTS (SELECT 1 FROM ${roles} o WHERE o.run = ${run} AND o.moment = ${moment} AND o.user_id = ${of}.user_id AND o.role_id = ${role})`;
  const created = `CASE WHEN ${none(0, 'a', '0')} THEN 1 ELSE 0 END`;
  return (
    `SELECT a.user_id, a.role_id, 1 AS gained, ${created} AS created FROM ${roles} a WHERE a.run = ${run} AND a.moment = 1 AND ${none(0, 'a', 'a.role_id')} ` +
    `UNION ALL SELECT b.user_id, b.role_id, 0 AS gained, 0 AS created FROM ${roles} b WHERE b.run = ${run} AND b.moment = 0 AND ${none(1, 'b', 'b.role_id')}`
  );
}

function shownOf(rows: readonly (readonly unknown[])[]): RoleChangesReport['shown'] {
  const users = new Map<number, { user: number; created: boolean; gained: string[]; lost: string[] }>();
  for (const [id, created, gained, role] of rows) {
    const user = Number(id);
    const known = users.get(user) ?? { user, created: Number(created) === 1, gained: [], lost: [] };
    users.set(user, known);
    (Number(gained) === 1 ? known.gained : known.lost).push(String(role));
  }
  return [...users.values()];
}
