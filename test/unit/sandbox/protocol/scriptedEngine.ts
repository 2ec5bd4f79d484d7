import { randomUUID } from 'node:crypto';
import {
  SqlError,
  type BulkLoadRequest,
  type Engine,
  type EngineSession,
  type IsolationLevel,
  type LoginRequest,
  type Parameter,
  type ResultSink,
  type SqlType,
  type SqlValue,
} from '../../../../sandbox/sqlserver/engine/api.js';
import {
  createServerCertificate,
  listenTds,
  type ListenOptions,
  type TdsListener,
} from '../../../../sandbox/sqlserver/protocol/server.js';

export type Script = (request: {
  readonly text: string;
  readonly parameters: readonly Parameter[];
  readonly sink: ResultSink;
  readonly attention: AbortSignal;
  readonly session: ScriptedSession;
}) => void | Promise<void>;

/** A session that answers the texts its engine was told and records what the protocol layer asks of it. */
export class ScriptedSession implements EngineSession {
  readonly spid = 51;
  database = 'master';
  databaseCollation: string;
  transactionDescriptor = 0n;
  resets = 0;
  closed = false;
  readonly calls: string[] = [];

  constructor(private readonly engine: ScriptedEngine) {
    this.databaseCollation = engine.collation;
  }

  private async run(text: string, parameters: readonly Parameter[], sink: ResultSink, attention: AbortSignal) {
    const script = this.engine.scripts.get(text);
    if (script === undefined) {
      // Clients send settings of their own (SET ...), which are not what the tests are about.
      sink.statementDone(undefined, 'other');
      return;
    }
    await script({ text, parameters, sink, attention, session: this });
  }

  batch(text: string, sink: ResultSink, attention: AbortSignal): Promise<void> {
    return this.run(text, [], sink, attention);
  }

  executeSql(text: string, parameters: readonly Parameter[], sink: ResultSink, attention: AbortSignal): Promise<void> {
    return this.run(text, parameters, sink, attention);
  }

  procedure(name: string, parameters: readonly Parameter[], sink: ResultSink, attention: AbortSignal): Promise<void> {
    if (!this.engine.scripts.has(name)) {
      return Promise.reject(new SqlError(2812, `Could not find stored procedure '${name}'.`, { state: 62 }));
    }
    return this.run(name, parameters, sink, attention);
  }

  prepare(text: string): Promise<void> {
    return this.engine.scripts.has(text)
      ? Promise.resolve()
      : Promise.reject(new SqlError(208, `Invalid object name '${text}'.`));
  }

  isBulkLoad(text: string): boolean {
    return /^\s*insert\s+bulk\b/i.test(text);
  }

  async bulkLoad(request: BulkLoadRequest, sink: ResultSink, attention: AbortSignal): Promise<void> {
    await this.engine.onBulkLoad(request, sink, attention, this);
  }

  beginTransaction(isolation: IsolationLevel | undefined, name: string, sink: ResultSink): Promise<void> {
    this.calls.push(`begin ${isolation ?? '-'} ${name}`);
    this.transactionDescriptor = 0x1_0000_0001n;
    sink.environmentChange({ kind: 'beginTransaction', descriptor: this.transactionDescriptor });
    return Promise.resolve();
  }

  commitTransaction(name: string, sink: ResultSink): Promise<void> {
    this.calls.push(`commit ${name}`);
    return this.endTransaction('commitTransaction', sink);
  }

  rollbackTransaction(name: string, sink: ResultSink): Promise<void> {
    this.calls.push(`rollback ${name}`);
    return name === 'point' ? Promise.resolve() : this.endTransaction('rollbackTransaction', sink);
  }

  private endTransaction(kind: 'commitTransaction' | 'rollbackTransaction', sink: ResultSink): Promise<void> {
    if (this.transactionDescriptor === 0n) {
      return Promise.reject(
        new SqlError(3902, 'The COMMIT TRANSACTION request has no corresponding BEGIN TRANSACTION.'),
      );
    }
    sink.environmentChange({ kind, descriptor: this.transactionDescriptor });
    this.transactionDescriptor = 0n;
    return Promise.resolve();
  }

  saveTransaction(name: string): Promise<void> {
    this.calls.push(`save ${name}`);
    return Promise.resolve();
  }

  reset(): Promise<void> {
    this.resets++;
    this.transactionDescriptor = 0n;
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.closed = true;
    this.engine.wakeWatchers();
    return Promise.resolve();
  }
}

export class ScriptedEngine implements Engine {
  readonly scripts = new Map<string, Script>();
  readonly sessions: ScriptedSession[] = [];
  readonly logins: LoginRequest[] = [];
  collation = 'Latin1_General_CI_AI';
  onBulkLoad: (
    request: BulkLoadRequest,
    sink: ResultSink,
    attention: AbortSignal,
    session: ScriptedSession,
  ) => Promise<void> = () => Promise.reject(new Error('no bulk load expected'));
  private watchers: (() => void)[] = [];

  /** Registers what a text answers and returns the text. */
  on(script: Script, text = `text ${randomUUID()}`): string {
    this.scripts.set(text, script);
    return text;
  }

  /** A text that answers one result set. */
  onResult(columns: readonly (readonly [string, SqlType])[], rows: readonly (readonly SqlValue[])[]): string {
    return this.on(async ({ sink }) => {
      sink.columns(columns.map(([name, type]) => ({ name, type, nullable: true })));
      for (const row of rows) await sink.row(row);
      sink.statementDone(BigInt(rows.length), 'select');
    });
  }

  login(request: LoginRequest): Promise<EngineSession> {
    this.logins.push(request);
    if (request.password !== 'right') {
      return Promise.reject(new SqlError(18456, `Login failed for user '${request.user}'.`, { class: 14 }));
    }
    if (request.database === 'missing') {
      const text = `Cannot open database "missing" requested by the login. The login failed.`;
      return Promise.reject(new SqlError(4060, text, { class: 11 }));
    }
    const session = new ScriptedSession(this);
    session.database = request.database === '' ? 'master' : request.database;
    this.sessions.push(session);
    return Promise.resolve(session);
  }

  /** Kept when the condition holds; looked at whenever a session closes. */
  until(condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve) => {
      this.watchers.push(() => {
        if (condition()) resolve();
      });
    });
  }

  wakeWatchers(): void {
    for (const watcher of this.watchers) watcher();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const certificate = createServerCertificate();

export async function startListener(
  engine: ScriptedEngine,
  options: Partial<ListenOptions> = {},
): Promise<TdsListener> {
  return listenTds({ engine, port: 0, certificate: await certificate, ...options });
}
