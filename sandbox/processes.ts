import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
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

export interface ServiceOptions {
  /** Standard output and error; emptied first. */
  readonly logFile: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** True: outlives this process. Else it ends with this process, however this process ends. */
  readonly detached: boolean;
}

/**
 * Starts a program that serves in the background, in a session of its own, so that Ctrl-C in the terminal does not
 * reach it. A bound one has a watcher beside it that holds the reading end of a pipe, which the system closes when this
 * process dies, and then terminates the program. The child's pid is the program's own.
 */
export function startService(command: string, args: readonly string[], options: ServiceOptions): ChildProcess {
  const log = openSync(options.logFile, 'w', 0o600);
  const env = options.environment ?? process.env;
  try {
    if (options.detached) {
      const child = spawn(command, args, { detached: true, stdio: ['ignore', log, log], env });
      child.unref();
      return child;
    }
    const watch = '{ cat >/dev/null; kill -TERM $$; } <&3 >/dev/null 2>&1 & exec 3<&-; exec "$0" "$@"';
    const child = spawn('/bin/sh', ['-c', watch, command, ...args], {
      detached: true,
      stdio: ['ignore', log, log, 'pipe'],
      env,
    });
    // Else the watcher, and with it this end of the pipe, would stay when the program ends by itself.
    child.once('exit', () => child.stdio[3]?.destroy());
    return child;
  } finally {
    closeSync(log);
  }
}

/** Rejects when the program ends, with the last lines of its log. */
export function endedEarly(child: ChildProcess, name: string, logFile: string): Promise<never> {
  return new Promise((_, reject) => {
    child.once('error', (error) => reject(new Error(`${name} did not start: ${error.message}`)));
    child.once('exit', (code, signal) => {
      const log = readFileSync(logFile, 'utf8').trim().split('\n').slice(-5).join('\n');
      reject(new Error(`${name} ended at once (${signal ?? `exit code ${code}`}):\n${log}`));
    });
  });
}

/** Ends a program that this process started, and waits until it is gone. */
export async function stopService(child: ChildProcess, graceMs: number): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await exited;
  clearTimeout(timer);
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

/** Asks a process of an earlier run to end, and ends it after `graceMs`. Resolves once it is gone. */
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
