import path from 'node:path';
import { mkdir } from 'node:fs/promises';
import { loopback, sqlServerHost } from './address.js';
import { openEngine } from './engine/engine.js';
import { faultyEngine } from './faults/faultyEngine.js';
import { startPostgres } from './postgres/cluster.js';
import { listenTds } from './protocol/server.js';

export interface SqlServerOptions {
  /** Everything that the server keeps; made when it does not exist. */
  readonly dataDirectory: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Password of sa. */
  readonly password: string;
  readonly serverName?: string;
  /** Lets clients make requests fail by sp_sandbox_fault: for tests of what survives. */
  readonly faults?: boolean;
}

export interface RunningSqlServer {
  readonly host: string;
  readonly port: number;
  readonly user: 'sa';
  readonly password: string;
  /** Ends all connections; what is committed stays in the data directory. */
  stop(): Promise<void>;
}

/**
 * Starts the sandbox's SQL Server in this process: PostgreSQL as a child, the T-SQL engine, and a TDS listener on
 * loopback. After a crash, SIGKILL included, a start on the same directory has all committed data.
 */
export async function startSqlServer(options: SqlServerOptions): Promise<RunningSqlServer> {
  const dataDirectory = path.resolve(options.dataDirectory);
  await mkdir(dataDirectory, { recursive: true });
  const postgres = await startPostgres(dataDirectory);
  try {
    const serverName = options.serverName ?? 'SANDBOX';
    const opened = await openEngine({ postgres, password: options.password, serverName });
    const engine = options.faults === true ? faultyEngine(opened) : opened;
    const listener = await listenTds({ engine, host: loopback, port: options.port, serverName });
    return {
      host: sqlServerHost,
      port: listener.port,
      user: 'sa',
      password: options.password,
      stop: async () => {
        await listener.close();
        await engine.close();
        await postgres.stop();
      },
    };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}
