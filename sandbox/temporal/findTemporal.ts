import { spawn } from 'node:child_process';
import { access, chmod, constants, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tsxArguments } from '../processes.js';

/** The Temporal CLI this project is tested with. Tags from v1.6.0 on carry a `replace` line, which `go install` refuses. */
const TEMPORAL_CLI_VERSION = 'v1.5.1';

/** Machines without internet access must not wait long before the next way is tried. */
const DOWNLOAD_LIMIT_MS = 30_000;

const EXECUTABLE_NAME = process.platform === 'win32' ? 'temporal.exe' : 'temporal';

/** Where a server that had to be downloaded or built is kept for every checkout of this user. */
export function temporalCacheDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  const cache = environment['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(cache, 'outsystems-refresh', 'bin');
}

/**
 * Path of a `temporal` executable: on the PATH, in Go's bin folder, or in this product's cache; else the SDK's download
 * (given up after a short time) or a build with `go install`, both into the cache.
 *
 * @param say told in one line each what takes time
 * @throws when none of the ways works; the message says what to install
 */
export async function findTemporal(say: (line: string) => void): Promise<string> {
  const cached = join(temporalCacheDirectory(), EXECUTABLE_NAME);
  for (const candidate of [...onPath(), ...(await inGoBin()), cached]) {
    if (await isExecutable(candidate)) return candidate;
  }
  say(`No temporal command found on this machine; downloading the Temporal dev server ${TEMPORAL_CLI_VERSION} …`);
  if (await download(cached)) return cached;
  say('The download did not succeed; building it with go install instead (once; it takes two to three minutes) …');
  const failure = await build(cached);
  if (failure === undefined) return cached;
  throw new Error(
    `No Temporal dev server: no temporal command on the PATH, the download failed, and go install failed (${failure}). ` +
      'Install the Temporal CLI or Go, or name a running server in SANDBOX_TEMPORAL_ADDRESS.',
  );
}

function onPath(): string[] {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, EXECUTABLE_NAME));
}

async function inGoBin(): Promise<string[]> {
  const result = await run('go', ['env', 'GOBIN', 'GOPATH'], { limitMs: 10_000 });
  if (result.failure !== undefined) return [];
  const [gobin = '', gopath = ''] = result.output.split('\n').map((line) => line.trim());
  const folders = gobin === '' ? [] : [gobin];
  if (gopath !== '') folders.push(...gopath.split(delimiter).map((folder) => join(folder, 'bin')));
  return folders.map((folder) => join(folder, EXECUTABLE_NAME));
}

async function download(target: string): Promise<boolean> {
  return intoCache(target, async (folder) => {
    const script = fileURLToPath(new URL('./sdkDownload.ts', import.meta.url));
    const result = await run(process.execPath, [...tsxArguments(), script, folder, TEMPORAL_CLI_VERSION], {
      limitMs: DOWNLOAD_LIMIT_MS,
    });
    return result.failure;
  }).then((failure) => failure === undefined);
}

async function build(target: string): Promise<string | undefined> {
  return intoCache(target, async (folder) => {
    const result = await run('go', ['install', `github.com/temporalio/cli/cmd/temporal@${TEMPORAL_CLI_VERSION}`], {
      environment: { GOBIN: folder },
    });
    return result.failure;
  });
}

/**
 * Lets `produce` put one executable into a folder of its own and moves it to its place in one step, so that a build
 * broken off, or one running at the same time, never leaves half a file in the cache.
 *
 * @returns why it failed, or undefined
 */
async function intoCache(
  target: string,
  produce: (folder: string) => Promise<string | undefined>,
): Promise<string | undefined> {
  const cache = temporalCacheDirectory();
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'new-'));
  try {
    const failure = await produce(folder);
    if (failure !== undefined) return failure;
    const file = await largestFile(folder);
    if (file === undefined) return 'it left no executable';
    await chmod(file, 0o755);
    await rename(file, target);
    return undefined;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function largestFile(folder: string): Promise<string | undefined> {
  let largest: { path: string; size: number } | undefined;
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const { size } = await stat(path);
    if (largest === undefined || size > largest.size) largest = { path, size };
  }
  return largest?.path;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

interface RunResult {
  output: string;
  /** The last line the program wrote to standard error, or why it did not run; undefined when it ended with 0. */
  failure: string | undefined;
}

function run(
  command: string,
  args: string[],
  options: { limitMs?: number; environment?: Record<string, string> } = {},
): Promise<RunResult> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...options.environment },
      ...(options.limitMs === undefined ? {} : { timeout: options.limitMs, killSignal: 'SIGKILL' }),
    });
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.on('error', (error) => resolve({ output, failure: error.message }));
    child.on('close', (code, signal) => {
      const lastLine = errors.trim().split('\n').pop() ?? '';
      const reason = signal === null ? `exit code ${code}` : `ended by ${signal}`;
      resolve({ output, failure: code === 0 ? undefined : lastLine || reason });
    });
  });
}
