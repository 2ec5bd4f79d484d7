import { ownTable, physicalColumn, physicalTable } from '../factory/factory.js';
import { flag, integer, integerOrNull, text } from '../factory/rowValues.js';
import type { Outline } from '../plan/outline.js';
import { integerList } from '../sqlserver/quoteName.js';
import type { ReadDatabase, SqlParameter, SqlRow } from '../sqlserver/readDatabase.js';
import type { UserFacts, UserMapFacts } from './facts.js';
import type { RowConditions } from './movedRows.js';
import { referencedIds } from './references.js';

/** Users a statement; each takes up to three parameters of the 2,100. */
const usersAStatement = 400;

interface SourceUser {
  readonly id: number;
  readonly tenantId: number;
  readonly username: string;
  readonly email: string;
  readonly externalId: string;
  readonly active: boolean;
  /** As text that sorts by time; empty if it is not known. */
  readonly lastLogin: string;
}

/** What is known of the users that rows refer to, before the stage matches them. */
export interface SurveyedUsers {
  readonly facts: UserFacts;
  /** Ids of the destination's users that may be images. */
  readonly images: readonly number[];
  /** Source ids with the destination's; 'new': the user is created; null: nobody stands for the user. */
  readonly pairs: readonly (readonly [source: number, image: number | 'new' | null])[];
}

/**
 * Forecasts the matching of users: which source users need an image, and how many of them the destination has, by the
 * file that maps users or else by the request's attributes, compared as the destination's collation compares.
 */
export async function surveyUsers(
  source: ReadDatabase,
  destination: ReadDatabase,
  outline: Outline,
  moved: RowConditions,
  userMap: UserMapFacts,
): Promise<SurveyedUsers> {
  const ids =
    outline.request.users.scope === 'all' ? null : await referencedIds(source, outline, moved, userNodes(outline));
  const needed = await readUsers(source, outline, ids);
  const tenants = new Map(outline.tenants.images.map((image) => [image.source.id, image.destination.id]));
  const paired = new Map(userMap.pairs);
  const users = needed.filter((user) => !paired.has(user.id));
  const images = needed.flatMap((user) => paired.get(user.id) ?? []);
  const creates = outline.request.users.mode !== 'matchOnly';
  const pairs = new Map<number, number | 'new' | null>(
    needed.map((user) => [user.id, paired.get(user.id) ?? (creates && tenants.has(user.tenantId) ? 'new' : null)]),
  );
  const byMap = needed.length - users.length;
  const byTenant = outline.request.users.match.includes('tenant');
  const placed = byTenant ? users.filter((user) => tenants.has(user.tenantId)) : users;
  let matched = 0;
  let ambiguous = 0;
  const unmatched = byTenant ? users.filter((user) => !tenants.has(user.tenantId)) : [];
  for (let start = 0; start < placed.length; start += usersAStatement) {
    const chunk = placed.slice(start, start + usersAStatement);
    (await matchingUsers(destination, outline, chunk, tenants)).forEach((hits, place) => {
      const active = hits.filter((hit) => hit.active);
      const meant = active.length > 0 ? active : hits;
      const [user, image] = [chunk[place], meant[0]];
      if (meant.length === 1) matched++;
      if (meant.length > 1) ambiguous++;
      if (user !== undefined && image === undefined) unmatched.push(user);
      if (user !== undefined && image !== undefined) pairs.set(user.id, image.id);
      images.push(...meant.map((hit) => hit.id));
    });
  }
  const creatable = unmatched.filter((user) => tenants.has(user.tenantId));
  const facts = {
    needed: needed.length,
    matched: matched + byMap,
    ambiguous,
    unmatched: unmatched.length,
    withoutTenant: unmatched.length - creatable.length,
    byMap,
    doubles: doublesOf(needed, pairs, new Set(userMap.shared)),
    namesakes: await countNamesakes(destination, creatable, tenants),
  };
  return { facts, images, pairs: [...pairs] };
}

/**
 * Users whose image is another's too. The active one with the latest login stands first, as in mapUsers; of those whom
 * several lines of `users.map` lead to one user nobody does.
 */
function doublesOf(
  users: readonly SourceUser[],
  imageOf: ReadonlyMap<number, number | 'new' | null>,
  shared: ReadonlySet<number>,
): number[] {
  const place = ({ active, lastLogin }: SourceUser): string => `${active ? 1 : 0} ${lastLogin}`;
  const best = new Map<number, SourceUser>();
  for (const user of [...users].sort((a, b) => a.id - b.id)) {
    const image = imageOf.get(user.id);
    if (typeof image !== 'number' || shared.has(image)) continue;
    const other = best.get(image);
    if (other === undefined || place(user) > place(other)) best.set(image, user);
  }
  const isDouble = (user: SourceUser): boolean => {
    const image = imageOf.get(user.id);
    return typeof image === 'number' && best.get(image) !== user;
  };
  return users
    .filter(isDouble)
    .map((user) => user.id)
    .sort((a, b) => a - b);
}

/** The user node and every entity whose key is a user's, directly or through another. */
function userNodes(outline: Outline): Set<number> {
  const nodes = new Set([outline.registry.ofPlatform('user').node]);
  for (let before = -1; before !== nodes.size;) {
    before = nodes.size;
    for (const entity of outline.entities) {
      const treatment = entity.columns[0]?.treatment;
      if (treatment?.kind === 'key' && treatment.follows !== undefined && nodes.has(treatment.follows.node))
        nodes.add(entity.node);
    }
  }
  return nodes;
}

async function readUsers(db: ReadDatabase, outline: Outline, ids: readonly number[] | null): Promise<SourceUser[]> {
  const table = physicalTable(outline.source.factory, ownTable('OSSYS_USER'));
  const optional = ['EMAIL', 'EXTERNAL_ID'].filter((column) => physicalColumn(table, column) !== null);
  const lastLogin = physicalColumn(table, 'LAST_LOGIN') === null ? "N''" : 'CONVERT(nvarchar(30), LAST_LOGIN, 126)';
  const select = `SELECT ${['ID', 'TENANT_ID', 'USERNAME', 'IS_ACTIVE', ...optional].join(', ')}, ${lastLogin} AS last_login FROM dbo.OSSYS_USER`;
  const tenants = outline.tenants.images.map((image) => image.source.id);
  const statements: string[] = [];
  if (ids === null) {
    if (tenants.length > 0) statements.push(`${select} WHERE TENANT_ID IN (${integerList(tenants)})`);
  } else {
    for (let start = 0; start < ids.length; start += 1_000)
      statements.push(`${select} WHERE ID IN (${integerList(ids.slice(start, start + 1_000))})`);
  }
  const users: SourceUser[] = [];
  for (const statement of statements) users.push(...(await db.query(statement)).map(userOf));
  return users;
}

function userOf(row: SqlRow): SourceUser {
  return {
    id: integer(row, 'ID'),
    tenantId: integer(row, 'TENANT_ID'),
    username: text(row, 'USERNAME'),
    email: text(row, 'EMAIL'),
    externalId: text(row, 'EXTERNAL_ID'),
    active: flag(row, 'IS_ACTIVE'),
    lastLogin: text(row, 'last_login'),
  };
}

/** The counterparts of each user. */
async function matchingUsers(
  db: ReadDatabase,
  outline: Outline,
  users: readonly SourceUser[],
  tenants: ReadonlyMap<number, number>,
): Promise<{ readonly id: number; readonly active: boolean }[][]> {
  const match = outline.request.users.match;
  const attributes = [
    { name: 'username', column: 'USERNAME', value: (user: SourceUser) => user.username },
    { name: 'email', column: 'EMAIL', value: (user: SourceUser) => user.email },
    { name: 'externalId', column: 'EXTERNAL_ID', value: (user: SourceUser) => user.externalId },
  ].filter((attribute) => match.includes(attribute.name));
  const parameters: Record<string, SqlParameter> = {};
  const rows = users.map((user, index) => {
    const names = attributes.map((attribute) => {
      const name = `${attribute.name}${index}`;
      parameters[name] = { type: 'nvarchar', value: attribute.value(user) };
      return `@${name}`;
    });
    return `(${[String(index), String(tenants.get(user.tenantId) ?? 0), ...names].join(', ')})`;
  });
  const conditions = attributes.map(
    ({ name, column }) => `u.${column} = v.${name} COLLATE DATABASE_DEFAULT AND v.${name} <> N''`,
  );
  if (match.includes('tenant')) conditions.push('u.TENANT_ID = v.tenant_id');
  const columns = ['position', 'tenant_id', ...attributes.map((attribute) => attribute.name)];
  const hits = await db.query(
    `SELECT v.position AS position, u.ID AS user_id, u.IS_ACTIVE AS active
FROM (VALUES ${rows.join(', ')}) v (${columns.join(', ')}) INNER JOIN dbo.OSSYS_USER u ON ${conditions.join(' AND ')}`,
    parameters,
  );
  const found: { id: number; active: boolean }[][] = users.map(() => []);
  for (const row of hits)
    found[integer(row, 'position')]?.push({ id: integer(row, 'user_id'), active: flag(row, 'active') });
  return found;
}

/** Of the users without counterpart those whose login somebody of the destination's tenant has (trap 58). */
async function countNamesakes(
  db: ReadDatabase,
  users: readonly SourceUser[],
  tenants: ReadonlyMap<number, number>,
): Promise<number> {
  let namesakes = 0;
  for (let start = 0; start < users.length; start += usersAStatement) {
    const parameters: Record<string, SqlParameter> = {};
    const rows = users.slice(start, start + usersAStatement).map((user, index) => {
      parameters[`username${index}`] = { type: 'nvarchar', value: user.username };
      return `(${index}, ${tenants.get(user.tenantId) ?? 0}, @username${index})`;
    });
    const [row] = await db.query(
      `SELECT COUNT(*) AS namesakes FROM (VALUES ${rows.join(', ')}) v (position, tenant_id, username)
WHERE EXISTS (SELECT 1 FROM dbo.OSSYS_USER u WHERE u.TENANT_ID = v.tenant_id AND u.USERNAME = v.username COLLATE DATABASE_DEFAULT)`,
      parameters,
    );
    namesakes += integer(row ?? {}, 'namesakes');
  }
  return namesakes;
}

/** Destination id of the user of that name, the active one of several, the oldest of those; null if there is none. */
export async function findUser(db: ReadDatabase, username: string): Promise<number | null> {
  const [found] = await db.query(
    'SELECT TOP (1) ID FROM dbo.OSSYS_USER WHERE USERNAME = @username ORDER BY IS_ACTIVE DESC, ID',
    { username: { type: 'nvarchar', value: username } },
  );
  return found === undefined ? null : integerOrNull(found, 'ID');
}
