import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { RunStatus, StageName } from '../../src/contract.js';
import { preparedEnvironments, type PreparedEnvironments } from '../support/preparedEnvironments.js';
import { RefreshRig } from '../support/refreshRig.js';

/** For whole refreshes, on a machine that may have other things to do. Milliseconds. */
const slowMachine = 600_000;

const gate: StageName = 'disableApplications';
const request = {
  source: 'production',
  destination: 'qa',
  scope: { applications: ['Recruiting'] },
  approvals: { stages: [gate] },
};

let environments: PreparedEnvironments;
const rigs: RefreshRig[] = [];

beforeAll(async () => {
  environments = await preparedEnvironments({ rows: 20 });
});

afterAll(async () => {
  for (const rig of rigs) await rig.stop();
  await environments?.drop();
});

type Versioning = 'pinned' | 'autoUpgrade';

/** A deployment of workers, built up and switched as docs/operating.md says. */
class Deployment {
  readonly name = `refresh-${randomUUID()}`;
  private taskQueue: string | undefined;

  constructor(private readonly versioning: Versioning) {}

  /** A worker of the build beside those that are there. */
  async startWorker(buildId: string): Promise<RefreshRig> {
    const rig = await RefreshRig.start(environments, {
      ...(this.taskQueue === undefined ? {} : { taskQueue: this.taskQueue }),
      variables: {
        REFRESH_BUILD_ID: buildId,
        REFRESH_DEPLOYMENT: this.name,
        REFRESH_VERSIONING: this.versioning,
        REFRESH_LOG_LEVEL: 'debug',
      },
    });
    rigs.push(rig);
    this.taskQueue = rig.taskQueue;
    return rig;
  }

  async makeCurrent(buildId: string, rig: RefreshRig): Promise<void> {
    // Refused until the server has seen the build's worker ask for work.
    const version = ['--deployment-name', this.name, '--build-id', buildId];
    await vi.waitFor(
      async () => {
        const result = await rig.temporal('worker', 'deployment', 'set-current-version', ...version, '--yes');
        expect(result.exitCode, result.errors).toBe(0);
      },
      { timeout: 60_000, interval: 500 },
    );
  }
}

async function untilGate(rig: RefreshRig): Promise<WorkflowHandle> {
  const handle = await rig.startRefresh(request);
  const status = await rig.operate(handle, { until: ({ waitingFor }) => waitingFor?.stage === gate });
  expect(status).toMatchObject({ state: 'waitingForApproval', waitingFor: { stage: gate } });
  return handle;
}

/** A run that waits, begun by the worker of build 1; new runs go to that of build 2 by now. */
async function begunByFirstOfTwo(
  versioning: Versioning,
): Promise<{ readonly first: RefreshRig; readonly begun: WorkflowHandle; readonly second: RefreshRig }> {
  const deployment = new Deployment(versioning);
  const first = await deployment.startWorker('1');
  await deployment.makeCurrent('1', first);
  const begun = await untilGate(first);
  const second = await deployment.startWorker('2');
  await deployment.makeCurrent('2', second);
  return { first, begun, second };
}

/** Builds whose workers carried a run's workflows, those of its children too. */
async function buildsOfWorkflows({ client }: RefreshRig, root: WorkflowHandle): Promise<string[]> {
  const builds = new Set<string>();
  let workflows = 0;
  for await (const { workflowId, runId } of client.workflow.list({
    query: `RootWorkflowId = '${root.workflowId}'`,
  })) {
    workflows += 1;
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    for (const { workflowTaskCompletedEventAttributes: task } of events ?? [])
      if (task) builds.add(task.deploymentVersion?.buildId ?? 'none');
  }
  expect(workflows, 'a refresh has children').toBeGreaterThan(1);
  return [...builds].sort();
}

/** Whether a worker carried out activities of the run or of its children. */
async function worksFor(rig: RefreshRig, { workflowId }: WorkflowHandle): Promise<boolean> {
  const lines = (await rig.log(1_000_000)).split('\n');
  return lines.some((line) => line.includes('"activity done"') && line.includes(`"workflowId":"${workflowId}`));
}

describe('workers of one deployment with different builds', { timeout: slowMachine }, () => {
  it('keep a pinned run with the build that began it, while the next one goes to the new build', async () => {
    const { first, begun, second } = await begunByFirstOfTwo('pinned');
    expect(await first.operate(begun)).toMatchObject({ state: 'done' });
    expect(await buildsOfWorkflows(first, begun)).toEqual(['1']);
    expect([await worksFor(first, begun), await worksFor(second, begun)]).toEqual([true, false]);

    const next = await untilGate(second);
    expect(await second.operate(next)).toMatchObject({ state: 'done' });
    expect(await buildsOfWorkflows(second, next)).toEqual(['2']);
    expect([await worksFor(first, next), await worksFor(second, next)]).toEqual([false, true]);
  });

  it('move a run to the new build with autoUpgrade', async () => {
    const { first, begun, second } = await begunByFirstOfTwo('autoUpgrade');
    await first.killWorker();
    const status: RunStatus = await second.operate(begun);
    expect(status).toMatchObject({ state: 'done' });
    expect(await buildsOfWorkflows(second, begun)).toEqual(['1', '2']);
    expect(await worksFor(second, begun)).toBe(true);
  });
});
