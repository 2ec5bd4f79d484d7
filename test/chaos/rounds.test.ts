import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChaosStand } from './support/chaosStand.js';
import { Destination, imageDifferences, passwords, type Holding } from './support/destination.js';
import { configure, disturbedRound, expectedHolding, undisturbedRun } from './support/round.js';

/** CHAOS_ROUNDS: how many; CHAOS_SEED: where chance begins; CHAOS_ROUND: only this one, to repeat it. */
const seed = Number(process.env['CHAOS_SEED'] ?? randomInt(1_000_000));
const only = process.env['CHAOS_ROUND'];
const rounds =
  only === undefined
    ? Array.from({ length: Number(process.env['CHAOS_ROUNDS'] ?? 1) }, (_, index) => index + 1)
    : [Number(only)];

let stand: ChaosStand;
let destination: Destination;
let undisturbed: { readonly holding: Holding; readonly milliseconds: number };

beforeAll(async () => {
  process.stdout.write(`chaos: seed ${seed}\n`);
  stand = await ChaosStand.start(seed);
  destination = await Destination.write(() => stand.server, { name: 'chaos', rows: 40, seed: 5 });
  await configure(stand, destination);
  if (rounds.length === 1) {
    undisturbed = await expectedHolding(destination);
    return;
  }
  const expected = await destination.expected();
  undisturbed = await undisturbedRun(stand, destination);
  expect(imageDifferences(expected, undisturbed.holding.image)).toEqual([]);
  process.stdout.write(`chaos: an undisturbed refresh took ${undisturbed.milliseconds} ms\n`);
}, 900_000);

afterAll(async () => {
  await destination?.drop();
  await stand?.stop();
});

describe('a refresh that is disturbed at random', () => {
  it.each(rounds)(
    'round %i leaves both databases as an undisturbed one does',
    async (round) => {
      const result = await disturbedRound(stand, destination, undisturbed, round);
      process.stdout.write(`chaos: round ${round}: ${result.milliseconds} ms; ${result.happened.join('; ')}\n`);
      const repeat = `repeat with: CHAOS_SEED=${seed} CHAOS_ROUND=${round} npm run test:chaos`;
      expect(result.problems, `${repeat}\n${result.happened.join('\n')}\n${await stand.logs()}`).toEqual([]);
    },
    900_000,
  );

  it('leaves no password and no value of a row in histories and logs', async () => {
    const written = await stand.written();
    // The search finds what is there: names of entities are meant to be.
    expect(written.includes('Recruiting.Candidate')).toBe(true);
    const values = ['CANDIDATE-0000', 'PERSON-0000', 'ana.garcia', '@example.org'];
    const found = [...Object.values(passwords), ...values].filter((each) => written.includes(each));
    expect(found).toEqual([]);
  });
});
