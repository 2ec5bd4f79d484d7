import { readApplicationsEnabled } from '../../sandbox/factories/applicationState.js';
import type { OracleReading } from '../../sandbox/factories/oracle.js';
import type { PreparedEnvironments } from './preparedEnvironments.js';
import { readRawTables, type RawTables } from './rawTables.js';

/** All tables of QA but the queues, which the scheduler empties all the time. */
export function readDestination({ qa }: PreparedEnvironments): Promise<RawTables> {
  return readRawTables(qa, (table) => /^ossys_bpm_event(_queue)?$/i.test(table));
}

/** Names of QA's disabled applications, in order. */
export async function disabledApplications({ qa }: PreparedEnvironments): Promise<string[]> {
  const states = await readApplicationsEnabled(qa);
  return [...states]
    .filter(([, enabled]) => !enabled)
    .map(([name]) => name)
    .sort();
}

/** Subscriptions that start processes, by entity; others are those of activities. */
export function subscriptions(reading: OracleReading, kind: 'start' | 'activity'): Record<string, readonly string[]> {
  const ofKind = (row: string): boolean =>
    ((JSON.parse(row) as { activity: unknown }).activity === null) === (kind === 'start');
  return Object.fromEntries([...reading.subscriptions].map(([path, rows]) => [path, rows.filter(ofKind)]));
}
