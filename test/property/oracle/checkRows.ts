/** Compares the destination's rows with the image of the source. */
import { isDeepStrictEqual } from 'node:util';
import type { OracleReading, OracleReference, OracleRow, OracleValue } from '../../../sandbox/factories/oracle.js';
import { normalKey } from '../../../sandbox/factories/oracle/values.js';
import type { Images } from './images.js';
import type { OracleScope } from './scope.js';

export function checkRows(images: Images, before: OracleReading, after: OracleReading): string[] {
  const { moved } = images.scope;
  return [
    ...[...moved].flatMap((path) => checkEntity(images, path, before, after)),
    ...[...after.entities.keys()]
      .filter((path) => !moved.has(path))
      .flatMap((path) => checkOthers(images, path, before, after)),
  ];
}

/** Rows outside the scope: what they refer to is the same row as before, or none. Whether all are there checkTouched() says. */
function checkOthers(images: Images, path: string, before: OracleReading, after: OracleReading): string[] {
  return [...(after.entities.get(path) ?? [])].flatMap(([marker, row]) => {
    const was = before.entities.get(path)?.get(marker);
    return was === undefined
      ? [`${path}, outside the scope, has ${marker}`]
      : differences(`${path} ${marker}, outside the scope`, survivors(images, before, after, was), row);
  });
}

function checkEntity(images: Images, path: string, before: OracleReading, after: OracleReading): string[] {
  const { scope } = images;
  const there = after.entities.get(path) ?? new Map<string, OracleRow>();
  const moves = images.rows.get(path) ?? new Set<string>();
  const matches = scope.matches(path);
  const updates = scope.optionsOf(path).onMatch === 'update';
  const expected = new Map<string, OracleRow>();
  const staying = new Map(stayingRows(images, path, before));
  for (const [marker, row] of staying) {
    if (!(matches && updates && moves.has(marker))) expected.set(marker, survivors(images, before, after, row));
  }
  for (const marker of moves) {
    if (!expected.has(marker))
      expected.set(marker, { ...images.imageOf(path, marker), ...ownNumber(scope, path, staying.get(marker)) });
    else if (!matches) expected.set(`${marker}#2`, images.imageOf(path, marker));
  }
  const problems: string[] = [];
  for (const [marker, row] of expected) {
    const found = there.get(marker);
    if (found === undefined) problems.push(`${path} lacks ${marker}`);
    else problems.push(...differences(`${path} ${marker}`, row, found));
  }
  for (const marker of there.keys())
    if (!expected.has(marker)) problems.push(`${path} has ${marker}, which is no image`);
  return problems;
}

/** Rows of the destination that deleting leaves: all of an entity that does not move. */
export function stayingRows(images: Images, path: string, before: OracleReading): [marker: string, row: OracleRow][] {
  const { scope } = images;
  const stays = !scope.moved.has(path) || scope.dataOf(path) === 'keep';
  return [...(before.entities.get(path) ?? [])].filter(
    ([marker, row]) =>
      stays ||
      scope.survives(path, marker) ||
      (row['#tenant'] !== undefined && !isTenantOfSource(images, row['#tenant'])),
  );
}

function isTenantOfSource(images: Images, tenant: OracleValue): boolean {
  return images.production.directory.tenants.includes(String(tenant));
}

/** Whether a row of the destination is still there: one that was loaded is another than a deleted one of its marker. */
export function isThere(
  images: Images,
  path: string,
  marker: string,
  before: OracleReading,
  after: OracleReading,
): boolean {
  const rows = after.entities.get(path);
  if (rows === undefined) return true;
  return rows.has(marker) && stayingRows(images, path, before).some(([staying]) => staying === marker);
}

/** A row that is found again keeps the number that is its key. */
function ownNumber(scope: OracleScope, path: string, row: OracleRow = {}): OracleRow {
  const { attributes, primaryKey } = scope.entity(path);
  const value = row[primaryKey];
  const isNumber = attributes.some((each) => each.name === primaryKey && each.type.kind.endsWith('nteger'));
  return isNumber && value !== undefined ? { [primaryKey]: value } : {};
}

/** A row that stays, as it is afterwards: what it refers to may be gone. */
export function survivors(images: Images, before: OracleReading, after: OracleReading, row: OracleRow): OracleRow {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      value === null || typeof value !== 'object' ? value : afterwards(images, before, after, value),
    ]),
  );
}

/**
 * What an identifier that nobody translates stands for afterwards. That of a row that is gone stands for nothing, but
 * where keys carry a meaning, for the row that was loaded with the same.
 */
export function afterwards(
  images: Images,
  before: OracleReading,
  after: OracleReading,
  value: OracleReference,
): OracleReference {
  const { to, marker } = value;
  const { scope, users } = images;
  if (marker === undefined) return value;
  const nothing = { to, missing: '*' };
  if (to === 'ServiceCenter.User') {
    const there = users.afterwards(marker);
    return there === null ? nothing : { to, marker: there };
  }
  if (to === 'ServiceCenter.Process') return after.processes.has(marker) ? value : nothing;
  // Static records are known by their keys, and stay.
  if (scope.entity(to).kind === 'staticEntity' || isThere(images, to, marker, before, after)) return value;
  const { primaryKey } = scope.entity(to);
  const key = before.entities.get(to)?.get(marker)?.[primaryKey];
  if (isNumbered(scope, to) || key == null) return nothing;
  const same = sameKey(typeof key === 'object' ? afterwards(images, before, after, key) : key);
  const loaded = [...(after.entities.get(to) ?? [])].find(([, row]) => same(row[primaryKey]));
  return loaded === undefined ? nothing : { to, marker: loaded[0] };
}

function sameKey(key: string | OracleReference): (other: OracleValue | undefined) => boolean {
  if (typeof key === 'object') return (other) => key.marker !== undefined && isDeepStrictEqual(key, other);
  return (other) => typeof other === 'string' && normalKey(other) === normalKey(key);
}

/** The environment itself numbers its rows: their keys carry no meaning. */
export function isNumbered(scope: OracleScope, path: string): boolean {
  const { attributes, primaryKey } = scope.entity(path);
  return attributes.some((each) => each.name === primaryKey && each.autoNumber);
}

export function differences(place: string, expected: OracleRow, found: OracleRow): string[] {
  return Object.entries(expected).flatMap(([name, value]) => {
    const other = found[name] ?? null;
    if (isDeepStrictEqual(value, other)) return [];
    const gone = value !== null && typeof value === 'object' && value.missing === '*';
    if (gone && other !== null && typeof other === 'object' && other.missing !== undefined) return [];
    return [`${place}.${name} is ${JSON.stringify(other)} instead of ${JSON.stringify(value)}`];
  });
}

/** What a list has and the other lacks; of what is there several times, as many as the other lacks. */
export function without(list: readonly string[], other: readonly string[]): string[] {
  const rest = [...other];
  return list.filter((each) => {
    const at = rest.indexOf(each);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}
