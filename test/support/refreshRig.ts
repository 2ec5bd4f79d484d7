import { randomUUID } from 'node:crypto';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { inject } from 'vitest';
import { startService, stopService, tsxArguments } from '../../sandbox/processes.js';
import { findTemporal } from '../../sandbox/temporal/findTemporal.js';
import { withoutOtherClusters } from '../../sandbox/temporal/otherClusters.js';
import {
  finalRunStates,
  type ConfirmationStep,
  type OperatorMessageKind,
  type PlanView,
  type RunStatus,
} from '../../src/contract.js';
import { commandHere, type ProgramResult } from './commandHere.js';
import type { PreparedEnvironments } from './preparedEnvironments.js';
import { quietBundle } from './quietBundle.js';

const commandLine = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

export interface Operator {
  /** Stages to reject rather than approve. */
  readonly reject?: readonly string[];
  /** Called with every status; true ends the watch before the run does. */
  readonly until?: (status: RunStatus) => boolean | Promise<boolean>;
  /** How a decision reaches the run; an update by the client when absent. */
  readonly decide?: (kind: OperatorMessageKind, message: object) => Promise<void>;
}

/** Each question is work for the worker and for Temporal, which the run then waits for. Milliseconds. */
const pollInterval = 100;

export interface RigOptions {
  /** That of another rig, whose worker this one's stands beside; one of its own when absent. */
  readonly taskQueue?: string;
  /** Variables of the worker beside those of the environments. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** Runs refreshes of prepared environments: a worker process of its own, on a task queue of its own, and an operator. */
export class RefreshRig {
  private worker: ChildProcess | undefined;

  private constructor(
    readonly environments: PreparedEnvironments,
    readonly client: Client,
    readonly taskQueue: string,
    private readonly folder: string,
    private readonly workerVariables: Readonly<Record<string, string>>,
  ) {}

  static async start(environments: PreparedEnvironments, options: RigOptions = {}): Promise<RefreshRig> {
    const { taskQueue = `e2e-${randomUUID()}`, variables = {} } = options;
    const folder = await mkdtemp(join(tmpdir(), 'refresh-rig-'));
    await writeFile(join(folder, 'refresh.yaml'), environments.configurationText);
    const connection = await Connection.connect({ address: inject('temporalAddress') });
    const rig = new RefreshRig(environments, new Client({ connection }), taskQueue, folder, variables);
    await rig.startWorker();
    return rig;
  }

  get configurationFile(): string {
    return join(this.folder, 'refresh.yaml');
  }

  private get workerLog(): string {
    return join(this.folder, 'worker.log');
  }

  /** A worker as an operator starts it; the next one takes over what a killed one left. */
  async startWorker(): Promise<void> {
    this.worker = startService(process.execPath, [...tsxArguments(), commandLine, ...this.commonFlags, 'worker'], {
      logFile: this.workerLog,
      environment: { ...withoutOtherClusters(process.env), ...this.environments.variables, ...this.workerVariables },
      detached: false,
    });
    const { worker } = this;
    while (!(await readFile(this.workerLog, 'utf8')).includes('"worker ready"')) {
      if (worker.exitCode !== null) throw new Error(`the worker ended: ${await readFile(this.workerLog, 'utf8')}`);
      await delay(50);
    }
  }

  /** Asks the worker to stop, as a deployment does; resolves to its exit code and how long it took. Milliseconds. */
  async terminateWorker(): Promise<{ readonly code: number | null; readonly took: number }> {
    const { worker } = this;
    if (worker === undefined) throw new Error('no worker was started');
    const started = Date.now();
    const gone = new Promise<number | null>((resolve) => worker.once('exit', resolve));
    worker.kill('SIGTERM');
    return { code: await gone, took: Date.now() - started };
  }

  /** Ends the worker in the middle of whatever it does. */
  async killWorker(): Promise<void> {
    const { worker } = this;
    if (worker === undefined || worker.exitCode !== null) return;
    const gone = new Promise((resolve) => worker.once('exit', resolve));
    worker.kill('SIGKILL');
    await gone;
  }

  /** Starts a refresh by its JSON alone, as `temporal workflow start` does. */
  async startRefresh(request: object, id = `refresh-${randomUUID()}`): Promise<WorkflowHandle> {
    return this.client.workflow.start('refresh', { workflowId: id, taskQueue: this.taskQueue, args: [request] });
  }

  /** Approves, disables and enables as asked, until the run ends; resolves to its last status. */
  async operate(handle: WorkflowHandle, operator: Operator = {}): Promise<RunStatus> {
    const byUpdate = async (kind: OperatorMessageKind, message: object): Promise<void> => {
      await handle.executeUpdate(kind, { args: [message] });
    };
    const decide = operator.decide ?? byUpdate;
    for (let asked = 1; ; asked += 1) {
      const status = await handle.query<RunStatus>('progress');
      if (await operator.until?.(status)) return status;
      // A run that was terminated or failed says nothing of it.
      const mayHaveEnded = finalRunStates.includes(status.state) || asked % 10 === 0;
      if (mayHaveEnded && (await handle.describe()).status.name !== 'RUNNING')
        return handle.query<RunStatus>('progress');
      const { waitingFor } = status;
      if (waitingFor?.kind === 'approval' && waitingFor.stage !== undefined) {
        const kind = operator.reject?.includes(waitingFor.stage) === true ? 'reject' : 'approve';
        await decide(kind, { stage: waitingFor.stage, by: 'tester' });
      } else if (waitingFor?.kind === 'confirmation' && waitingFor.step !== undefined) {
        await this.workInServiceCenter(handle, waitingFor.step);
        await decide('confirm', { step: waitingFor.step, by: 'tester' });
      } else if (waitingFor?.kind === 'retry') {
        throw new Error(`parked: ${waitingFor.text}\n${await this.log()}`);
      }
      await delay(pollInterval);
    }
  }

  /** Runs the `refresh` command in this process; one at a time. */
  async command(...args: readonly string[]): Promise<ProgramResult> {
    return commandHere([...this.commonFlags, ...args], this.commandVariables);
  }

  /** Runs the `refresh` command as an operator without a terminal does, as a process that must end by itself. */
  async program(...args: readonly string[]): Promise<ProgramResult> {
    return this.run(process.execPath, [...tsxArguments(), commandLine, ...this.commonFlags, ...args]);
  }

  private get commandVariables(): NodeJS.ProcessEnv {
    return { ...withoutOtherClusters(process.env), ...this.environments.variables, NO_COLOR: '1' };
  }

  private get commonFlags(): string[] {
    return ['--config', this.configurationFile, '--task-queue', this.taskQueue];
  }

  /** Runs Temporal's own command line, which knows nothing of this product. */
  async temporal(...args: readonly string[]): Promise<ProgramResult> {
    const program = await findTemporal(() => undefined);
    return this.run(program, [...args, '--address', inject('temporalAddress')]);
  }

  /** Writes a file that a command can name. */
  async file(name: string, text: string): Promise<string> {
    const path = join(this.folder, name);
    await writeFile(path, text);
    return path;
  }

  /**
   * Waits for the first rows of a table of QA, emptied before. It asks the table, since a query of the run would wait for
   * the busy worker and come too late. Throws if the run ends first.
   */
  async untilWritten(handle: WorkflowHandle, entity: string): Promise<void> {
    const table = this.environments.factories.qa.tables[entity];
    for (;;) {
      const found = await this.environments.qa
        .request()
        .query<{ n: number }>(`SELECT COUNT(*) AS n FROM (SELECT TOP (1) 1 AS one FROM [${table}]) found`);
      if (Number(found.recordset[0]?.n) > 0) return;
      const { status } = await handle.describe();
      if (status.name !== 'RUNNING') throw new Error(`no row of ${entity} was written\n${await this.log()}`);
      await delay(10);
    }
  }

  /** Replays every history of this rig, children included, on the workflow code as it is. Returns their number. */
  async replayHistories(): Promise<number> {
    const workflowBundle = await quietBundle();
    const histories = this.client.workflow.list({ query: `TaskQueue = '${this.taskQueue}'` }).intoHistories();
    let replayed = 0;
    for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle }, histories)) {
      if (error !== undefined) throw new Error(`the history of ${workflowId} does not replay`, { cause: error });
      replayed += 1;
    }
    return replayed;
  }

  /** The last lines of the worker's log. */
  async log(lines = 40): Promise<string> {
    return (await readFile(this.workerLog, 'utf8')).trim().split('\n').slice(-lines).join('\n');
  }

  async stop(): Promise<void> {
    if (this.worker !== undefined) await stopService(this.worker, 30_000);
    await this.client.connection.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  private run(program: string, args: readonly string[]): Promise<ProgramResult> {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: this.commandVariables });
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exitCode) => resolve({ exitCode, output, errors }));
    });
  }

  private async workInServiceCenter(handle: WorkflowHandle, step: ConfirmationStep): Promise<void> {
    const plan = await handle.query<PlanView | null>('plan');
    await this.environments.setApplicationsEnabled(plan?.applications ?? [], step === 'applicationsEnabled');
  }
}
