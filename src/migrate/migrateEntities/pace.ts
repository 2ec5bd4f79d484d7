import { setTimeout as delay } from 'node:timers/promises';
import type { RefreshRequest } from '../../contract.js';

/**
 * Milliseconds to wait after a batch so that production is read no faster than the request allows. The limits hold for
 * the run, so each of the entities that move at the same time gets its share.
 */
export function pause(request: RefreshRequest, rows: number, bytes: number, elapsed: number): number {
  const share = Math.max(1, request.parallelEntities);
  const needed = [
    request.limits.rowsPerSecond === null ? 0 : (rows * share * 1000) / request.limits.rowsPerSecond,
    request.limits.bytesPerSecond === null ? 0 : (bytes * share * 1000) / request.limits.bytesPerSecond,
  ];
  return Math.max(0, Math.ceil(Math.max(...needed) - elapsed));
}

/** Waits, unless the work is cancelled meanwhile. */
export async function waitFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds > 0) await delay(milliseconds, undefined, { signal }).catch(() => undefined);
}
