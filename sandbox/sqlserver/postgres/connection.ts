import './bufferSlices.js';
import net from 'node:net';
import { GatheredBytes } from '../../../src/sqlserver/relay/gatheredBytes.js';
import { copyWriter, type CopyWriter } from './copyWriter.js';
import {
  PostgresError,
  cancelMessage,
  extendedQuery,
  readErrorFields,
  simpleQuery,
  startupMessage,
  syncMessage,
  terminateMessage,
  type WireParameter,
} from './wireMessages.js';

export interface PostgresEndpoint {
  readonly socketPath: string;
  readonly user: string;
}

/**
 * Takes a row: `buffer` from `offset` holds, for each column, an int32 length (-1 for NULL) and that many bytes. The
 * buffer is only valid during the call. A promise stops reading from the server until it is settled.
 */
export type RowHandler = (buffer: Buffer, offset: number) => void | Promise<void>;

export interface ExtendedQuery {
  readonly text: string;
  /** Object identifiers of the parameters' types. */
  readonly parameterTypes: readonly number[];
  readonly parameters: readonly WireParameter[];
  readonly resultFormats: readonly number[];
  readonly onRow?: RowHandler;
  /** Keep the statement prepared in the server, for texts that come again. */
  readonly keep?: boolean;
}

/** Rows that the command tag reports: 0 for commands without a count. */
export interface CommandResult {
  readonly rowCount: number;
}

interface Command {
  readonly onRow: RowHandler | undefined;
  readonly onCopyReady: (() => void) | undefined;
  readonly resolve: (result: CommandResult) => void;
  readonly reject: (error: Error) => void;
  rowCount: number;
  error: Error | undefined;
  /** Rows are thrown away: the command failed on our side or was cancelled. */
  discard: boolean;
}

const messageDataRow = 0x44;
const messageCommandComplete = 0x43;
const messageReadyForQuery = 0x5a;
const messageError = 0x45;
const messageCopyInResponse = 0x47;
const messageBackendKey = 0x4b;
const messageAuthentication = 0x52;
const preparedStatementLimit = 200;
/** Of the memory that all reads of a connection go to: as much as Node reads at once. */
const readBytes = 64 * 1024;

/**
 * One connection to PostgreSQL. Commands may be sent without waiting for earlier ones: they run in order. Rows reach
 * the handler straight from the socket's buffer, the same for all reads; when a handler asks to wait, the socket is
 * paused, so that a result of any size takes a constant amount of memory.
 */
export class PostgresConnection {
  processId = 0;
  /** PostgreSQL's view of the transaction after the last command: idle, open, or failed. */
  transactionStatus: 'idle' | 'open' | 'failed' = 'idle';
  private secret: Buffer = Buffer.alloc(0);
  private readonly commands: Command[] = [];
  private ahead: string[] = [];
  /** What was read and not consumed: the beginning of a message, or what came before a handler asked to wait. */
  private readonly rest = new GatheredBytes();
  private waiting = false;
  private closed: Error | undefined;
  /** Kept when PostgreSQL has acted on all requests to cancel so far. */
  private cancels: Promise<void> | undefined;
  private readonly prepared = new Map<string, string>();
  private preparedCounter = 0;

  private constructor(
    private readonly socket: net.Socket,
    private readonly endpoint: PostgresEndpoint,
  ) {}

  static async open(
    endpoint: PostgresEndpoint,
    database: string,
    applicationName: string,
  ): Promise<PostgresConnection> {
    const memory = Buffer.allocUnsafeSlow(readBytes);
    const received = (bytes: number): boolean => {
      connection.receive(memory.subarray(0, bytes));
      return true;
    };
    const socket = net.connect({ path: endpoint.socketPath, onread: { buffer: memory, callback: received } });
    const connection = new PostgresConnection(socket, endpoint);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    await connection.start(database, applicationName);
    return connection;
  }

  private async start(database: string, applicationName: string): Promise<void> {
    this.socket.on('error', (error) => this.fail(error));
    this.socket.on('close', () => this.fail(new Error('PostgreSQL closed the connection.')));
    await this.send(startupMessage(this.endpoint.user, database, applicationName));
  }

  get isOpen(): boolean {
    return this.closed === undefined;
  }

  /** Whether an answer is still to come. */
  get isBusy(): boolean {
    return this.commands.length > 0;
  }

  /** Makes the connection as it was when it was opened. No transaction may be open. */
  async reset(): Promise<void> {
    this.forgetAhead();
    this.prepared.clear();
    await this.execute('deallocate all; reset all; discard temp; discard sequences; select pg_advisory_unlock_all()');
  }

  /**
   * Runs a statement right before the next command, in one message with it: a round trip costs both sides more than a
   * small statement does. A failure is that of the next command.
   */
  sendAhead(text: string): void {
    this.ahead.push(text);
  }

  /** Takes back the statement that was last to go ahead of the next command; false when it is under way already. */
  takeBack(text: string): boolean {
    if (this.ahead.at(-1) !== text) return false;
    this.ahead.pop();
    return true;
  }

  /** Gives up what would go ahead of the next command. */
  forgetAhead(): void {
    this.ahead = [];
  }

  /** Runs statements without parameters or results. */
  execute(text: string): Promise<CommandResult> {
    return this.send(this.simple(text));
  }

  private simple(text: string): Buffer {
    return simpleQuery([...this.ahead.splice(0), text].join('; '));
  }

  /** Runs one statement with parameters; its rows go to the handler. */
  query(request: ExtendedQuery): Promise<CommandResult> {
    const { statement, parse } = this.statementName(request);
    const { text, parameterTypes, parameters, resultFormats, onRow } = request;
    const message = extendedQuery(statement, parse, text, parameterTypes, parameters, resultFormats);
    const ahead = this.ahead.splice(0).map((each) => extendedQuery('', true, each, [], [], []));
    const sent = this.send(Buffer.concat([...ahead, message, syncMessage]), onRow);
    if (statement !== '' && parse) sent.catch(() => this.prepared.delete(preparedKey(request)));
    return sent;
  }

  /** Runs one statement and gives all its rows in text form: for the engine's own small queries. */
  async rows(text: string, parameters: readonly WireParameter[] = []): Promise<(string | null)[][]> {
    const result: (string | null)[][] = [];
    const parameterTypes = parameters.map(() => 0);
    await this.query({ text, parameterTypes, parameters, resultFormats: [], onRow: collectText(result) });
    return result;
  }

  private statementName(request: ExtendedQuery): { statement: string; parse: boolean } {
    if (request.keep !== true) return { statement: '', parse: true };
    const key = preparedKey(request);
    const known = this.prepared.get(key);
    if (known !== undefined) return { statement: known, parse: false };
    if (this.prepared.size >= preparedStatementLimit) this.forgetPrepared();
    const statement = `s${++this.preparedCounter}`;
    this.prepared.set(key, statement);
    return { statement, parse: true };
  }

  /** Drops all prepared statements, for example because the catalog changed under them. */
  forgetPrepared(): void {
    if (this.prepared.size === 0) return;
    this.prepared.clear();
    this.execute('deallocate all').catch(() => undefined);
  }

  /** Starts COPY ... FROM STDIN. */
  async copyIn(text: string): Promise<CopyWriter> {
    let copyReady: () => void = () => undefined;
    const ready = new Promise<void>((resolve) => (copyReady = resolve));
    const result = this.send(this.simple(text), undefined, copyReady);
    // Awaited in finish(); a failure before that must not count as unhandled.
    result.catch(() => undefined);
    await Promise.race([ready, result]);
    return copyWriter(this.socket, result);
  }

  /**
   * Asks PostgreSQL to stop the command that runs now; the command then fails with 57014, unless it ends before. Its rows
   * are thrown away. It stops whatever runs when the request arrives, so no command is told to have ended while one is
   * under way: the next command would be the one that stops.
   */
  async cancel(): Promise<void> {
    const current = this.commands[0];
    if (current === undefined || this.closed !== undefined) return;
    current.discard = true;
    const cancels = Promise.all([this.cancels, this.requestCancel()]).then(() => {
      if (this.cancels === cancels) this.cancels = undefined;
    });
    this.cancels = cancels;
    await cancels;
  }

  /** Ends when PostgreSQL has sent the signal to the process of this connection, or never will. */
  private requestCancel(): Promise<void> {
    const socket = net.connect({ path: this.endpoint.socketPath });
    return new Promise((resolve) => {
      socket.once('error', () => resolve());
      socket.once('close', () => resolve());
      socket.end(cancelMessage(this.processId, this.secret));
      socket.resume();
    });
  }

  /** Ends the connection; a running command fails. */
  close(): void {
    if (this.closed !== undefined) return;
    this.socket.write(terminateMessage, () => this.socket.destroy());
    this.fail(new Error('The connection to PostgreSQL was closed.'));
  }

  private send(message: Buffer, onRow?: RowHandler, onCopyReady?: () => void): Promise<CommandResult> {
    if (this.closed !== undefined) return Promise.reject(this.closed);
    return new Promise((resolve, reject) => {
      this.commands.push({ onRow, onCopyReady, resolve, reject, rowCount: 0, error: undefined, discard: false });
      this.socket.write(message);
    });
  }

  private fail(error: Error): void {
    if (this.closed !== undefined) return;
    this.closed = error;
    for (const command of this.commands.splice(0)) command.reject(command.error ?? error);
  }

  /** The next read overwrites `bytes`: what is not consumed at once is copied. */
  private receive(bytes: Buffer): void {
    if (this.rest.length === 0 && !this.waiting) {
      this.rest.append(bytes.subarray(this.consume(bytes)));
      return;
    }
    this.rest.append(bytes);
    if (!this.waiting) this.consumeRest();
  }

  private consumeRest(): void {
    this.rest.consume(this.consume(this.rest.bytes()));
  }

  /** Handles the whole messages in a buffer, until a handler asks to wait. Gives the number of bytes they took. */
  private consume(buffer: Buffer): number {
    let at = 0;
    const end = buffer.length;
    while (end - at >= 5) {
      const length = buffer.readInt32BE(at + 1);
      const next = at + 1 + length;
      if (next > end) break;
      const type = buffer[at] ?? 0;
      if (type === messageDataRow) {
        const wait = this.handleRow(buffer, at + 7);
        if (wait !== undefined) {
          this.pauseUntil(wait);
          return next;
        }
      } else {
        this.handleMessage(type, buffer.subarray(at + 5, next));
      }
      at = next;
    }
    return at;
  }

  private handleRow(buffer: Buffer, offset: number): Promise<void> | undefined {
    const command = this.commands[0];
    if (command?.onRow === undefined || command.discard) return undefined;
    try {
      return command.onRow(buffer, offset) ?? undefined;
    } catch (error) {
      command.error = error as Error;
      command.discard = true;
      this.cancel().catch(() => undefined);
      return undefined;
    }
  }

  private pauseUntil(wait: Promise<void>): void {
    this.waiting = true;
    this.socket.pause();
    const command = this.commands[0];
    const proceed = () => {
      this.waiting = false;
      this.consumeRest();
      if (!this.waiting) this.socket.resume();
    };
    wait.then(proceed, (error: unknown) => {
      if (command !== undefined) {
        command.error = error as Error;
        command.discard = true;
        this.cancel().catch(() => undefined);
      }
      proceed();
    });
  }

  private settle(command: Command): void {
    if (this.cancels === undefined) end(command);
    else void this.cancels.then(() => end(command));
  }

  private handleMessage(type: number, body: Buffer): void {
    const command = this.commands[0];
    switch (type) {
      case messageCommandComplete:
        if (command !== undefined) command.rowCount = countOfTag(body.latin1Slice(0, body.length - 1));
        return;
      case messageError: {
        const error = new PostgresError(readErrorFields(body));
        if (command !== undefined) command.error ??= error;
        return;
      }
      case messageReadyForQuery:
        this.transactionStatus = body[0] === 0x49 ? 'idle' : body[0] === 0x54 ? 'open' : 'failed';
        this.commands.shift();
        if (command !== undefined) this.settle(command);
        return;
      case messageCopyInResponse:
        command?.onCopyReady?.();
        return;
      case messageBackendKey:
        this.processId = body.readInt32BE(0);
        this.secret = Buffer.from(body.subarray(4));
        return;
      case messageAuthentication:
        if (body.readInt32BE(0) !== 0) this.fail(new Error('PostgreSQL asks for a password.'));
        return;
      default:
        // Notices, parameter status, parse and bind completion, row descriptions: nothing to do.
        return;
    }
  }
}

function end({ error, rowCount, resolve, reject }: Command): void {
  if (error !== undefined) reject(error);
  else resolve({ rowCount });
}

function preparedKey(request: ExtendedQuery): string {
  return `${request.parameterTypes.join(',')}:${request.text}`;
}

/** 'INSERT 0 5' -> 5, 'SELECT 12' -> 12, 'CREATE TABLE' -> 0. */
function countOfTag(tag: string): number {
  const last = tag.slice(tag.lastIndexOf(' ') + 1);
  const count = Number(last);
  return Number.isInteger(count) ? count : 0;
}

function collectText(rows: (string | null)[][]): RowHandler {
  return (buffer, offset) => {
    const count = buffer.readInt16BE(offset - 2);
    const row: (string | null)[] = [];
    let at = offset;
    for (let index = 0; index < count; index++) {
      const length = buffer.readInt32BE(at);
      at += 4;
      if (length < 0) {
        row.push(null);
      } else {
        row.push(buffer.utf8Slice(at, at + length));
        at += length;
      }
    }
    rows.push(row);
  };
}
