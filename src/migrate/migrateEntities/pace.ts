import { setTimeout as delay } from 'node:timers/promises';
import type { RefreshRequest, StageName } from '../../contract.js';
import type { StageContext } from '../stageContext.js';
import type { PageLimits } from './readPage.js';

type Paced = Pick<RefreshRequest, 'limits' | 'parallelEntities'>;

/** Seconds of the allowed rate that one page may hold: a wait is never longer, so a pause or an abort is soon heard. */
const secondsAPage = 2;

/** The part of the run's rate that one reader gets: as many as may read at the same time share it. */
function shareOf(request: Paced, perSecond: number | null, ranges: number): number {
  return perSecond === null ? Infinity : perSecond / Math.max(1, request.parallelEntities * ranges);
}

/**
 * Pages no larger than what may be read in a moment, and together no more bytes than one reader may hold.
 * @param ranges key ranges of the entity that are read at the same time
 */
export function pacedLimits(request: Paced, limits: PageLimits, ranges: number): PageLimits {
  const { rowsPerSecond, bytesPerSecond } = request.limits;
  const most = (limit: number, perSecond: number | null): number =>
    Math.max(1, Math.floor(Math.min(limit, secondsAPage * shareOf(request, perSecond, ranges))));
  return { rows: most(limits.rows, rowsPerSecond), bytes: most(limits.bytes / ranges, bytesPerSecond) };
}

/**
 * Milliseconds to wait after a page so that production is read no faster than the request allows. The limits hold for
 * the run, so each of the entities that move at the same time gets its share, and of that each of their ranges.
 * @param ranges key ranges of the entity that are read at the same time
 */
export function pause(
  request: Paced,
  page: { readonly rowCount: number; readonly bytes: number },
  elapsed: number,
  ranges: number,
): number {
  const { rowsPerSecond, bytesPerSecond } = request.limits;
  const seconds = Math.max(
    page.rowCount / shareOf(request, rowsPerSecond, ranges),
    page.bytes / shareOf(request, bytesPerSecond, ranges),
  );
  return Math.max(0, Math.ceil(seconds * 1000 - elapsed));
}

/** What the operator is told while a pause lasts. */
export function pauseReason({ limits }: Paced): string {
  const parts = [
    ...(limits.rowsPerSecond === null ? [] : [`${limits.rowsPerSecond} rows a second`]),
    ...(limits.bytesPerSecond === null ? [] : [`${limits.bytesPerSecond} bytes a second`]),
  ];
  return `the request limits reading to ${parts.join(' and ')}`;
}

/**
 * Holds a reader of the source back after a page, unless the work is cancelled meanwhile, and tells the operator why. To
 * be called after the last page of a slice, a range or an entity too: the next one begins at once.
 * @param elapsed milliseconds since the page was asked for
 * @param ranges key ranges of the entity that are read at the same time
 */
export async function keepPace(
  context: Pick<StageContext, 'plan' | 'heartbeat' | 'signal'>,
  reader: { readonly stage: StageName; readonly subject: string },
  page: { readonly rowCount: number; readonly bytes: number },
  elapsed: number,
  ranges: number,
): Promise<void> {
  const { request } = context.plan;
  const milliseconds = pause(request, page, elapsed, ranges);
  if (milliseconds === 0) return;
  context.heartbeat({ ...reader, waiting: pauseReason(request) });
  await waitFor(milliseconds, context.signal);
}

/** Waits, unless the work is cancelled meanwhile. */
export async function waitFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds > 0) await delay(milliseconds, undefined, { signal }).catch(() => undefined);
}
