import { rowPathVariable } from '../src/migrate/migrateEntities/rowPath.js';
import { prepareEnvironments } from './environments.js';
import { timeFloor } from './floorPath.js';
import { inTurn, ratios, spreadOf } from './measure.js';
import { salesFactory } from './model.js';
import { planFor, plannedRows, timeRefresh } from './refreshPath.js';
import type { Bench } from './results.js';

/** The refresh's data path against driver read + driver bulk load of the same rows. */
export const floor: Bench = {
  name: 'floor',
  what: 'data path against reading with the driver and bulk loading into empty copies',
  async run({ server, rows, runs, report }) {
    const environments = await prepareEnvironments(await server(), salesFactory(), rows);
    try {
      const moved = plannedRows(environments, await planFor(environments, 'generate'));
      const samples = await inTurn(runs, {
        floor: () => timeFloor(environments),
        translated: () => timeRefresh(environments, 'generate'),
        preserved: () => timeRefresh(environments, 'preserve'),
        byDriver: () => withoutRelay(() => timeRefresh(environments, 'generate')),
      });
      const perSecond = (name: keyof typeof samples) => spreadOf(samples[name].map(({ seconds }) => moved / seconds));
      report({ what: `floor, ${moved} rows`, figure: perSecond('floor'), unit: 'rows/s' });
      report({ what: 'refresh, translated keys', figure: perSecond('translated'), unit: 'rows/s' });
      report({ what: 'refresh, preserved keys', figure: perSecond('preserved'), unit: 'rows/s' });
      for (const [name, target] of [
        ['translated', 'at least 1.2'],
        ['preserved', 'at least 1.5'],
      ] as const) {
        report({
          what: `rows/s of the refresh to those of the floor, ${name} keys`,
          figure: ratios(samples.floor, samples[name]),
          unit: 'times',
          target,
        });
        report({
          what: `Node CPU of the refresh to that of the floor, ${name} keys`,
          figure: ratios(samples[name], samples.floor, ({ cpu }) => cpu),
          unit: 'times',
          target: 'at most 0.25',
        });
      }
      report({
        what: 'rows/s of the refresh by the relay to those by the driver, translated keys',
        figure: ratios(samples.byDriver, samples.translated),
        unit: 'times',
      });
    } finally {
      await environments.drop();
    }
  },
};

async function withoutRelay<T>(work: () => Promise<T>): Promise<T> {
  process.env[rowPathVariable] = 'driver';
  try {
    return await work();
  } finally {
    Reflect.deleteProperty(process.env, rowPathVariable);
  }
}
