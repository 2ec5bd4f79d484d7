import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DefaultLogger } from '@temporalio/worker';
import type { TestProject } from 'vitest/node';
import { freePort } from '../../sandbox/freePort.js';
import { startTemporal } from '../../sandbox/temporal/startTemporal.js';
import { workflowBundle } from '../../worker/workflowBundle.js';
import { sharedServer } from './sharedServer.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Address of the Temporal dev server that all end-to-end tests share; each test uses its own task queue. */
    temporalAddress: string;
    /** The file in which it keeps histories, a SQLite database; others of the same name with an ending belong to it. */
    temporalDatabase: string;
  }
}

/** Provides one dev server for all projects of a test run, which ends with the tests, and has the workflows bundled. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { server, release } = await sharedServer('Temporal', startServer);
  project.provide('temporalAddress', server.address);
  project.provide('temporalDatabase', server.database);
  return release;
}

async function startServer(): Promise<{ address: string; database: string; stop: () => Promise<void> }> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'refresh-temporal-'));
  // Files that start at once would each bundle them.
  await workflowBundle(new DefaultLogger('ERROR'));
  // Not the documented ports: a demo may be running beside the tests.
  const server = await startTemporal({ dataDirectory, port: await freePort(), uiPort: await freePort() });
  return {
    address: server.address,
    database: join(dataDirectory, 'temporal.db'),
    stop: async () => {
      await server.stop();
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}
