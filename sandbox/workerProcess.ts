import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { changeState, readState, sandboxPaths } from './directory.js';
import { endProcess, endedEarly, runsWith, startService, stopService, tsxArguments } from './processes.js';
import type { SandboxSecrets } from './secrets.js';
import { withoutOtherClusters } from './temporal/otherClusters.js';

const commandLine = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));

/** A worker lets its activities end before it does (worker/tuning.ts); no refresh runs here when it is stopped. */
const STOP_GRACE_MS = 30_000;

export interface WorkerProcess {
  readonly logFile: string;
  /** Rejects when the worker ends. */
  readonly ended: Promise<never>;
  stop(): Promise<void>;
}

/** Starts a worker of the sandbox in place of one that an earlier run left, so that it runs the code as it is now. */
export async function startWorkerProcess(options: {
  readonly keep: boolean;
  readonly secrets: SandboxSecrets;
}): Promise<WorkerProcess> {
  await workerDown();
  const logFile = join(sandboxPaths.logs, 'worker.log');
  const child = startService(
    process.execPath,
    [...tsxArguments(), commandLine, 'worker', '--config', sandboxPaths.configuration],
    { logFile, environment: { ...withoutOtherClusters(process.env), ...options.secrets }, detached: options.keep },
  );
  await changeState({ worker: { pid: child.pid ?? 0 } });
  const ended = endedEarly(child, 'The worker', logFile);
  // It is raced where it matters; a worker that is stopped later ends without anybody waiting.
  ended.catch(() => undefined);
  return { logFile, ended, stop: () => stopService(child, STOP_GRACE_MS) };
}

/** Ends a worker that an earlier run left. */
export async function workerDown(): Promise<void> {
  const { worker } = await readState();
  if (worker !== undefined && (await runsWith(worker.pid, sandboxPaths.configuration))) {
    await endProcess(worker.pid, STOP_GRACE_MS);
  }
  await changeState({ worker: undefined });
}
