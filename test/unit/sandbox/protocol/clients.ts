import { once } from 'node:events';
import type sql from 'mssql';
import tedious from 'tedious';
import type { ConnectionConfiguration, ConnectionOptions } from 'tedious';

export interface Connecting {
  readonly port: number;
  readonly password?: string;
  readonly user?: string;
  readonly database?: string;
  readonly options?: ConnectionOptions;
}

export function tediousConfig({ port, password, user, database, options }: Connecting): ConnectionConfiguration {
  return {
    server: '127.0.0.1',
    authentication: {
      type: 'default',
      options: { userName: user ?? 'tester', password: password ?? 'right' },
    },
    options: {
      port,
      encrypt: false,
      trustServerCertificate: true,
      rowCollectionOnRequestCompletion: true,
      ...(database === undefined ? {} : { database }),
      ...options,
    },
  };
}

export async function connectTedious(connecting: Connecting): Promise<tedious.Connection> {
  const connection = new tedious.Connection(tediousConfig(connecting));
  const connected = new Promise<void>((resolve, reject) => {
    connection.once('connect', (error) => (error ? reject(error) : resolve()));
  });
  // A connection that the server ends reports it here besides in its request.
  connection.on('error', () => undefined);
  connection.connect();
  await connected;
  return connection;
}

export async function closeTedious(connection: tedious.Connection): Promise<void> {
  const ended = once(connection, 'end');
  connection.close();
  await ended;
}

/** The type of a parameter or a bulk load column. */
export type ClientType = Parameters<tedious.Request['addParameter']>[1];

export interface SeenColumn {
  readonly colName: string;
  readonly type: { readonly name: string };
  readonly flags: number;
  readonly dataLength?: number;
}

/** One DONE, DONEINPROC or DONEPROC as the client saw it. */
export interface SeenDone {
  readonly event: 'done' | 'doneInProc' | 'doneProc';
  readonly rowCount: number | undefined;
  readonly more: boolean;
}

export interface Outcome {
  readonly error: (Error & { number?: number }) | undefined;
  readonly rowCount: number | undefined;
  readonly rows: unknown[][];
  readonly resultSets: SeenColumn[][];
  readonly dones: SeenDone[];
  readonly returned: Record<string, unknown>;
  readonly status: unknown;
}

type Send = (connection: tedious.Connection, request: tedious.Request) => void;

/** Runs a request to its end; an error is part of the outcome. */
export function run(
  connection: tedious.Connection,
  text: string,
  { send, prepare }: { send?: Send; prepare?: (request: tedious.Request) => void } = {},
): Promise<Outcome> {
  return new Promise((resolve) => {
    const rows: unknown[][] = [];
    const resultSets: SeenColumn[][] = [];
    const dones: SeenDone[] = [];
    const returned: Record<string, unknown> = {};
    let status: unknown;
    const request = new tedious.Request(text, (error, rowCount) => {
      resolve({ error: error ?? undefined, rowCount, rows, resultSets, dones, returned, status });
    });
    request.on('columnMetadata', (columns) => resultSets.push(columns as SeenColumn[]));
    request.on('row', (columns) => rows.push((columns as { value: unknown }[]).map(({ value }) => value)));
    request.on('returnValue', (name, value) => (returned[name] = value));
    request.on('done', (rowCount, more) => dones.push({ event: 'done', rowCount, more }));
    request.on('doneInProc', (rowCount, more) => dones.push({ event: 'doneInProc', rowCount, more }));
    request.on('doneProc', (rowCount, more, told) => {
      status = told;
      dones.push({ event: 'doneProc', rowCount, more });
    });
    prepare?.(request);
    (send ?? ((target, sent) => target.execSqlBatch(sent)))(connection, request);
  });
}

export function mssqlConfig(port: number, more: Partial<sql.config> = {}): sql.config {
  return {
    server: '127.0.0.1',
    port,
    user: 'tester',
    password: 'right',
    ...more,
    options: { encrypt: false, trustServerCertificate: true, ...more.options },
  };
}
