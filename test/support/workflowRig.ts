import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type WorkflowBundle,
} from '@temporalio/worker';
import { inject } from 'vitest';
import type { RefreshActivities, RunStatus } from '../../src/contract.js';

let bundle: Promise<WorkflowBundle> | undefined;
let installed = false;

/** The workflow code, bundled once for a test file. */
function workflowBundle(): Promise<WorkflowBundle> {
  if (!installed) {
    installed = true;
    Runtime.install({ logger: new DefaultLogger('ERROR') });
  }
  const workflowsPath = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));
  bundle ??= bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
  return bundle;
}

/**
 * Runs workflows on the shared Temporal server with the given activities, then replays every history that came of it
 * on a worker of its own: code that does not replay breaks every run that is under way when it is deployed.
 */
export class WorkflowRig {
  private readonly started: { id: string; run: string }[] = [];

  private constructor(
    readonly client: Client,
    private readonly connection: NativeConnection,
    readonly taskQueue: string,
    private readonly worker: Worker,
    private readonly running: Promise<void>,
  ) {}

  static async start(
    activities: Partial<RefreshActivities>,
    address: string = inject('temporalAddress'),
  ): Promise<WorkflowRig> {
    const code = await workflowBundle();
    const connection = await NativeConnection.connect({ address });
    const taskQueue = `test-${randomUUID()}`;
    const worker = await Worker.create({ connection, taskQueue, workflowBundle: code, activities });
    const client = new Client({ connection: await Connection.connect({ address }) });
    return new WorkflowRig(client, connection, taskQueue, worker, worker.run());
  }

  async startWorkflow(type: string, argument: unknown, id = `wf-${randomUUID()}`): Promise<WorkflowHandle> {
    const handle = await this.client.workflow.start(type, {
      workflowId: id,
      taskQueue: this.taskQueue,
      args: [argument],
    });
    this.started.push({ id, run: handle.firstExecutionRunId });
    return handle;
  }

  /** Asks until the run's status satisfies the condition; each answer is a query, so nothing is timed. */
  async until(handle: WorkflowHandle, condition: (status: RunStatus) => boolean): Promise<RunStatus> {
    for (;;) {
      const status = await handle.query<RunStatus>('progress');
      if (condition(status)) return status;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Replays all histories, children and continued runs included, then stops the worker. */
  async stop(): Promise<void> {
    const code = await workflowBundle();
    for (const { id } of this.started) {
      for await (const execution of this.client.workflow.list({
        query: `WorkflowId = '${id}' OR WorkflowId STARTS_WITH '${id}/'`,
      })) {
        const history = await this.client.workflow.getHandle(execution.workflowId, execution.runId).fetchHistory();
        await Worker.runReplayHistory({ workflowBundle: code }, history, execution.workflowId);
      }
    }
    this.worker.shutdown();
    await this.running;
    await this.client.connection.close();
    await this.connection.close();
  }
}
