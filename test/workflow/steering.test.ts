import { ApplicationFailure } from '@temporalio/common';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { WorkflowHandle } from '@temporalio/client';
import type { MigrateBatchesInput } from '../../src/contract.js';
import { done, PretendActivities, refused } from '../support/pretendActivities.js';
import { WorkflowRig } from '../support/workflowRig.js';

let rig: WorkflowRig;
afterEach(async () => {
  await rig.stop();
});

/** Three entities that do not refer to each other. */
function independent(pretend: PretendActivities): void {
  pretend.items = ['One', 'Two', 'Three'].map((name, id) => ({
    ...{ id, name: `A.${name}`, stage: 'migrateEntities' as const, entities: [id], dependsOn: [] },
  }));
}

const unfinished = { ...done, done: false };

/** Calls that a child began between being told of the pause and of its end. */
async function callsWhilePaused(child: WorkflowHandle): Promise<number> {
  const { events } = await child.fetchHistory();
  const told = (events ?? []).flatMap((event, index) =>
    event.workflowExecutionSignaledEventAttributes?.signalName === 'steer' ? [index] : [],
  );
  expect(told).toHaveLength(2);
  return (events ?? []).slice(told[0], told[1]).filter((event) => event.activityTaskScheduledEventAttributes != null)
    .length;
}

describe('steering a run that works', () => {
  it('pauses the entities that are being moved after their current call, and goes on where they were', async () => {
    const pretend = new PretendActivities();
    independent(pretend);
    let finish = false;
    for (const { name } of pretend.items) pretend.instead.set(name, async () => (finish ? done : unfinished));
    rig = await WorkflowRig.start(pretend.all());
    const handle = await rig.startWorkflow('refresh', {});
    await rig.until(handle, ({ entities }) => entities.length === 3 && entities.every(({ rowsDone }) => rowsDone > 0));
    await handle.executeUpdate('pause', { args: [{ by: 'ann', note: 'backup runs' }] });
    expect(await handle.query('progress')).toMatchObject({ state: 'paused', waitingFor: { text: 'paused by ann' } });
    const children = pretend.items.map(({ name }) => rig.client.workflow.getHandle(`${handle.workflowId}/${name}`));
    for (const child of children) await rig.untilIdle(child);
    finish = true;
    await handle.signal('resume', { by: 'bob' });
    expect(await handle.result()).toMatchObject({ state: 'done' });
    for (const child of children) expect(await callsWhilePaused(child)).toBe(0);
    expect(pretend.closed?.decisions).toMatchObject([
      { kind: 'pause', by: 'ann', note: 'backup runs', effect: 'applied' },
      { kind: 'resume', by: 'bob', effect: 'applied' },
    ]);
  });

  it('takes up another parallelism, number of ranges and batch size while entities are being moved', async () => {
    const pretend = new PretendActivities();
    independent(pretend);
    pretend.ask({ parallelEntities: 1 });
    const sizes = new Set<string>();
    const moving = new Set<string>();
    for (const { name } of pretend.items) {
      pretend.instead.set(name, async (input) => {
        moving.add(name);
        const { batchRows, parallelRanges } = input as MigrateBatchesInput;
        sizes.add(`${batchRows} rows, ${parallelRanges} ranges`);
        return sizes.size === 2 && moving.size === 3 ? done : unfinished;
      });
    }
    rig = await WorkflowRig.start(pretend.all());
    const handle = await rig.startWorkflow('refresh', {});
    await rig.until(handle, ({ entities }) => entities.some(({ rowsDone }) => rowsDone > 0));
    expect(moving.size).toBe(1);
    await handle.executeUpdate('tune', {
      args: [{ parallelEntities: 3, parallelRanges: 2, batchRows: 500, by: 'ann' }],
    });
    expect(await handle.result()).toMatchObject({ state: 'done' });
    expect([...sizes]).toEqual(['20000 rows, 4 ranges', '500 rows, 2 ranges']);
  });

  it('tries a failed entity again while the others go on, and keeps what went wrong for the report', async () => {
    const pretend = new PretendActivities();
    independent(pretend);
    let attempts = 0;
    let finish = false;
    pretend.instead.set('A.One', async () => {
      attempts += 1;
      if (attempts === 1) throw refused({ code: 'DUPLICATE_KEY', remedy: 'Look at the unique keys.' });
      return done;
    });
    pretend.instead.set('A.Two', async () => (finish ? done : unfinished));
    rig = await WorkflowRig.start(pretend.all());
    const handle = await rig.startWorkflow('refresh', {});
    await rig.until(handle, ({ entities }) => entities[0]?.state === 'parked' && entities[1]!.rowsDone > 0);
    await handle.executeUpdate('retry', { args: [{ entity: 'A.One', by: 'ann' }] });
    const status = await rig.until(handle, ({ entities }) => entities[0]?.state === 'done');
    expect(status.entities[1]).toMatchObject({ state: 'running' });
    finish = true;
    expect(await handle.result()).toMatchObject({ state: 'done' });
    expect(pretend.closed?.failures).toMatchObject([
      { target: 'A.One', answer: 'retry', failure: { code: 'DUPLICATE_KEY', remedy: 'Look at the unique keys.' } },
    ]);
  });

  it('writes down what is decided and what fails while it goes on, not only at its end', async () => {
    const pretend = new PretendActivities();
    independent(pretend);
    pretend.instead.set('verify', () => Promise.reject(refused({ code: 'COUNT' })));
    rig = await WorkflowRig.start(pretend.all());
    const handle = await rig.startWorkflow('refresh', {});
    await rig.until(handle, ({ state }) => state === 'parked');
    await handle.executeUpdate('retry', { args: [{ stage: 'verify', by: 'ann', note: 'look again' }] });
    await vi.waitFor(() => expect(pretend.journal).toHaveLength(4), { timeout: 30_000 });
    expect(pretend.journal).toMatchObject([
      { number: 0, failure: { target: 'verify', failure: { code: 'COUNT' }, answer: null } },
      { number: 1, decision: { kind: 'retry', by: 'ann', note: 'look again', target: 'verify' } },
      { number: 2, answer: { target: 'verify', answer: 'retry' } },
      { number: 3, failure: { target: 'verify' } },
    ]);
    await handle.signal('abort', { by: 'bob' });
    await expect(handle.result()).rejects.toThrow();
    // Written before the run is fenced off, after which the destination takes nothing of it any more.
    expect(pretend.journal.at(-1)).toMatchObject({ number: 4, decision: { kind: 'abort', by: 'bob' } });
  });

  it('ends although the destination takes no journal', async () => {
    const pretend = new PretendActivities();
    pretend.ask({ approvals: ['disableApplications'] });
    const closed = ApplicationFailure.create({ type: 'RunClosed', nonRetryable: true, message: 'closed' });
    rig = await WorkflowRig.start({ ...pretend.all(), writeJournal: () => Promise.reject(closed) });
    const handle = await rig.startWorkflow('refresh', {});
    await rig.until(handle, ({ state }) => state === 'waitingForApproval');
    await handle.signal('reject', { stage: 'disableApplications', by: 'ann' });
    await expect(handle.result()).rejects.toThrow();
    expect(pretend.closed).toMatchObject({ ending: 'rejected', decisions: [{ kind: 'reject' }] });
  });

  it('reminds of an approval, and records that it expired', async () => {
    const pretend = new PretendActivities();
    pretend.ask({ approvals: { stages: ['deleteDestinationData'], remindAfter: '1s', expireAfter: '6s' } });
    rig = await WorkflowRig.start(pretend.all());
    const handle = await rig.startWorkflow('refresh', {});
    const reminded = await rig.until(handle, ({ waitingFor }) => waitingFor?.text.includes('reminder') === true);
    expect(reminded).toMatchObject({ state: 'waitingForApproval', waitingFor: { stage: 'deleteDestinationData' } });
    await expect(handle.result()).rejects.toThrow();
    expect(pretend.closed).toMatchObject({
      ending: 'rejected',
      failure: { code: 'APPROVAL_EXPIRED' },
      decisions: [{ kind: 'expire', target: 'deleteDestinationData', effect: 'applied' }],
    });
  });

  it('records who rejected and why, also when it came as a signal', async () => {
    const pretend = new PretendActivities();
    pretend.ask({ approvals: ['disableApplications'] });
    rig = await WorkflowRig.start(pretend.all());
    const handle = await rig.startWorkflow('refresh', {});
    await rig.until(handle, ({ state }) => state === 'waitingForApproval');
    await handle.signal('approve', { stage: 'verify', by: 'eve' });
    await handle.signal('reject', { stage: 'disableApplications', by: 'ann', note: 'month end' });
    await expect(handle.result()).rejects.toThrow();
    expect(pretend.closed).toMatchObject({
      ending: 'rejected',
      failure: { code: 'REJECTED', message: expect.stringContaining('month end') },
      decisions: [
        { kind: 'approve', by: 'eve', effect: 'ignored', note: 'stage verify asks for no approval' },
        { kind: 'reject', by: 'ann', note: 'month end', effect: 'applied' },
      ],
    });
  });
});
