import { setTimeout as delay } from 'node:timers/promises';
import { stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleConfiguration } from '../../sandbox/configuration.js';
import { ChaosStand } from './support/chaosStand.js';
import { Destination, differences, type Holding } from './support/destination.js';
import { startWorker } from './support/disturbances.js';
import { operate } from './support/operator.js';
import { expectedHolding } from './support/round.js';

/** Part of the long form; CHAOS_DESTINATIONS: how many are refreshed at once. */
const number = Number(process.env['CHAOS_DESTINATIONS'] ?? 10);
const wanted = Number(process.env['CHAOS_ROUNDS'] ?? 1) > 1 || process.env['CHAOS_DESTINATIONS'] !== undefined;
const killEvery = 20_000;
const limit = 30 * 60_000;

let stand: ChaosStand;
const destinations: { readonly destination: Destination; readonly expected: Holding }[] = [];

beforeAll(async () => {
  if (!wanted) return;
  stand = await ChaosStand.start(1);
  for (let index = 0; index < number; index += 1) {
    const destination = await Destination.write(() => stand.server, {
      name: `load${index}`,
      rows: 20,
      seed: index + 1,
    });
    destinations.push({ destination, expected: (await expectedHolding(destination)).holding });
  }
  await stand.configure(configurationText());
}, limit);

afterAll(async () => {
  for (const { destination } of destinations) await destination.drop();
  await stand?.stop();
}, limit);

/** Each destination has a source of its own, so that its data tells where it came from. */
function configurationText(): string {
  const environments: Record<string, unknown> = {};
  destinations.forEach(({ destination: { factories } }, index) => {
    const server = {
      host: '127.0.0.1',
      port: stand.proxy.port,
      productionDatabase: factories.production.database,
      qaDatabase: factories.qa.database,
    };
    const sample = sampleConfiguration(server, stand.temporalAddress) as { environments: Record<string, unknown> };
    environments[`production${index}`] = sample.environments['production'];
    environments[`qa${index}`] = sample.environments['qa'];
  });
  return stringify({ temporal: { address: stand.temporalAddress }, environments });
}

/** Kills one of two workers at a time, in turn, and starts it again, until told to stop. */
async function killInTurn(stop: AbortSignal): Promise<number> {
  for (let kills = 0; ; kills += 1) {
    await delay(killEvery, undefined, { signal: stop }).catch(() => undefined);
    if (stop.aborted) return kills;
    const name = kills % 2 === 0 ? 'one' : 'two';
    await stand.killWorker(name);
    await startWorker(stand, name, 0);
  }
}

describe.runIf(wanted)(`${number} refreshes at once by two workers, one of which is killed every 20 s`, () => {
  it(
    'leave each destination with the data of its own source',
    async () => {
      await Promise.all([startWorker(stand, 'one', 0), startWorker(stand, 'two', 0)]);
      const stop = new AbortController();
      const killing = killInTurn(stop.signal);
      const deadline = Date.now() + limit;
      const states = await Promise.all(
        destinations.map(async ({ destination }, index) => {
          const handle = await stand.client.workflow.start('refresh', {
            workflowId: `refresh-qa${index}`,
            taskQueue: stand.taskQueue,
            args: [
              {
                source: `production${index}`,
                destination: `qa${index}`,
                scope: { applications: ['Recruiting'] },
                batch: { rows: 50 },
              },
            ],
          });
          return (await operate(stand.client, handle, destination, { deadline })).state;
        }),
      );
      stop.abort();
      process.stdout.write(`chaos: ${number} refreshes at once survived ${await killing} kills of a worker\n`);
      expect(states).toEqual(destinations.map(() => 'done'));
      for (const { destination, expected } of destinations) {
        expect(differences(expected, await destination.read())).toEqual([]);
      }
    },
    limit + 60_000,
  );
});
