import { chmod, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writePrivateFile } from '../../../src/cli/privateFile.js';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refresh-private-'));
  file = join(folder, 'report.html');
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777;
}

describe('a private file', () => {
  it('is its owner’s alone', async () => {
    await writePrivateFile(file, 'new');
    expect(await readFile(file, 'utf8')).toBe('new');
    expect(await modeOf(file)).toBe(0o600);
    expect(await readdir(folder)).toEqual(['report.html']);
  });

  it('does not take over the mode of a file that others could read', async () => {
    await writeFile(file, 'old');
    await chmod(file, 0o666);
    await writePrivateFile(file, 'new');
    expect(await readFile(file, 'utf8')).toBe('new');
    expect(await modeOf(file)).toBe(0o600);
  });

  it('is written where a link points to', async () => {
    const link = join(folder, 'latest.html');
    await writeFile(file, 'old');
    await symlink(file, link);
    await writePrivateFile(link, 'new');
    expect(await readFile(file, 'utf8')).toBe('new');
    expect(await modeOf(file)).toBe(0o600);
  });

  it('leaves nothing behind where it cannot be written', async () => {
    await expect(writePrivateFile(folder, 'new')).rejects.toThrow('EISDIR');
    await expect(writePrivateFile(join(folder, 'missing', 'report.html'), 'new')).rejects.toThrow('ENOENT');
    expect(await readdir(folder)).toEqual([]);
  });
});
