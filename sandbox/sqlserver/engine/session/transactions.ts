import { SqlError, type IsolationLevel, type ResultSink } from '../api.js';
import type { CatalogMark, CatalogView } from '../catalog/catalogView.js';
import type { PostgresConnection } from '../../postgres/connection.js';

interface OpenTransaction {
  /** @@TRANCOUNT. */
  count: number;
  readonly name: string;
  readonly descriptor: bigint;
  readonly isolation: IsolationLevel;
  readonly start: CatalogMark;
  readonly savepoints: { readonly name: string; readonly postgresName: string; readonly mark: CatalogMark }[];
  /** Set when only a rollback is possible any more: XACT_STATE() = -1. */
  doomed: boolean;
  /** Started for one statement (autocommit): nobody hears of it. */
  readonly forStatement: boolean;
}

let lastDescriptor = 0n;

/** PostgreSQL levels. READ UNCOMMITTED reads committed rows: PostgreSQL has no other way. */
const postgresLevels: Readonly<Record<IsolationLevel, string>> = {
  readUncommitted: 'read committed',
  readCommitted: 'read committed',
  repeatableRead: 'repeatable read',
  serializable: 'serializable',
  snapshot: 'repeatable read',
};

function beginning(isolation: IsolationLevel): string {
  return `begin isolation level ${postgresLevels[isolation]}`;
}

/**
 * A session's transaction on PostgreSQL: nested counting, savepoints, doomed state. Rollbacks bring the catalog view
 * back to where it was; commits publish it.
 */
export class Transactions {
  private open: OpenTransaction | undefined;
  private savepointCounter = 0;
  /** Work that ends with the transaction: locks are released here. */
  readonly onEnd: ((committed: boolean) => Promise<void> | void)[] = [];

  /** Takes what a rollback must not undo, and gives what brings it back. */
  keepThroughRollback: () => Promise<() => Promise<void>> = () => Promise.resolve(() => Promise.resolve());

  constructor(
    private readonly connection: PostgresConnection,
    private readonly catalog: CatalogView,
    /** PostgreSQL undid SET commands with a rollback. */
    private readonly settingsUndone: () => void,
  ) {}

  get count(): number {
    return this.open?.count ?? 0;
  }

  get isOpen(): boolean {
    return this.open !== undefined;
  }

  /** Opened by BEGIN TRANSACTION or implicitly by a setting, not for a single statement. */
  get isUsers(): boolean {
    return this.open !== undefined && !this.open.forStatement;
  }

  get isolation(): IsolationLevel | undefined {
    return this.open?.isolation;
  }

  get descriptor(): bigint {
    return this.open === undefined || this.open.forStatement ? 0n : this.open.descriptor;
  }

  /** XACT_STATE(). */
  get state(): -1 | 0 | 1 {
    if (this.open === undefined) return 0;
    return this.open.doomed ? -1 : 1;
  }

  doom(): void {
    if (this.open !== undefined) this.open.doomed = true;
  }

  /** BEGIN TRANSACTION: opens one or counts one level up. */
  async begin(
    name: string,
    isolation: IsolationLevel,
    sink: ResultSink | undefined,
    forStatement = false,
  ): Promise<void> {
    if (this.open !== undefined) {
      this.open.count += 1;
      return;
    }
    const start = beginning(isolation);
    if (forStatement) this.connection.sendAhead(start);
    else await this.connection.execute(start);
    lastDescriptor += 1n;
    this.open = {
      count: 1,
      name,
      descriptor: lastDescriptor,
      isolation,
      start: this.catalog.mark(),
      savepoints: [],
      doomed: false,
      forStatement,
    };
    if (!forStatement) sink?.environmentChange({ kind: 'beginTransaction', descriptor: lastDescriptor });
  }

  /** COMMIT: one level down; the outermost one commits. Error 3902 without a transaction. */
  async commit(sink: ResultSink | undefined): Promise<void> {
    const open = this.open;
    if (open === undefined) {
      throw new SqlError(3902, 'The COMMIT TRANSACTION request has no corresponding BEGIN TRANSACTION.');
    }
    if (open.doomed) throw uncommittable();
    open.count -= 1;
    if (open.count > 0) return;
    try {
      if (!this.neverBegun(open)) await this.connection.execute('commit');
    } catch (error) {
      await this.end(open, false, sink);
      throw error;
    }
    this.catalog.publish();
    await this.end(open, true, sink);
  }

  /** ROLLBACK [name]: of everything, or to a savepoint. Error 3903 without a transaction. */
  async rollback(name: string, sink: ResultSink | undefined): Promise<void> {
    const open = this.open;
    if (open === undefined) {
      throw new SqlError(3903, 'The ROLLBACK TRANSACTION request has no corresponding BEGIN TRANSACTION.');
    }
    if (name !== '' && name.toUpperCase() !== open.name.toUpperCase()) {
      await this.rollbackToSavepoint(open, name);
      return;
    }
    await this.rollbackAll(sink);
  }

  /** Rolls everything back, if there is something. */
  async rollbackAll(sink: ResultSink | undefined): Promise<void> {
    const open = this.open;
    if (open === undefined) return;
    const bringBack = open.forStatement ? undefined : await this.keepThroughRollback();
    if (!this.neverBegun(open)) await this.connection.execute('rollback');
    this.settingsUndone();
    this.catalog.restore(open.start);
    await this.end(open, false, sink);
    await bringBack?.();
  }

  /** Whether PostgreSQL has heard nothing of the transaction; what was to go ahead of the next command is then void. */
  private neverBegun(open: OpenTransaction): boolean {
    const neverBegun = open.forStatement && this.connection.takeBack(beginning(open.isolation));
    // The end of the transaction ends its savepoints, also in a transaction that can only be rolled back.
    this.connection.forgetAhead();
    return neverBegun;
  }

  private async end(open: OpenTransaction, committed: boolean, sink: ResultSink | undefined): Promise<void> {
    this.open = undefined;
    for (const work of this.onEnd) await work(committed);
    if (open.forStatement) return;
    const kind = committed ? 'commitTransaction' : 'rollbackTransaction';
    sink?.environmentChange({ kind, descriptor: open.descriptor });
  }

  private async rollbackToSavepoint(open: OpenTransaction, name: string): Promise<void> {
    if (open.doomed) {
      throw new SqlError(
        3931,
        'The current transaction cannot be committed and cannot be rolled back to a savepoint. Roll back the entire transaction.',
      );
    }
    const wanted = name.toUpperCase();
    const index = open.savepoints.findLastIndex((savepoint) => savepoint.name === wanted);
    const savepoint = open.savepoints[index];
    if (savepoint === undefined) {
      throw new SqlError(6401, `Cannot roll back ${name}. No transaction or savepoint of that name was found.`);
    }
    const bringBack = await this.keepThroughRollback();
    await this.connection.execute(`rollback to savepoint ${savepoint.postgresName}`);
    this.settingsUndone();
    this.catalog.restore(savepoint.mark);
    open.savepoints.splice(index + 1);
    await bringBack();
  }

  /** SAVE TRANSACTION. Error 628 without a transaction. */
  async save(name: string): Promise<void> {
    const open = this.open;
    if (open === undefined)
      throw new SqlError(628, 'Cannot issue SAVE TRANSACTION when there is no active transaction.');
    if (open.doomed) throw uncommittable();
    this.savepointCounter += 1;
    const postgresName = `save_${this.savepointCounter}`;
    await this.connection.execute(`savepoint ${postgresName}`);
    open.savepoints.push({ name: name.toUpperCase(), postgresName, mark: this.catalog.mark() });
  }

  /**
   * Runs work so that its effects stay or vanish together: in a transaction of its own when none is open, under a
   * savepoint otherwise.
   */
  async atomic<Result>(isolation: IsolationLevel, work: () => Promise<Result>): Promise<Result> {
    if (this.open === undefined) return this.inOwnTransaction(isolation, work);
    return this.underSavepoint(this.open, work);
  }

  private async inOwnTransaction<Result>(isolation: IsolationLevel, work: () => Promise<Result>): Promise<Result> {
    await this.begin('', isolation, undefined, true);
    try {
      const result = await work();
      // A ROLLBACK inside a trigger has ended it already.
      if (this.open !== undefined) await this.commit(undefined);
      return result;
    } catch (error) {
      await this.rollbackAll(undefined);
      throw error;
    }
  }

  private async underSavepoint<Result>(open: OpenTransaction, work: () => Promise<Result>): Promise<Result> {
    const mark = this.catalog.mark();
    this.savepointCounter += 1;
    const name = `statement_${this.savepointCounter}`;
    const set = `savepoint ${name}`;
    this.connection.sendAhead(set);
    try {
      const result = await work();
      if (this.open === open && !this.connection.takeBack(set)) this.connection.sendAhead(`release savepoint ${name}`);
      return result;
    } catch (error) {
      if (this.open === open && this.connection.isOpen && !this.connection.takeBack(set)) {
        this.connection.forgetAhead();
        await this.connection.execute(`rollback to savepoint ${name}; release savepoint ${name}`);
        this.settingsUndone();
        this.catalog.restore(mark);
      }
      throw error;
    }
  }
}

/** Error 3930: the doomed transaction takes no work that writes. */
export function uncommittable(): SqlError {
  return new SqlError(
    3930,
    'The current transaction cannot be committed and cannot support operations that write to the log file. Roll back the transaction.',
  );
}
