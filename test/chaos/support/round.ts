import { setTimeout as delay } from 'node:timers/promises';
import { stringify } from 'yaml';
import { sampleConfiguration } from '../../../sandbox/configuration.js';
import type { RunStatus } from '../../../src/contract.js';
import { Chance } from './chance.js';
import type { ChaosStand } from './chaosStand.js';
import { differences, type Destination, type Holding } from './destination.js';
import { disturbances, startWorker, type Disturbance } from './disturbances.js';
import { operate } from './operator.js';

/** However much is disturbed, a round of so few rows that takes longer hangs. */
const roundLimit = 600_000;

export interface RoundResult {
  readonly round: number;
  readonly happened: readonly string[];
  readonly milliseconds: number;
  readonly problems: readonly string[];
}

export async function configure(stand: ChaosStand, destination: Destination): Promise<void> {
  const server = {
    host: '127.0.0.1',
    port: stand.proxy.port,
    productionDatabase: destination.factories.production.database,
    qaDatabase: destination.factories.qa.database,
  };
  await stand.configure(stringify(sampleConfiguration(server, stand.temporalAddress)));
}

/** One refresh that nothing disturbs: what it leaves is what every disturbed one must leave. */
export async function undisturbedRun(
  stand: ChaosStand,
  destination: Destination,
): Promise<{ readonly holding: Holding; readonly milliseconds: number }> {
  const started = Date.now();
  await startWorker(stand, 'one', 0);
  const handle = await startRefresh(stand, 'undisturbed', 100, 3);
  const status = await operate(stand.client, handle, destination, { deadline: started + roundLimit });
  await stand.killWorker('one');
  if (status.state !== 'done') throw new Error(`the undisturbed run ended as ${status.state}: ${await stand.logs()}`);
  return { holding: await destination.read(), milliseconds: Date.now() - started };
}

/** The same, told without a run: for a single round that is the first refresh of its destination. */
export async function expectedHolding(
  destination: Destination,
): Promise<{ readonly holding: Holding; readonly milliseconds: number }> {
  const image = await destination.expected();
  return { holding: { ...(await destination.read()), image }, milliseconds: 20_000 };
}

/** One refresh to which, from the seed and the number of the round, this and that happens. */
export async function disturbedRound(
  stand: ChaosStand,
  destination: Destination,
  undisturbed: { readonly holding: Holding; readonly milliseconds: number },
  round: number,
): Promise<RoundResult> {
  const chance = new Chance(stand.seed * 1_000 + round);
  const started = Date.now();
  const happened: string[] = [];
  if (!stand.works('one')) await startWorker(stand);
  const handle = await startRefresh(stand, `round-${round}`, chance.between(10, 100), chance.between(1, 4));
  const planned = disturbances(chance, stand, destination, undisturbed.milliseconds);
  let disturbed: Promise<void> | undefined;
  const onStatus = (status: RunStatus): void => {
    // Preflight and plan tell the operator of trouble rather than bear it.
    if (status.stage === 'preflight' || status.stage === 'plan' || disturbed !== undefined) return;
    disturbed = disturb(planned, happened);
  };
  const problems: string[] = [];
  try {
    const status = await operate(stand.client, handle, destination, { deadline: started + roundLimit, onStatus });
    if (status.state !== 'done') problems.push(`the run ended as ${status.state}`);
  } catch (error) {
    problems.push(
      `${String(error)} ${error instanceof Error && error.cause instanceof Error ? String(error.cause) : ''}`,
    );
    await handle.terminate('the round is over').catch(() => undefined);
  }
  await disturbed;
  await stand.arm();
  problems.push(...differences(undisturbed.holding, await destination.read()));
  return { round, happened, milliseconds: Date.now() - started, problems };
}

async function startRefresh(stand: ChaosStand, name: string, rows: number, parallelEntities: number) {
  return stand.client.workflow.start('refresh', {
    workflowId: `refresh-${name}-${Date.now()}`,
    taskQueue: stand.taskQueue,
    args: [
      {
        source: 'production',
        destination: 'qa',
        scope: { applications: ['Recruiting'] },
        batch: { rows },
        parallelEntities,
      },
    ],
  });
}

/** Lets everything happen at its time; what restarts a server takes its time, so the next waits for it. */
async function disturb(planned: readonly Disturbance[], happened: string[]): Promise<void> {
  const began = Date.now();
  for (const { at, what, happen } of planned) {
    await delay(Math.max(0, at - (Date.now() - began)));
    happened.push(`${Date.now() - began} ms: ${what}`);
    await happen().catch((error: unknown) => happened.push(`  (${String(error)})`));
  }
}
