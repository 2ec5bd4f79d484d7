/** Users, groups and memberships: every change of the destination must be one that the request allows. */
import type { OracleReading, OracleRow } from '../../../sandbox/factories/oracle.js';
import { differences } from './checkRows.js';
import { people, type Images } from './images.js';

/** Attributes that the mode update takes from the source. */
const updated = ['NAME', 'EMAIL', 'MOBILEPHONE', 'EXTERNAL_ID', 'IS_ACTIVE'];

export function checkDirectory(images: Images, before: OracleReading, after: OracleReading): string[] {
  const { users } = images.scope.options;
  const needed = images.chosen;
  const possible = users.scope === 'all' ? needed : possibleUsers(images.production);
  const created = (marker: string): boolean =>
    users.mode !== 'matchOnly' && images.hasTenant(marker.slice(0, marker.indexOf('\\')));
  // Of an active user and its inactive duplicate only one may be needed, and both go by one name.
  const isDoubled = (marker: string): boolean =>
    [images.production, before].some((each) => each.directory.users.has(`${marker}#2`));
  return [
    ...checkUsers(images, before, after, needed, possible, created),
    ...checkGroups(images, before, after),
    ...checkLinks('user role', 'userRoles', images, before, after, (user) => [
      needed.has(user) && !isDoubled(user),
      possible.has(user),
    ]),
    ...checkLinks('group role', 'groupRoles', images, before, after, () => [true, true]),
    ...checkLinks(
      'group user',
      'groupUsers',
      images,
      before,
      after,
      () => [true, true],
      (user) => [needed.has(user) && !isDoubled(user), possible.has(user)],
    ),
  ];
}

function checkUsers(
  images: Images,
  before: OracleReading,
  after: OracleReading,
  needed: ReadonlySet<string>,
  possible: ReadonlySet<string>,
  created: (marker: string) => boolean,
): string[] {
  const problems: string[] = [];
  const takesOver = images.scope.options.users.mode === 'update';
  for (const [marker, row] of before.directory.users) {
    const found = after.directory.users.get(marker);
    const plain = marker.replace(/#\d+$/, '');
    const sources = [...images.production.directory.users]
      .filter(([other]) => other.replace(/#\d+$/, '') === plain)
      .map(([, values]) => ({ ...row, ...Object.fromEntries(updated.map((name) => [name, values[name] ?? null])) }));
    const mayChange = takesOver && possible.has(plain) && !isKept(images, plain);
    const candidates: OracleRow[] = [
      ...(mayChange && needed.has(plain) && !marker.includes('#') ? [] : [row]),
      ...(mayChange ? sources : []),
    ];
    const worst = candidates.map((each) =>
      found ? differences(`user ${marker}`, each, found) : [`user ${marker} is gone`],
    );
    if (!worst.some((each) => each.length === 0)) problems.push(...(worst[0] ?? []));
  }
  for (const [marker, row] of after.directory.users) {
    if (before.directory.users.has(marker)) continue;
    const source = images.production.directory.users.get(marker);
    const plain = marker.replace(/#\d+$/, '');
    if (before.directory.users.has(plain) || source === undefined || !possible.has(plain) || !created(marker))
      problems.push(`user ${marker} was created without need`);
    else
      problems.push(
        ...differences(`user ${marker}`, Object.fromEntries(updated.map((name) => [name, source[name] ?? null])), row),
      );
  }
  for (const marker of needed)
    if (created(marker) && !after.directory.users.has(marker)) problems.push(`user ${marker} was not created`);
  return problems;
}

function checkGroups(images: Images, before: OracleReading, after: OracleReading): string[] {
  const wanted = images.production.directory.groups.filter((each) => images.group(each) !== null);
  const expected = [...new Set([...before.directory.groups, ...wanted])].sort();
  const found = [...after.directory.groups];
  return expected.join('\n') === found.join('\n')
    ? []
    : [`groups are ${found.join(', ')} instead of ${expected.join(', ')}`];
}

type Certainty = readonly [boolean, boolean];

/** Links of what is certainly mapped are added, none is taken away; in between either is right. */
function checkLinks(
  kind: string,
  name: 'userRoles' | 'groupRoles' | 'groupUsers',
  images: Images,
  before: OracleReading,
  after: OracleReading,
  leftMoves: (left: string) => Certainty,
  rightMoves: (right: string) => Certainty = () => [true, true],
): string[] {
  const { mode } = images.scope.options.users;
  const own = new Set(before.directory[name]);
  const found = new Set(after.directory[name]);
  const problems: string[] = [];
  const mapped = (text: string): [Certainty, Certainty, boolean] => {
    const [left = '', right = ''] = text.split(' -> ');
    const exists =
      kind === 'group role' || kind === 'group user' ? images.group(left) === left : images.user(left) === left;
    const userThere = kind !== 'group user' || images.user(right) === right;
    return [leftMoves(left), rightMoves(right), exists && userThere];
  };
  const source = new Set(images.production.directory[name]);
  for (const text of new Set([...own, ...source, ...found])) {
    const [[leftNeeded, leftPossible], [rightNeeded, rightPossible], exists] = mapped(text);
    const certain = mode !== 'matchOnly' && exists && leftNeeded && rightNeeded && source.has(text);
    const possible = mode !== 'matchOnly' && exists && leftPossible && rightPossible && source.has(text);
    const [left = '', right = ''] = text.split(' -> ');
    const stays = [left, right].some((each) => isKept(images, each));
    if (stays) {
      if (own.has(text) !== found.has(text)) problems.push(`${kind} ${text} of a user that is kept has changed`);
      continue;
    }
    const [must, may] = [certain || own.has(text), possible || own.has(text)];
    if (must && !found.has(text)) problems.push(`${kind} ${text} is missing`);
    if (!may && found.has(text)) problems.push(`${kind} ${text} should not be there`);
  }
  return problems;
}

/** Users whom `users.keep` names stay as they are, with their roles and groups. */
function isKept(images: Images, marker: string): boolean {
  const name = marker.slice(marker.indexOf('\\') + 1).replace(/#\d+$/, '');
  return images.scope.options.users.keep.some((each) => each.toLowerCase() === name);
}

/** Any user whom anything in production refers to. */
function possibleUsers(production: OracleReading): Set<string> {
  const found = new Set<string>();
  for (const rows of production.entities.values())
    for (const row of rows.values()) for (const value of Object.values(row)) note(found, value);
  for (const row of [...production.processes.values(), ...production.activities.values()]) noteInstance(found, row);
  return found;
}

function note(found: Set<string>, value: unknown): void {
  if (value === null || typeof value !== 'object') return;
  const { to, marker } = value as { to?: string; marker?: string };
  if (to === 'ServiceCenter.User' && marker !== undefined) found.add(marker);
}

function noteInstance(found: Set<string>, row: OracleRow): void {
  for (const [name, value] of Object.entries(row)) {
    if (people.includes(name) && value !== null) found.add(String(value));
    note(found, value);
  }
}
