import { randomUUID } from 'node:crypto';
import { realpath, rename, rm, stat, writeFile } from 'node:fs/promises';

/**
 * Writes a file that only its owner may read, whatever mode a file had that it replaces. It is there whole or not at
 * all: another file is written first and then takes its name. What is no file, such as a terminal or a pipe, is written
 * to.
 */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  const known = await stat(path).catch(() => null);
  if (known !== null && !known.isFile()) return writeFile(path, text);
  const target = known === null ? path : await realpath(path);
  const unfinished = `${target}.${randomUUID()}`;
  try {
    await writeFile(unfinished, text, { mode: 0o600, flag: 'wx' });
    await rename(unfinished, target);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}
