import { afterAll, describe, expect, it } from 'vitest';
import { refreshSeed } from './refreshSeed.js';

const shown = 12;

/**
 * Defines one test a seed. PROPERTY_SEED runs one seed alone (or some: 3,14), PROPERTY_SEEDS says how many there are (default 200);
 * `part` of `parts` lets files share them.
 */
export function describeRefreshes(part: number, parts: number): void {
  const one = process.env['PROPERTY_SEED'];
  const count = Number(process.env['PROPERTY_SEEDS'] ?? 200);
  const seeds =
    one === undefined || one === '' ? Array.from({ length: count }, (_, n) => n + 1) : one.split(',').map(Number);
  const mine = seeds.filter((seed) => seed % parts === part);
  let refreshed = 0;
  const codes = new Map<string, number>();

  describe.skipIf(mine.length === 0)('a refresh of a random factory under random options', () => {
    it.each(mine)('seed %i: leaves the image of the source and touches nothing else', async (seed) => {
      const outcome = await refreshSeed(seed).catch((error: unknown) => {
        throw new Error(`${repeat(seed)}\n${error instanceof Error ? error.message : String(error)}`, { cause: error });
      });
      if (outcome.kind === 'refreshed') refreshed += 1;
      for (const code of outcome.codes) codes.set(code, (codes.get(code) ?? 0) + 1);
      if (outcome.problems.length > 0) {
        const lines = [
          ...outcome.problems.slice(0, shown),
          ...outcome.problems.slice(shown).filter((each) => each.startsWith('(')),
        ].join('\n');
        const request = JSON.stringify(outcome.circumstances, null, 1);
        throw new Error(`${repeat(seed)}\n${outcome.problems.length} problems:\n${lines}\nunder ${request}`);
      }
    });

    afterAll(() => {
      if (mine.length < 10) return;
      const refused = [...codes].map(([code, times]) => `${code} ${times}`).join(', ');
      expect(refreshed, `most seeds must be refreshed; plans refused by ${refused}`).toBeGreaterThan(mine.length * 0.6);
    });
  });
}

function repeat(seed: number): string {
  return `Repeat with: PROPERTY_SEED=${seed} npm run test:property`;
}
