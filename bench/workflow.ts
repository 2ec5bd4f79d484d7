import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { setApplicationsEnabled } from '../sandbox/factories/index.js';
import { freePort } from '../sandbox/freePort.js';
import { startService, stopService, tsxArguments } from '../sandbox/processes.js';
import { withoutOtherClusters } from '../sandbox/temporal/otherClusters.js';
import { startTemporal } from '../sandbox/temporal/startTemporal.js';
import type { PlanView, RunStatus } from '../src/contract.js';
import { prepareEnvironments, type BenchEnvironments } from './environments.js';
import { inTurn, measure, ratios, spreadOf, type Sample } from './measure.js';
import { manyEntities, salesFactory } from './model.js';
import { refreshInPlainLoop } from './plainLoop.js';
import { planFor, plannedRows, requestFor } from './refreshPath.js';
import type { Bench, BenchContext } from './results.js';

const entities = 300;

/** The size that the target speaks of. */
const fullRows = 1_000_000;

/** A whole run takes long and is long enough to even out. */
const mostRuns = 2;

/** A whole run by Temporal, worker process and all, against the same activities called in a plain loop. */
export const workflow: Bench = {
  name: 'workflow',
  what: 'a run by Temporal against the same activities called in a plain loop',
  async run(context) {
    const folder = await mkdtemp(join(tmpdir(), 'refresh-bench-temporal-'));
    const temporal = await startTemporal({
      dataDirectory: folder,
      port: await freePort(),
      uiPort: await freePort(),
      say: context.note,
    });
    try {
      await compare(context, temporal.address, folder, 'many');
      await compare(context, temporal.address, folder, 'big');
    } finally {
      await temporal.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function compare(
  { server, rows, runs, full, report }: BenchContext,
  address: string,
  folder: string,
  kind: 'many' | 'big',
): Promise<void> {
  const model = kind === 'many' ? manyEntities(entities) : salesFactory();
  const size = full && kind === 'big' ? fullRows : rows;
  const environments = await prepareEnvironments(await server(), model, size, address);
  try {
    const worker = await startWorker(environments, folder);
    try {
      const moved = plannedRows(environments, await planFor(environments, 'generate'));
      const samples = await inTurn(
        full ? 1 : Math.min(runs, mostRuns),
        {
          workflow: () => timeRun(environments, address, worker.taskQueue),
          loop: () => measure(() => refreshInPlainLoop(environments, unattended())),
        },
        false,
      );
      const what = kind === 'many' ? `${entities} entities of 10 rows` : `${moved} rows`;
      const target = kind === 'many' ? { target: 'at most 20' } : {};
      const seconds = spreadOf(samples.workflow.map((sample) => sample.seconds));
      report({ what: `${what} by Temporal`, figure: seconds, unit: 's', ...target });
      report({
        what: `${what}: time by Temporal to that of the plain loop`,
        figure: ratios(samples.workflow, samples.loop),
        unit: 'times',
        ...(kind === 'big' ? { target: 'at most 1.05 at 1,000,000 rows' } : {}),
      });
    } finally {
      await worker.stop();
    }
  } finally {
    await environments.drop();
  }
}

interface BenchWorker {
  readonly taskQueue: string;
  stop(): Promise<void>;
}

async function startWorker(environments: BenchEnvironments, folder: string): Promise<BenchWorker> {
  const taskQueue = `bench-${randomUUID()}`;
  const configurationFile = join(folder, `${taskQueue}.yaml`);
  const logFile = join(folder, `${taskQueue}.log`);
  await writeFile(configurationFile, environments.configurationText);
  const script = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));
  const worker = startService(
    process.execPath,
    [...tsxArguments(), script, '--config', configurationFile, '--task-queue', taskQueue, 'worker'],
    { logFile, environment: { ...withoutOtherClusters(process.env), ...environments.variables }, detached: false },
  );
  while (!(await readFile(logFile, 'utf8')).includes('"worker ready"')) {
    if (worker.exitCode !== null) throw new Error(`the worker ended: ${await readFile(logFile, 'utf8')}`);
    await delay(50);
  }
  return { taskQueue, stop: () => stopService(worker, 30_000) };
}

async function timeRun(environments: BenchEnvironments, address: string, taskQueue: string): Promise<Sample> {
  const connection = await Connection.connect({ address });
  try {
    return await measure(() => operate(new Client({ connection }), environments, taskQueue));
  } finally {
    await connection.close();
  }
}

/** Milliseconds between two looks at the run: every query costs the worker what it could do for the run. */
const lookInterval = 250;

/** A request without approvals. */
function unattended(): Record<string, unknown> {
  return { ...requestFor('generate'), approvals: [] };
}

/** A run whose operator disables and enables the applications at once. */
async function operate(client: Client, environments: BenchEnvironments, taskQueue: string): Promise<void> {
  const handle = await client.workflow.start('refresh', {
    workflowId: `refresh-${randomUUID()}`,
    taskQueue,
    args: [unattended()],
  });
  let over = false;
  const ended = handle.result().finally(() => (over = true));
  while (!over) {
    const { waitingFor } = await handle.query<RunStatus>('progress');
    if (waitingFor?.kind === 'confirmation' && waitingFor.step !== undefined) {
      const plan = await handle.query<PlanView | null>('plan');
      const enabled = waitingFor.step === 'applicationsEnabled';
      await setApplicationsEnabled(environments.administrator, plan?.applications ?? [], enabled);
      await handle.executeUpdate('confirm', { args: [{ step: waitingFor.step, by: 'bench' }] });
    } else if (waitingFor !== null && waitingFor !== undefined && waitingFor.kind !== 'confirmation') {
      throw new Error(`the run waits: ${waitingFor.text}`);
    }
    await Promise.race([ended, delay(lookInterval)]);
  }
  await ended;
}
