import { randomUUID } from 'node:crypto';
import type { ChildProcess } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { freePort } from '../../../sandbox/freePort.js';
import { startService, stopService, tsxArguments } from '../../../sandbox/processes.js';
import { startSqlServerProcess, type SqlServerProcess } from '../../../sandbox/sqlServerProcess.js';
import { withoutOtherClusters } from '../../../sandbox/temporal/otherClusters.js';
import { startTemporal, type TemporalServer } from '../../../sandbox/temporal/startTemporal.js';
import { connect, type ServerAddress } from '../../../sandbox/factories/write/connection.js';
import { faultProcedure } from '../../../sandbox/sqlserver/faults/faultyEngine.js';
import { CuttingProxy } from '../../support/cuttingProxy.js';

const password = 'Sandbox-1433';
const workerProgram = fileURLToPath(new URL('./chaosWorker.ts', import.meta.url));
const workflowsPath = fileURLToPath(new URL('../../../workflows/index.ts', import.meta.url));
const hastyHeartbeats = fileURLToPath(new URL('./hastyHeartbeats.ts', import.meta.url));

/** A fault as sp_sandbox_fault takes it. */
export interface ArmedFault {
  readonly at?: 'login' | 'request';
  readonly matching?: string;
  readonly number?: number;
  readonly delay?: number;
  readonly skip?: number;
  readonly times?: number;
}

/**
 * SQL Server, Temporal and workers of a test's own, each of which can be killed and started again on what it had on
 * disk. Workers reach SQL Server through a proxy that loses connections; the test itself reaches it directly.
 */
export class ChaosStand {
  readonly taskQueue = `chaos-${randomUUID()}`;
  #workers = new Map<string, ChildProcess>();
  #workersStarted = 0;

  private constructor(
    private readonly folder: string,
    private sqlServer: SqlServerProcess,
    private temporal: TemporalServer,
    readonly proxy: CuttingProxy,
    readonly client: Client,
    private readonly bundle: string,
    readonly seed: number,
  ) {}

  static async start(seed: number): Promise<ChaosStand> {
    const folder = await mkdtemp(join(tmpdir(), 'refresh-chaos-'));
    // Where tests run as root, PostgreSQL runs under an account of its own that must reach its data.
    await chmod(folder, 0o755);
    const bundle = join(folder, 'workflows.js');
    const [sqlServer, temporal] = await Promise.all([
      startSqlServer(folder, await freePort()),
      startTemporalServer(folder, await freePort()),
      bundleWorkflows(bundle),
    ]);
    const proxy = await CuttingProxy.start(sqlServer);
    const client = new Client({ connection: await Connection.connect({ address: temporal.address }) });
    return new ChaosStand(folder, sqlServer, temporal, proxy, client, bundle, seed);
  }

  /** The administrator's way to SQL Server, which is never cut. */
  get server(): ServerAddress {
    return { server: this.sqlServer.host, port: this.sqlServer.port, user: 'sa', password };
  }

  get temporalAddress(): string {
    return this.temporal.address;
  }

  /** Writes the configuration that workers started from now on use. */
  async configure(text: string): Promise<void> {
    await writeFile(join(this.folder, 'refresh.yaml'), text, { mode: 0o600 });
  }

  /** @param share of the activity calls that are made twice, overlapping */
  async startWorker(name: string, variables: Readonly<Record<string, string>>, share: number): Promise<void> {
    this.#workersStarted += 1;
    const logFile = join(this.folder, `worker-${name}-${this.#workersStarted}.log`);
    const parameters = [this.taskQueue, this.bundle, String(this.seed + this.#workersStarted), String(share)];
    const worker = startService(
      process.execPath,
      [...tsxArguments(), workerProgram, join(this.folder, 'refresh.yaml'), ...parameters],
      { logFile, environment: { ...withoutOtherClusters(process.env), ...variables }, detached: false },
    );
    this.#workers.set(name, worker);
    for (;;) {
      const text = await readFile(logFile, 'utf8');
      if (text.includes('"worker ready"')) return;
      if (worker.exitCode !== null) throw new Error(`the worker ended:\n${text}`);
      await delay(50);
    }
  }

  /** True while the worker of that name lives. */
  works(name: string): boolean {
    const worker = this.#workers.get(name);
    return worker !== undefined && worker.exitCode === null && worker.signalCode === null;
  }

  async killWorker(name: string): Promise<void> {
    const worker = this.#workers.get(name);
    this.#workers.delete(name);
    if (worker !== undefined) await killed(worker);
  }

  /** SQL Server dies in the middle of what it does, and comes back with what was committed. */
  async restartSqlServer(downtime: number): Promise<void> {
    await gone(this.sqlServer.pid);
    this.proxy.cut();
    await delay(downtime);
    this.sqlServer = await startSqlServer(this.folder, this.sqlServer.port);
  }

  /** Temporal dies, and comes back with its histories. */
  async restartTemporal(downtime: number): Promise<void> {
    const own = this.temporal.own;
    if (own === null) return;
    await gone(own.pid);
    await delay(downtime);
    this.temporal = await startTemporalServer(this.folder, own.port);
  }

  /** Makes requests of the product fail or wait; without a fault, takes back what was armed. */
  async arm(fault?: ArmedFault): Promise<void> {
    const pool = await connect(this.server, 'master');
    try {
      const request = pool.request();
      if (fault !== undefined) {
        request.input('application', 'outsystems-refresh');
        for (const [name, value] of Object.entries(fault)) request.input(name, value);
      }
      await request.execute(faultProcedure);
    } finally {
      await pool.close();
    }
  }

  /** The last lines of every worker's log. */
  async logs(lines = 15): Promise<string> {
    const texts: string[] = [];
    for (let index = 1; index <= this.#workersStarted; index += 1) {
      for (const name of ['one', 'two']) {
        const text = await readFile(join(this.folder, `worker-${name}-${index}.log`), 'utf8').catch(() => '');
        if (text !== '') texts.push(text.trim().split('\n').slice(-lines).join('\n'));
      }
    }
    return texts.slice(-3).join('\n----\n');
  }

  /** Everything that workers and Temporal have written to disk: logs, and the histories in Temporal's database. */
  async written(): Promise<Buffer> {
    const temporal = join(this.folder, 'temporal');
    const files = [
      ...(await readdir(this.folder)).filter((name) => name.endsWith('.log')).map((name) => join(this.folder, name)),
      ...(await readdir(temporal)).map((name) => join(temporal, name)),
    ];
    return Buffer.concat(await Promise.all(files.map((file) => readFile(file))));
  }

  async stop(): Promise<void> {
    for (const worker of this.#workers.values()) await killed(worker);
    await this.client.connection.close();
    await this.proxy.stop();
    await this.temporal.stop();
    await this.sqlServer.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

function startSqlServer(folder: string, port: number): Promise<SqlServerProcess> {
  return startSqlServerProcess({
    dataDirectory: join(folder, 'sqlserver'),
    logFile: join(folder, 'sqlserver.log'),
    password,
    port,
    detached: false,
    faults: true,
  });
}

async function startTemporalServer(folder: string, port: number): Promise<TemporalServer> {
  return startTemporal({
    dataDirectory: join(folder, 'temporal'),
    port,
    uiPort: await freePort(),
    say: () => undefined,
  });
}

async function bundleWorkflows(file: string): Promise<void> {
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    workflowInterceptorModules: [hastyHeartbeats],
    logger: new DefaultLogger('ERROR'),
  });
  await writeFile(file, code);
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exit;
  await stopService(child, 0);
}

/** Kills a process that this stand started, and waits until it is gone. */
async function gone(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL');
  for (;;) {
    try {
      process.kill(pid, 0);
      await delay(20);
    } catch {
      return;
    }
  }
}
