import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { workflowIdFor } from '../src/contract.js';
import { sampleConfigurationText } from './configuration.js';
import { changeState, deleteSandbox, readState, sandboxPaths, type SandboxState } from './directory.js';
import { writeFactories } from './factories/index.js';
import { endProcess, runsWith, startService, stopService, tsxArguments } from './processes.js';
import { workerDown } from './workerProcess.js';
import { sandboxSecrets, writeVariables, type SandboxSecrets } from './secrets.js';
import { defaultSqlServerPort, sqlServerAnswers, startSqlServerProcess } from './sqlServerProcess.js';
import { sqlServerHost } from './sqlserver/address.js';
import { startTemporal, temporalAnswers } from './temporal/startTemporal.js';
import { terminateRun } from './temporal/terminateRun.js';

export const productionDatabase = 'outsystems_production';
export const qaDatabase = 'outsystems_qa';

const STOP_GRACE_MS = 20_000;
const schedulerScript = fileURLToPath(new URL('./schedulerProcess.ts', import.meta.url));

export interface SandboxOptions {
  /** Rows of production's biggest entity. */
  readonly rows: number;
  /** The same seed writes the same sample data. */
  readonly seed: number;
  /** True: what is started outlives this process, until `sandboxDown`. Else it ends with it. */
  readonly keep: boolean;
  /** Write the sample environments anew even where they can be used as they are. */
  readonly fresh?: boolean;
  readonly say: (line: string) => void;
}

export interface Sandbox {
  readonly sqlServer: { readonly host: string; readonly port: number };
  readonly temporal: { readonly address: string; readonly uiUrl: string | null };
  readonly secrets: SandboxSecrets;
  readonly configurationFile: string;
  /** Stops what this call started; leaves alone what it found running. */
  stop(): Promise<void>;
}

/** What `up` started, in this order; stopped in the opposite one. */
type Stop = () => Promise<void>;

/**
 * Brings up what does not run yet of this checkout's sandbox: the SQL Server stand-in, a Temporal dev server, two
 * sample environments and QA's scheduler. A second call finds them running and changes nothing; sample environments of
 * the same size and seed are kept as they are unless a refresh of them ended badly.
 */
export async function sandboxUp(options: SandboxOptions): Promise<Sandbox> {
  const started: Stop[] = [];
  const stop = async (): Promise<void> => {
    for (const each of started.reverse()) await each();
    started.length = 0;
  };
  try {
    await mkdir(sandboxPaths.logs, { recursive: true });
    const secrets = await sandboxSecrets();
    const sqlServer = await sqlServerUp(options, secrets, started);
    const temporal = await temporalUp(options, started);
    await samplesUp(options, sqlServer, temporal.address, secrets);
    await schedulerUp(options, sqlServer.port, secrets, started);
    await writeConfiguration(sqlServer, temporal.address, secrets);
    return { sqlServer, temporal, secrets, configurationFile: sandboxPaths.configuration, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Stops everything that an `up` left running. */
export async function sandboxDown(options: { delete: boolean }): Promise<void> {
  await schedulerDown();
  await workerDown();
  const state = await readState();
  if (await temporalRuns(state)) await endProcess(state.temporal!.pid, STOP_GRACE_MS);
  if (await sqlServerProcessRuns(state)) await endProcess(state.sqlServer!.pid, STOP_GRACE_MS);
  if (options.delete) await deleteSandbox();
}

export interface SandboxStatus {
  readonly sqlServer: string | null;
  readonly temporal: string | null;
  readonly temporalUi: string | null;
  readonly scheduler: boolean;
  readonly samples: { readonly rows: number; readonly seed: number } | null;
}

/** What runs, with addresses; null for what does not. */
export async function sandboxStatus(): Promise<SandboxStatus> {
  const state = await readState();
  const sqlServer = (await sqlServerProcessRuns(state)) ? `${sqlServerHost}:${state.sqlServer!.port}` : null;
  const temporal = (await temporalRuns(state)) ? `127.0.0.1:${state.temporal!.port}` : null;
  return {
    sqlServer,
    temporal,
    temporalUi: temporal === null ? null : uiUrl(state),
    scheduler: await schedulerRuns(state),
    samples: state.samples ?? null,
  };
}

async function writeConfiguration(
  sqlServer: { host: string; port: number },
  temporalAddress: string,
  secrets: SandboxSecrets,
): Promise<void> {
  const text = sampleConfigurationText({ ...sqlServer, productionDatabase, qaDatabase }, temporalAddress);
  await writeFile(sandboxPaths.configuration, text);
  await writeVariables({
    ...secrets,
    REFRESH_CONFIG: sandboxPaths.configuration,
    // In a shell that also knows another cluster, the variable would go before the file.
    TEMPORAL_ADDRESS: temporalAddress,
    MAINTENANCE_SERVER: sqlServer.host,
    MAINTENANCE_PORT: String(sqlServer.port),
    MAINTENANCE_USER: 'sa',
    MAINTENANCE_PASSWORD: secrets.SANDBOX_SA_PASSWORD,
    MAINTENANCE_DATABASE: qaDatabase,
  });
}

async function sqlServerUp(
  { say, keep }: SandboxOptions,
  secrets: SandboxSecrets,
  started: Stop[],
): Promise<{ host: string; port: number }> {
  const state = await readState();
  const password = secrets.SANDBOX_SA_PASSWORD;
  if ((await sqlServerProcessRuns(state)) && (await sqlServerAnswers(state.sqlServer!.port, password))) {
    say(`SQL Server stand-in: running on port ${state.sqlServer!.port}`);
    return { host: sqlServerHost, port: state.sqlServer!.port };
  }
  // A scheduler left over would look for the server at its old port.
  await schedulerDown();
  const server = await startSqlServerProcess({
    dataDirectory: sandboxPaths.sqlServer,
    logFile: join(sandboxPaths.logs, 'sqlserver.log'),
    password,
    port: state.sqlServer?.port ?? defaultSqlServerPort,
    detached: keep,
  });
  started.push(() => server.stop());
  await changeState({ sqlServer: { pid: server.pid, port: server.port } });
  say(`SQL Server stand-in: started on port ${server.port}`);
  return { host: server.host, port: server.port };
}

async function temporalUp(
  { say, keep }: SandboxOptions,
  started: Stop[],
): Promise<{ address: string; uiUrl: string | null }> {
  const state = await readState();
  if (!process.env['SANDBOX_TEMPORAL_ADDRESS'] && (await temporalRuns(state))) {
    const address = `127.0.0.1:${state.temporal!.port}`;
    if (await temporalAnswers(address)) {
      say(`Temporal: running on ${address}`);
      return { address, uiUrl: uiUrl(state) };
    }
  }
  const server = await startTemporal({
    dataDirectory: sandboxPaths.temporal,
    logFile: join(sandboxPaths.logs, 'temporal.log'),
    ...(state.temporal === undefined ? {} : { port: state.temporal.port }),
    ...(state.temporal?.uiPort === undefined ? {} : { uiPort: state.temporal.uiPort }),
    detached: keep,
    say,
  });
  started.push(() => server.stop());
  if (server.own !== null) await changeState({ temporal: server.own });
  say(`Temporal: ${server.own === null ? 'using the server at' : 'started on'} ${server.address}`);
  return { address: server.address, uiUrl: server.uiUrl };
}

async function samplesUp(
  { rows, seed, fresh, say }: SandboxOptions,
  sqlServer: { host: string; port: number },
  temporalAddress: string,
  secrets: SandboxSecrets,
): Promise<void> {
  const { samples } = await readState();
  const usable = samples !== undefined && !samples.touched && samples.rows === rows && samples.seed === seed;
  if (usable && fresh !== true) {
    say(`Sample environments: kept (${rows.toLocaleString('en-US')} rows, seed ${seed})`);
    return;
  }
  say(`Sample environments: writing production and QA (${rows.toLocaleString('en-US')} rows, seed ${seed}) …`);
  await changeState({ samples: undefined });
  // What still works on the old databases would keep them from being dropped, or go on in the new ones.
  await workerDown();
  await schedulerDown();
  await terminateRun(temporalAddress, workflowIdFor('qa'));
  const started = Date.now();
  await writeFactories({
    server: sqlServer.host,
    port: sqlServer.port,
    user: 'sa',
    password: secrets.SANDBOX_SA_PASSWORD,
    productionDatabase,
    qaDatabase,
    rows,
    seed,
    passwords: {
      prod_reader: secrets.PROD_PASSWORD,
      qa_refresh: secrets.QA_PASSWORD,
      qa_writer: secrets.QA_WRITER_PASSWORD,
    },
  });
  await changeState({ samples: { rows, seed, touched: false } });
  say(`Sample environments: written in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

async function schedulerUp(
  { keep }: SandboxOptions,
  port: number,
  secrets: SandboxSecrets,
  started: Stop[],
): Promise<void> {
  if (await schedulerRuns(await readState())) return;
  const child = startService(process.execPath, [...tsxArguments(), schedulerScript, String(port), qaDatabase], {
    logFile: join(sandboxPaths.logs, 'scheduler.log'),
    environment: { ...process.env, SANDBOX_SA_PASSWORD: secrets.SANDBOX_SA_PASSWORD },
    detached: keep,
  });
  started.push(() => stopService(child, STOP_GRACE_MS));
  await changeState({ scheduler: { pid: child.pid ?? 0 } });
}

async function schedulerDown(): Promise<void> {
  const state = await readState();
  if (await schedulerRuns(state)) await endProcess(state.scheduler!.pid, STOP_GRACE_MS);
  await changeState({ scheduler: undefined });
}

async function sqlServerProcessRuns({ sqlServer }: SandboxState): Promise<boolean> {
  return sqlServer !== undefined && (await runsWith(sqlServer.pid, sandboxPaths.sqlServer));
}

async function temporalRuns({ temporal }: SandboxState): Promise<boolean> {
  return temporal !== undefined && (await runsWith(temporal.pid, sandboxPaths.temporal));
}

async function schedulerRuns({ scheduler }: SandboxState): Promise<boolean> {
  return scheduler !== undefined && (await runsWith(scheduler.pid, schedulerScript));
}

function uiUrl({ temporal }: SandboxState): string | null {
  return temporal?.uiPort === undefined ? null : `http://127.0.0.1:${temporal.uiPort}`;
}
