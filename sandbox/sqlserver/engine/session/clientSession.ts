import {
  SqlError,
  type BulkLoadRequest,
  type EngineSession,
  type IsolationLevel,
  type Parameter,
  type ResultSink,
} from '../api.js';
import { runBulkLoad } from '../bulk/bulkLoad.js';
import { BatchAborted, ScopeAborted } from '../interpreter/failures.js';
import { failStatement } from '../interpreter/failStatement.js';
import { runBatch } from '../interpreter/runBatch.js';
import { dropTemporaryTables, endTableVariables } from '../interpreter/scopes.js';
import { checkText } from '../interpreter/checkText.js';
import { callProcedure } from '../procedures/procedures.js';
import { requireFewParameters } from '../procedures/executeSql.js';
import { runText } from '../procedures/runText.js';
import { Frame } from './frame.js';
import { AttentionError } from './postgresErrors.js';
import type { Session } from './session.js';
import { initialSettings } from './settings.js';

/** The requests of a client on its session. Errors reach the client through the sink. */
export class ClientSession implements EngineSession {
  private closed = false;

  constructor(private readonly session: Session) {}

  get spid(): number {
    return this.session.spid;
  }

  get database(): string {
    return this.session.database.name;
  }

  get databaseCollation(): string {
    return this.session.database.collation;
  }

  get transactionDescriptor(): bigint {
    return this.session.transactions.descriptor;
  }

  async batch(text: string, sink: ResultSink, attention: AbortSignal): Promise<void> {
    await this.request(text, sink, attention, async (frame) => {
      const { statements } = this.session.core.parses.parse(text, this.session.settings.quotedIdentifier);
      try {
        await runBatch(this.session, statements, sink);
      } finally {
        await endTableVariables(this.session, frame);
      }
    });
  }

  async executeSql(
    text: string,
    parameters: readonly Parameter[],
    sink: ResultSink,
    attention: AbortSignal,
  ): Promise<void> {
    await this.request(text, sink, attention, async () => {
      requireFewParameters(parameters.length + 2);
      const frame = await runText(this.session, text, this.withCollation(parameters), sink);
      sink.returnStatus(0);
      for (const { name, type, output } of parameters) {
        if (output) sink.returnValue(name, type, frame.variable(name)?.value ?? null);
      }
    });
  }

  private withCollation(parameters: readonly Parameter[]): Parameter[] {
    const { collation } = this.session.database;
    return parameters.map((parameter) =>
      /char|text/.test(parameter.type.name) ? { ...parameter, type: { ...parameter.type, collation } } : parameter,
    );
  }

  async procedure(
    name: string,
    parameters: readonly Parameter[],
    sink: ResultSink,
    attention: AbortSignal,
  ): Promise<void> {
    await this.request(name, sink, attention, async () => {
      requireFewParameters(parameters.length);
      const result = await callProcedure(
        this.session,
        { name, line: 1, arguments: this.withCollation(parameters) },
        sink,
      );
      sink.returnStatus(result.status);
      parameters.forEach(({ name: parameter, type, output, value }, index) => {
        if (output) sink.returnValue(parameter, type, result.outputs.get(index) ?? value);
      });
    });
  }

  prepare(text: string, parameters: readonly Pick<Parameter, 'name' | 'type' | 'output'>[]): Promise<void> {
    return checkText(this.session, text, parameters);
  }

  isBulkLoad(text: string): boolean {
    return /^\s*insert\s+bulk\s/i.test(text);
  }

  async bulkLoad(request: BulkLoadRequest, sink: ResultSink, attention: AbortSignal): Promise<void> {
    await this.request(request.statement, sink, attention, () => runBulkLoad(this.session, request, sink));
  }

  /** Runs a request in a scope of its own, with the client's attention able to end it. */
  private async request(
    text: string,
    sink: ResultSink,
    attention: AbortSignal,
    work: (frame: Frame) => Promise<void>,
  ): Promise<void> {
    const { session } = this;
    const frame = new Frame(session.nextScope(), undefined, '', undefined, true);
    session.frame = frame;
    session.attention = attention;
    session.requestText = text;
    const abort = () => {
      session.connection.cancel().catch(() => undefined);
    };
    attention.addEventListener('abort', abort, { once: true });
    try {
      await this.guarded(() => work(frame), sink);
      await this.endDoomed(sink);
    } finally {
      attention.removeEventListener('abort', abort);
      session.frame = undefined;
      session.attention = undefined;
      session.requestText = undefined;
    }
  }

  private async guarded(work: () => Promise<void>, sink: ResultSink): Promise<void> {
    try {
      await work();
    } catch (error) {
      await this.settle(error, sink);
    }
  }

  private async settle(error: unknown, sink: ResultSink): Promise<void> {
    if (error instanceof BatchAborted || error instanceof ScopeAborted) return;
    if (error instanceof AttentionError) {
      // A cancelled request leaves the transaction open, unless XACT_ABORT is ON.
      if (this.session.settings.xactAbort) await this.session.transactions.rollbackAll(sink);
      return;
    }
    try {
      await failStatement(this.session, error, 1, 'OTHER', sink);
    } catch (thrown) {
      if (!(thrown instanceof BatchAborted) && !(thrown instanceof ScopeAborted)) throw thrown;
    }
  }

  /** Error 3998: a doomed transaction does not outlive its batch. */
  private async endDoomed(sink: ResultSink): Promise<void> {
    if (this.session.transactions.state !== -1) return;
    const error = new SqlError(
      3998,
      'Uncommittable transaction is detected at the end of the batch. The transaction is rolled back.',
    );
    await this.session.transactions.rollbackAll(sink);
    sink.message(error.toMessage());
  }

  async beginTransaction(isolation: IsolationLevel | undefined, name: string, sink: ResultSink): Promise<void> {
    const { session } = this;
    if (isolation !== undefined) session.settings = { ...session.settings, isolation };
    await this.transactionRequest(() => session.transactions.begin(name, session.settings.isolation, sink), sink);
  }

  async commitTransaction(_name: string, sink: ResultSink): Promise<void> {
    await this.transactionRequest(() => this.session.transactions.commit(sink), sink);
  }

  async rollbackTransaction(name: string, sink: ResultSink): Promise<void> {
    await this.transactionRequest(() => this.session.transactions.rollback(name, sink), sink);
  }

  async saveTransaction(name: string, sink: ResultSink): Promise<void> {
    await this.transactionRequest(() => this.session.transactions.save(name), sink);
  }

  private async transactionRequest(work: () => Promise<void>, sink: ResultSink): Promise<void> {
    this.session.frame = new Frame(this.session.nextScope(), undefined, '', undefined, true);
    try {
      await this.guarded(work, sink);
    } finally {
      this.session.frame = undefined;
    }
  }

  async reset(): Promise<void> {
    const { session } = this;
    await session.transactions.rollbackAll(undefined);
    session.core.applicationLocks.releaseAll(session.spid);
    await dropTemporaryTables(session);
    session.settings = initialSettings;
    session.identityInsertTable = undefined;
    session.contextInfo = null;
    session.sessionContext.clear();
    await session.connection.execute('reset sandbox.session_context');
    session.database = session.loginDatabase;
    session.rowCount = 0n;
    session.lastError = 0;
    session.lastIdentity = null;
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    const { session } = this;
    try {
      await session.connection.cancel();
      if (session.connection.isOpen) {
        await session.transactions.rollbackAll(undefined);
        await dropTemporaryTables(session);
      }
    } catch {
      // The PostgreSQL server is gone, and with it everything that the session held there.
    } finally {
      session.core.applicationLocks.releaseAll(session.spid);
      session.core.sessions.delete(session.spid);
      await session.core.connections.giveBack(session.connection);
    }
  }
}
