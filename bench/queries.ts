import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { freePort } from '../sandbox/freePort.js';
import { startTemporal } from '../sandbox/temporal/startTemporal.js';
import type { EntityDetails, RefreshActivities, RunStatus, SliceResult, WorkItem } from '../src/contract.js';
import { done, PretendActivities } from '../test/support/pretendActivities.js';
import { maxCachedWorkflows } from '../worker/tuning.js';
import { workflowBundle } from '../worker/workflowBundle.js';
import type { Bench, BenchContext } from './results.js';

const entities = 300;
const parallelEntities = 16;
/** Of each query. */
const questions = 500;
/** Milliseconds. */
const target = 'at most 100';

/** How soon operators are answered in the middle of a run of many entities that a worker holds in memory. */
export const queries: Bench = {
  name: 'queries',
  what: `queries of a cached run of ${entities} entities, one after the other`,
  async run(context) {
    const folder = await mkdtemp(join(tmpdir(), 'refresh-bench-queries-'));
    const [port, uiPort] = [await freePort(), await freePort()];
    const temporal = await startTemporal({ dataDirectory: folder, port, uiPort, say: context.note });
    try {
      await ask(context, temporal.address);
    } finally {
      await temporal.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

interface EntityName {
  readonly espace: string;
  readonly entity: string;
}

async function ask(context: BenchContext, address: string): Promise<void> {
  const taskQueue = `bench-${randomUUID()}`;
  let release = (): void => undefined;
  const released = new Promise<SliceResult>((resolve) => (release = () => resolve(done)));
  const logger = new DefaultLogger('ERROR');
  Runtime.install({ logger });
  const native = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection: native,
    taskQueue,
    workflowBundle: await workflowBundle(logger),
    activities: halfOfARun(released),
    maxCachedWorkflows,
  });
  const connection = await Connection.connect({ address });
  try {
    await worker.runUntil(async () => {
      const client = new Client({ connection });
      const handle = await client.workflow.start('refresh', { workflowId: taskQueue, taskQueue, args: [{}] });
      const last = await untilHalf(handle);
      report(context, 'progress', await times(() => handle.query<RunStatus>('progress')));
      report(
        context,
        'entityProgress',
        await times(() => handle.query<EntityDetails | null, [EntityName]>('entityProgress', last)),
      );
      release();
      await handle.result();
    });
  } finally {
    await connection.close();
    await native.close();
  }
}

/** The first half of the entities is moved at once; the others are being moved until they are released. */
function halfOfARun(released: Promise<SliceResult>): RefreshActivities {
  const pretend = new PretendActivities();
  pretend.ask({ parallelEntities });
  pretend.items = Array.from({ length: entities }, (_, id): WorkItem => {
    const dependsOn = id < parallelEntities ? [] : [id - parallelEntities];
    return { id, name: `A.Entity${id}`, stage: 'migrateEntities', entities: [id], dependsOn };
  });
  for (const { name } of pretend.items.slice(entities / 2)) pretend.instead.set(name, () => released);
  return pretend.all();
}

async function untilHalf(handle: WorkflowHandle): Promise<EntityName> {
  for (;;) {
    const { entities: found } = await handle.query<RunStatus>('progress');
    const moved = found.filter(({ state }) => state === 'done').length;
    const running = found.filter(({ state }) => state === 'running');
    const [first] = running;
    if (moved >= entities / 2 && running.length === parallelEntities && first !== undefined) return first;
    await delay(200);
  }
}

/** Milliseconds of each answer, shortest first. */
async function times(question: () => Promise<unknown>): Promise<number[]> {
  const taken: number[] = [];
  for (let asked = 0; asked < questions; asked += 1) {
    const before = process.hrtime.bigint();
    await question();
    taken.push(Number(process.hrtime.bigint() - before) / 1e6);
  }
  return taken.sort((a, b) => a - b);
}

function report(context: BenchContext, query: string, sorted: readonly number[]): void {
  for (const [name, share] of [
    ['median', 0.5],
    ['95 %', 0.95],
  ] as const) {
    const value = sorted[Math.ceil(sorted.length * share) - 1] ?? NaN;
    const figure = { median: value, least: value, greatest: value };
    context.report({ what: `${query}, ${name} of ${sorted.length} answers within`, figure, unit: 'ms', target });
  }
}
