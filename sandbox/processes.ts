import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { openSync, closeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/** Node arguments that let a child process run this project's TypeScript. */
export function tsxArguments(): string[] {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  // Node before 20.6 has no module.register, which --import needs.
  return major > 20 || minor >= 6 ? ['--import', tsx] : ['--no-warnings', '--loader', tsx];
}

/**
 * Starts `command args` so that it ends with this process, however this process ends: a watcher beside it holds the
 * reading end of a pipe, which the system closes when this process dies, and then terminates the command. The child's
 * own pid is the command's.
 */
export function spawnBound(
  command: string,
  args: string[],
  options: { environment?: NodeJS.ProcessEnv; logFile?: string } = {},
): ChildProcess {
  const watch = '{ cat >/dev/null; kill -TERM $$; } <&3 >/dev/null 2>&1 & exec 3<&-; exec "$0" "$@"';
  const child = withLog(options.logFile, (log) =>
    spawn('/bin/sh', ['-c', watch, command, ...args], {
      stdio: ['ignore', log, log, 'pipe'],
      env: options.environment ?? process.env,
    }),
  );
  // Else the watcher, and with it this end of the pipe, would stay when the command ends by itself.
  child.once('exit', () => child.stdio[3]?.destroy());
  return child;
}

/** Starts `command args` in a session of its own, so that it outlives this process and its terminal. */
export function spawnDetached(
  command: string,
  args: string[],
  options: { environment?: NodeJS.ProcessEnv; logFile: string },
): ChildProcess {
  const child = withLog(options.logFile, (log) =>
    spawn(command, args, {
      detached: true,
      stdio: ['ignore', log, log],
      env: options.environment ?? process.env,
    }),
  );
  child.unref();
  return child;
}

function withLog<T>(logFile: string | undefined, use: (log: number | 'pipe') => T): T {
  if (logFile === undefined) return use('pipe');
  const log = openSync(logFile, 'a', 0o600);
  try {
    return use(log);
  } finally {
    closeSync(log);
  }
}

/** Whether a process of that id runs and was started with `mark` among its arguments; ids are given out again. */
export async function runsWith(pid: number, mark: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  try {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).includes(mark);
  } catch {
    return await commandLineContains(pid, mark);
  }
}

function commandLineContains(pid: number, mark: string): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { stdio: ['ignore', 'pipe', 'ignore'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', () => resolve(false));
    child.on('close', () => resolve(output.includes(mark)));
  });
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Asks a process to end, and ends it after `graceMs`. Resolves once it is gone. */
export async function endProcess(pid: number, graceMs: number): Promise<void> {
  signal(pid, 'SIGTERM');
  if (await goneWithin(pid, graceMs)) return;
  signal(pid, 'SIGKILL');
  await goneWithin(pid, 5_000);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Already gone.
  }
}

async function goneWithin(pid: number, ms: number): Promise<boolean> {
  const deadline = Date.now() + ms;
  while (isAlive(pid)) {
    if (Date.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return true;
}
