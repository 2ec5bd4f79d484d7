import { Connection, Request, TYPES } from 'tedious';
import { tediousConfiguration, type ConnectionSettings } from './connectionSettings.js';
import { classifyError, interruption } from './errors.js';
import { quoteName, textList } from './quoteName.js';
import { keepLoginErrorNumbers } from './loginErrors.js';
import type { SqlParameter } from './readDatabase.js';
import { bulkMessage } from './relay/bulkMessage.js';
import { internalsAreKnown, sendAtOnce, sendBulkLoad, tapNextResponse } from './relay/driverInternals.js';
import type { RelayedRows } from './relay/rowTap.js';

export type SqlValue = string | number | boolean | Date | Buffer | bigint | null;
export type SqlRowArray = SqlValue[];

type DataType = (typeof TYPES)[keyof typeof TYPES];

/** A column of a bulk load; `length` in characters or bytes, Infinity for (max). */
export interface BulkColumn {
  readonly name: string;
  readonly type: DataType;
  readonly length?: number;
  readonly precision?: number;
  readonly scale?: number;
}

const parameterTypes = { nvarchar: TYPES.NVarChar, int: TYPES.Int, bigint: TYPES.BigInt, bit: TYPES.Bit } as const;

/**
 * One dedicated connection: never pooled, never used again after an error, so that `#temp` tables, SET options,
 * IDENTITY_INSERT and open transactions cannot leak. One statement at a time.
 */
class Session {
  #connection: Connection;
  #broken = false;

  protected constructor(
    connection: Connection,
    readonly signal: AbortSignal | undefined,
  ) {
    this.#connection = connection;
    connection.on('error', () => (this.#broken = true));
    connection.on('end', () => (this.#broken = true));
  }

  protected static connect(settings: ConnectionSettings): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const connection = new Connection(tediousConfiguration(settings));
      connection.on('error', () => undefined);
      keepLoginErrorNumbers(connection);
      connection.connect((error) => {
        if (error === undefined) {
          sendAtOnce(connection);
          resolve(connection);
        } else {
          connection.close();
          reject(classifyError(error, `${settings.server}, database ${settings.database}`));
        }
      });
    });
  }

  /** True after any error: what is left of the session is unknown, so nothing more may be sent. */
  get broken(): boolean {
    return this.#broken;
  }

  /**
   * One statement with parameters; it runs in the scope of sp_executesql, where `#temp` tables and SET options end with
   * it. Answers the rows of the first result set as arrays; bigint arrives as text.
   */
  async query(sql: string, parameters: Readonly<Record<string, SqlParameter>> = {}): Promise<SqlRowArray[]> {
    const sets = await this.run(sql, (request) => {
      for (const [name, { type, value }] of Object.entries(parameters)) {
        request.addParameter(name, parameterTypes[type], value, type === 'nvarchar' ? { length: Infinity } : {});
      }
      this.#connection.execSql(request);
    });
    return sets[0] ?? [];
  }

  /** True if rows can be relayed with this version of the driver. */
  get relays(): boolean {
    return internalsAreKnown(this.#connection);
  }

  /**
   * The rows of one query as the bytes in which the server sent them.
   * @throws RelayError, the session being closed, if the response holds what the relay does not carry
   */
  async queryBytes(sql: string, parameters: Readonly<Record<string, SqlParameter>> = {}): Promise<RelayedRows> {
    const tapped = tapNextResponse(this.#connection);
    try {
      await this.query(sql, parameters);
      const failure = tapped.failure();
      if (failure !== undefined) throw failure;
      return tapped.tap.rows();
    } catch (error) {
      this.close();
      throw error;
    } finally {
      tapped.release();
    }
  }

  close(): void {
    this.#broken = true;
    this.#connection.close();
  }

  /** Runs a batch in the session's own scope and answers every result set. */
  protected runBatch(sql: string): Promise<SqlRowArray[][]> {
    return this.run(sql, (request) => this.#connection.execSqlBatch(request));
  }

  protected runBulkLoad(table: string, columns: readonly BulkColumn[], rows: readonly SqlRowArray[]): Promise<number> {
    return this.exclusively(
      () =>
        new Promise<number>((resolve, reject) => {
          const load = this.#connection.newBulkLoad(table, { keepNulls: true, lockTable: true }, (error, count) => {
            if (error) reject(error);
            else resolve(count ?? 0);
          });
          for (const { name, type, ...size } of columns) load.addColumn(name, type, { nullable: true, ...size });
          this.#connection.execBulkLoad(load, rows as unknown as Iterable<unknown[]>);
        }),
    );
  }

  /** @param declarations of the loaded columns, as INSERT BULK names them, in the order of the rows' columns */
  protected async runRelayedLoad(
    table: string,
    names: readonly string[],
    declarations: readonly string[],
    rows: RelayedRows,
  ): Promise<void> {
    const columns = names.map((name, index) => `${quoteName(name)} ${declarations[index] ?? ''}`);
    await this.runBatch(`INSERT BULK ${table} (${columns.join(', ')}) WITH (KEEP_NULLS, TABLOCK)`);
    await this.exclusively(
      () =>
        new Promise<void>((resolve, reject) => {
          const request = new Request('', (error) => {
            if (error) reject(error);
            else resolve();
          });
          sendBulkLoad(this.#connection, request, bulkMessage(rows, names));
        }),
    );
  }

  private run(sql: string, send: (request: Request) => void): Promise<SqlRowArray[][]> {
    return this.exclusively(
      () =>
        new Promise<SqlRowArray[][]>((resolve, reject) => {
          const sets: SqlRowArray[][] = [];
          let current: SqlRowArray[] = [];
          const request = new Request(sql, (error) => {
            if (error) reject(error);
            else resolve(sets);
          });
          request.on('columnMetadata', () => {
            current = [];
            sets.push(current);
          });
          request.on('row', (columns: readonly { readonly value: SqlValue }[]) => {
            const row = new Array<SqlValue>(columns.length);
            for (let index = 0; index < columns.length; index += 1) row[index] = columns[index]?.value ?? null;
            current.push(row);
          });
          send(request);
        }),
    );
  }

  /** Sends one request; cancels it when the signal fires; after any error the session is at its end. */
  private async exclusively<T>(work: () => Promise<T>): Promise<T> {
    if (this.#broken) throw interruption('connectionLost', 'the session has ended');
    if (this.signal?.aborted === true) throw interruption('cancelled', 'the work was cancelled');
    const cancel = (): void => void this.#connection.cancel();
    this.signal?.addEventListener('abort', cancel, { once: true });
    try {
      return await work();
    } catch (error) {
      this.close();
      throw classifyError(error);
    } finally {
      this.signal?.removeEventListener('abort', cancel);
    }
  }
}

/** Milliseconds that a read of the source waits for a lock of production before it gives way. */
const sourceLockTimeout = 5_000;

/**
 * A connection to the source. It has no writing method. It reads under SNAPSHOT isolation where the database allows it,
 * never with NOLOCK or table locks, is the first victim of any deadlock, and gives way after a short lock time-out.
 */
export class SourceSession extends Session {
  readonly role = 'source';

  /** @param options.databases other databases whose tables are read too: SNAPSHOT has to be allowed in every one (3952) */
  static async open(
    settings: ConnectionSettings,
    options: { readonly signal?: AbortSignal; readonly databases?: readonly string[] } = {},
  ): Promise<SourceSession> {
    const session = new SourceSession(await Session.connect(settings), options.signal);
    const databases = [...new Set(options.databases ?? [])];
    const [row] = await session.query(
      'SELECT COUNT(*) FROM sys.databases WHERE snapshot_isolation_state = 1 ' +
        `AND (database_id = DB_ID() OR name IN (${textList(databases)}))`,
    );
    const snapshot = Number(row?.[0]) === 1 + databases.length;
    await session.runBatch(
      `SET DEADLOCK_PRIORITY LOW; SET LOCK_TIMEOUT ${sourceLockTimeout}; ` +
        `SET TRANSACTION ISOLATION LEVEL ${snapshot ? 'SNAPSHOT' : 'READ COMMITTED'};`,
    );
    return session;
  }
}

/** Milliseconds that a write waits for a lock of the destination. */
const destinationLockTimeout = 60_000;

/** A connection to the destination, with its own `#temp` tables and transactions. */
export class DestinationSession extends Session {
  readonly role = 'destination';

  static async open(
    settings: ConnectionSettings,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<DestinationSession> {
    const session = new DestinationSession(await Session.connect(settings), options.signal);
    await session.batch(`SET XACT_ABORT ON; SET NOCOUNT ON; SET LOCK_TIMEOUT ${destinationLockTimeout};`);
    return session;
  }

  /** Runs a batch in the session's own scope, where `#temp` tables and SET options live on; answers every result set. */
  batch(sql: string): Promise<SqlRowArray[][]> {
    return this.runBatch(sql);
  }

  /** The rows of the batch's first result set. */
  async rows(sql: string): Promise<SqlRowArray[]> {
    return (await this.runBatch(sql))[0] ?? [];
  }

  /**
   * Bulk loads into a staging table, NULL staying NULL. Never into a table of the destination itself: constraints and
   * triggers would not be checked.
   * @param table quoted
   */
  bulkLoad(table: string, columns: readonly BulkColumn[], rows: readonly SqlRowArray[]): Promise<number> {
    return this.runBulkLoad(table, columns, rows);
  }

  /**
   * Loads rows that queryBytes() answered, undecoded. Into staging tables only, as bulkLoad().
   * @param columns of the table in the order of the rows' columns: names, and types with their collations
   */
  loadBytes(
    table: string,
    columns: readonly { readonly name: string; readonly declaration: string }[],
    rows: RelayedRows,
  ): Promise<void> {
    const names = columns.map(({ name }) => name);
    const declarations = columns.map(({ declaration }) => declaration);
    return this.runRelayedLoad(table, names, declarations, rows);
  }
}
