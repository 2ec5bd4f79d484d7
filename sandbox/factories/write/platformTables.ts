import { readFile } from 'node:fs/promises';
import type { Loader } from './load.js';

/** The statements of platform-schema.sql, comments removed, in file order. */
export async function platformStatements(): Promise<string[]> {
  const text = await readFile(new URL('./platform-schema.sql', import.meta.url), 'utf8');
  return text
    .replace(/\/\*.*?\*\//gs, '')
    .replace(/--.*$/gm, '')
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

/** Tables first; their foreign keys are added by `createPlatformKeys` when the rows are in. */
export async function createPlatformTables(loader: Loader): Promise<void> {
  for (const statement of await platformStatements()) {
    if (/^create\s+table/i.test(statement)) await loader.execute(statement);
  }
}

export async function createPlatformKeys(loader: Loader): Promise<void> {
  for (const statement of await platformStatements()) {
    if (/^alter\s+table/i.test(statement)) await loader.execute(statement);
  }
}
