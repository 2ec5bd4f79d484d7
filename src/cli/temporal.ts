import {
  Client,
  Connection,
  isGrpcServiceError,
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  type WorkflowHandle,
} from '@temporalio/client';
import {
  ApplicationFailure,
  CancelledFailure,
  defineSearchAttributeKey,
  SearchAttributeType,
  TerminatedFailure,
} from '@temporalio/common';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { payloadEncryption } from '../../worker/encryption/dataConverter.js';
import { temporalSettings, type Configuration, type TemporalSettings } from '../config.js';
import {
  recoverWorkflowType,
  refreshWorkflowType,
  workflowIdFor,
  type DecisionRecord,
  type OperatorMessageKind,
  type PlanView,
  type RecoverInput,
  type RunStatus,
} from '../contract.js';
import { CommandError, exitCodes } from './exitCodes.js';
import { RunSchedules } from './schedules.js';

/** Short: an operator at a terminal wants to hear that nothing answers, not to wait for it. */
const connectTimeout = '10 seconds';

export interface TemporalFlags {
  readonly address?: string | undefined;
  readonly namespace?: string | undefined;
  readonly taskQueue?: string | undefined;
}

export interface RunListEntry {
  readonly id: string;
  readonly type: string;
  readonly status: string;
  readonly startedAt: string;
  readonly closedAt: string | null;
  /** As the run last told Temporal; null where the namespace lacks the search attributes. */
  readonly stage: string | null;
  readonly state: string | null;
}

/** The run's workflow cannot be asked just now; the run itself is not touched by that. */
export class NoWorkerError extends CommandError {}

/** Milliseconds after which a question counts as not answered: a worker that replays a long history takes seconds. */
const questionLimit = 15_000;

/** How a workflow ended, or null while it runs. */
export interface WorkflowEnd {
  readonly failureType: string | null;
  readonly message: string | null;
}

/** The commands' way to the runs: the one place, with the worker's, where the product talks to Temporal. */
export class RunClient {
  private constructor(
    private readonly client: Client,
    private readonly settings: TemporalSettings,
  ) {}

  /** Precedence: flags, TEMPORAL_* environment configuration, file, defaults. */
  static async connect(configuration: Configuration | null, flags: TemporalFlags): Promise<RunClient> {
    const { connectionOptions, namespace } = loadClientConnectConfig();
    const environment = { address: connectionOptions.address, namespace, taskQueue: undefined };
    const settings = temporalSettings(configuration, flags, environment);
    const encryption = payloadEncryption(process.env);
    try {
      const { address } = settings;
      const connection = await Connection.connect({ ...connectionOptions, address, connectTimeout });
      return new RunClient(new Client({ connection, namespace: settings.namespace, ...encryption }), settings);
    } catch (error) {
      throw new CommandError(
        exitCodes.badInput,
        `Temporal does not answer at ${settings.address} (${messageOf(error)}). ` +
          'Start its server, or name another with --address or TEMPORAL_ADDRESS; for a local one: refresh sandbox up.',
      );
    }
  }

  async close(): Promise<void> {
    await this.client.connection.close();
  }

  /** True if a worker asked for work lately; without one a started run waits. */
  async workerPolls(): Promise<boolean> {
    const { pollers } = await this.client.workflowService.describeTaskQueue({
      namespace: this.settings.namespace,
      taskQueue: { name: this.settings.taskQueue },
      taskQueueType: 1,
    });
    return (pollers?.length ?? 0) > 0;
  }

  async startRefresh(id: string, request: { destination: string; source: string }): Promise<WorkflowHandle> {
    return this.start(refreshWorkflowType, id, request, `Refresh ${request.destination} from ${request.source}`);
  }

  async startRecover(input: RecoverInput): Promise<WorkflowHandle> {
    return this.start(recoverWorkflowType, workflowIdFor(input.destination), input, `Recover ${input.destination}`);
  }

  private async start(type: string, id: string, argument: unknown, staticSummary: string): Promise<WorkflowHandle> {
    try {
      return await this.client.workflow.start(type, {
        workflowId: id,
        taskQueue: this.settings.taskQueue,
        args: [argument],
        staticSummary,
      });
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) {
        throw new CommandError(
          exitCodes.badInput,
          `${id} is already running. See it with: refresh status ${id}; end it with: refresh abort ${id}.`,
        );
      }
      throw error;
    }
  }

  get schedules(): RunSchedules {
    return new RunSchedules(this.client, this.settings.taskQueue);
  }

  handle(id: string, run?: string): WorkflowHandle {
    return this.client.workflow.getHandle(id, run);
  }

  /** Gives up questions that nobody answers in time, as when no worker runs. */
  async within<T>(limit: number, question: () => Promise<T>): Promise<T> {
    return this.client.withDeadline(Date.now() + limit, question);
  }

  async progress(id: string, run?: string): Promise<RunStatus> {
    return this.question(id, run, () => this.handle(id, run).query<RunStatus>('progress'));
  }

  async planView(id: string): Promise<PlanView | null> {
    return this.question(id, undefined, () => this.handle(id).query<PlanView | null>('plan'));
  }

  /** A query is answered by a worker, which may be gone; Temporal itself still knows where the run stood. */
  private async question<T>(id: string, run: string | undefined, question: () => Promise<T>): Promise<T> {
    try {
      return await this.ask(id, () => this.within(questionLimit, question));
    } catch (error) {
      if (!isUnanswered(error)) throw error;
      const { status, typedSearchAttributes } = await this.ask(id, () => this.handle(id, run).describe());
      const [stage, state] = [typedSearchAttributes.get(stageKey), typedSearchAttributes.get(stateKey)];
      const known = stage == null ? '' : ` Last known: stage ${stage}, ${state ?? 'running'}.`;
      throw new NoWorkerError(
        exitCodes.failed,
        `No worker answers for ${id}, whose workflow is ${status.name.toLowerCase()}.${known} Start one with: refresh worker.`,
      );
    }
  }

  /** Sends a decision as an update, which answers whether it was taken. */
  async decide(id: string, kind: OperatorMessageKind, payload: object): Promise<DecisionRecord> {
    return this.ask(id, async () => {
      try {
        return await this.handle(id).executeUpdate<DecisionRecord, [object]>(kind, { args: [payload] });
      } catch (error) {
        if (error instanceof WorkflowUpdateFailedError) {
          const reason = error.cause instanceof Error ? error.cause.message : error.message;
          throw new CommandError(exitCodes.badInput, `${kind} was not taken: ${reason}.`);
        }
        throw error;
      }
    });
  }

  /** Sends a decision ahead of its question, which needs no worker to be there; nothing to decide if the run is over. */
  async decideBeforehand(id: string, kind: OperatorMessageKind, payload: object): Promise<void> {
    try {
      await this.handle(id).signal(kind, payload);
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }

  /** Null while the workflow runs. */
  async end(id: string, run?: string): Promise<WorkflowEnd | null> {
    const handle = this.handle(id, run);
    const { status } = await this.ask(id, () => handle.describe());
    if (status.name === 'RUNNING' || status.name === 'CONTINUED_AS_NEW') return null;
    try {
      await handle.result();
      return { failureType: null, message: null };
    } catch (error) {
      if (!(error instanceof WorkflowFailedError)) throw error;
      const { cause } = error;
      if (cause instanceof ApplicationFailure) return { failureType: cause.type ?? null, message: cause.message };
      if (cause instanceof CancelledFailure) return { failureType: 'Cancelled', message: 'The run was cancelled.' };
      if (cause instanceof TerminatedFailure) {
        const message = 'The run was terminated: what it left is ended by refresh recover DESTINATION.';
        return { failureType: 'Terminated', message };
      }
      return { failureType: 'RefreshFailed', message: error.message };
    }
  }

  async list(): Promise<RunListEntry[]> {
    const query = `WorkflowType IN ('${refreshWorkflowType}', '${recoverWorkflowType}')`;
    const entries: RunListEntry[] = [];
    for await (const execution of this.client.workflow.list({ query })) {
      entries.push({
        id: execution.workflowId,
        type: execution.type,
        status: execution.status.name,
        startedAt: execution.startTime.toISOString(),
        closedAt: execution.closeTime?.toISOString() ?? null,
        stage: execution.typedSearchAttributes.get(stageKey) ?? null,
        state: execution.typedSearchAttributes.get(stateKey) ?? null,
      });
      if (entries.length === listedRuns) break;
    }
    return entries;
  }

  private async ask<T>(id: string, question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) {
        throw new CommandError(exitCodes.badInput, `There is no run ${id}. refresh status lists the runs.`);
      }
      throw error;
    }
  }
}

const listedRuns = 50;

const stageKey = defineSearchAttributeKey('RefreshStage', SearchAttributeType.KEYWORD);
const stateKey = defineSearchAttributeKey('RefreshState', SearchAttributeType.KEYWORD);

/** gRPC: 1 cancelled (the server saw the deadline first), 4 deadline exceeded, 9 no poller seen lately, 14 unavailable. */
const unansweredCodes: readonly number[] = [1, 4, 9, 14];

function isUnanswered(error: unknown): boolean {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) && unansweredCodes.includes(cause.code);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
