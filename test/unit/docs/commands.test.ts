import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { createProgram } from '../../../src/cli/commandLine.js';

const pages = [
  'README.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

const program = createProgram();
const global = ['--help', ...program.options.map(({ long }) => long)];

/** Commands with their flags, as a page's code spans and blocks have them. */
function commandsIn(page: string): string[] {
  const text = readFileSync(page, 'utf8').replace(/\\\n\s*/g, ' ');
  const code = [...text.matchAll(/```\w*\n([\s\S]*?)```|`([^`\n]+)`/g)].flatMap(([, block, span]) =>
    (block ?? span ?? '').split('\n'),
  );
  return code.flatMap((line) =>
    [...line.matchAll(/(?:^|\s)refresh ([a-z][^#|;&]*)/g)].map(([, command = '']) => command),
  );
}

it.each(pages)('%s names only commands and flags that there are', (page) => {
  for (const text of commandsIn(page)) {
    let command = program;
    for (const word of text.trim().split(/\s+/)) {
      const next = command.commands.find((each) => each.name() === word);
      if (next === undefined) break;
      command = next;
    }
    expect(command === program ? text : null, `a command of ${page}`).toBeNull();
    const known = [...global, ...command.options.flatMap(({ long, short }) => [long, short])];
    for (const [flag] of text.matchAll(/(?<=\s)--?[a-z][\w-]*/g))
      expect(known, `${page}: refresh ${text}`).toContain(flag);
  }
});

it('finds the commands of the runbook', () => {
  const found = commandsIn(join('docs', 'runbook.md'));
  expect(found.length).toBeGreaterThan(15);
  expect(found).toContainEqual(expect.stringContaining('start -f request.yaml --wait'));
});

it.each(pages)('%s links to files that there are', (page) => {
  for (const [, target = ''] of readFileSync(page, 'utf8').matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g))
    expect(existsSync(join(dirname(page), target)), `${page}: ${target}`).toBe(true);
});
