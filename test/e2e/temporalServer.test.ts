import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { freePort } from '../../sandbox/freePort.js';
import { isAlive, tsxArguments } from '../../sandbox/processes.js';
import { startTemporal, temporalAnswers } from '../../sandbox/temporal/startTemporal.js';
import type { TemporalServer } from '../../sandbox/temporal/startTemporal.js';

let dataDirectory: string;

beforeAll(async () => {
  dataDirectory = await mkdtemp(join(tmpdir(), 'refresh-temporal-test-'));
});
afterAll(async () => {
  await rm(dataDirectory, { recursive: true, force: true });
});

async function start(): Promise<TemporalServer> {
  return startTemporal({ dataDirectory, port: await freePort(), uiPort: await freePort() });
}

async function withClient<T>(address: string, use: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await use(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

describe('the Temporal server of the sandbox', () => {
  it('keeps its workflows over a restart and leaves no process behind', async () => {
    const first = await start();
    await withClient(first.address, async (client) => {
      await client.workflow.start('refresh', { taskQueue: 'nobody', workflowId: 'kept', args: [{}] });
    });
    await first.stop();
    expect(isAlive(first.own!.pid)).toBe(false);
    expect(await temporalAnswers(first.address)).toBe(false);

    const second = await start();
    try {
      await withClient(second.address, async (client) => {
        const description = await client.workflow.getHandle('kept').describe();
        expect(description.status.name).toBe('RUNNING');
      });
    } finally {
      await second.stop();
    }
  });

  it('registers the search attributes that the refresh sets and serves the web UI', async () => {
    const server = await start();
    try {
      await withClient(server.address, async (client) => {
        const { customAttributes } = await client.connection.operatorService.listSearchAttributes({
          namespace: 'default',
        });
        expect(Object.keys(customAttributes)).toEqual(
          expect.arrayContaining(['RefreshStage', 'RefreshState', 'RefreshDestination']),
        );
      });
      expect((await fetch(server.uiUrl!)).status).toBe(200);
    } finally {
      await server.stop();
    }
  });

  it('ends with the process that started it, even when that is killed', async () => {
    const script = fileURLToPath(new URL('../support/startTemporalAndWait.ts', import.meta.url));
    const parent = spawn(process.execPath, [...tsxArguments(), script, dataDirectory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const { pid } = JSON.parse(line.toString()) as { pid: number };
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 15_000, interval: 100 });
  });

  it('uses the server named by SANDBOX_TEMPORAL_ADDRESS and leaves it running', async () => {
    const server = await start();
    vi.stubEnv('SANDBOX_TEMPORAL_ADDRESS', server.address);
    try {
      const other = await startTemporal({ dataDirectory });
      expect(other).toMatchObject({ address: server.address, own: null });
      await other.stop();
      expect(await temporalAnswers(server.address)).toBe(true);
    } finally {
      vi.unstubAllEnvs();
      await server.stop();
    }
  });
});
