import { setTimeout as delay } from 'node:timers/promises';
import type {
  BulkLoadRequest,
  Engine,
  EngineSession,
  IsolationLevel,
  LoginRequest,
  Parameter,
  ResultSink,
} from '../engine/api.js';
import { faultError } from './faultErrors.js';
import { FaultPlan } from './faultPlan.js';

export const faultProcedure = 'sp_sandbox_fault';

/** An engine that fails, or holds, the requests and logins that sp_sandbox_fault names. */
export function faultyEngine(engine: Engine): Engine {
  const plan = new FaultPlan();
  return {
    async login(request) {
      const fault = plan.take('login', request.user, request.applicationName);
      if (fault !== null) {
        if (fault.delay > 0) await delay(fault.delay);
        if (fault.number !== null) throw faultError(fault.number);
      }
      return new FaultySession(await engine.login(request), plan, request);
    },
    close: () => engine.close(),
  };
}

class FaultySession implements EngineSession {
  constructor(
    private readonly session: EngineSession,
    private readonly plan: FaultPlan,
    private readonly login: LoginRequest,
  ) {}

  get spid(): number {
    return this.session.spid;
  }

  get database(): string {
    return this.session.database;
  }

  get databaseCollation(): string {
    return this.session.databaseCollation ?? '';
  }

  get transactionDescriptor(): bigint {
    return this.session.transactionDescriptor;
  }

  async batch(text: string, sink: ResultSink, attention: AbortSignal): Promise<void> {
    await this.meetFault(text, sink, attention);
    await this.session.batch(text, sink, attention);
  }

  async executeSql(
    text: string,
    parameters: readonly Parameter[],
    sink: ResultSink,
    attention: AbortSignal,
  ): Promise<void> {
    await this.meetFault(text, sink, attention);
    await this.session.executeSql(text, parameters, sink, attention);
  }

  async procedure(
    name: string,
    parameters: readonly Parameter[],
    sink: ResultSink,
    attention: AbortSignal,
  ): Promise<void> {
    if (name.toLowerCase() === faultProcedure) this.plan.arm(parameters);
    else await this.session.procedure(name, parameters, sink, attention);
  }

  async bulkLoad(request: BulkLoadRequest, sink: ResultSink, attention: AbortSignal): Promise<void> {
    await this.meetFault(request.statement, sink, attention);
    await this.session.bulkLoad(request, sink, attention);
  }

  prepare(text: string, parameters: readonly Pick<Parameter, 'name' | 'type' | 'output'>[]): Promise<void> {
    return this.session.prepare(text, parameters);
  }

  isBulkLoad(text: string): boolean {
    return this.session.isBulkLoad(text);
  }

  beginTransaction(isolation: IsolationLevel | undefined, name: string, sink: ResultSink): Promise<void> {
    return this.session.beginTransaction(isolation, name, sink);
  }

  commitTransaction(name: string, sink: ResultSink): Promise<void> {
    return this.session.commitTransaction(name, sink);
  }

  rollbackTransaction(name: string, sink: ResultSink): Promise<void> {
    return this.session.rollbackTransaction(name, sink);
  }

  saveTransaction(name: string, sink: ResultSink): Promise<void> {
    return this.session.saveTransaction(name, sink);
  }

  reset(): Promise<void> {
    return this.session.reset();
  }

  close(): Promise<void> {
    return this.session.close();
  }

  /** Under XACT_ABORT, which every client of the product sets, such an error ends the transaction too. */
  private async meetFault(text: string, sink: ResultSink, attention: AbortSignal): Promise<void> {
    const fault = this.plan.take('request', text, this.login.applicationName);
    if (fault === null) return;
    if (fault.delay > 0) await delay(fault.delay, undefined, { signal: attention }).catch(() => undefined);
    if (fault.number === null) return;
    const error = faultError(fault.number);
    if (this.session.transactionDescriptor !== 0n) await this.session.rollbackTransaction('', sink);
    throw error;
  }
}
