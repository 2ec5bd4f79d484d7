import { expect, it } from 'vitest';
import { workerVersion } from '../../../worker/versioning.js';

it('names the build that the environment names, and what becomes of running refreshes', () => {
  expect(workerVersion({})).toEqual({});
  expect(workerVersion({ REFRESH_BUILD_ID: '1.2.0' })).toEqual({
    workerDeploymentOptions: {
      version: { deploymentName: 'outsystems-refresh', buildId: '1.2.0' },
      useWorkerVersioning: false,
    },
  });
  expect(workerVersion({ REFRESH_BUILD_ID: '1.2.0', REFRESH_DEPLOYMENT: 'qa', REFRESH_VERSIONING: 'pinned' })).toEqual({
    workerDeploymentOptions: {
      version: { deploymentName: 'qa', buildId: '1.2.0' },
      useWorkerVersioning: true,
      defaultVersioningBehavior: 'PINNED',
    },
  });
});

it.each([{ REFRESH_VERSIONING: 'pinned' }, { REFRESH_BUILD_ID: '1', REFRESH_VERSIONING: 'PINNED' }])(
  'refuses what is not clear: %j',
  (variables) => {
    expect(() => workerVersion(variables)).toThrow(
      expect.objectContaining({ code: 'WORKER_VERSION_INVALID' }) as Error,
    );
  },
);
