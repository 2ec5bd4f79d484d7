/**
 * Event subscriptions, of entities that move and of all others: the destination's own that still mean something, and the
 * source's of activities that move.
 */
import type { OracleReading, OracleValue } from '../../../sandbox/factories/oracle.js';
import { stayingInstances } from './checkProcesses.js';
import { isNumbered, isThere } from './checkRows.js';
import { isNullIdentifier, type Images } from './images.js';

type Subscription = Record<string, OracleValue>;

export function checkSubscriptions(images: Images, before: OracleReading, after: OracleReading): string[] {
  const problems: string[] = [];
  const staying = new Set(stayingInstances(images, before).activities.map(([name]) => name));
  const isFound = (to: string, marker: string): boolean => after.entities.get(to)?.has(marker) !== false;
  const isKept = (to: string, marker: string): boolean =>
    !after.entities.has(to) ||
    (isNumbered(images.scope, to) ? isThere(images, to, marker, before, after) : isFound(to, marker));
  for (const [path, found] of after.subscriptions) {
    const own = parse(before.subscriptions.get(path) ?? []);
    const starts = own.filter((each) => each['activity'] === null).map((each) => withUsersAfterwards(images, each));
    const kept = own
      .filter((each) => staying.has(String(each['activity'])))
      .map((each) => withUsersAfterwards(images, each))
      .map((each) => forgetDeleted(each, isKept));
    const translated = parse(images.production.subscriptions.get(path) ?? []).flatMap((each) => {
      const image = translate(images, path, each);
      return image === null ? [] : [image];
    });
    const expected = new Set([...starts, ...kept, ...translated].map(canonical));
    const there = new Set(parse(found).map((each) => canonical(forgetDeleted(each, isFound))));
    for (const each of expected) if (!there.has(each)) problems.push(`${path} lacks the subscription ${each}`);
    for (const each of there) if (!expected.has(each)) problems.push(`${path} has the subscription ${each}`);
  }
  return problems;
}

function parse(texts: readonly string[]): Subscription[] {
  return texts.map((each) => JSON.parse(each) as Subscription);
}

function canonical(subscription: Subscription): string {
  return JSON.stringify(subscription, (_, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

/** References to rows that are gone, whatever identifier they have. */
function forgetDeleted(subscription: Subscription, exists: (to: string, marker: string) => boolean): Subscription {
  return Object.fromEntries(
    Object.entries(subscription).map(([name, value]) => {
      if (value === null || typeof value !== 'object' || isNullIdentifier(value)) return [name, value];
      const gone = value.marker === undefined || !exists(value.to, value.marker);
      return [name, gone ? { to: value.to, missing: '*' } : value];
    }),
  );
}

/** Filters for users who are deleted and made anew are not looked for (docs/limits.md): they fit nobody any more. */
function withUsersAfterwards({ users }: Images, subscription: Subscription): Subscription {
  return Object.fromEntries(
    Object.entries(subscription).map(([name, value]) => {
      if (value === null || typeof value !== 'object' || value.to !== 'ServiceCenter.User') return [name, value];
      const marker = value.marker === undefined ? null : users.afterwards(value.marker);
      return [name, marker === null ? { to: value.to, missing: 'deleted' } : { to: value.to, marker }];
    }),
  );
}

function translate(images: Images, path: string, subscription: Subscription): Subscription | null {
  const activity = subscription['activity'];
  if (activity === null || activity === undefined) return null;
  const instance = images.production.activities.get(String(activity));
  if (!images.processes.has(String(instance?.['PROCESS_ID']))) return null;
  const result: Subscription = {};
  for (const [name, value] of Object.entries(subscription)) {
    if (value === null && images.scope.lacks(path, name)) continue;
    if (value !== null && typeof value === 'object') {
      const target = images.target(value);
      if (target === null && !isNullIdentifier(value)) return null;
      result[name] = target === null ? value : { to: value.to, marker: target };
    } else result[name] = value;
  }
  return images.hasTenantMarker(subscription['tenant'] ?? null) && path !== '' ? result : null;
}
