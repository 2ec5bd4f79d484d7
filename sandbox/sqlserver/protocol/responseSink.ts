import type {
  ColumnMetadata,
  EnvironmentChange,
  ResultSink,
  ResultTarget,
  SqlMessage,
  SqlType,
  SqlValue,
} from '../engine/api.js';
import { writeCollationChange, writeEnvironmentChange } from './environmentChange.js';
import type { MessageWriter } from './messageWriter.js';
import { RowWriter, wireForm } from './rowWriter.js';
import type { Capabilities } from './tdsVersions.js';
import {
  commandCodes,
  doneStatus,
  isError,
  tokens,
  writeDone,
  writeMessage,
  writeReturnStatus,
  writeReturnValueHeader,
  type Done,
} from './tokens.js';

/** What the tokens of a response depend on besides the results themselves. */
export interface ResponseContext {
  readonly serverName: string;
  readonly capabilities: Capabilities;
  /** Collation of text whose type names none: the current database's. */
  collation(): string;
}

interface ReturnValue {
  readonly name: string;
  readonly type: SqlType;
  readonly value: SqlValue;
}

/** Messages of this class and above end the connection. */
const fatalClass = 20;

type Command = Parameters<ResultSink['statementDone']>[1];

/**
 * Turns what a running request reports into tokens. A batch's statements end with DONE, those inside a procedure call
 * with DONEINPROC. The engine calls statementDone after the messages of a statement that failed but did not end the
 * request: its DONE carries the error flag.
 */
export class ResponseSink implements ResultSink {
  /** True once a message ended the connection. */
  fatal = false;
  private rows: RowWriter | undefined;
  /** The latest DONE of a batch: whether it is the last one shows only when something follows, or nothing does. */
  private heldDone: Done | undefined;
  private failed = false;
  private discarding = false;
  private status: number | undefined;
  private readonly returned: ReturnValue[] = [];
  private knownCollation: string;

  constructor(
    private readonly writer: MessageWriter,
    private readonly context: ResponseContext,
    private readonly insideProcedure: boolean,
  ) {
    this.knownCollation = context.collation();
  }

  columns(columns: readonly ColumnMetadata[]): void {
    if (this.discarding) return;
    this.releaseDone();
    this.rows = new RowWriter(this.writer, columns, this.context.capabilities, this.context.collation());
  }

  row(values: readonly SqlValue[]): void | Promise<void> {
    if (this.discarding) return undefined;
    if (this.rows === undefined) throw new Error('a row before its columns');
    return this.rows.write(values);
  }

  rowTarget(): ResultTarget | undefined {
    return this.discarding ? undefined : this.rows;
  }

  statementDone(rowCount: bigint | undefined, command: Command): void {
    if (this.discarding) return;
    this.releaseDone();
    this.rows = undefined;
    const token = this.insideProcedure ? tokens.doneInProcedure : tokens.done;
    this.heldDone = { token, status: this.takeError(), command: commandCodes[command], rowCount };
  }

  message(message: SqlMessage): void {
    if (this.discarding) return;
    this.releaseDone();
    if (isError(message)) this.failed = true;
    if (message.class >= fatalClass) this.fatal = true;
    writeMessage(this.writer, message, this.context.serverName);
  }

  returnStatus(status: number): void {
    if (this.discarding) return;
    if (this.insideProcedure) {
      this.status = status;
      return;
    }
    this.releaseDone();
    writeReturnStatus(this.writer, status);
    this.heldDone = { token: tokens.doneProcedure, status: this.takeError(), command: commandCodes.execute };
  }

  returnValue(name: string, type: SqlType, value: SqlValue): void {
    if (!this.discarding && this.insideProcedure) this.returned.push({ name, type, value });
  }

  /** Told even after an attention: the client must know whether its transaction lives. */
  environmentChange(change: EnvironmentChange): void {
    this.releaseDone();
    writeEnvironmentChange(this.writer, change);
    if (change.kind === 'database') this.tellCollation();
  }

  /** After an attention the client takes no more results. */
  discard(): void {
    this.discarding = true;
    this.rows?.discard();
  }

  /** The status the procedure returned, if it told one. */
  get toldStatus(): number | undefined {
    return this.status;
  }

  endBatch(): void {
    const attended = this.discarding ? doneStatus.error : 0;
    const done = this.heldDone ?? { token: tokens.done, status: 0, command: commandCodes.other };
    this.heldDone = undefined;
    writeDone(this.writer, done, attended | this.takeError() | this.severity());
  }

  /**
   * Ends a procedure call: status, output parameters, DONEPROC. `ordinalOf` finds the parameter a value belongs to;
   * values of others are not told.
   */
  endProcedure(ordinalOf: (name: string) => number | undefined, more: boolean): void {
    this.releaseDone();
    if (this.status !== undefined) writeReturnStatus(this.writer, this.status);
    for (const { name, type, value } of this.returned) {
      const ordinal = ordinalOf(name);
      if (ordinal !== undefined) this.writeReturnValue(name, ordinal, type, value);
    }
    const status = this.takeError() | this.severity() | (more ? doneStatus.more : 0);
    const attended = this.discarding ? doneStatus.error : 0;
    writeDone(this.writer, { token: tokens.doneProcedure, status: status | attended, command: commandCodes.execute });
  }

  private writeReturnValue(name: string, ordinal: number, type: SqlType, value: SqlValue): void {
    const collation = this.context.collation();
    const form = wireForm(type, true, this.context.capabilities, collation);
    writeReturnValueHeader(this.writer, { name, ordinal, type: form.type }, collation);
    form.encode(this.writer, value);
  }

  private releaseDone(): void {
    if (this.heldDone === undefined) return;
    const done = this.heldDone;
    this.heldDone = undefined;
    writeDone(this.writer, done, doneStatus.more);
  }

  private takeError(): number {
    const status = this.failed ? doneStatus.error : 0;
    this.failed = false;
    return status;
  }

  private severity(): number {
    return this.fatal ? doneStatus.serverError : 0;
  }

  private tellCollation(): void {
    const collation = this.context.collation();
    if (collation === this.knownCollation) return;
    writeCollationChange(this.writer, collation, this.knownCollation);
    this.knownCollation = collation;
  }
}
