import type { WorkerDeploymentOptions } from '@temporalio/worker';
import { BadInputError } from '../src/plan/badInput.js';

const behaviors = { pinned: 'PINNED', autoUpgrade: 'AUTO_UPGRADE' } as const;

/**
 * Worker versioning, if the environment asks for it: REFRESH_BUILD_ID names this build, REFRESH_DEPLOYMENT the deployment
 * (default outsystems-refresh), REFRESH_VERSIONING what becomes of running refreshes when a new build is made current.
 * Without REFRESH_VERSIONING the version is only shown.
 *
 * @throws BadInputError (WORKER_VERSION_INVALID)
 */
export function workerVersion(variables: NodeJS.ProcessEnv): { workerDeploymentOptions?: WorkerDeploymentOptions } {
  const buildId = variables['REFRESH_BUILD_ID'] ?? '';
  const asked = variables['REFRESH_VERSIONING'] ?? '';
  if (buildId === '') {
    if (asked === '') return {};
    throw invalid('REFRESH_VERSIONING needs REFRESH_BUILD_ID');
  }
  const version = { deploymentName: variables['REFRESH_DEPLOYMENT'] || 'outsystems-refresh', buildId };
  if (asked === '') return { workerDeploymentOptions: { version, useWorkerVersioning: false } };
  if (!Object.hasOwn(behaviors, asked)) throw invalid(`REFRESH_VERSIONING is ${asked}`);
  const defaultVersioningBehavior = behaviors[asked as keyof typeof behaviors];
  return { workerDeploymentOptions: { version, useWorkerVersioning: true, defaultVersioningBehavior } };
}

function invalid(problem: string): BadInputError {
  return new BadInputError(
    'WORKER_VERSION_INVALID',
    `The version of this worker is not clear: ${problem}.`,
    `Set REFRESH_BUILD_ID, and REFRESH_VERSIONING to ${Object.keys(behaviors).join(' or ')}, or neither.`,
  );
}
