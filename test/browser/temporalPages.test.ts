import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../sandbox/freePort.js';
import { startTemporal, type TemporalServer } from '../../sandbox/temporal/startTemporal.js';
import type { SliceResult } from '../../src/contract.js';
import { done, PretendActivities } from '../support/pretendActivities.js';
import { WorkflowRig } from '../support/workflowRig.js';
import { launchChromium, photograph } from './chromium.js';

let folder: string;
let server: TemporalServer;
let rig: WorkflowRig;
let browser: Browser;
let page: Page;
let handle: WorkflowHandle;
let release = (): void => undefined;

/** A run of three entities whose second one is being moved for as long as the pages are looked at. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refresh-pages-'));
  server = await startTemporal({ dataDirectory: folder, port: await freePort(), uiPort: await freePort() });
  const pretend = new PretendActivities();
  const held = new Promise<SliceResult>((resolve) => (release = () => resolve(done)));
  pretend.instead.set('A.Two', () => held);
  const activities = pretend.all();
  rig = await WorkflowRig.start(
    {
      ...activities,
      preflight: async (input) => ({ ...(await activities.preflight(input)), searchAttributes: true }),
    },
    server.address,
  );
  handle = await rig.startWorkflow('refresh', {}, 'refresh-qa');
  await rig.until(handle, ({ entities }) => entities[1]?.state === 'running');
  browser = await launchChromium();
  page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
}, 180_000);

afterAll(async () => {
  await browser?.close();
  release();
  await handle?.result();
  await rig?.stop();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

/** Opens a page of the run by the end of its address. */
async function openRun(name: string): Promise<void> {
  await open(`/refresh-qa/${(await handle.describe()).runId}/${name}`);
}

async function open(path: string): Promise<void> {
  await page.goto(`${server.uiUrl}/namespaces/default/workflows${path}`);
}

/** Waits until the page shows the text; what a workflow wrote stands in a frame of its own. */
async function shows(text: string): Promise<void> {
  await expect.poll(() => shown(), { timeout: 30_000 }).toContain(text);
}

async function shown(): Promise<string> {
  const texts = page.frames().map((frame) =>
    frame
      .locator('body')
      .innerText({ timeout: 2_000 })
      .catch(() => ''),
  );
  return (await Promise.all(texts)).join('\n');
}

describe('Temporal’s own pages of a refresh', () => {
  beforeEach(({ skip }) => {
    if (server.uiUrl === null) skip('The Temporal server that SANDBOX_TEMPORAL_ADDRESS names has no known pages.');
  });

  it('list the run and its children', async () => {
    await open('');
    for (const text of ['refresh-qa', 'refresh-qa/A.One', 'refresh-qa/A.Two', 'migrateEntity']) await shows(text);
    await photograph(page, 'temporal-list');
  });

  it('say at each step of the history what it was for', async () => {
    await openRun('history');
    for (const text of ['production → qa', 'qa, call 1', 'A.Two']) await shows(text);
    await photograph(page, 'temporal-history');
  });

  it('show where the run stands, in words', async () => {
    await openRun('user-metadata');
    await shows('Current Details');
    // The page asks the workflow when it is told to.
    await page.keyboard.press('r');
    for (const text of ['stage migrateEntities', '1 of 3 entities done', 'A.Two: running, 0 of 10 rows']) {
      await shows(text);
    }
    await photograph(page, 'temporal-details');
  });

  it('show the children under the run', async () => {
    await openRun('relationships');
    for (const text of ['refresh-qa/A.One', 'refresh-qa/A.Two']) await shows(text);
    await photograph(page, 'temporal-children');
  });

  it('show what runs can be searched by', async () => {
    await openRun('search-attributes');
    for (const text of [
      '"RefreshDestination": "qa"',
      '"RefreshStage": "migrateEntities"',
      '"RefreshState": "running"',
    ]) {
      await shows(text);
    }
    await photograph(page, 'temporal-search-attributes');
  });
});
