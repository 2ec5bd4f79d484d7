import { randomUUID } from 'node:crypto';
import {
  Client,
  Connection,
  type HistoryAndWorkflowId,
  type WorkflowExecutionInfo,
  type WorkflowHandle,
} from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { inject } from 'vitest';
import type { RefreshActivities, RunStatus } from '../../src/contract.js';
import { quietBundle } from './quietBundle.js';
import { recordHistory } from './recordedHistories.js';

/**
 * Runs workflows on the shared Temporal server with the given activities, then replays every history that came of it
 * on a worker of its own: code that does not replay breaks every run that is under way when it is deployed.
 */
export class WorkflowRig {
  private readonly started: { readonly id: string }[] = [];

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
    const code = await quietBundle();
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
    this.started.push({ id });
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

  /** Asks until no activity of the workflow is under way and it has nothing to do by itself. */
  async untilIdle(handle: WorkflowHandle): Promise<void> {
    for (;;) {
      const { raw } = await handle.describe();
      if ((raw.pendingActivities ?? []).length === 0 && raw.pendingWorkflowTask == null) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /**
   * Replays all histories, children and continued runs included, then stops the worker. With RECORD_HISTORIES naming a
   * folder they are written there too, for the replay tests.
   */
  async stop(): Promise<void> {
    const histories = this.histories();
    for await (const { workflowId, error } of Worker.runReplayHistories(
      { workflowBundle: await quietBundle() },
      histories,
    )) {
      if (error !== undefined) throw new Error(`${workflowId} does not replay`, { cause: error });
    }
    this.worker.shutdown();
    await this.running;
    await this.client.connection.close();
    await this.connection.close();
  }

  /** Every execution that came of the runs that were started. */
  async *executions(): AsyncIterable<WorkflowExecutionInfo> {
    for (const { id } of this.started) {
      const query = `WorkflowId = '${id}' OR WorkflowId STARTS_WITH '${id}/'`;
      yield* this.client.workflow.list({ query });
    }
  }

  private async *histories(): AsyncIterable<HistoryAndWorkflowId> {
    for await (const { workflowId, runId, type } of this.executions()) {
      const history = await this.client.workflow.getHandle(workflowId, runId).fetchHistory();
      await recordHistory(type, history);
      yield { workflowId, history };
    }
  }
}
