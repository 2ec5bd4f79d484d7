import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { freePort } from '../../sandbox/freePort.js';
import { startSqlServerProcess } from '../../sandbox/sqlServerProcess.js';
import { sharedServer } from './sharedServer.js';

/** Address and administrator of the SQL Server that the tests use. */
export interface SqlServerAddress {
  readonly server: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** The SQL Server that all SQL tests share; each test file makes databases of its own. */
    sqlServer: SqlServerAddress;
  }
}

const sandboxPassword = 'Sandbox-1433';

/**
 * Provides the server that TEST_SQLSERVER_URL names (mssql://user:password@host:port, a login that may create
 * databases and logins), or else one sandbox server for all projects, which ends with the tests.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const url = process.env['TEST_SQLSERVER_URL'];
  if (url !== undefined && url !== '') {
    project.provide('sqlServer', addressOf(url));
    return () => Promise.resolve();
  }
  const { server, release } = await sharedServer('SQL Server', startSandbox);
  project.provide('sqlServer', { server: server.host, port: server.port, user: 'sa', password: sandboxPassword });
  return release;
}

async function startSandbox(): Promise<{ host: string; port: number; stop: () => Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'refresh-sqlserver-'));
  // Where tests run as root, PostgreSQL runs under an account of its own that must reach its data.
  await chmod(directory, 0o755);
  const server = await startSqlServerProcess({
    dataDirectory: join(directory, 'data'),
    logFile: join(directory, 'sqlserver.log'),
    password: sandboxPassword,
    // Not the documented port: a demo may be running beside the tests.
    port: await freePort(),
    detached: false,
  });
  return {
    ...server,
    stop: async () => {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function addressOf(url: string): SqlServerAddress {
  const { hostname, port, username, password } = new URL(url);
  return {
    server: hostname,
    port: port === '' ? 1433 : Number(port),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
  };
}
