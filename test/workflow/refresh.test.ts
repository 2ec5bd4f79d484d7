import { afterEach, describe, expect, it } from 'vitest';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { stageNames, type RunStatus } from '../../src/contract.js';
import { done, PretendActivities, refused } from '../support/pretendActivities.js';
import { WorkflowRig } from '../support/workflowRig.js';

let rig: WorkflowRig;
afterEach(async () => {
  await rig.stop();
});

async function failureType(result: Promise<unknown>): Promise<string | null | undefined> {
  const error: unknown = await result.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(WorkflowFailedError);
  const { cause } = error as WorkflowFailedError;
  return cause instanceof ApplicationFailure ? cause.type : cause?.name;
}

function withApprovals(pretend: PretendActivities, approvals: object): void {
  pretend.ask({ approvals });
}

describe('a refresh', () => {
  it('runs every stage in order and each item after what it depends on', async () => {
    const pretend = new PretendActivities();
    rig = await WorkflowRig.start(pretend.all());
    const handle = await rig.startWorkflow('refresh', {});
    expect(await handle.result()).toMatchObject({ state: 'done' });
    const stages = stageNames.flatMap((name) =>
      name === 'migrateEntities' ? ['A.One', 'A.Two'] : name === 'migrateProcesses' ? ['A.Three'] : [name],
    );
    expect(pretend.calls).toEqual([...stages, 'close done']);
    const status = await handle.query<RunStatus>('progress');
    expect(status.entities.map((entity) => [entity.state, entity.rowsDone])).toEqual([
      ['done', 10],
      ['done', 10],
      ['done', 10],
    ]);
    expect(status.stages.every((stage) => stage.state === 'done')).toBe(true);
  });

  it('waits for an approval before draining, and ends as rejected when it is rejected', async () => {
    const pretend = new PretendActivities();
    withApprovals(pretend, ['disableApplications']);
    rig = await WorkflowRig.start(pretend.all());
    const handle = await rig.startWorkflow('refresh', {});
    const status = await rig.until(handle, ({ state }) => state === 'waitingForApproval');
    expect(status.waitingFor).toMatchObject({ kind: 'approval', stage: 'disableApplications' });
    expect(pretend.calls).toEqual(['preflight', 'plan']);
    await handle.executeUpdate('reject', { args: [{ stage: 'disableApplications', by: 'ann', note: 'not tonight' }] });
    expect(await failureType(handle.result())).toBe('Rejected');
    expect(pretend.calls).toEqual(['preflight', 'plan', 'compensate', 'close rejected']);
  });

  it('keeps an approval that was signalled before the plan was made', async () => {
    const pretend = new PretendActivities();
    withApprovals(pretend, ['disableApplications', 'enableApplications']);
    rig = await WorkflowRig.start(pretend.all());
    const handle = await rig.startWorkflow('refresh', {});
    for (const stage of ['disableApplications', 'enableApplications']) {
      await handle.signal('approve', { stage, by: 'ann' });
      await handle.signal('approve', { stage, by: 'ann' });
    }
    expect(await handle.result()).toMatchObject({ state: 'done' });
  });

  it('ends as rejected when nobody approves in time', async () => {
    const pretend = new PretendActivities();
    withApprovals(pretend, { stages: ['deleteDestinationData'], remindAfter: '1s', expireAfter: '1s' });
    rig = await WorkflowRig.start(pretend.all());
    const handle = await rig.startWorkflow('refresh', {});
    expect(await failureType(handle.result())).toBe('Rejected');
    expect(pretend.calls.at(-1)).toBe('close rejected');
  });

  it('refuses nonsense with a reason and leaves no trace of it in history', async () => {
    const pretend = new PretendActivities();
    withApprovals(pretend, ['disableApplications']);
    rig = await WorkflowRig.start(pretend.all());
    const handle = await rig.startWorkflow('refresh', {});
    await rig.until(handle, ({ state }) => state === 'waitingForApproval');
    const before = (await handle.fetchHistory()).events?.length;
    for (const [update, payload] of [
      ['approve', { stage: 'nowhere' }],
      ['approve', { stage: 'disableApplications', planHash: 'other' }],
      ['retry', { entity: 'A.One' }],
      ['tune', { parallelEntities: 0 }],
    ] as const) {
      await expect(handle.executeUpdate(update, { args: [payload] })).rejects.toThrow();
    }
    expect((await handle.fetchHistory()).events?.length).toBe(before);
    await handle.executeUpdate('approve', { args: [{ stage: 'disableApplications', by: 'ann', planHash: 'hash' }] });
    expect(await handle.result()).toMatchObject({ state: 'done' });
  });

  it('survives signals that are no messages at all', async () => {
    const pretend = new PretendActivities();
    withApprovals(pretend, ['disableApplications']);
    rig = await WorkflowRig.start(pretend.all());
    const handle = await rig.startWorkflow('refresh', {});
    await handle.signal('approve', null);
    await handle.signal('tune', 'faster');
    await handle.signal('retry', { entity: 17 });
    await handle.signal('approve', { stage: 'disableApplications', by: 'ann' });
    expect(await handle.result()).toMatchObject({ state: 'done' });
  });

  it('shows a pause, starts nothing meanwhile, and goes on after resume', async () => {
    const pretend = new PretendActivities();
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    pretend.instead.set('mapUsers', async () => {
      await held;
      return done;
    });
    rig = await WorkflowRig.start(pretend.all());
    const handle = await rig.startWorkflow('refresh', {});
    await rig.until(handle, ({ stage }) => stage === 'mapUsers');
    await handle.executeUpdate('pause', { args: [{ by: 'ann' }] });
    release();
    const status = await rig.until(handle, ({ stage, state }) => stage === 'migrateEntities' && state === 'paused');
    expect(status.waitingFor).toMatchObject({ kind: 'resume', by: 'ann', text: 'paused by ann' });
    expect(pretend.calls.at(-1)).toBe('mapUsers');
    await handle.executeUpdate('resume', { args: [{ by: 'ann' }] });
    expect(await handle.result()).toMatchObject({ state: 'done' });
  });

  it('parks a failed entity while others go on, and takes it up again on retry', async () => {
    const pretend = new PretendActivities();
    pretend.items = [
      { id: 0, name: 'A.One', stage: 'migrateEntities', entities: [0], dependsOn: [] },
      { id: 1, name: 'A.Two', stage: 'migrateEntities', entities: [1], dependsOn: [] },
      { id: 2, name: 'A.Three', stage: 'migrateProcesses', entities: [2], dependsOn: [0] },
    ];
    let failing = true;
    pretend.instead.set('A.One', async () => {
      if (failing) throw refused({ code: 'FOREIGN_KEY', message: 'a reference has no target' });
      return done;
    });
    rig = await WorkflowRig.start(pretend.all());
    const handle = await rig.startWorkflow('refresh', {});
    const status = await rig.until(handle, ({ state }) => state === 'parked');
    expect(status.entities.map((entity) => entity.state)).toEqual(['parked', 'done', 'pending']);
    expect(status.waitingFor).toMatchObject({ kind: 'retry', entity: 'A.One' });
    expect(await handle.query('entityProgress', { espace: 'A', entity: 'One' })).toMatchObject({
      lastError: { code: 'FOREIGN_KEY' },
    });
    failing = false;
    await handle.executeUpdate('retry', { args: [{ entity: 'A.One', by: 'ann' }] });
    expect(await handle.result()).toMatchObject({ state: 'done' });
    expect(pretend.calls.filter((call) => call === 'A.One')).toHaveLength(2);
  });

  it('skips a parked entity on request, removes its rows, and says so at the end', async () => {
    const pretend = new PretendActivities();
    pretend.instead.set('A.One', () => Promise.reject(refused()));
    rig = await WorkflowRig.start(pretend.all());
    const handle = await rig.startWorkflow('refresh', {});
    await rig.until(handle, ({ state }) => state === 'parked');
    await handle.executeUpdate('skip', { args: [{ entity: 'A.One', by: 'ann' }] });
    expect(await handle.result()).toMatchObject({ state: 'doneWithSkips' });
    expect(pretend.calls).toContain('skip A.One');
    expect(pretend.calls).toContain('A.Two');
  });

  it('parks at a verification that finds something wrong, and goes on when it is retried', async () => {
    const pretend = new PretendActivities();
    const problem = { code: 'COUNT', message: 'a row is missing', sqlNumber: null, subject: 'A.One', remedy: '' };
    const results = [{ ...done, done: false, problems: [problem] }, done];
    pretend.instead.set('verify', async () => results.shift() ?? done);
    rig = await WorkflowRig.start(pretend.all());
    const handle = await rig.startWorkflow('refresh', {});
    const status = await rig.until(handle, ({ state }) => state === 'parked');
    expect(status.waitingFor).toMatchObject({ kind: 'retry', stage: 'verify' });
    expect(pretend.calls).not.toContain('enableApplications');
    await handle.executeUpdate('retry', { args: [{ stage: 'verify', by: 'ann' }] });
    expect(await handle.result()).toMatchObject({ state: 'done' });
  });

  it.each(['abort', 'cancel'] as const)('on %s lets the running call end, then undoes and closes', async (how) => {
    const pretend = new PretendActivities();
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let calls = 0;
    pretend.instead.set('A.One', async () => {
      calls += 1;
      if (calls === 1) await held;
      return { ...done, done: false };
    });
    rig = await WorkflowRig.start(pretend.all());
    const handle = await rig.startWorkflow('refresh', {});
    await rig.until(handle, ({ entities }) => entities[0]?.state === 'running' && calls === 1);
    if (how === 'abort') await handle.executeUpdate('abort', { args: [{ by: 'ann' }] });
    else await handle.cancel();
    release();
    expect(await failureType(handle.result())).toBe(how === 'abort' ? 'Aborted' : 'CancelledFailure');
    expect(pretend.calls.slice(-2)).toEqual(['compensate', how === 'abort' ? 'close aborted' : 'close cancelled']);
    expect(pretend.calls).not.toContain('A.Two');
  });

  it('ends as bad input, with nothing to undo, when preflight refuses', async () => {
    const pretend = new PretendActivities();
    pretend.instead.set('preflight', () =>
      Promise.reject(
        ApplicationFailure.create({ type: 'BadInput', nonRetryable: true, message: 'no such environment' }),
      ),
    );
    rig = await WorkflowRig.start(pretend.all());
    const handle = await rig.startWorkflow('refresh', 'nonsense');
    expect(await failureType(handle.result())).toBe('BadInput');
    expect(pretend.calls).toEqual(['preflight']);
  });
});
