import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { searchAttributeNames } from '../../src/contract.js';
import { freePort } from '../freePort.js';
import { endedEarly, startService, stopService } from '../processes.js';
import { findTemporal } from './findTemporal.js';
import { withoutOtherClusters } from './otherClusters.js';
import { registerSearchAttributes } from './searchAttributes.js';

/** Clear of 7233 and 8233, where an operator's own dev server listens. */
export const defaultTemporalPort = 17233;
export const defaultTemporalUiPort = 18233;

/** A healthy server answers in about 5 s; a loaded machine with 2 cores takes several times that. */
const START_LIMIT_MS = 60_000;
const STOP_GRACE_MS = 10_000;

export interface StartTemporalOptions {
  /** Holds the server's database; a server started on it again knows what it knew. */
  readonly dataDirectory: string;
  /** Default: temporal.log in the data directory. */
  readonly logFile?: string;
  /** Preferred port; another free one is taken when it is in use. */
  readonly port?: number;
  readonly uiPort?: number;
  /** Keyword search attributes to register; default: those the refresh sets. */
  readonly searchAttributes?: readonly string[];
  /** For tests of limits: `key=jsonValue`. */
  readonly dynamicConfig?: readonly string[];
  /** True: the server outlives this process. Default: it ends with this process, however that ends. */
  readonly detached?: boolean;
  readonly say?: (line: string) => void;
}

export interface TemporalServer {
  readonly address: string;
  /** Null for a server named by SANDBOX_TEMPORAL_ADDRESS, whose UI is unknown. */
  readonly uiUrl: string | null;
  /** Null for a server named by SANDBOX_TEMPORAL_ADDRESS, which is not ours. */
  readonly own: { readonly pid: number; readonly port: number; readonly uiPort: number } | null;
  /** Resolves when the server is gone; leaves one alone that is not ours. */
  stop(): Promise<void>;
}

/**
 * A Temporal dev server of the sandbox's own, ready for use: it answers, the namespace `default` is there and the search
 * attributes are registered. SANDBOX_TEMPORAL_ADDRESS names another server to use instead. The operator's
 * TEMPORAL_ADDRESS is never looked at: the sandbox must not write to a real cluster.
 *
 * @throws when no server can be found or it does not become healthy; the message carries the end of its log
 */
export async function startTemporal(options: StartTemporalOptions): Promise<TemporalServer> {
  const searchAttributes = options.searchAttributes ?? searchAttributeNames;
  const other = process.env['SANDBOX_TEMPORAL_ADDRESS'];
  if (other) return useOther(other, searchAttributes);

  const say = options.say ?? ((line) => process.stderr.write(`${line}\n`));
  const executable = await findTemporal(say);
  await mkdir(options.dataDirectory, { recursive: true });
  const port = await freePort(options.port ?? defaultTemporalPort);
  const uiPort = await freePort(options.uiPort ?? defaultTemporalUiPort);
  const logFile = options.logFile ?? join(options.dataDirectory, 'temporal.log');
  const child = startService(executable, serverArguments({ ...options, searchAttributes, port, uiPort }), {
    environment: withoutOtherClusters(process.env),
    logFile,
    detached: options.detached ?? false,
  });
  const address = `127.0.0.1:${port}`;
  const server: TemporalServer = {
    address,
    uiUrl: `http://127.0.0.1:${uiPort}`,
    own: { pid: child.pid ?? 0, port, uiPort },
    stop: () => stopService(child, STOP_GRACE_MS),
  };
  try {
    await Promise.race([
      healthy(address, searchAttributes, () => child.exitCode !== null),
      endedEarly(child, 'The Temporal dev server', logFile),
    ]);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

/** Whether a Temporal server answers at `address`. */
export async function temporalAnswers(address: string): Promise<boolean> {
  try {
    const connection = await Connection.connect({ address, connectTimeout: 2_000 });
    await connection.close();
    return true;
  } catch {
    return false;
  }
}

function serverArguments(options: {
  dataDirectory: string;
  port: number;
  uiPort: number;
  searchAttributes: readonly string[];
  dynamicConfig?: readonly string[];
}): string[] {
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--log-level', 'error'],
    ...['--db-filename', join(options.dataDirectory, 'temporal.db')],
    ...['--port', String(options.port), '--ui-port', String(options.uiPort)],
    ...options.searchAttributes.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
    ...(options.dynamicConfig ?? []).flatMap((value) => ['--dynamic-config-value', value]),
  ];
}

async function healthy(address: string, searchAttributes: readonly string[], ended: () => boolean): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    try {
      return await checkHealth(address, searchAttributes);
    } catch (error) {
      if (ended() || Date.now() > deadline) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new Error(`The Temporal dev server at ${address} was not healthy within 60 s: ${reason}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

async function checkHealth(address: string, searchAttributes: readonly string[]): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: 2_000 });
  try {
    await connection.workflowService.describeNamespace({ namespace: 'default' });
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
    const missing = searchAttributes.filter((name) => !(name in (customAttributes ?? {})));
    if (missing.length > 0) throw new Error(`search attributes not registered yet: ${missing.join(', ')}`);
  } finally {
    await connection.close();
  }
}

async function useOther(address: string, searchAttributes: readonly string[]): Promise<TemporalServer> {
  await registerSearchAttributes(address, searchAttributes);
  return { address, uiUrl: null, own: null, stop: () => Promise.resolve() };
}
