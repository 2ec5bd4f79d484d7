import type { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure, type MetricMeter } from '@temporalio/common';
import { expect, it } from 'vitest';
import { batchMetrics } from '../../../activities/batchMetrics.js';
import { metricsInterceptor } from '../../../worker/metrics.js';

type Recorded = [name: string, value: number, labels: object];

/** A meter that keeps what it is told. */
function meter(): { readonly recorded: Recorded[]; readonly metricMeter: MetricMeter } {
  const recorded: Recorded[] = [];
  const metric = (name: string) => {
    const take = (value: number, labels: object): void => void recorded.push([name, value, labels]);
    return { add: take, record: take };
  };
  return { recorded, metricMeter: { createCounter: metric, createHistogram: metric } as unknown as MetricMeter };
}

async function run(activityType: string, input: unknown, work: () => Promise<unknown>): Promise<Recorded[]> {
  const { recorded, metricMeter } = meter();
  const { inbound } = metricsInterceptor()({ info: { activityType }, metricMeter } as unknown as Context);
  await inbound!.execute!({ args: [input], headers: {} }, work).catch(() => undefined);
  return recorded;
}

it('counts rows and batches of an entity as they are committed', () => {
  const { recorded, metricMeter } = meter();
  const count = batchMetrics(metricMeter, 'qa');
  count({ stage: 'migrateEntities', entity: 'People.Person', rowsWritten: 500, duration: 1500 });
  const labels = { destination: 'qa', stage: 'migrateEntities', entity: 'People.Person' };
  expect(recorded).toEqual([
    ['refresh_rows_written_total', 500, labels],
    ['refresh_batches_total', 1, labels],
    ['refresh_batch_duration_seconds', 1.5, { destination: 'qa', stage: 'migrateEntities' }],
  ]);
});

it('tells at the end of a run how it ended and how long each stage took', async () => {
  const stages = [
    { name: 'plan', state: 'done', startedAt: '2026-01-01T00:00:00.000Z', endedAt: '2026-01-01T00:01:30.000Z' },
    { name: 'verify', state: 'pending', startedAt: null, endedAt: null },
  ];
  const input = { run: { destination: 'qa' }, ending: 'done', status: { stages } };
  expect(await run('closeRun', input, () => Promise.resolve())).toEqual([
    ['refresh_runs_total', 1, { destination: 'qa', ending: 'done' }],
    ['refresh_stage_duration_seconds', 90, { destination: 'qa', stage: 'plan' }],
  ]);
  expect(await run('closeRun', input, () => Promise.reject(new CancelledFailure('WORKER_SHUTDOWN')))).toEqual([]);
});

it('counts failed attempts by code, and no shutdown', async () => {
  const failure = ApplicationFailure.create({ type: 'Infrastructure', details: [{ code: 'logFull' }] });
  expect(await run('migrateBatches', {}, () => Promise.reject(failure))).toEqual([
    ['refresh_failures_total', 1, { activity: 'migrateBatches', code: 'logFull', type: 'Infrastructure' }],
  ]);
  expect(await run('migrateBatches', {}, () => Promise.reject(new CancelledFailure('WORKER_SHUTDOWN')))).toEqual([]);
});
