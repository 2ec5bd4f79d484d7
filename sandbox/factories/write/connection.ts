import mssql from 'mssql';

export interface ServerAddress {
  readonly server: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Default false: the sandbox listens on this machine only. */
  readonly encrypt?: boolean;
}

/** One connection (a pool of exactly one), so that #temp tables and SET options last from call to call. */
export async function connect(address: ServerAddress, database: string): Promise<mssql.ConnectionPool> {
  const pool = new mssql.ConnectionPool({
    server: address.server,
    port: address.port,
    user: address.user,
    password: address.password,
    database,
    options: { encrypt: address.encrypt ?? false, trustServerCertificate: true, useUTC: true },
    pool: { min: 1, max: 1 },
    connectionTimeout: 30_000,
    requestTimeout: 600_000,
  });
  // A server that dies fails the statement under way; the driver tells the pool of it too, at times after its closing.
  pool.on('error', () => undefined);
  return await pool.connect();
}

/** [name], with closing brackets doubled. */
export function quote(name: string): string {
  return `[${name.replaceAll(']', ']]')}]`;
}

/** N'text', with quotes doubled. */
export function literal(text: string): string {
  return `N'${text.replaceAll("'", "''")}'`;
}
