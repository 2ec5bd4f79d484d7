/** Users, groups and memberships: the destination must have exactly those that it had and those that the request brings. */
import type { OracleReading } from '../../../sandbox/factories/oracle.js';
import { differences, without } from './checkRows.js';
import type { Images } from './images.js';

export function checkDirectory(images: Images, before: OracleReading, after: OracleReading): string[] {
  return [
    ...checkUsers(images, after),
    ...checkGroups(images, before, after),
    ...(['userRoles', 'groupRoles', 'groupUsers'] as const).flatMap((kind) =>
      compareLists(kind, expectedLinks(images, kind, before), after.directory[kind]),
    ),
  ];
}

function checkUsers({ users }: Images, after: OracleReading): string[] {
  const found = after.directory.users;
  return [
    ...[...users.expected].flatMap(([marker, row]) => {
      const there = found.get(marker);
      return there === undefined ? [`user ${marker} is missing`] : differences(`user ${marker}`, row, there);
    }),
    ...[...found.keys()].filter((each) => !users.expected.has(each)).map((each) => `user ${each} was created`),
  ];
}

/** All groups of production come, each once, but none of a tenant that the destination lacks. */
function checkGroups(images: Images, before: OracleReading, after: OracleReading): string[] {
  const own = before.directory.groups;
  const come = images.production.directory.groups.filter((each) => images.group(each) !== null && !own.includes(each));
  const expected = [...own, ...new Set(come)];
  const found = after.directory.groups;
  return [
    ...without(expected, found).map((each) => `group: ${each} is missing`),
    ...without(found, expected).map((each) => `group: ${each} is too much`),
  ];
}

/** None is taken away but those of users who are deleted, and in the mode recreate the roles of matched groups. */
function expectedLinks(
  images: Images,
  kind: 'userRoles' | 'groupRoles' | 'groupUsers',
  before: OracleReading,
): string[] {
  const { mode } = images.scope.options.users;
  const sides = sidesOf[kind];
  const replacesRoles = kind === 'groupRoles' && mode === 'recreate';
  const own = translated(before.directory[kind], sides, {
    user: (marker) => images.users.afterwards(marker),
    group: (marker) => (replacesRoles && images.production.directory.groups.includes(marker) ? null : marker),
    role: (marker) => marker,
  });
  const added = translated(images.production.directory[kind], sides, {
    user: (marker) => {
      const image = images.user(marker);
      return image === null || images.users.gathersNothing(image) ? null : image;
    },
    group: (marker) => images.group(marker),
    role: (marker) => marker,
  });
  return mode === 'matchOnly' ? own : [...own, ...added];
}

type Side = 'user' | 'group' | 'role';

const sidesOf = {
  userRoles: ['user', 'role'],
  groupRoles: ['group', 'role'],
  groupUsers: ['group', 'user'],
} as const;

function translated(
  links: readonly string[],
  [left, right]: readonly [Side, Side],
  images: Readonly<Record<Side, (marker: string) => string | null>>,
): string[] {
  return links.flatMap((link) => {
    const [a = '', b = ''] = link.split(' -> ');
    const [from, to] = [images[left](a), images[right](b)];
    return from === null || to === null ? [] : [`${from} -> ${to}`];
  });
}

function compareLists(kind: string, expected: readonly string[], found: readonly string[]): string[] {
  return [
    ...[...new Set(expected)].filter((each) => !found.includes(each)).map((each) => `${kind}: ${each} is missing`),
    ...[...new Set(found)].filter((each) => !expected.includes(each)).map((each) => `${kind}: ${each} is too much`),
  ];
}
