import type { Socket } from 'node:net';
import { SqlError } from '../engine/api.js';
import { BulkLoadReader } from './bulkLoadReader.js';
import { ByteCursor, MoreBytesNeeded } from './byteCursor.js';
import { collation } from './collations.js';
import { writeDatabaseChange, writeResetAcknowledgement } from './environmentChange.js';
import { Handshake, type HandshakeOptions, type OpenedSession } from './handshake.js';
import { MessageWriter } from './messageWriter.js';
import { initialPacketSize, packetStatus, packetTypes, PacketSplitter, ProtocolError, type Packet } from './packets.js';
import { readRequestHeaders } from './requestHeaders.js';
import { RequestExecutor } from './requests.js';
import { ResponseSink } from './responseSink.js';
import { commandCodes, doneStatus, tokens, writeDone, writeMessage } from './tokens.js';
import { Transport } from './transport.js';

export interface ConnectionOptions extends HandshakeOptions {
  /** Errors that are no SqlError: defects of the sandbox. */
  readonly onInternalError: (error: unknown) => void;
}

interface IncomingMessage {
  readonly type: number;
  readonly reset: boolean;
  readonly keepTransaction: boolean;
  readonly pieces: Buffer[];
  bytes: number;
}

interface LoggedIn extends OpenedSession {
  readonly executor: RequestExecutor;
}

const longestMessageBeforeLogin = 128 * 1024;
const longestMessage = 1 << 30;
const loginTimeLimit = 30_000;

/** One client. Requests run one after another, an attention while one runs, and nothing of it outlives the socket. */
export class TdsConnection {
  /** Kept when the client is gone and its session closed. */
  readonly closed: Promise<void>;
  private readonly transport: Transport;
  private readonly writer: MessageWriter;
  private readonly handshake: Handshake;
  private readonly splitter = new PacketSplitter((packet) => this.receivePacket(packet));
  private readonly loginTimer: NodeJS.Timeout;
  private message: IncomingMessage | undefined;
  private bulkLoad: BulkLoadReader | undefined;
  /** Requests that run or wait to; all of them end on an attention. */
  private readonly requests = new Set<AbortController>();
  private work: Promise<void> = Promise.resolve();
  private loggedIn: LoggedIn | undefined;
  private gone = false;

  constructor(
    socket: Socket,
    private readonly options: ConnectionOptions,
  ) {
    let markClosed: () => void;
    this.closed = new Promise((resolve) => (markClosed = resolve));
    this.transport = new Transport(
      socket,
      (chunk) => this.receive(chunk),
      () => void this.clientGone().then(markClosed),
    );
    this.writer = new MessageWriter(this.transport, initialPacketSize);
    this.handshake = new Handshake(this.transport, this.writer, options);
    this.loginTimer = setTimeout(() => this.transport.destroy(), loginTimeLimit);
    this.loginTimer.unref();
  }

  destroy(): void {
    this.transport.destroy();
  }

  private receive(chunk: Buffer): void {
    if (this.gone) return;
    try {
      this.splitter.receive(chunk);
    } catch (error) {
      this.fail(error);
    }
  }

  private receivePacket(packet: Packet): void {
    if (this.gone) return;
    if (packet.type === packetTypes.attention) {
      this.receiveAttention();
      return;
    }
    const last = (packet.status & packetStatus.endOfMessage) !== 0;
    const message = this.message ?? this.startMessage(packet);
    if (packet.type !== message.type) throw new ProtocolError('a packet of another type inside a message');
    if (last && (packet.status & packetStatus.ignore) !== 0) {
      this.message = undefined;
      this.messageTakenBack();
      return;
    }
    this.collect(message, packet.payload);
    if (!last) return;
    this.message = undefined;
    if (this.bulkLoad !== undefined) {
      this.bulkLoad.end();
      this.bulkLoad = undefined;
    } else {
      this.enqueue((attention) => this.handle(message, attention));
    }
  }

  private startMessage({ type, status }: Packet): IncomingMessage {
    const keepTransaction = (status & packetStatus.resetConnectionSkipTransaction) !== 0;
    const reset = keepTransaction || (status & packetStatus.resetConnection) !== 0;
    const message = { type, reset, keepTransaction, pieces: [], bytes: 0 };
    this.message = message;
    if (type === packetTypes.bulkLoad) this.startBulkLoad();
    return message;
  }

  private collect(message: IncomingMessage, payload: Buffer): void {
    if (this.bulkLoad !== undefined) {
      this.bulkLoad.receive(payload);
      return;
    }
    message.bytes += payload.length;
    if (message.bytes > (this.loggedIn === undefined ? longestMessageBeforeLogin : longestMessage)) {
      throw new ProtocolError(`a message of more than ${message.bytes} bytes`);
    }
    message.pieces.push(Buffer.from(payload));
  }

  private startBulkLoad(): void {
    const { loggedIn } = this;
    if (loggedIn === undefined) throw new ProtocolError('a bulk load before login');
    const page = collation(loggedIn.context.collation()).codePage;
    const reader = new BulkLoadReader(
      page,
      (held) => (held ? this.transport.pause() : this.transport.resume()),
      (error) => this.fail(error),
    );
    this.bulkLoad = reader;
    this.enqueue(async (attention) => {
      await loggedIn.executor.bulkLoad(reader, this.runningRequest(loggedIn, attention));
      // A message that the client took back has no response but the answer to that, written next.
      if (!reader.cancelled) this.writer.endMessage();
    });
  }

  /** The client ended its message with the IGNORE bit: it is as if never sent, but is answered ([MS-TDS] 2.2.1.7). */
  private messageTakenBack(): void {
    this.bulkLoad?.cancel(new ProtocolError('the client cancelled the bulk load'));
    this.bulkLoad = undefined;
    for (const request of this.requests) request.abort();
    this.enqueue(() => {
      writeDone(this.writer, { token: tokens.done, status: doneStatus.error, command: commandCodes.other });
      this.writer.endMessage();
      return Promise.resolve();
    });
  }

  /** The acknowledgement is a message of its own, after the response of the request it ended ([MS-TDS] 2.2.1.6). */
  private receiveAttention(): void {
    this.message = undefined;
    this.bulkLoad?.cancel(new ProtocolError('the client cancelled the bulk load'));
    this.bulkLoad = undefined;
    for (const request of this.requests) request.abort();
    this.transport.releaseWaiters();
    this.enqueue(() => {
      writeDone(this.writer, { token: tokens.done, status: doneStatus.attention, command: commandCodes.other });
      this.writer.endMessage();
      return Promise.resolve();
    });
  }

  private enqueue(task: (attention: AbortSignal) => Promise<void>): void {
    const request = new AbortController();
    this.requests.add(request);
    this.work = this.work
      .then(() => (this.gone ? undefined : task(request.signal)))
      .catch((error: unknown) => this.fail(error))
      .finally(() => this.requests.delete(request));
  }

  private async handle(message: IncomingMessage, attention: AbortSignal): Promise<void> {
    const payload = message.pieces.length === 1 ? message.pieces[0]! : Buffer.concat(message.pieces);
    const { loggedIn } = this;
    if (loggedIn !== undefined) {
      await this.execute(loggedIn, message, new ByteCursor(payload), attention);
    } else if (message.type === packetTypes.prelogin) {
      await this.handshake.prelogin(payload);
    } else if (message.type === packetTypes.login7) {
      const opened = await this.handshake.logIn(payload);
      if (opened === undefined) return;
      clearTimeout(this.loginTimer);
      this.loggedIn = { ...opened, executor: new RequestExecutor(opened.session) };
    } else {
      throw new ProtocolError(`message type ${message.type} before login`);
    }
  }

  private async execute(
    loggedIn: LoggedIn,
    message: IncomingMessage,
    cursor: ByteCursor,
    attention: AbortSignal,
  ): Promise<void> {
    if (message.reset) await this.reset(loggedIn, message.keepTransaction);
    const { executor, context } = loggedIn;
    const request = this.runningRequest(loggedIn, attention);
    // The reset ended the transaction that the headers may still name.
    const told = readRequestHeaders(cursor);
    const headers = message.reset ? { transactionDescriptor: undefined } : told;
    switch (message.type) {
      case packetTypes.sqlBatch:
        await executor.batch(cursor, headers, request);
        break;
      case packetTypes.rpc:
        await executor.rpc(cursor, headers, collation(context.collation()).codePage, request);
        break;
      case packetTypes.transactionManager:
        await executor.transaction(cursor, headers, request);
        break;
      default:
        throw new ProtocolError(`message type ${message.type}`);
    }
    this.writer.endMessage();
    if (request.fatal()) this.transport.end();
  }

  /** RESETCONNECTION. Keeping the transaction over a reset is refused while there is one. */
  private async reset({ session, executor }: LoggedIn, keepTransaction: boolean): Promise<void> {
    if (keepTransaction && session.transactionDescriptor !== 0n) {
      throw new ProtocolError('RESETCONNECTIONSKIPTRAN inside a transaction is not supported');
    }
    const oldDatabase = session.database;
    await session.reset();
    executor.sessionWasReset();
    writeResetAcknowledgement(this.writer);
    if (session.database !== oldDatabase) writeDatabaseChange(this.writer, session.database, oldDatabase);
  }

  private runningRequest({ context }: LoggedIn, attention: AbortSignal) {
    const sinks: ResponseSink[] = [];
    return {
      attention,
      sink: (insideProcedure: boolean): ResponseSink => {
        const sink = new ResponseSink(this.writer, context, insideProcedure);
        if (attention.aborted) sink.discard();
        else attention.addEventListener('abort', () => sink.discard(), { once: true });
        sinks.push(sink);
        return sink;
      },
      internalError: this.options.onInternalError,
      fatal: () => sinks.some((sink) => sink.fatal),
    };
  }

  /** Ends this connection, telling a client that is logged in why. */
  private fail(error: unknown): void {
    if (this.gone) return;
    const malformed = error instanceof ProtocolError || error instanceof MoreBytesNeeded || error instanceof RangeError;
    if (!malformed) this.options.onInternalError(error);
    if (this.loggedIn === undefined) {
      this.transport.destroy();
      this.stop();
      return;
    }
    const text = `The incoming tabular data stream (TDS) protocol stream is incorrect: ${(error as Error).message}.`;
    const message = new SqlError(4002, text, { class: 20 }).toMessage();
    writeMessage(this.writer, message, this.options.serverName);
    const status = doneStatus.error | doneStatus.serverError;
    writeDone(this.writer, { token: tokens.done, status, command: commandCodes.other });
    this.writer.endMessage();
    this.transport.end();
    this.stop();
  }

  /** Nothing more is taken from the client or run for it. */
  private stop(): void {
    this.gone = true;
    clearTimeout(this.loginTimer);
    this.bulkLoad?.cancel(new ProtocolError('the client is gone'));
    this.bulkLoad = undefined;
    for (const request of this.requests) request.abort();
    this.transport.releaseWaiters();
  }

  private async clientGone(): Promise<void> {
    this.stop();
    await this.work;
    await this.loggedIn?.session.close();
  }
}
