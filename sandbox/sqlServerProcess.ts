import type { ChildProcess } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import mssql from 'mssql';
import { freePort } from './freePort.js';
import { sqlServerHost } from './sqlserver/address.js';
import { endedEarly, startService, stopService, tsxArguments } from './processes.js';

/** Clear of 1433, where an operator's own SQL Server listens. */
export const defaultSqlServerPort = 14330;

const START_LIMIT_MS = 60_000;
const STOP_GRACE_MS = 15_000;

export interface SqlServerProcess {
  readonly host: string;
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

export interface SqlServerProcessOptions {
  readonly dataDirectory: string;
  readonly logFile: string;
  /** Of the login sa. */
  readonly password: string;
  /** Preferred port; another free one is taken when it is in use. */
  readonly port?: number;
  readonly detached: boolean;
  /** Lets clients make requests fail by sp_sandbox_fault. */
  readonly faults?: boolean;
}

/** Runs the SQL Server stand-in as a process of its own; resolves when it takes logins. */
export async function startSqlServerProcess(options: SqlServerProcessOptions): Promise<SqlServerProcess> {
  await mkdir(options.dataDirectory, { recursive: true });
  const port = await freePort(options.port ?? defaultSqlServerPort);
  const script = fileURLToPath(new URL('./sqlserver/main.ts', import.meta.url));
  const child = startService(
    process.execPath,
    [
      ...[...tsxArguments(), script, '--data', options.dataDirectory, '--port', String(port)],
      ...(options.faults === true ? ['--faults'] : []),
    ],
    {
      logFile: options.logFile,
      environment: { ...process.env, SANDBOX_SA_PASSWORD: options.password },
      detached: options.detached,
    },
  );
  try {
    const early = endedEarly(child, 'The SQL Server stand-in', options.logFile);
    const ready = await Promise.race([readyLine(child, options.logFile), early]);
    return { ...ready, pid: child.pid ?? 0, stop: () => stopService(child, STOP_GRACE_MS) };
  } catch (error) {
    await stopService(child, STOP_GRACE_MS);
    throw error;
  }
}

/** Whether the server at this port is the one with this password. */
export async function sqlServerAnswers(port: number, password: string): Promise<boolean> {
  const pool = new mssql.ConnectionPool({
    server: sqlServerHost,
    port,
    user: 'sa',
    password,
    database: 'master',
    options: { encrypt: true, trustServerCertificate: true },
    pool: { min: 0, max: 1 },
    connectionTimeout: 5_000,
  });
  try {
    await pool.connect();
    return true;
  } catch {
    return false;
  } finally {
    await pool.close();
  }
}

/** The server prints one JSON line with its address once it listens. */
async function readyLine(child: ChildProcess, logFile: string): Promise<{ host: string; port: number }> {
  const deadline = Date.now() + START_LIMIT_MS;
  while (child.exitCode === null && Date.now() < deadline) {
    const log = await readFile(logFile, 'utf8');
    const line = log.split('\n').find((each) => each.startsWith('{') && each.includes('"port"') && each.endsWith('}'));
    if (line !== undefined) return JSON.parse(line) as { host: string; port: number };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`The SQL Server stand-in was not ready within ${START_LIMIT_MS / 1000} s; see ${logFile}.`);
}
