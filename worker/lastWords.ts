import type { Worker } from '@temporalio/worker';
import type { WorkerLog } from './logging.js';

/** What a process that failed may still hold open (a statement, a program it waits for) keeps it no longer. Milliseconds. */
const leaveAfter = 2_000;

/** Name and places of an error: its message may quote a row's values where a driver made it. */
export function namedStack(error: unknown): { readonly error: string; readonly stack: readonly string[] } {
  if (!(error instanceof Error)) return { error: typeof error, stack: [] };
  const lines = (error.stack ?? '').split('\n').map((line) => line.trim());
  return { error: error.name, stack: lines.filter((line) => line.startsWith('at ')).slice(0, 12) };
}

/** What of a process its end is about; a test has one of its own. */
export interface EndingProcess {
  on(event: 'uncaughtException', listener: (error: unknown) => void): unknown;
  off(event: 'uncaughtException', listener: (error: unknown) => void): unknown;
  exit(code: number): unknown;
}

/**
 * Runs a worker until it is told to stop. Once all its work has ended it has stopped well, whatever taking it apart then
 * comes to: the end of the process does that too.
 *
 * @throws what ended it before; the log says what, and the process ends soon whatever is still under way
 */
export async function runUntilStopped(
  worker: Pick<Worker, 'run' | 'getState'>,
  log: WorkerLog,
  ending: EndingProcess = process,
): Promise<void> {
  try {
    await worker.run();
    log.info('worker stopped');
  } catch (error) {
    if (worker.getState() === 'STOPPED') {
      log.warn(namedStack(error), 'worker stopped; taking it apart failed, which loses nothing');
      return;
    }
    log.error({ ...namedStack(error), state: worker.getState() }, 'worker failed');
    setTimeout(() => ending.exit(1), leaveAfter).unref();
    throw error;
  }
}

/**
 * A defect that nothing caught, rejected promises included, ends the process as Node does, but says so in the log, and
 * without its message. Returns what takes this back.
 */
export function logDefects(log: WorkerLog, ending: EndingProcess = process): () => void {
  const listener = (error: unknown): void => {
    log.fatal(namedStack(error), 'a defect ends this worker; its work goes on at the next one');
    ending.exit(1);
  };
  ending.on('uncaughtException', listener);
  return () => void ending.off('uncaughtException', listener);
}
