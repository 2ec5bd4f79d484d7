import { SqlError, type EngineSession, type LoadTarget } from '../engine/api.js';
import { unsupported } from '../tsql/unsupported.js';
import type { BulkLoadReader } from './bulkLoadReader.js';
import type { ByteCursor } from './byteCursor.js';
import type { CodePage } from './codePages.js';
import type { RequestHeaders } from './requestHeaders.js';
import { OutputParameters } from './outputParameters.js';
import { readRpcCalls, type RpcCall } from './rpc.js';
import type { ResponseSink } from './responseSink.js';
import { StatementProcedures } from './systemProcedures.js';
import { readTransactionRequest } from './transactionManager.js';

/** A request that runs, or waits to run. */
export interface RunningRequest {
  readonly attention: AbortSignal;
  /** A sink for one batch, or one procedure call, of the request. */
  sink(insideProcedure: boolean): ResponseSink;
  /** Tells of errors that are no SqlError: defects of the sandbox. */
  internalError(error: unknown): void;
}

/** Executes the requests of one session, one at a time, and writes their responses up to the last DONE. */
export class RequestExecutor {
  private readonly procedures = new StatementProcedures();
  /** An INSERT BULK statement whose rows come with the next message. */
  private announcedBulkLoad: string | undefined;

  constructor(private readonly session: EngineSession) {}

  /** Handles of prepared statements do not outlive a reset. */
  sessionWasReset(): void {
    this.procedures.clear();
    this.announcedBulkLoad = undefined;
  }

  async batch(cursor: ByteCursor, headers: RequestHeaders, request: RunningRequest): Promise<void> {
    this.announcedBulkLoad = undefined;
    const text = cursor.buffer.toString('utf16le', cursor.position, cursor.end);
    const sink = request.sink(false);
    await this.attempt(request, sink, async () => {
      this.checkTransaction(headers);
      if (this.session.isBulkLoad(text)) this.announcedBulkLoad = text;
      else await this.session.batch(text, sink, request.attention);
    });
    sink.endBatch();
  }

  async transaction(cursor: ByteCursor, headers: RequestHeaders, request: RunningRequest): Promise<void> {
    const run = readTransactionRequest(cursor);
    const sink = request.sink(false);
    await this.attempt(request, sink, async () => {
      this.checkTransaction(headers);
      await run(this.session, sink);
    });
    sink.endBatch();
  }

  async rpc(cursor: ByteCursor, headers: RequestHeaders, page: CodePage, request: RunningRequest): Promise<void> {
    const calls = readRpcCalls(cursor, page);
    for (const [index, call] of calls.entries()) {
      const last = index === calls.length - 1 || request.attention.aborted;
      const sink = request.sink(true);
      const outputs = new OutputParameters(call);
      await this.attempt(request, sink, async () => {
        this.checkTransaction(headers);
        await this.call(call, outputs, sink, request.attention);
        if (sink.toldStatus === undefined) sink.returnStatus(0);
      });
      const more = !(last || request.attention.aborted || sink.fatal);
      sink.endProcedure((name) => outputs.take(name), more);
      if (!more) return;
    }
  }

  /** The message may still be arriving; ends when it has ended. Writes nothing if the client took it back. */
  async bulkLoad(reader: BulkLoadReader, request: RunningRequest): Promise<void> {
    const statement = this.announcedBulkLoad;
    this.announcedBulkLoad = undefined;
    const sink = request.sink(false);
    await this.attempt(request, sink, async () => {
      if (statement === undefined) {
        throw new SqlError(4002, 'A bulk load message came without an INSERT BULK statement before it.', { class: 16 });
      }
      const columns = await reader.columns;
      const rowsInto = <Page>(target: LoadTarget<Page>) => reader.rowsInto(target);
      await this.session.bulkLoad({ statement, columns, rowsInto }, sink, request.attention);
    });
    reader.ignoreRest();
    await reader.ended;
    reader.release();
    if (!reader.cancelled) sink.endBatch();
  }

  /** Writes what an action throws as messages. After an attention errors are its consequence and not told. */
  private async attempt(request: RunningRequest, sink: ResponseSink, action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      if (request.attention.aborted) return;
      if (!(error instanceof SqlError)) request.internalError(error);
      sink.message(error instanceof SqlError ? error.toMessage() : internalMessage(error));
    }
  }

  private checkTransaction({ transactionDescriptor }: RequestHeaders): void {
    if (transactionDescriptor === undefined || transactionDescriptor === this.session.transactionDescriptor) return;
    const text = 'New request is not allowed to start because it should come with valid transaction descriptor.';
    throw new SqlError(3989, text);
  }

  private async call(
    call: RpcCall,
    outputs: OutputParameters,
    sink: ResponseSink,
    attention: AbortSignal,
  ): Promise<void> {
    if (call.refusal !== undefined) throw call.refusal;
    const run = this.procedures.find(call.procedure);
    if (run !== undefined) return run(call, { session: this.session, outputs, sink, attention });
    if (/^(sys\.)?sp_(cursor|prepexecrpc)/i.test(call.procedure)) {
      throw unsupported(call.procedure);
    }
    return this.session.procedure(call.procedure, call.parameters, sink, attention);
  }
}

function internalMessage(error: unknown) {
  const detail = error instanceof Error ? error.message : String(error);
  return new SqlError(50000, `Internal error of the sandbox: ${detail}`).toMessage();
}
