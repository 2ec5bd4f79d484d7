import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writePrivateFile } from '../../../../sandbox/privateFile.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refresh-private-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

it('lets nobody else read a file with passwords, new or written over one that everybody could read', async () => {
  const [fresh, open] = [join(folder, 'fresh'), join(folder, 'open')];
  await writeFile(open, 'old');
  await chmod(open, 0o666);
  for (const file of [fresh, open]) {
    await writePrivateFile(file, 'secret');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, 'utf8')).toBe('secret');
  }
  expect((await readdir(folder)).sort()).toEqual(['fresh', 'open']);
});
