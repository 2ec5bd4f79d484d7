import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../sandbox/freePort.js';
import { connect, type ServerAddress } from '../sandbox/factories/write/connection.js';
import { startSqlServerProcess } from '../sandbox/sqlServerProcess.js';

/** The server that a bench runs against, and how its figures are labelled. */
export interface BenchServer {
  readonly address: ServerAddress;
  /** Name of the engine: ratios on the sandbox are no claim about SQL Server. */
  readonly engine: string;
  stop(): Promise<void>;
}

const sandboxPassword = 'Bench-1433';

/**
 * The server that TEST_SQLSERVER_URL names (mssql://user:password@host:port), a login that may create databases and
 * logins; else a sandbox server of the bench's own.
 */
export async function startServer(): Promise<BenchServer> {
  const url = process.env['TEST_SQLSERVER_URL'];
  if (url !== undefined && url !== '') return namedServer(url);
  const directory = await mkdtemp(join(tmpdir(), 'refresh-bench-'));
  // Where this runs as root, PostgreSQL runs under an account of its own that must reach its data.
  await chmod(directory, 0o755);
  const server = await startSqlServerProcess({
    dataDirectory: join(directory, 'data'),
    logFile: join(directory, 'sqlserver.log'),
    password: sandboxPassword,
    port: await freePort(),
    detached: false,
  });
  return {
    address: { server: server.host, port: server.port, user: 'sa', password: sandboxPassword },
    engine: 'sandbox',
    stop: async () => {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function namedServer(url: string): Promise<BenchServer> {
  const { hostname, port, username, password } = new URL(url);
  const address: ServerAddress = {
    server: hostname,
    port: port === '' ? 1433 : Number(port),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
  };
  const pool = await connect(address, 'master');
  try {
    const { recordset } = await pool.request().query<{ version: string }>('SELECT @@VERSION AS version');
    const engine = recordset[0]?.version.split('\n')[0]?.trim() ?? 'SQL Server';
    return { address, engine, stop: () => Promise.resolve() };
  } finally {
    await pool.close();
  }
}
