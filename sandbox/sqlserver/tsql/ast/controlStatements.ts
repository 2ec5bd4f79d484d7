import type { Condition, Expression, Literal, GlobalVariable, UnaryExpression, Variable } from './expressions.js';
import type { DefaultValue } from './dataStatements.js';
import type { DataType, Node, ObjectName } from './node.js';
import type { AssignmentOperator } from './queries.js';
import type { TableElement } from './schemaStatements.js';
import type { Statement } from './statements.js';

/** Variables, flow of control, execution, transactions and session settings. */
export type ControlStatement =
  | DeclareStatement
  | DeclareTableStatement
  | SetVariableStatement
  | IfStatement
  | WhileStatement
  | LoopControlStatement
  | BlockStatement
  | TryStatement
  | ThrowStatement
  | RaiserrorStatement
  | PrintStatement
  | ReturnStatement
  | WaitforStatement
  | ExecuteProcedureStatement
  | ExecuteTextStatement
  | BeginTransactionStatement
  | EndTransactionStatement
  | SaveTransactionStatement
  | SetSwitchStatement
  | SetValueStatement
  | SetIdentityInsertStatement
  | SetIsolationLevelStatement
  | UseStatement
  | CheckIdentStatement;

export interface DeclareStatement extends Node {
  readonly kind: 'declare';
  readonly variables: readonly VariableDeclaration[];
}

export interface VariableDeclaration extends Node {
  readonly name: string;
  readonly type: DataType;
  readonly value: Expression | undefined;
}

/** DECLARE @t TABLE (...). */
export interface DeclareTableStatement extends Node {
  readonly kind: 'declareTable';
  readonly name: string;
  readonly elements: readonly TableElement[];
}

export interface SetVariableStatement extends Node {
  readonly kind: 'setVariable';
  readonly variable: string;
  readonly operator: AssignmentOperator;
  readonly value: Expression;
}

export interface IfStatement extends Node {
  readonly kind: 'if';
  readonly condition: Condition;
  readonly then: Statement;
  readonly otherwise: Statement | undefined;
}

export interface WhileStatement extends Node {
  readonly kind: 'while';
  readonly condition: Condition;
  readonly body: Statement;
}

export interface LoopControlStatement extends Node {
  readonly kind: 'break' | 'continue';
}

export interface BlockStatement extends Node {
  readonly kind: 'block';
  readonly statements: readonly Statement[];
}

export interface TryStatement extends Node {
  readonly kind: 'try';
  readonly statements: readonly Statement[];
  readonly catchStatements: readonly Statement[];
}

export interface ThrowStatement extends Node {
  readonly kind: 'throw';
  /** Undefined: rethrow inside CATCH. */
  readonly error: { readonly number: Expression; readonly message: Expression; readonly state: Expression } | undefined;
}

export interface RaiserrorStatement extends Node {
  readonly kind: 'raiserror';
  readonly message: Expression;
  readonly severity: Expression;
  readonly state: Expression;
  readonly arguments: readonly Expression[];
  readonly withNoWait: boolean;
  readonly withLog: boolean;
  readonly withSetError: boolean;
}

export interface PrintStatement extends Node {
  readonly kind: 'print';
  readonly expression: Expression;
}

export interface ReturnStatement extends Node {
  readonly kind: 'return';
  readonly value: Expression | undefined;
}

export interface WaitforStatement extends Node {
  readonly kind: 'waitfor';
  readonly mode: 'delay' | 'time';
  readonly value: Expression;
}

export interface ExecuteProcedureStatement extends Node {
  readonly kind: 'executeProcedure';
  readonly procedure: ObjectName | Variable;
  /** @r of EXEC @r = proc. */
  readonly returnVariable: string | undefined;
  readonly arguments: readonly ProcedureArgument[];
}

export interface ProcedureArgument extends Node {
  /** With its leading '@'; '' when passed by position. */
  readonly name: string;
  /** A constant, a constant with sign, a variable or DEFAULT: T-SQL takes no expressions here. A bare word is a string. */
  readonly value: Literal | UnaryExpression | Variable | GlobalVariable | DefaultValue;
  readonly output: boolean;
}

/** EXEC ('text' + @x ...). */
export interface ExecuteTextStatement extends Node {
  readonly kind: 'executeText';
  readonly text: Expression;
}

export interface BeginTransactionStatement extends Node {
  readonly kind: 'beginTransaction';
  readonly name: TransactionName | undefined;
}

export interface EndTransactionStatement extends Node {
  readonly kind: 'commit' | 'rollback';
  /** ROLLBACK: a transaction's or a savepoint's name. */
  readonly name: TransactionName | undefined;
}

export interface SaveTransactionStatement extends Node {
  readonly kind: 'saveTransaction';
  readonly name: TransactionName;
}

export type TransactionName = { readonly kind: 'name'; readonly name: string } | Variable;

/** SET option[, option ...] ON | OFF. */
export interface SetSwitchStatement extends Node {
  readonly kind: 'setSwitch';
  readonly options: readonly SetSwitch[];
  readonly on: boolean;
}

export const setSwitches = [
  'ANSI_DEFAULTS',
  'ANSI_NULL_DFLT_OFF',
  'ANSI_NULL_DFLT_ON',
  'ANSI_NULLS',
  'ANSI_PADDING',
  'ANSI_WARNINGS',
  'ARITHABORT',
  'ARITHIGNORE',
  'CONCAT_NULL_YIELDS_NULL',
  'CURSOR_CLOSE_ON_COMMIT',
  'FMTONLY',
  'FORCEPLAN',
  'IMPLICIT_TRANSACTIONS',
  'NOCOUNT',
  'NOEXEC',
  'NUMERIC_ROUNDABORT',
  'PARSEONLY',
  'QUOTED_IDENTIFIER',
  'REMOTE_PROC_TRANSACTIONS',
  'XACT_ABORT',
] as const;

export type SetSwitch = (typeof setSwitches)[number];

/** SET option value. */
export interface SetValueStatement extends Node {
  readonly kind: 'setValue';
  readonly option:
    | 'CONTEXT_INFO'
    | 'DATEFIRST'
    | 'DATEFORMAT'
    | 'DEADLOCK_PRIORITY'
    | 'LANGUAGE'
    | 'LOCK_TIMEOUT'
    | 'ROWCOUNT'
    | 'TEXTSIZE';
  /** A constant, a constant with sign, or a variable; bare words (LOW, dmy, us_english) are string literals. */
  readonly value: Expression;
}

export interface SetIdentityInsertStatement extends Node {
  readonly kind: 'setIdentityInsert';
  readonly table: ObjectName;
  readonly on: boolean;
}

export interface SetIsolationLevelStatement extends Node {
  readonly kind: 'setIsolationLevel';
  readonly level: 'readUncommitted' | 'readCommitted' | 'repeatableRead' | 'serializable' | 'snapshot';
}

export interface UseStatement extends Node {
  readonly kind: 'use';
  readonly database: string;
}

/** DBCC CHECKIDENT (table [, NORESEED | RESEED [, value]]) [WITH NO_INFOMSGS]. */
export interface CheckIdentStatement extends Node {
  readonly kind: 'checkIdent';
  /** Table name as given: text of the string, or the identifier as written. */
  readonly table: ObjectName;
  readonly mode: 'noReseed' | 'reseed';
  readonly value: Expression | undefined;
  readonly noInfoMessages: boolean;
}
