import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../sandbox/freePort.js';
import { startTemporal, type TemporalServer } from '../../sandbox/temporal/startTemporal.js';
import { done, PretendActivities } from '../support/pretendActivities.js';
import { WorkflowRig } from '../support/workflowRig.js';

let server: TemporalServer;
let dataDirectory: string;

beforeAll(async () => {
  dataDirectory = await mkdtemp(join(tmpdir(), 'refresh-can-'));
  server = await startTemporal({
    ...{ dataDirectory, port: await freePort(), uiPort: await freePort() },
    dynamicConfig: ['limit.historyCount.suggestContinueAsNew=60'],
  });
});
afterAll(async () => {
  await server.stop();
  await rm(dataDirectory, { recursive: true, force: true });
});

async function executions(rig: WorkflowRig, id: string): Promise<number> {
  let count = 0;
  for await (const _ of rig.client.workflow.list({ query: `WorkflowId = '${id}'` })) count += 1;
  return count;
}

it('carries run and child through many histories without losing its place or its decisions', async () => {
  const pretend = new PretendActivities();
  const left = new Map([
    ['A.Two', 40],
    ['deleteDestinationData', 40],
  ]);
  for (const name of left.keys()) {
    pretend.instead.set(name, async () => {
      left.set(name, left.get(name)! - 1);
      return { ...done, done: left.get(name) === 0 };
    });
  }
  const rig = await WorkflowRig.start(pretend.all(), server.address);
  const handle = await rig.startWorkflow('refresh', {});
  await handle.signal('tune', { parallelEntities: 2, by: 'ann' });
  expect(await handle.result()).toMatchObject({ state: 'done' });
  for (const name of left.keys()) expect(pretend.calls.filter((call) => call === name)).toHaveLength(40);
  expect(pretend.calls.filter((call) => call === 'plan')).toHaveLength(1);
  expect(await handle.query('plan')).toMatchObject({ decisions: [{ kind: 'tune', by: 'ann', effect: 'applied' }] });
  expect(await executions(rig, handle.workflowId)).toBeGreaterThan(1);
  expect(await executions(rig, `${handle.workflowId}/A.Two`)).toBeGreaterThan(1);
  await rig.stop();
});
