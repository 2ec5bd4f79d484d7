import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { RunClient } from '../../src/cli/temporal.js';
import type { ScheduleListEntry } from '../../src/cli/schedules.js';
import { PretendActivities } from '../support/pretendActivities.js';
import { WorkflowRig } from '../support/workflowRig.js';

let rig: WorkflowRig;
let runs: RunClient;
let release = (): void => undefined;

beforeAll(async () => {
  const pretend = new PretendActivities();
  const held = new Promise<void>((resolve) => (release = resolve));
  pretend.instead.set('preflight', async () => {
    await held;
    return { done: true, handled: 0, waiting: null, problems: [] };
  });
  rig = await WorkflowRig.start(pretend.all());
  runs = await RunClient.connect(null, { address: inject('temporalAddress'), taskQueue: rig.taskQueue });
});

afterAll(async () => {
  release();
  await runs.close();
  await rig.stop();
});

const request = { source: 'production', destination: 'qa', scope: { applications: ['A'] } };

async function entry(id: string, condition: (entry: ScheduleListEntry) => boolean): Promise<ScheduleListEntry> {
  for (;;) {
    const found = (await runs.schedules.list()).find((candidate) => candidate.id === id);
    if (found !== undefined && condition(found)) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

describe('a schedule of refreshes', () => {
  it('is listed with its times, is there once, and can be deleted', async () => {
    const id = `nightly-${randomUUID()}`;
    const nightly = { id, cron: '0 2 * * *', timeZone: 'Europe/Lisbon', catchUp: 3_600_000, request };
    await runs.schedules.create(nightly);
    await expect(runs.schedules.create(nightly)).rejects.toThrow(`There is a schedule ${id} already`);
    const fresh = await entry(id, () => true);
    expect(fresh).toMatchObject({ cron: '0 2 * * *', timeZone: 'Europe/Lisbon', paused: false, runs: 0, missed: 0 });
    expect(new Date(fresh.nextAt!).getUTCMinutes()).toBe(0);

    await runs.schedules.delete(id);
    await expect(runs.schedules.pause(id, '')).rejects.toThrow(`There is no schedule ${id}`);
  });

  it('skips one that is due while the last still runs, stops when paused, and shows both', async () => {
    const id = `often-${randomUUID()}`;
    await runs.schedules.create({ id, cron: '* * * * * * *', timeZone: null, catchUp: 60_000, request });
    const started = await entry(id, ({ skipped }) => skipped > 0);
    expect(started).toMatchObject({ runs: 1, missed: 0 });
    expect((await rig.client.workflow.getHandle(started.lastRun!).describe()).type).toBe('refresh');
    await runs.schedules.pause(id, 'pause by ann: release weekend');
    expect(await entry(id, ({ paused }) => paused)).toMatchObject({
      note: 'pause by ann: release weekend',
      nextAt: null,
    });
    await runs.schedules.resume(id, 'resume by ann');
    await entry(id, ({ paused }) => !paused);
    await runs.schedules.delete(id);
    release();
    expect(await rig.client.workflow.getHandle(started.lastRun!).result()).toMatchObject({ state: 'done' });
  });

  it('refuses a cron expression that is none, and says how to write one', async () => {
    const id = `nightly-${randomUUID()}`;
    const wrong = { id, cron: 'every night', timeZone: null, catchUp: 60_000, request };
    await expect(runs.schedules.create(wrong)).rejects.toThrow('minute hour day month weekday');
  });
});

describe('a run whose worker is gone', () => {
  it('is told to the operator with where it stood', async () => {
    const lonely = await RunClient.connect(null, {
      address: inject('temporalAddress'),
      taskQueue: `none-${randomUUID()}`,
    });
    try {
      const { workflowId } = await lonely.startRefresh(`alone-${randomUUID()}`, request);
      await expect(lonely.progress(workflowId)).rejects.toThrow(
        `No worker answers for ${workflowId}, whose workflow is running`,
      );
      await lonely.handle(workflowId).terminate();
    } finally {
      await lonely.close();
    }
  });
});
