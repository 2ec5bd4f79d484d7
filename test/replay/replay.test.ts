import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { quietBundle } from '../support/quietBundle.js';
import { readRecordedHistory } from '../support/recordedHistories.js';

const folder = fileURLToPath(new URL('./histories/', import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

let workflowBundle: WorkflowBundleOption;
beforeAll(async () => {
  workflowBundle = await quietBundle();
});

/** Runs that are under way when a new version is deployed go on with it: what old code did, new code must do again. */
describe('recorded histories replay on the workflows of today', () => {
  it('there are histories of every workflow', () => {
    const types = new Set(files.map((name) => name.split('.').at(-3)));
    expect([...types].sort()).toEqual(['migrateEntity', 'refresh']);
  });

  it.each(files)('%s', async (name) => {
    const history = await readRecordedHistory(join(folder, name));
    // Children are named after their parent.
    const id = history.events?.[0]?.workflowExecutionStartedEventAttributes?.workflowId ?? undefined;
    await Worker.runReplayHistory({ workflowBundle }, history, id);
  });
});
