/** Compares the destination's rows with the image of the source. */
import { isDeepStrictEqual } from 'node:util';
import type { OracleReading, OracleRow, OracleValue } from '../../../sandbox/factories/oracle.js';
import type { Images } from './images.js';
import type { OracleScope } from './scope.js';

export function checkRows(images: Images, before: OracleReading, after: OracleReading): string[] {
  return [...images.scope.moved].flatMap((path) => checkEntity(images, path, before, after));
}

function checkEntity(images: Images, path: string, before: OracleReading, after: OracleReading): string[] {
  const { scope } = images;
  const there = after.entities.get(path) ?? new Map<string, OracleRow>();
  const moves = images.rows.get(path) ?? new Set<string>();
  const matches = scope.matches(path);
  const updates = scope.optionsOf(path).onMatch === 'update';
  const expected = new Map<string, OracleRow>();
  for (const [marker, row] of stayingRows(images, path, before)) {
    if (!(matches && updates && moves.has(marker))) expected.set(marker, survivors(images, before, after, row));
  }
  for (const marker of moves) {
    if (!expected.has(marker)) expected.set(marker, images.imageOf(path, marker));
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

/**
 * What a row that stays refers to may be gone: its identifier then stands for nothing, or, where keys carry a meaning
 * ('?'), for whatever row was loaded with it.
 */
export function survivors(images: Images, before: OracleReading, after: OracleReading, row: OracleRow): OracleRow {
  const { scope, users } = images;
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      if (value === null || typeof value !== 'object' || value.marker === undefined) return [name, value];
      // Nobody is deleted to whom a row that stays refers.
      if (value.to === 'ServiceCenter.User')
        return [name, { to: value.to, marker: users.afterwards(value.marker) ?? 'nobody' }];
      // Static records are known by their keys, and stay.
      const isStatic = value.to !== 'ServiceCenter.Process' && scope.entity(value.to).kind === 'staticEntity';
      const stays =
        value.to === 'ServiceCenter.Process'
          ? after.processes.has(value.marker)
          : isThere(images, value.to, value.marker, before, after);
      if (isStatic || stays) return [name, value];
      return [name, { to: value.to, missing: isNumbered(scope, value.to) ? '*' : '?' }];
    }),
  );
}

/** Keys of other entities carry a meaning: a row that is loaded may have that of a deleted one. */
export function isNumbered(scope: OracleScope, path: string): boolean {
  const { attributes, primaryKey } = scope.entity(path);
  return attributes.some((each) => each.name === primaryKey && each.autoNumber);
}

export function differences(place: string, expected: OracleRow, found: OracleRow): string[] {
  return Object.entries(expected).flatMap(([name, value]) => {
    const other = found[name] ?? null;
    if (isDeepStrictEqual(value, other)) return [];
    if (value !== null && typeof value === 'object' && value.missing === '?') return [];
    const gone = value !== null && typeof value === 'object' && value.missing === '*';
    if (gone && other !== null && typeof other === 'object' && other.missing !== undefined) return [];
    return [`${place}.${name} is ${JSON.stringify(other)} instead of ${JSON.stringify(value)}`];
  });
}
