import { setImmediate } from 'node:timers/promises';
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, it } from 'vitest';
import { inSlice } from '../../../activities/stageActivity.js';

it('a slice may open as many sessions as it needs without a warning of a leak in the log', async () => {
  const warnings: string[] = [];
  const note = (warning: Error): void => void warnings.push(warning.name);
  process.on('warning', note);
  await new MockActivityEnvironment().run(() =>
    inSlice(({ signal }) => {
      for (let session = 0; session < 50; session++) signal.addEventListener('abort', () => session);
      return Promise.resolve();
    }),
  );
  await setImmediate();
  process.off('warning', note);
  expect(warnings).toEqual([]);
});
