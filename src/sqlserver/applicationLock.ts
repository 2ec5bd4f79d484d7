import { interruption } from './errors.js';
import { quoteText } from './quoteName.js';
import type { DestinationSession } from './session.js';

/** The lock that every writer of a destination shares, and that whoever stops writers takes exclusively. */
export const refreshLock = 'refresh';

/** Milliseconds. */
export const lockTimeout = 60_000;

/**
 * T-SQL that takes an application lock owned by the open transaction and leaves sp_getapplock's return code in the
 * variable: 0 granted, 1 granted after a wait, below 0 not granted (-1 time-out, -2 cancelled, -3 deadlock, -999 bad
 * call). sp_getapplock raises no error when it grants nothing, so the code must be looked at.
 */
export function takeLockSql(
  resource: string,
  mode: 'Shared' | 'Exclusive',
  variable: string,
  timeout: number = lockTimeout,
): string {
  return (
    `EXEC ${variable} = sp_getapplock @Resource = ${quoteText(resource)}, @LockMode = '${mode}', ` +
    `@LockOwner = 'Transaction', @LockTimeout = ${timeout};`
  );
}

/** @throws RefreshError that is retried, unless the return code says that the lock was granted */
export function requireLock(resource: string, returnCode: unknown): void {
  if (typeof returnCode === 'number' && returnCode >= 0) return;
  const reason =
    returnCode === -1 ? 'was not granted in time' : returnCode === -3 ? 'met a deadlock' : 'was not granted';
  throw interruption('applicationLock', `the application lock ${resource} ${reason}`, resource);
}

/** Takes the lock in the session's open transaction. */
export async function takeApplicationLock(
  session: DestinationSession,
  resource: string,
  mode: 'Shared' | 'Exclusive',
  timeout: number = lockTimeout,
): Promise<void> {
  const [row] = await session.rows(`DECLARE @lock int; ${takeLockSql(resource, mode, '@lock', timeout)} SELECT @lock;`);
  requireLock(resource, row?.[0]);
}
