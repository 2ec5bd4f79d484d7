/**
 * `npm run demo`: a production environment refreshed into QA on this machine, from nothing. It starts what it needs,
 * shows the plan, runs the refresh with live progress, plays the operator at its gates, and shows the report.
 */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { outputColors as colors } from '../src/report/terminalColors.js';
import { RunClient } from '../src/cli/temporal.js';
import { watchRun } from '../src/cli/watch.js';
import { workflowIdFor, type WaitingFor } from '../src/contract.js';
import { parseYaml } from '../src/schemaProblems.js';
import { changeState, readState, sandboxPaths } from './directory.js';
import { productionDatabase, qaDatabase, sandboxUp, type Sandbox } from './environment.js';
import { setApplicationsInQa } from './maintenance.js';
import { tsxArguments } from './processes.js';
import { defaultRows, defaultSeed, wholeNumber } from './sampleSize.js';
import { withoutOtherClusters } from './temporal/otherClusters.js';
import { startWorkerProcess, type WorkerProcess } from './workerProcess.js';

interface DemoOptions {
  readonly yes?: boolean;
  readonly keep?: boolean;
  readonly fresh?: boolean;
  readonly rows: number;
  readonly seed: number;
}

const requestFile = fileURLToPath(new URL('./sample-request.yaml', import.meta.url));
const commandLine = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));
const runId = workflowIdFor('qa');
const decision = { by: 'demo' };

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const heading = (text: string): void => say(`\n${colors.bold(text)}`);

async function demo(options: DemoOptions): Promise<number> {
  const keep = options.keep === true;
  const running: { worker?: WorkerProcess; sandbox?: Sandbox; runs?: RunClient } = {};
  const stop = async (): Promise<void> => {
    await running.runs?.close();
    if (keep) return;
    await running.worker?.stop();
    await running.sandbox?.stop();
  };
  process.once('SIGINT', () => {
    say('\nStopping …');
    void stop().finally(() => process.exit(130));
  });
  try {
    heading('1. Sandbox');
    const sandbox = (running.sandbox = await sandboxUp({ ...options, fresh: options.fresh === true, keep, say }));
    const worker = (running.worker = await startWorkerProcess({ keep, secrets: sandbox.secrets }));
    const runs = (running.runs = await RunClient.connect(null, { address: sandbox.temporal.address }));
    await Promise.race([workerPolls(runs), worker.ended]);
    say(`Worker:      started, its log is ${shortPath(worker.logFile)}`);
    if (sandbox.temporal.uiUrl !== null) say(`Temporal UI: ${colors.underline(sandbox.temporal.uiUrl)}`);

    heading(`2. Plan: ${shortPath(requestFile)}`);
    const planned = await refreshCommand(sandbox, ['plan', '-f', requestFile]);
    if (planned !== 0) return planned;

    heading('3. Refresh');
    const ended = await refresh(sandbox, runs, options.yes === true);
    if (ended !== 0) {
      say(`The refresh did not end well. Logs are in ${shortPath(sandboxPaths.logs)}.`);
      return ended;
    }

    heading('4. Report');
    const reported = await refreshCommand(sandbox, ['report', runId]);
    heading(keep ? 'Everything is left running' : 'Done');
    for (const line of closingLines(sandbox, keep)) say(line);
    return reported;
  } finally {
    await stop();
  }
}

async function refresh(sandbox: Sandbox, runs: RunClient, yes: boolean): Promise<number> {
  const ask = !yes && process.stdin.isTTY && process.stdout.isTTY;
  const { samples } = await readState();
  // Until it ends well, the next demo must write the environments anew.
  await changeState({ samples: samples && { ...samples, touched: true } });
  const request = parseYaml(await readFile(requestFile, 'utf8'), 'request') as { source: string; destination: string };
  await runs.startRefresh(runId, request);
  const exitCode = await watchRun(runs, runId, {
    run: undefined,
    ask,
    json: false,
    answer: (waiting) => answer(waiting, sandbox, runs, ask),
  });
  if (exitCode === 0) await changeState({ samples: samples && { ...samples, touched: false } });
  return exitCode;
}

/** What an operator does while a refresh waits: looks and approves, and disables and enables in Service Center. */
async function answer(waiting: WaitingFor, sandbox: Sandbox, runs: RunClient, ask: boolean): Promise<boolean> {
  if (waiting.kind === 'approval' && !ask) {
    say(`approving ${waiting.stage ?? ''} (a terminal would be asked; --yes answers there too)`);
    await runs.decide(runId, 'approve', { stage: waiting.stage, ...decision });
    return true;
  }
  if (waiting.kind === 'confirmation' && waiting.step !== undefined) {
    const enabled = waiting.step === 'applicationsEnabled';
    const applications = (await runs.planView(runId))?.applications ?? [];
    say(`playing Service Center: ${enabled ? 'enabling' : 'disabling'} ${applications.join(', ')} in QA`);
    await setApplicationsInQa(sandbox, applications, enabled);
    await runs.decide(runId, 'confirm', { step: waiting.step, ...decision });
    return true;
  }
  return false;
}

async function workerPolls(runs: RunClient): Promise<void> {
  while (!(await runs.workerPolls())) await delay(200);
}

/** Runs the command as an operator would, its output on this terminal. */
function refreshCommand(sandbox: Sandbox, args: readonly string[]): Promise<number> {
  const child = spawn(
    process.execPath,
    [...tsxArguments(), commandLine, '--config', sandbox.configurationFile, ...args],
    { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...sandbox.secrets } },
  );
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

function closingLines(sandbox: Sandbox, keep: boolean): string[] {
  if (!keep) return ['QA now holds production data. With --keep everything stays up to be looked at.'];
  const { host, port } = sandbox.sqlServer;
  return [
    ...(sandbox.temporal.uiUrl === null ? [] : [`Temporal UI:   ${colors.underline(sandbox.temporal.uiUrl)}`]),
    `SQL Server:    ${host},${port}  databases ${productionDatabase} and ${qaDatabase}`,
    `By hand:       set -a; . ${shortPath(sandboxPaths.environment)}; set +a; npm run refresh -- status`,
    'Stop it with:  npm run refresh -- sandbox down',
  ];
}

function shortPath(path: string): string {
  return relative(process.cwd(), path) || '.';
}

process.env = withoutOtherClusters(process.env);
const program = new Command('demo')
  .description('Refresh a sample QA environment with production data, from nothing.')
  .option('--yes', 'approve everything')
  .option('--keep', 'leave everything running')
  .option('--fresh', 'write the sample environments anew')
  .option('--rows <n>', "rows of production's biggest entity", wholeNumber, defaultRows)
  .option('--seed <n>', 'the same seed writes the same data', wholeNumber, defaultSeed)
  .parse();
try {
  process.exitCode = await demo(program.opts<DemoOptions>());
} catch (error) {
  process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
