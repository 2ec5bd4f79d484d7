import { environmentNamed } from '../src/config.js';
import type { RefreshActivities } from '../src/contract.js';
import { closeRun } from '../src/migrate/closeRun/closeRun.js';
import { compensate } from '../src/migrate/compensate/compensate.js';
import { stateExists } from '../src/migrate/state/createState.js';
import { writeJournal } from '../src/migrate/state/journal.js';
import { findRun } from '../src/migrate/state/run.js';
import { findStateTables, type StateTables } from '../src/migrate/state/stateTables.js';
import { takeOver } from '../src/migrate/state/takeOver.js';
import { DestinationSession } from '../src/sqlserver/session.js';
import type { ActivityDependencies } from './dependencies.js';
import { inSlice, stageContext } from './stageActivity.js';

type Endings = Pick<RefreshActivities, 'compensate' | 'closeRun' | 'takeOver' | 'writeJournal'>;

/**
 * What ends a run, however far it came. The run row is the judge: the plan stage may have opened the run although its
 * answer never reached the workflow, so plan and epoch are the row's and not the caller's.
 */
export function endings(dependencies: ActivityDependencies): Endings {
  return {
    compensate: ({ run }) =>
      inSlice(async (slice) => {
        const known = await withState(dependencies, run.destination, (session, state) =>
          findRun(session, state, run.run),
        );
        if (known === null || known.value === null) return { undone: true, left: [] };
        const reference = { ...run, planHash: known.value.planHash, epoch: known.value.epoch };
        const plan = await dependencies.plans.load(reference);
        return compensate(stageContext(dependencies, { ...slice, run: reference, plan, state: known.state }));
      }),
    closeRun: (input) =>
      inSlice(async () => {
        await withState(dependencies, input.run.destination, async (session, state) => {
          const run = await findRun(session, state, input.run.run);
          if (run === null) return;
          const plan = await dependencies.plans.load({ ...input.run, planHash: run.planHash });
          await closeRun(session, state, plan, input);
        });
      }),
    writeJournal: (input) =>
      inSlice(async () => {
        await withState(dependencies, input.run.destination, (session, state) => writeJournal(session, state, input));
      }),
    takeOver: ({ destination }) =>
      inSlice(async () => {
        const taken = await withState(dependencies, destination, takeOver);
        if (taken === null || taken.value === null) return null;
        const plan = await dependencies.plans.load(taken.value.reference);
        return {
          ...taken.value,
          applications: plan.applications.map(({ name }) => name),
          maintenance: environmentNamed(dependencies.configuration, destination).maintenance.mode,
        };
      }),
  };
}

/** Null if the destination has no state tables: no run ever wrote to it. */
async function withState<T>(
  dependencies: ActivityDependencies,
  destination: string,
  work: (session: DestinationSession, state: StateTables) => Promise<T>,
): Promise<{ readonly value: T; readonly state: StateTables } | null> {
  const settings = environmentNamed(dependencies.configuration, destination);
  const session = await DestinationSession.open(settings);
  try {
    const state = await findStateTables(session, settings.state);
    if (!(await stateExists(session, state))) return null;
    return { value: await work(session, state), state };
  } finally {
    session.close();
  }
}
