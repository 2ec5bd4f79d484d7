import { flag, integer, integerOrNull } from '../factory/rowValues.js';
import type { ReadDatabase, SqlParameter } from '../sqlserver/readDatabase.js';
import type { UserMapFacts, UserMapProblem } from './facts.js';
import { readUserMapFile, type UserMapLine } from './userMapFile.js';

/** Lines a statement; each takes two parameters of the 2,100. */
const linesAStatement = 500;

export const noUserMap: UserMapFacts = { pairs: [], shared: [], problems: [] };

/**
 * Turns the names of `users.map` into ids, so that the plan carries no names and every worker works by the same pairs
 * whatever becomes of the file. Each name is compared by its own server, as the column's collation compares.
 * @param folder the configuration's folder
 */
export async function surveyUserMap(
  source: ReadDatabase,
  destination: ReadDatabase,
  folder: string,
  path: string | null,
): Promise<UserMapFacts> {
  if (path === null) return noUserMap;
  const { lines, problems } = readUserMapFile(folder, path);
  const from = await findUsers(source, lines, (line) => [line.production, line.productionTenant]);
  const to = await findUsers(destination, lines, (line) => [line.destination, line.destinationTenant]);
  return pairUp(lines, from, to, problems);
}

interface FoundUser {
  readonly id: number;
  readonly tenantId: number | null;
  readonly active: boolean;
}

/** The users that each line may mean, by the line's position. */
async function findUsers(
  db: ReadDatabase,
  lines: readonly UserMapLine[],
  wanted: (line: UserMapLine) => readonly [username: string, tenant: string],
): Promise<FoundUser[][]> {
  const found: FoundUser[][] = lines.map(() => []);
  for (let start = 0; start < lines.length; start += linesAStatement) {
    const parameters: Record<string, SqlParameter> = {};
    const values = lines.slice(start, start + linesAStatement).map((line, index) => {
      const [username, tenant] = wanted(line);
      parameters[`username${index}`] = { type: 'nvarchar', value: username };
      parameters[`tenant${index}`] = { type: 'nvarchar', value: tenant };
      return `(${start + index}, @username${index}, @tenant${index})`;
    });
    const rows = await db.query(
      `SELECT v.position AS position, u.ID AS user_id, u.TENANT_ID AS tenant_id, u.IS_ACTIVE AS active
FROM (VALUES ${values.join(', ')}) v (position, username, tenant) INNER JOIN dbo.OSSYS_USER u ON u.USERNAME = v.username COLLATE DATABASE_DEFAULT
LEFT JOIN dbo.OSSYS_TENANT t ON t.ID = u.TENANT_ID WHERE v.tenant = N'' OR t.NAME = v.tenant COLLATE DATABASE_DEFAULT`,
      parameters,
    );
    for (const row of rows) {
      const user = {
        id: integer(row, 'user_id'),
        tenantId: integerOrNull(row, 'tenant_id'),
        active: flag(row, 'active'),
      };
      found[integer(row, 'position')]?.push(user);
    }
  }
  return found;
}

/**
 * Production's rows of one login in one tenant are one person, so all of them are mapped; in the destination the active
 * one is meant. Several lines may name one user of the destination, who is then shared.
 */
function pairUp(
  lines: readonly UserMapLine[],
  from: readonly (readonly FoundUser[])[],
  to: readonly (readonly FoundUser[])[],
  inFile: readonly UserMapProblem[],
): UserMapFacts {
  const problems: UserMapProblem[] = [...inFile];
  const lineOf = new Map<number, number>();
  const pairs: [number, number][] = [];
  const named = new Map<number, number>();
  lines.forEach(({ line }, index) => {
    const people = from[index] ?? [];
    const meant = meantUser(to[index] ?? []);
    const told = [
      ...(people.length === 0 ? [unknown(line, 'Production')] : []),
      ...(tenantsOf(people) > 1 ? [ambiguous(line, 'Production', 'production_tenant')] : []),
      ...(meant === 'unknown' ? [unknown(line, 'The destination')] : []),
      ...(meant === 'ambiguous' ? [ambiguous(line, 'The destination', 'destination_tenant')] : []),
    ];
    const before = people.map(({ id }) => lineOf.get(id)).find((each) => each !== undefined);
    if (before !== undefined && told.length === 0)
      told.push({ code: 'USERS_MAP_TWICE', line, message: `It maps the production user of line ${before} again.` });
    problems.push(...told);
    if (told.length > 0 || typeof meant === 'string') return;
    for (const { id } of people) {
      lineOf.set(id, line);
      pairs.push([id, meant.id]);
    }
    named.set(meant.id, (named.get(meant.id) ?? 0) + 1);
  });
  return {
    pairs: pairs.sort(([a], [b]) => a - b),
    shared: [...named].flatMap(([id, times]) => (times > 1 ? [id] : [])).sort((a, b) => a - b),
    problems: problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0)),
  };
}

function meantUser(users: readonly FoundUser[]): FoundUser | 'unknown' | 'ambiguous' {
  const active = users.filter((user) => user.active);
  const [first, second] = active.length > 0 ? active : users;
  if (first === undefined) return 'unknown';
  return second !== undefined || tenantsOf(users) > 1 ? 'ambiguous' : first;
}

function tenantsOf(users: readonly FoundUser[]): number {
  return new Set(users.map(({ tenantId }) => tenantId)).size;
}

function unknown(line: number, side: string): UserMapProblem {
  return { code: 'USERS_MAP_USER_UNKNOWN', line, message: `${side} has no such user.` };
}

function ambiguous(line: number, side: string, column: string): UserMapProblem {
  return { code: 'USERS_MAP_AMBIGUOUS', line, message: `${side} has several such users: name the tenant (${column}).` };
}
