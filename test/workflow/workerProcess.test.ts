import type { ChildProcess } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, Connection, WorkflowFailedError } from '@temporalio/client';
import type { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { freePort } from '../../sandbox/freePort.js';
import { startService, stopService, tsxArguments } from '../../sandbox/processes.js';
import { withoutOtherClusters } from '../../sandbox/temporal/otherClusters.js';
import { payloadEncryption } from '../../worker/encryption/dataConverter.js';

interface Span {
  readonly name: string;
  readonly traceId: string;
}

const taskQueue = `worker-${randomUUID()}`;
const keys = { REFRESH_CODEC_KEYS: `k=${randomBytes(32).toString('base64')}` };
const spans: Span[] = [];
let folder: string;
let collector: Server;
let worker: ChildProcess;
let connection: Connection;
let metricsPort: number;

const log = (): Promise<string> => readFile(join(folder, 'worker.log'), 'utf8');

/** A worker as an operator starts it, with everything turned on that the environment can turn on. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refresh-worker-'));
  const environment = { purpose: 'non-production', server: 'none', database: 'none', user: 'u', password: 'p' };
  await writeFile(join(folder, 'refresh.yaml'), JSON.stringify({ environments: { qa: environment } }));
  collector = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      spans.push(...spansOf(body));
      response.end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(collector, 'listening');
  metricsPort = await freePort();
  worker = startService(
    process.execPath,
    [
      ...tsxArguments(),
      fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url)),
      ...['--config', join(folder, 'refresh.yaml'), '--task-queue', taskQueue],
      ...['worker', '--metrics', `127.0.0.1:${metricsPort}`],
    ],
    {
      logFile: join(folder, 'worker.log'),
      environment: {
        ...withoutOtherClusters(process.env),
        ...keys,
        TEMPORAL_ADDRESS: inject('temporalAddress'),
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
        REFRESH_BUILD_ID: 'test-1',
      },
      detached: false,
    },
  );
  while (!(await log()).includes('"worker ready"')) {
    if (worker.exitCode !== null) throw new Error(await log());
    await delay(50);
  }
  connection = await Connection.connect({ address: inject('temporalAddress') });
});

afterAll(async () => {
  if (worker.exitCode === null) await stopService(worker, 30_000);
  collector.close();
  await connection.close();
  await rm(folder, { recursive: true, force: true });
});

it('encrypts, counts and traces what it does, and ends with 0 when it is told to stop', async () => {
  const client = new Client({ connection, ...payloadEncryption(keys) });
  const handle = await client.workflow.start('refresh', {
    workflowId: `encrypted-${randomUUID()}`,
    taskQueue,
    args: [{ source: 'secret-source', destination: 'secret-destination', scope: { applications: ['Any'] } }],
  });
  const failure: unknown = await handle.result().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(WorkflowFailedError);
  expect((failure as WorkflowFailedError).cause as ApplicationFailure).toMatchObject({
    type: 'BadInput',
    details: [{ code: 'ENVIRONMENT_UNKNOWN' }],
  });

  const history = await new Client({ connection }).workflow.getHandle(handle.workflowId).fetchHistory();
  const input = history.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0];
  expect(Buffer.from(input?.metadata?.['encoding'] ?? []).toString()).toBe('binary/encrypted');
  expect(Buffer.from(input?.data ?? []).toString('latin1')).not.toContain('secret');

  const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  expect(metrics).toMatch(/^refresh_failures_total\{[^}]*code="ENVIRONMENT_UNKNOWN"[^}]*\} 1$/m);
  expect(metrics).toMatch(/^temporal_activity_execution_failed\{/m);

  const ended = once(worker, 'exit');
  worker.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  const workflow = spans.find((span) => span.name === 'RunWorkflow:refresh');
  const activity = spans.find((span) => span.name === 'RunActivity:preflight');
  expect(activity?.traceId).toBe(workflow?.traceId);
  expect(workflow?.traceId).toMatch(/^[0-9a-f]{32}$/);
  const ready = JSON.parse((await log()).split('\n').find((line) => line.includes('"worker ready"')) ?? '{}') as object;
  expect(ready).toMatchObject({
    encrypted: true,
    traced: true,
    version: { deploymentName: 'outsystems-refresh', buildId: 'test-1' },
  });
});

function spansOf(body: string): Span[] {
  const { resourceSpans } = JSON.parse(body) as {
    resourceSpans: { scopeSpans: { spans: Span[] }[] }[];
  };
  return resourceSpans.flatMap((each) => each.scopeSpans.flatMap((scope) => scope.spans));
}
