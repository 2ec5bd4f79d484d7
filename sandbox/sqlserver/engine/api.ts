/**
 * What the TDS protocol layer (../protocol) asks of the T-SQL engine, and nothing more. The protocol layer knows
 * packets, tokens and the wire form of values; the engine knows T-SQL, transactions and PostgreSQL.
 */

/** The types that cross the wire, by their T-SQL names. */
export type SqlTypeName =
  | 'bit'
  | 'tinyint'
  | 'smallint'
  | 'int'
  | 'bigint'
  | 'decimal'
  | 'numeric'
  | 'money'
  | 'smallmoney'
  | 'real'
  | 'float'
  | 'date'
  | 'time'
  | 'datetime'
  | 'smalldatetime'
  | 'datetime2'
  | 'datetimeoffset'
  | 'char'
  | 'varchar'
  | 'text'
  | 'nchar'
  | 'nvarchar'
  | 'ntext'
  | 'binary'
  | 'varbinary'
  | 'image'
  | 'uniqueidentifier';

export interface SqlType {
  readonly name: SqlTypeName;
  /** Characters for n(var)char, bytes for (var)char and (var)binary; 'max' where the type has it. */
  readonly length?: number | 'max';
  readonly precision?: number;
  readonly scale?: number;
  /** Collation name of a character type; the database's default when absent. */
  readonly collation?: string;
}

/**
 * The in-process form of a value, exact for every type:
 *   null                     NULL
 *   number                   bit (0|1), tinyint, smallint, int, real, float
 *   bigint                   bigint
 *   string                   decimal/numeric/money (plain decimal notation, '-12.3400'), all character types,
 *                            uniqueidentifier (upper case, 36 characters)
 *   bigint (units)           datetime: 1/300 s since 1900-01-01 (negative before); smalldatetime: minutes since
 *                            1900-01-01; date: days since 0001-01-01; time: 100 ns since midnight;
 *                            datetime2: 100 ns since 0001-01-01T00:00
 *   DateTimeOffsetValue      datetimeoffset
 *   Buffer                   binary, varbinary, image
 */
export type SqlValue = null | number | bigint | string | Buffer | DateTimeOffsetValue;

export interface DateTimeOffsetValue {
  /** 100 ns since 0001-01-01T00:00 UTC. */
  readonly utc: bigint;
  readonly offsetMinutes: number;
}

/** Up to this scale decimals may come by scaled(): fractions filled to groups of four digits are safe integers too. */
export const largestScaledScale = 12;

/**
 * Takes the values of one column, row after row. Bulk data makes no SqlValue of its own for each value where its type has
 * a form here that both sides read and write in place; any value may come by value() instead.
 */
export interface ColumnTarget {
  null(): void;
  value(value: NonNullable<SqlValue>): void;
  /** bit, tinyint, smallint, int, and the units of datetime and smalldatetime. */
  integer(value: number): void;
  /** bigint: the upper half signed, the lower one unsigned. */
  long(high: number, low: number): void;
  /**
   * decimal, numeric: the digits as a safe integer, to be divided by 10^scale. The scale is at most largestScaledScale,
   * and zero is never negative.
   */
  scaled(digits: number, scale: number, negative: boolean): void;
  /** binary, varbinary, image: the bytes are only valid during the call. */
  bytes(source: Buffer, start: number, end: number): void;
}

/** A column of a result. */
export interface ResultColumnTarget extends ColumnTarget {
  /** Any character type, as well-formed UTF-8; only valid during the call. */
  utf8(source: Buffer, start: number, end: number): void;
}

/** A column of a bulk load. */
export interface LoadColumnTarget extends ColumnTarget {
  /** True to get nothing but null() and value(). */
  readonly valuesOnly: boolean;
  /** nchar, nvarchar, as UTF-16 of an even number of bytes; only valid during the call. */
  utf16(source: Buffer, start: number, end: number): void;
}

/** Takes the rows of a result column by column. */
export interface ResultTarget {
  readonly columns: readonly ResultColumnTarget[];
  /** Starts a row with that many NULLs. False: no rows are wanted any more. */
  startRow(nulls: number): boolean;
  /** A promise means "wait": the client does not read as fast as rows come. */
  endRow(): void | Promise<void>;
  /** Takes back what came of the row. */
  undoRow(): void;
}

/** Takes the rows of a bulk load column by column, and gives them in pages of its own form. */
export interface LoadTarget<Page> {
  /** By the places of the columns that the client sends; undefined: its values are dropped. */
  readonly columns: readonly (LoadColumnTarget | undefined)[];
  startRow(): void;
  /** Takes back what came of the row; it comes again from its start, or never. */
  undoRow(): void;
  /** The rows since the last call. */
  takePage(): Page;
}

export interface ColumnMetadata {
  readonly name: string;
  readonly type: SqlType;
  readonly nullable: boolean;
  readonly identity?: boolean;
}

export interface Parameter {
  /** With its leading '@'; '' when the client passed it by position. */
  readonly name: string;
  readonly type: SqlType;
  readonly value: SqlValue;
  readonly output: boolean;
}

/** An error or message as SQL Server reports it. Severity (class) below 11 is an informational message. */
export interface SqlMessage {
  readonly number: number;
  readonly state: number;
  readonly class: number;
  readonly message: string;
  readonly procedure: string;
  readonly line: number;
}

/** Where a running request writes its results, in the order SQL Server sends them. */
export interface ResultSink {
  /** Starts a result set; rows follow. */
  columns(columns: readonly ColumnMetadata[]): void;
  /** Values in column order. A promise means "wait": the client does not read as fast as rows come. */
  row(values: readonly SqlValue[]): void | Promise<void>;
  /** Takes the rows of the result set in place of row(), where the sink can; undefined where it takes no more rows. */
  rowTarget?(): ResultTarget | undefined;
  /** A statement ended. rowCount undefined: the statement has none, or NOCOUNT is ON. */
  statementDone(
    rowCount: bigint | undefined,
    command: 'select' | 'insert' | 'update' | 'delete' | 'merge' | 'other',
  ): void;
  message(message: SqlMessage): void;
  /** Value of RETURN of an executed procedure. */
  returnStatus(status: number): void;
  returnValue(name: string, type: SqlType, value: SqlValue): void;
  /** The session's state changed in a way that the client is told about. */
  environmentChange(change: EnvironmentChange): void;
}

export type EnvironmentChange =
  | { readonly kind: 'database'; readonly newValue: string; readonly oldValue: string }
  | { readonly kind: 'beginTransaction'; readonly descriptor: bigint }
  | { readonly kind: 'commitTransaction'; readonly descriptor: bigint }
  | { readonly kind: 'rollbackTransaction'; readonly descriptor: bigint };

export interface LoginRequest {
  readonly user: string;
  readonly password: string;
  /** '' means the login's default database. */
  readonly database: string;
  readonly hostName: string;
  readonly applicationName: string;
  readonly readOnlyIntent: boolean;
}

export type IsolationLevel = 'readUncommitted' | 'readCommitted' | 'repeatableRead' | 'serializable' | 'snapshot';

export interface BulkLoadRequest {
  /** The statement that announced the load: INSERT BULK [table] ([column] type [COLLATE ...], ...) WITH (options). */
  readonly statement: string;
  /** Columns as the client's COLMETADATA describes them; none if there are no rows, for clients then send no metadata. */
  readonly columns: readonly ColumnMetadata[];
  /**
   * Moves all rows into the target, and gives its pages as they are full. The protocol layer holds back the client while
   * the engine has not asked for the next page. To be called once.
   */
  rowsInto<Page>(target: LoadTarget<Page>): AsyncIterable<Page>;
}

/** One logged-in connection. Its calls never overlap. */
export interface EngineSession {
  readonly spid: number;
  readonly database: string;
  /** Collation of the current database, which text without a collation of its own has; the listener's default if absent. */
  readonly databaseCollation?: string;
  /** The descriptor clients carry in their request headers; 0n outside a transaction. */
  readonly transactionDescriptor: bigint;
  /** Runs a batch: #temp tables and SET options last for the session. */
  batch(text: string, sink: ResultSink, attention: AbortSignal): Promise<void>;
  /** Runs a text as sp_executesql does: a scope of its own for #temp tables and SET options. */
  executeSql(text: string, parameters: readonly Parameter[], sink: ResultSink, attention: AbortSignal): Promise<void>;
  /** Calls a procedure that the engine knows (sp_getapplock, sp_reset_connection ...) by an RPC request. */
  procedure(name: string, parameters: readonly Parameter[], sink: ResultSink, attention: AbortSignal): Promise<void>;
  /** Checks a text that will be executed by handle; throws SqlError as the first execution would. */
  prepare(text: string, parameters: readonly Pick<Parameter, 'name' | 'type' | 'output'>[]): Promise<void>;
  /** True if the text is an INSERT BULK statement: rows follow in a bulk load message. */
  isBulkLoad(text: string): boolean;
  bulkLoad(request: BulkLoadRequest, sink: ResultSink, attention: AbortSignal): Promise<void>;
  /** Transaction manager requests ([MS-TDS] 2.2.7.17). Each reports its environment change. */
  beginTransaction(isolation: IsolationLevel | undefined, name: string, sink: ResultSink): Promise<void>;
  commitTransaction(name: string, sink: ResultSink): Promise<void>;
  rollbackTransaction(name: string, sink: ResultSink): Promise<void>;
  saveTransaction(name: string, sink: ResultSink): Promise<void>;
  /** RESETCONNECTION of a request header: as a new login, keeping the connection. */
  reset(): Promise<void>;
  /** The client is gone: rolls back, drops #temp tables, releases session locks. Never throws. */
  close(): Promise<void>;
}

export interface Engine {
  /** Throws SqlError 18456 (bad login) or 4060 (no such database, or no access). */
  login(request: LoginRequest): Promise<EngineSession>;
  /** Milliseconds a session may stay idle are unlimited; close() ends all sessions. */
  close(): Promise<void>;
}

/** An error with SQL Server's number, class and state. Thrown inside the engine; sent to clients as an ERROR token. */
export class SqlError extends Error {
  readonly number: number;
  readonly state: number;
  readonly class: number;
  line: number;
  procedure: string;

  constructor(
    number: number,
    message: string,
    options: { class?: number; state?: number; line?: number; procedure?: string } = {},
  ) {
    super(message);
    this.name = 'SqlError';
    this.number = number;
    this.class = options.class ?? 16;
    this.state = options.state ?? 1;
    this.line = options.line ?? 1;
    this.procedure = options.procedure ?? '';
  }

  toMessage(): SqlMessage {
    const { number, state, message, procedure, line } = this;
    return { number, state, class: this.class, message, procedure, line };
  }
}
