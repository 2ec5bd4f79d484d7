import { afterEach, describe, expect, it } from 'vitest';
import type { SliceResult } from '../../src/contract.js';
import { done, PretendActivities } from '../support/pretendActivities.js';
import { WorkflowRig } from '../support/workflowRig.js';

let rig: WorkflowRig;
afterEach(async () => {
  await rig.stop();
});

const left = (events: number): SliceResult => ({
  ...done,
  done: events === 0,
  waiting: events === 0 ? null : `draining: ${events} events left`,
  left: events,
});

describe('draining the event queues', () => {
  it('parks when events are left that nobody works off, and discards them when it is skipped', async () => {
    const pretend = new PretendActivities();
    pretend.ask({ drain: { stuckAfter: '1s' } });
    pretend.instead.set('drainEventQueues', async (input) => left((input as { discard: boolean }).discard ? 0 : 12));
    rig = await WorkflowRig.start(pretend.all());
    const handle = await rig.startWorkflow('refresh', {});
    const waiting = await rig.until(handle, ({ waitingFor }) => waitingFor !== null);
    expect(waiting).toMatchObject({
      state: 'running',
      waitingFor: { kind: 'drain', stage: 'drainEventQueues', text: 'draining: 12 events left' },
    });
    const parked = await rig.until(handle, ({ state }) => state === 'parked');
    expect(parked.waitingFor?.text).toMatch(/12 events are left.*retry; or skip/);
    await handle.executeUpdate('skip', { args: [{ stage: 'drainEventQueues', by: 'ann', note: 'worthless' }] });
    expect(await handle.result()).toMatchObject({ state: 'doneWithSkips' });
  });

  it('waits as long as the events become fewer, and after a retry anew', async () => {
    const pretend = new PretendActivities();
    pretend.ask({ drain: { stuckAfter: '1s' } });
    const looks = [4, 3, 2, 2, 2, 1, 0];
    pretend.instead.set('drainEventQueues', async () => left(looks.shift() ?? 0));
    rig = await WorkflowRig.start(pretend.all());
    const handle = await rig.startWorkflow('refresh', {});
    await rig.until(handle, ({ state }) => state === 'parked');
    expect(looks).toEqual([2, 1, 0]);
    await handle.signal('retry', { stage: 'drainEventQueues', by: 'ann' });
    expect(await handle.result()).toMatchObject({ state: 'done' });
  });
});
