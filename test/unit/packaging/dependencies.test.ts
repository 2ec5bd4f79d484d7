import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';

/** Packages that the files of a folder import, by file. */
function importedPackages(folder: string): [name: string, file: string][] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => {
      const file = join(folder, name);
      return ts
        .preProcessFile(readFileSync(file, 'utf8'))
        .importedFiles.filter(({ fileName }) => !fileName.startsWith('.'))
        .map(({ fileName }): [string, string] => [packageOf(fileName), file]);
    });
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

it('what is shipped imports only packages that an installation without development tools has', () => {
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { dependencies: Record<string, string> };
  const { include } = JSON.parse(readFileSync('tsconfig.build.json', 'utf8')) as { include: string[] };
  const imported = include.flatMap(importedPackages);
  expect(imported.length).toBeGreaterThan(50);
  const missing = imported.filter(
    ([name]) => !(name in dependencies) && !name.startsWith('node:') && !builtinModules.includes(name),
  );
  expect(missing).toEqual([]);
});
