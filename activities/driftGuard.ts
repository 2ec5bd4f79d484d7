import { environmentNamed } from '../src/config.js';
import type { RunReference } from '../src/contract.js';
import { driftedEnvironments } from '../src/plan/makePlan.js';
import { RefreshError } from '../src/sqlserver/errors.js';
import { openReadPool } from '../src/sqlserver/readPool.js';
import type { ActivityDependencies, PlanSource } from './dependencies.js';

/** Stages before which both metamodels are read again: the first that disturbs, the first that deletes, the last look. */
export type GuardedStage = 'disableApplications' | 'deleteDestinationData' | 'verify';

/** Throws PlanDrift if a module of the plan was published in either environment since the plan was made (trap 86). */
export type DriftGuard = (run: RunReference, stage: GuardedStage) => Promise<void>;

const keptAnswers = 100;

type DriftDependencies = Pick<ActivityDependencies, 'configuration'> & { readonly plans: Pick<PlanSource, 'load'> };

/**
 * Looks once a stage and process, not once a slice: about sixty reads of the catalogue. Publishing in the middle of a
 * stage is met by the next look; a drift that was found is looked for again, since publishing back mends it.
 */
export function driftGuard(dependencies: DriftDependencies): DriftGuard {
  const passed = new Set<string>();
  return async (run, stage) => {
    const key = `${run.run} ${stage}`;
    if (passed.has(key)) return;
    await assertNoDrift(dependencies, run);
    passed.add(key);
    for (const oldest of passed) {
      if (passed.size <= keptAnswers) break;
      passed.delete(oldest);
    }
  };
}

async function assertNoDrift({ configuration, plans }: DriftDependencies, run: RunReference): Promise<void> {
  const plan = await plans.load(run);
  const source = await openReadPool(environmentNamed(configuration, run.source));
  try {
    const destination = await openReadPool(environmentNamed(configuration, run.destination));
    try {
      const drifted = await driftedEnvironments(plan, source, destination);
      if (drifted.length > 0) throw planDrift(drifted);
    } finally {
      await destination.close();
    }
  } finally {
    await source.close();
  }
}

function planDrift(environments: readonly string[]): RefreshError {
  return new RefreshError(
    'planDrift',
    'PlanDrift',
    `the metamodel of ${environments.join(' and ')} has changed since the plan was made`,
    'Abort this run and start a new refresh, or publish the former version again and retry the stage.',
    { subject: environments.join(', ') },
  );
}
