import { createInterface } from 'node:readline/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { finalRunStates, type RunStatus, type WaitingFor } from '../contract.js';
import { decisionOf } from './context.js';
import { exitCodeOf, exitCodes } from './exitCodes.js';
import { createProgressView } from './progressView.js';
import { NoWorkerError, type RunClient } from './temporal.js';

/** How often a watcher asks: often enough to look alive, seldom enough not to load the worker. */
const pollInterval = 500;

export interface WatchOptions {
  readonly run: string | undefined;
  /** True: decisions are asked for at the terminal; false: a run that waits for one ends the watch. */
  readonly ask: boolean;
  readonly json: boolean;
  /** True: a run that waits for a decision is watched on, since a person looks on and may decide elsewhere. */
  readonly stay?: boolean;
  /** Answers what the run waits for instead of the operator; false leaves it to `ask`. */
  readonly answer?: (waiting: WaitingFor) => Promise<boolean>;
}

/** Follows a run to its end, or to a decision nobody here can take. Returns the exit code. */
export async function watchRun(runs: RunClient, id: string, options: WatchOptions): Promise<number> {
  const view = options.json ? null : createProgressView(process.stdout);
  try {
    for (;;) {
      const status = await patiently(runs, id, options.run);
      view?.show(atThisMoment(status));
      if (finalRunStates.includes(status.state)) return await finish(runs, id, options, status);
      const code = exitCodeOf(status.state, null);
      if (code === exitCodes.waitingForDecision && status.waitingFor !== null && options.stay !== true) {
        view?.pause();
        if ((await options.answer?.(status.waitingFor)) === true) continue;
        if (!options.ask) return waitingElsewhere(id, options, status, status.waitingFor);
        await askFor(runs, id, status.waitingFor);
        continue;
      }
      if ((await runs.end(id, options.run)) !== null) return await finish(runs, id, options, status);
      await delay(pollInterval);
    }
  } finally {
    view?.stop();
  }
}

/** Asks until a worker answers: it may be restarting, and the run goes on where it was. */
async function patiently(runs: RunClient, id: string, run: string | undefined): Promise<RunStatus> {
  for (let told = false; ; told = true) {
    try {
      return await runs.progress(id, run);
    } catch (error) {
      if (!(error instanceof NoWorkerError)) throw error;
      if (!told) process.stderr.write(`refresh: ${error.message}\n`);
      if ((await runs.end(id, run)) !== null) throw error;
      await delay(pollInterval);
    }
  }
}

/** A workflow's clock stands still while nothing happens to it; who watches wants to see how long it has waited. */
function atThisMoment(status: RunStatus): RunStatus {
  const now = new Date().toISOString();
  return status.endedAt === null && now > status.asOf ? { ...status, asOf: now } : status;
}

/** Waits until preflight has accepted or refused the request. Returns the exit code. */
export async function waitForPreflight(runs: RunClient, id: string): Promise<number> {
  for (;;) {
    const end = await runs.end(id);
    if (end !== null && end.failureType !== null) return reportEnd(end.failureType, end.message);
    const status = await runs.progress(id);
    const preflight = status.stages.find((stage) => stage.name === 'preflight');
    if (end !== null || preflight?.state === 'done') {
      process.stdout.write(`${id} runs. Follow it with: refresh status ${id} --watch\n`);
      return exitCodes.done;
    }
    await delay(pollInterval);
  }
}

async function finish(runs: RunClient, id: string, options: WatchOptions, last: RunStatus): Promise<number> {
  let end = await runs.end(id, options.run);
  while (end === null) {
    await delay(pollInterval);
    end = await runs.end(id, options.run);
  }
  if (options.json) process.stdout.write(`${JSON.stringify(last, null, 2)}\n`);
  if (end.failureType !== null) return reportEnd(end.failureType, end.message);
  // `recover` completes too; the run that it ended is shown as aborted.
  return last.state === 'doneWithSkips' ? exitCodes.doneWithSkips : exitCodes.done;
}

function reportEnd(failureType: string, message: string | null): number {
  process.stderr.write(`refresh: ${message ?? failureType}\n`);
  switch (failureType) {
    case 'BadInput':
      return exitCodes.badInput;
    case 'Rejected':
    case 'Aborted':
    case 'Cancelled':
      return exitCodes.rejectedOrAborted;
    default:
      return exitCodes.failed;
  }
}

function waitingElsewhere(id: string, options: WatchOptions, status: RunStatus, waiting: WaitingFor): number {
  if (options.json) process.stdout.write(`${JSON.stringify(status, null, 2)}\n`);
  process.stderr.write(`refresh: ${waiting.text}. ${commandFor(id, waiting)}\n`);
  return exitCodes.waitingForDecision;
}

function commandFor(id: string, waiting: WaitingFor): string {
  if (waiting.kind === 'approval') return `Decide with: refresh approve ${id} ${waiting.stage ?? ''}`;
  if (waiting.kind === 'confirmation') return `When it is done: refresh confirm ${id} ${waiting.step ?? ''}`;
  return `Go on with: refresh retry ${id} ${waiting.entity ?? waiting.stage ?? ''}`;
}

async function askFor(runs: RunClient, id: string, waiting: WaitingFor): Promise<void> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    if (waiting.kind === 'approval') {
      const answer = await terminal.question(`Approve ${waiting.stage}? [yes/no] `);
      if (/^y(es)?$/i.test(answer)) await runs.decide(id, 'approve', { stage: waiting.stage, ...decisionOf({}) });
      else if (/^no?$/i.test(answer)) await runs.decide(id, 'reject', { stage: waiting.stage, ...decisionOf({}) });
    } else if (waiting.kind === 'confirmation') {
      const answer = await terminal.question(`${waiting.text}\nDone? [yes] `);
      if (/^y(es)?$/i.test(answer)) await runs.decide(id, 'confirm', { step: waiting.step, ...decisionOf({}) });
    } else {
      const target = waiting.entity === undefined ? { stage: waiting.stage } : { entity: waiting.entity };
      const answer = await terminal.question(`${waiting.text}\nretry, skip or abort? `);
      if (answer === 'retry' || answer === 'skip') await runs.decide(id, answer, { ...target, ...decisionOf({}) });
      else if (answer === 'abort') await runs.decide(id, 'abort', decisionOf({}));
    }
  } finally {
    terminal.close();
  }
}
