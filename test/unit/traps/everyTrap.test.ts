import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

/** The known ways in which a refresh goes wrong are numbered 1 to 89; titles of tests name those that they hold off. */
const traps = Array.from({ length: 89 }, (_, index) => index + 1);

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Titles of it() and describe(), in whatever quotes. */
const title = /\b(?:it|describe)(?:\.\w+)*\(\s*(['"`])((?:(?!\1)[^\\]|\\.)*)\1/g;

function testFiles(): string[] {
  return readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(root, 'test', name));
}

/** Numbers after "trap" or "traps": 5; 5, 8; 31 to 35 and 37. */
function trapsIn(text: string): number[] {
  return [...text.matchAll(/\btraps? (\d+(?:(?:, | and | to )\d+)*)/g)].flatMap(([, list = '']) =>
    list.split(/, | and /).flatMap((part) => {
      const [first = 0, last = first] = part.split(' to ').map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    }),
  );
}

it('every known trap is held off by a test that names it, or is a limit that the manual explains', () => {
  const titles = testFiles().flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(title)].map(([, , text = '']) => text),
  );
  const limits = readFileSync(join(root, 'docs', 'limits.md'), 'utf8');
  const covered = new Set([...titles, limits].flatMap(trapsIn));
  expect(traps.filter((trap) => !covered.has(trap))).toEqual([]);
});

it('lists and ranges of traps are read as they are written', () => {
  expect(trapsIn('(trap 7)')).toEqual([7]);
  expect(trapsIn('deferred (traps 31 to 34 and 37), kept (traps 2, 5)')).toEqual([31, 32, 33, 34, 37, 2, 5]);
});
