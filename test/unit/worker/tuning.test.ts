import { readFileSync } from 'node:fs';
import { msToNumber } from '@temporalio/common';
import { expect, it } from 'vitest';
import * as tuning from '../../../worker/tuning.js';

/** The shortest heartbeat time-out of the workflows' activities. Milliseconds. */
function shortestHeartbeat(): number {
  const text = readFileSync('workflows/activityOptions.ts', 'utf8');
  const found = [...text.matchAll(/heartbeatTimeout: '([^']+)'/g)].map(([, given]) =>
    msToNumber(given as '30 seconds'),
  );
  return Math.min(...found);
}

it('heartbeats reach the server at least twice within the shortest time-out', () => {
  expect(msToNumber(tuning.maxHeartbeatThrottleInterval) * 2).toBeLessThanOrEqual(shortestHeartbeat());
});

it('a slice ends by itself within the grace of a shutdown, which is shorter than its force', () => {
  const slice = /sliceLength = ([\d_]+)/.exec(readFileSync('activities/stageActivity.ts', 'utf8'))?.[1] ?? '';
  expect(Number(slice.replaceAll('_', ''))).toBeLessThan(msToNumber(tuning.shutdownGraceTime));
  expect(msToNumber(tuning.shutdownGraceTime)).toBeLessThan(msToNumber(tuning.shutdownForceTime));
});
