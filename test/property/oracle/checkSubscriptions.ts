/**
 * Event subscriptions, of entities that move and of all others: the destination's own that still mean something, and the
 * source's of activities that move.
 */
import type { OracleReading, OracleReference, OracleValue } from '../../../sandbox/factories/oracle.js';
import { stayingInstances } from './checkProcesses.js';
import { afterwards, without } from './checkRows.js';
import { isNullIdentifier, type Images } from './images.js';

type Subscription = Record<string, OracleValue>;

export function checkSubscriptions(images: Images, before: OracleReading, after: OracleReading): string[] {
  const problems: string[] = [];
  const staying = new Set(stayingInstances(images, before).activities.map(([name]) => name));
  for (const [path, found] of after.subscriptions) {
    const own = parse(before.subscriptions.get(path) ?? []);
    const kept = own
      .filter((each) => each['activity'] === null || staying.has(String(each['activity'])))
      .map((each) => forgetDeleted(withReferences(each, (value) => afterwards(images, before, after, value))));
    const translated = parse(images.production.subscriptions.get(path) ?? []).flatMap((each) => {
      const image = translate(images, path, each);
      return image === null ? [] : [image];
    });
    const expected = [...kept, ...translated].map(canonical);
    const there = parse(found).map((each) => canonical(forgetDeleted(each)));
    problems.push(
      ...without(expected, there).map((each) => `${path} lacks the subscription ${each}`),
      ...without(there, expected).map((each) => `${path} has the subscription ${each}`),
    );
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

function withReferences(subscription: Subscription, image: (value: OracleReference) => OracleReference): Subscription {
  return Object.fromEntries(
    Object.entries(subscription).map(([name, value]) => [
      name,
      value === null || typeof value !== 'object' ? value : image(value),
    ]),
  );
}

/** References to what does not exist, whatever identifier they have: they fit nothing any more. */
function forgetDeleted(subscription: Subscription): Subscription {
  return withReferences(subscription, (value) =>
    value.marker !== undefined || isNullIdentifier(value) ? value : { to: value.to, missing: '*' },
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
