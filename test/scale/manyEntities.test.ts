import { performance } from 'node:perf_hooks';
import { expect, it } from 'vitest';
import type { MigrateBatchesInput, RunStatus, WorkItem } from '../../src/contract.js';
import { PretendActivities } from '../support/pretendActivities.js';
import { WorkflowRig } from '../support/workflowRig.js';

const entities = 300;
const batchesPerEntity = 100;
/** Calls in which a child works its batches off. */
const callsPerEntity = Number(process.env['CALLS_PER_ENTITY'] ?? 2);

/** The server warns from 10,240 events or 10 MB on, and ends a workflow at 51,200 events or 50 MB. */
const mostEvents = 10_240;
const mostBytes = 10_000_000;

/** Each refers to the one 30 before it, so that ten waves follow one another. */
function itemsOf(count: number): WorkItem[] {
  return Array.from({ length: count }, (_, id) => ({
    ...{ id, name: `A.Entity${id}`, stage: 'migrateEntities' as const, entities: [id] },
    dependsOn: id < 30 ? [] : [id - 30],
  }));
}

it(`keeps the histories of ${entities} entities and ${entities * batchesPerEntity} batches small`, async () => {
  const pretend = new PretendActivities();
  pretend.ask({ parallelEntities: 16 });
  pretend.items = itemsOf(entities);
  const calls = new Map<number, number>();
  const activities = {
    ...pretend.all(),
    migrateBatches: async ({ item }: MigrateBatchesInput) => {
      const call = (calls.get(item) ?? 0) + 1;
      calls.set(item, call);
      const batches = Math.round((batchesPerEntity * call) / callsPerEntity);
      const done = call === callsPerEntity;
      const progress = { entity: item, rowsDone: batches * 20_000, rowsQuarantined: 0, batches, done };
      return { done, entities: [progress] };
    },
  };
  const rig = await WorkflowRig.start(activities);
  const handle = await rig.startWorkflow('refresh', {});
  const answers: number[] = [];
  for (let ended = false; !ended;) {
    const asked = performance.now();
    const status = await handle.query<RunStatus>('progress');
    answers.push(performance.now() - asked);
    ended = status.endedAt !== null;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  expect(await handle.result()).toMatchObject({ state: 'done' });
  const status = await handle.query<RunStatus>('progress');
  expect(status.entities.reduce((sum, { batches }) => sum + batches, 0)).toBe(entities * batchesPerEntity);

  const sizes: { type: string; events: number; bytes: number }[] = [];
  for await (const { type, historyLength, historySize } of rig.executions()) {
    sizes.push({ type, events: Number(historyLength), bytes: Number(historySize ?? 0) });
  }
  expect(sizes.length).toBeGreaterThanOrEqual(entities + 1);
  answers.sort((a, b) => a - b);
  const largest = (type: string) =>
    sizes.filter((size) => size.type === type).reduce((most, size) => (size.events > most.events ? size : most));
  console.log('largest history of the refresh', largest('refresh'), 'of a child', largest('migrateEntity'));
  console.log(
    `progress answered in ${Math.round(answers[Math.floor(answers.length / 2)]!)} ms (median of ${answers.length})`,
  );
  for (const { events, bytes } of sizes) {
    expect(events).toBeLessThan(mostEvents);
    expect(bytes).toBeLessThan(mostBytes);
  }
  await rig.stop();
}, 900_000);
