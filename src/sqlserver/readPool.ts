import mssql from 'mssql';
import { applicationName, connectTimeout, packetSize, type ConnectionSettings } from './connectionSettings.js';
import { classifyError } from './errors.js';
import { keepLoginErrorNumbers } from './loginErrors.js';
import type { ReadDatabase, SqlParameter, SqlRow } from './readDatabase.js';

/** A small pool for short statements that leave nothing behind in their session. */
export interface ReadPool extends ReadDatabase {
  close(): Promise<void>;
}

/** Milliseconds; reads of metadata and counts, the longest of which scan a table. */
const readTimeout = 5 * 60_000;

const parameterTypes = {
  nvarchar: () => mssql.NVarChar(mssql.MAX),
  int: () => mssql.Int(),
  bigint: () => mssql.BigInt(),
  bit: () => mssql.Bit(),
} as const;

/** @throws RefreshError of the catalogue if the server cannot be reached or refuses the login */
export async function openReadPool(settings: ConnectionSettings, connections = 2): Promise<ReadPool> {
  const pool = new mssql.ConnectionPool({
    server: settings.server,
    port: settings.port,
    database: settings.database,
    user: settings.user,
    password: settings.password,
    connectionTimeout: connectTimeout,
    requestTimeout: readTimeout,
    pool: { min: 0, max: connections, idleTimeoutMillis: 10_000 },
    // Not by a statement of its own before each other one: a survey asks thousands of short questions.
    validateConnection: 'socket',
    beforeConnect: keepLoginErrorNumbers,
    options: {
      appName: applicationName,
      encrypt: settings.encrypt,
      trustServerCertificate: settings.trustServerCertificate,
      readOnlyIntent: settings.readOnlyIntent,
      packetSize: packetSize(settings.encrypt),
      abortTransactionOnError: true,
      language: 'us_english',
      useUTC: true,
    } as mssql.IOptions,
  });
  pool.on('error', () => undefined);
  try {
    await pool.connect();
  } catch (error) {
    throw classifyError(error, `${settings.server}, database ${settings.database}`);
  }
  return {
    async query(sql: string, parameters: Readonly<Record<string, SqlParameter>> = {}): Promise<SqlRow[]> {
      const request = pool.request();
      for (const [name, { type, value }] of Object.entries(parameters))
        request.input(name, parameterTypes[type](), value);
      try {
        return (await request.query<SqlRow>(sql)).recordset;
      } catch (error) {
        throw classifyError(error);
      }
    },
    async queryAll(statements: readonly string[]): Promise<SqlRow[][]> {
      try {
        const { recordsets } = await pool.request().query<SqlRow[]>(statements.join('\n;\n'));
        return recordsets as SqlRow[][];
      } catch (error) {
        throw classifyError(error);
      }
    },
    close: () => pool.close(),
  };
}
