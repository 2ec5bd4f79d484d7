import { Connection, Request } from 'tedious';
import type { SqlServerAddress } from './sqlServerSetup.js';

export interface SessionOptions {
  readonly user?: string;
  readonly password?: string;
  readonly encrypt?: boolean;
  readonly requestTimeout?: number;
}

/** An error or message as the server sent it. */
export interface ServerMessage {
  readonly number: number;
  readonly state: number;
  readonly class: number;
  readonly message: string;
  readonly line: number;
  readonly procedure: string;
}

export interface ResultSet {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly unknown[])[];
}

export interface ResultColumn {
  readonly name: string;
  readonly type: string;
  readonly length: number | undefined;
  readonly precision: number | undefined;
  readonly scale: number | undefined;
}

/** Everything that a request brought, errors included. */
export interface Outcome {
  readonly results: readonly ResultSet[];
  /** Row counts of the statements that reported one, in order. */
  readonly rowCounts: readonly number[];
  readonly errors: readonly ServerMessage[];
  /** Informational messages: PRINT, severity below 11. */
  readonly messages: readonly ServerMessage[];
  readonly canceled: boolean;
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly returnStatus: number | undefined;
}

/** The first error of a request that was expected to succeed. */
export class ServerError extends Error {
  readonly number: number;

  constructor(readonly serverMessage: ServerMessage) {
    super(`error ${serverMessage.number}: ${serverMessage.message}`);
    this.number = serverMessage.number;
  }
}

export interface RunningRequest {
  /** Sends an attention. */
  cancel(): void;
  readonly outcome: Promise<Outcome>;
}

export interface BulkColumn {
  readonly name: string;
  readonly type: BulkColumnType;
  readonly nullable?: boolean;
  readonly length?: number;
  readonly precision?: number;
  readonly scale?: number;
}

type BulkColumnType = Parameters<ReturnType<Connection['newBulkLoad']>['addColumn']>[1];

/** checkConstraints, fireTriggers, keepNulls, lockTable, order: off when absent. */
export type BulkOptions = Extract<Parameters<Connection['newBulkLoad']>[1], { keepNulls?: unknown }>;

/** One connection of the tedious driver, with everything the server says kept. */
export class SqlSession {
  private constructor(private readonly connection: Connection) {}

  static open(address: SqlServerAddress, database: string, options: SessionOptions): Promise<SqlSession> {
    const connection = new Connection({
      server: address.server,
      authentication: {
        type: 'default',
        options: { userName: options.user ?? address.user, password: options.password ?? address.password },
      },
      options: {
        port: address.port,
        database,
        encrypt: options.encrypt ?? false,
        trustServerCertificate: true,
        requestTimeout: options.requestTimeout ?? 60_000,
        connectTimeout: 30_000,
        appName: 'refresh tests',
      },
    });
    return new Promise((resolve, reject) => {
      let failure: ServerMessage | undefined;
      connection.on('errorMessage', (token: ServerToken) => (failure ??= toMessage(token)));
      connection.on('connect', (error) => {
        connection.removeAllListeners('errorMessage');
        if (error === undefined) {
          // A connection that the server ends reports an error event; requests report it too.
          connection.on('error', () => undefined);
          resolve(new SqlSession(connection));
        } else {
          reject(failure === undefined ? error : new ServerError(failure));
        }
      });
      connection.connect();
    });
  }

  /** Sends a batch and keeps its errors in the outcome. */
  run(text: string): Promise<Outcome> {
    return this.start(text).outcome;
  }

  /** Sends a batch that must succeed. */
  async batch(text: string): Promise<Outcome> {
    return succeeded(await this.run(text));
  }

  /** Sends a text by sp_executesql, which gives it a scope of its own. */
  async query(text: string, addParameters?: (request: Request) => void): Promise<Outcome> {
    return succeeded(await this.runQuery(text, addParameters));
  }

  runQuery(text: string, addParameters?: (request: Request) => void): Promise<Outcome> {
    return this.send(text, (request) => {
      addParameters?.(request);
      this.connection.execSql(request);
    }).outcome;
  }

  /** Calls a procedure by RPC. */
  async procedure(name: string, addParameters?: (request: Request) => void): Promise<Outcome> {
    return this.send(name, (request) => {
      addParameters?.(request);
      this.connection.callProcedure(request);
    }).outcome;
  }

  /** Sends a batch that can be cancelled while it runs. */
  start(text: string): RunningRequest {
    return this.send(text, (request) => this.connection.execSqlBatch(request));
  }

  /** Rows of the first result of a batch that must succeed. */
  async rows(text: string): Promise<readonly (readonly unknown[])[]> {
    return (await this.batch(text)).results[0]?.rows ?? [];
  }

  /** First value of the first row of a batch that must succeed. */
  async value(text: string): Promise<unknown> {
    return (await this.rows(text))[0]?.[0];
  }

  /** Number of the first error of a batch; undefined if it succeeds. */
  async errorNumber(text: string): Promise<number | undefined> {
    return (await this.run(text)).errors[0]?.number;
  }

  /** Loads rows with INSERT BULK; resolves to the number of rows. */
  bulkLoad(
    table: string,
    columns: readonly BulkColumn[],
    rows: readonly (readonly unknown[])[],
    options: BulkOptions = {},
  ): Promise<number> {
    return this.load(table, columns, options, () => rows.map((row) => [...row]));
  }

  /** Sends rows of a load, and takes it back once `ready` is kept; rejects with the driver's ECANCEL. */
  async takenBackLoad(
    table: string,
    columns: readonly BulkColumn[],
    rows: readonly (readonly unknown[])[],
    ready: () => Promise<void>,
  ): Promise<void> {
    await this.load(table, columns, {}, async function* (cancel) {
      for (const row of rows) yield [...row];
      await ready();
      cancel();
    });
  }

  private load(
    table: string,
    columns: readonly BulkColumn[],
    options: BulkOptions,
    rowsOf: (cancel: () => void) => Iterable<unknown[]> | AsyncIterable<unknown[]>,
  ): Promise<number> {
    return new Promise((resolve, reject) => {
      let failure: ServerMessage | undefined;
      const listener = (token: ServerToken): void => {
        failure ??= toMessage(token);
      };
      this.connection.on('errorMessage', listener);
      const load = this.connection.newBulkLoad(table, options, (error, rowCount) => {
        this.connection.removeListener('errorMessage', listener);
        if (failure !== undefined) reject(new ServerError(failure));
        else if (error) reject(error);
        else resolve(rowCount ?? 0);
      });
      for (const { name, type, nullable = true, ...facets } of columns) {
        load.addColumn(name, type, { nullable, ...facets });
      }
      this.connection.execBulkLoad(load, rowsOf(() => load.cancel()) as Iterable<unknown[]>);
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.connection.closed) {
        resolve();
        return;
      }
      this.connection.once('end', () => resolve());
      this.connection.close();
    });
  }

  private send(text: string, execute: (request: Request) => void): RunningRequest {
    const collector = new OutcomeCollector();
    let request: Request | undefined;
    const outcome = new Promise<Outcome>((resolve, reject) => {
      const onError = (token: ServerToken) => collector.errors.push(toMessage(token));
      const onMessage = (token: ServerToken) => collector.messages.push(toMessage(token));
      this.connection.on('errorMessage', onError);
      this.connection.on('infoMessage', onMessage);
      request = new Request(text, (error) => {
        this.connection.removeListener('errorMessage', onError);
        this.connection.removeListener('infoMessage', onMessage);
        collector.canceled = isCancel(error);
        if (error && collector.errors.length === 0 && !collector.canceled) reject(error);
        else resolve(collector);
      });
      collector.listenTo(request);
      execute(request);
    });
    return { cancel: () => request?.cancel(), outcome };
  }
}

interface ServerToken {
  readonly number: number;
  readonly state: number;
  readonly class: number;
  readonly message: string;
  readonly lineNumber: number;
  readonly procName: string;
}

function toMessage(token: ServerToken): ServerMessage {
  const { number, state, message, lineNumber, procName } = token;
  return { number, state, class: token.class, message, line: lineNumber, procedure: procName };
}

function isCancel(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ECANCEL';
}

function succeeded(outcome: Outcome): Outcome {
  const [error] = outcome.errors;
  if (error !== undefined) throw new ServerError(error);
  return outcome;
}

class OutcomeCollector implements Outcome {
  readonly results: { columns: ResultColumn[]; rows: unknown[][] }[] = [];
  readonly rowCounts: number[] = [];
  readonly errors: ServerMessage[] = [];
  readonly messages: ServerMessage[] = [];
  readonly outputs: Record<string, unknown> = {};
  canceled = false;
  returnStatus: number | undefined;

  listenTo(request: Request): void {
    request.on('columnMetadata', (columns) => {
      const list = Array.isArray(columns) ? columns : Object.values(columns);
      this.results.push({ columns: list.map(toColumn), rows: [] });
    });
    request.on('row', (cells: readonly { readonly value: unknown }[]) => {
      this.results.at(-1)?.rows.push(cells.map((cell) => cell.value));
    });
    const count = (rowCount: number | undefined): void => {
      if (rowCount !== undefined) this.rowCounts.push(rowCount);
    };
    request.on('done', count);
    request.on('doneInProc', count);
    request.on('doneProc', (rowCount: number | undefined, _more: boolean, status: unknown) => {
      count(rowCount);
      if (typeof status === 'number') this.returnStatus = status;
    });
    request.on('returnValue', (name: string, value: unknown) => {
      this.outputs[name] = value;
    });
  }
}

function toColumn(column: {
  readonly colName: string;
  readonly type: { readonly name: string };
  readonly dataLength?: number | undefined;
  readonly precision?: number | undefined;
  readonly scale?: number | undefined;
}): ResultColumn {
  const { colName, type, dataLength, precision, scale } = column;
  return { name: colName, type: type.name, length: dataLength, precision, scale };
}
