import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { stageNames } from '../../../src/contract.js';

/** Text files of the folders, their subfolders included. */
function filesIn(folders: readonly string[], ending: RegExp): string[] {
  return folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => ending.test(name))
      .map((name) => join(folder, name)),
  );
}

const read = (path: string): string => readFileSync(path, 'utf8');
const found = (text: string, pattern: RegExp): string[] => [
  ...new Set([...text.matchAll(pattern)].map(([, name = '']) => name)),
];

const pages = ['README.md', 'ARCHITECTURE.md', ...filesIn(['docs'], /\.md$/)];
/** What an operator reads or starts. */
const operated = [...pages, 'Dockerfile', 'docker-compose.yml', ...filesIn(['deploy'], /\.(yaml|json|example)$/)];
const product = filesIn(['src', 'worker', 'activities', 'workflows'], /\.ts$/).map(read).join('\n');
const envconfig = dirname(createRequire(import.meta.url).resolve('@temporalio/envconfig'));
const temporal = filesIn([envconfig], /\.js$/).map(read).join('\n');

/** In docker-compose.yml alone: variables of the images of others. */
const ofOtherImages = ['TEMPORAL_CORS_ORIGINS', 'TEMPORAL_DATABASE_PASSWORD'];

it.each(operated)('%s names only variables that something reads', (path) => {
  const text = read(path);
  for (const name of found(text, /\b(REFRESH_[A-Z_]*[A-Z]|OTEL_[A-Z_]*[A-Z])\b/g))
    expect(product, name).toMatch(new RegExp(`['. ]${name}\\b`));
  const codes = read('docs/errors.md');
  for (const name of found(text, /\b(TEMPORAL_[A-Z_]*[A-Z])\b/g).filter((each) => !ofOtherImages.includes(each)))
    expect(temporal.includes(name) || codes.includes(`\`${name}\``), name).toBe(true);
});

it('every variable that the product reads is in its pages', () => {
  const text = pages.map(read).join('\n');
  const names = found(product, /\[?['.](REFRESH_[A-Z_]*[A-Z]|OTEL_[A-Z_]*[A-Z])\b/g);
  expect(names).toContain('REFRESH_VERSIONING');
  expect(names.filter((name) => !text.includes(name))).toEqual([]);
});

it.each(operated)('%s names only files, folders and npm scripts that there are', (path) => {
  const text = read(path);
  const inCheckout =
    /(?<![\w./-])((?:src|docs|deploy|sandbox|test|tools|worker|workflows|activities|bench)\/[\w./-]*\w)/g;
  for (const name of found(text, inCheckout)) expect(existsSync(name), name).toBe(true);
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  for (const script of found(text, /\bnpm run ([\w:-]+)/g)) expect(scripts[script], script).toBeDefined();
});

it('the page for operators lists the metrics that a worker serves', () => {
  const served = found(product, /'(refresh_[a-z_]+)'/g).filter((name) => /_(total|seconds)$/.test(name));
  const listed = found(read('docs/operating.md'), /^\| `(refresh_[a-z_]+)`/gm);
  expect(listed.length).toBeGreaterThan(4);
  expect(listed.sort()).toEqual(served.sort());
});

it('the runbook names only stages and codes that there are, and leaves no stage out', () => {
  const text = read('docs/runbook.md');
  const known = new Set([...stageNames, ...found(read('docs/errors.md'), /^\| `(\w+)`/gm)]);
  for (const row of text.split('\n').filter((line) => line.startsWith('| `'))) {
    const [, names = '', codes = ''] = row.split('|');
    const isStage = stageNames.some((stage) => names.includes(`\`${stage}\``));
    for (const name of found(`${names} ${isStage ? codes : ''}`, /`(\w+)`/g)) expect(known, name).toContain(name);
  }
  for (const stage of stageNames) expect(text).toContain(`\`${stage}\``);
});
