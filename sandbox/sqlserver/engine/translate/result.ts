import type { ColumnMetadata, SqlType } from '../api.js';
import type { CatalogColumn, CatalogTable } from '../catalog/model.js';

/**
 * What the translator hands to the runtime: PostgreSQL statements and how to run them. A translation depends on the
 * statement, the types of variables, the session's options and the catalog only, never on values, so the runtime may
 * keep it and run it again while the catalog does not change.
 *
 * Every column of a result is of exactly the PostgreSQL type that postgresTypes (../catalog/model.ts) names for its
 * SqlType; decimals carry their scale. Errors that PostgreSQL finds while it runs a statement come in two kinds:
 *   - raised by support functions: SQLSTATE 'TSQL1', MESSAGE 'number|class|state|text';
 *   - PostgreSQL's own, which the runtime maps: 22012 -> 8134; 22003 -> 8115 (the message names the type: 'integer',
 *     'bigint', 'smallint', 'numeric field overflow'); 21000 -> 512, or 8672 for MERGE; 23502 -> 515; 23505 -> 2627 or
 *     2601; 23503 and 23514 -> 547; 40P01 -> 1205; 40001 -> 3960; 55P03 -> 1222.
 */

/** A $n of the emitted text, in order: the first is $1. The runtime binds it as the PostgreSQL type of `type`. */
export type StatementParameter =
  | { readonly kind: 'variable'; readonly name: string; readonly type: SqlType }
  | { readonly kind: 'engine'; readonly value: EngineValue; readonly type: SqlType };

/**
 * Values that the runtime knows when a statement starts. The times are taken once for a statement: all of them show
 * the same moment (SQL Server: one value for each reference within a query).
 */
export type EngineValue =
  | 'GETDATE'
  | 'GETUTCDATE'
  | 'SYSDATETIME'
  | 'SYSUTCDATETIME'
  | '@@ROWCOUNT'
  | '@@ERROR'
  | '@@TRANCOUNT'
  | '@@SPID'
  | '@@IDENTITY'
  | '@@SERVERNAME'
  | '@@SERVICENAME'
  | '@@VERSION'
  | '@@OPTIONS'
  | '@@LOCK_TIMEOUT'
  | '@@NESTLEVEL'
  | '@@TEXTSIZE'
  | '@@LANGUAGE'
  | '@@DATEFIRST'
  | '@@MAX_PRECISION'
  | '@@FETCH_STATUS'
  | '@@PROCID'
  | '@@DBTS'
  | 'SCOPE_IDENTITY'
  | 'XACT_STATE'
  | 'CURRENT_TRANSACTION_ID'
  | 'DB_NAME'
  | 'DB_ID'
  | 'DEFAULT_SCHEMA'
  | 'USER_NAME'
  | 'USER_ID'
  | 'SUSER_NAME'
  | 'SUSER_ID'
  | 'ORIGINAL_LOGIN'
  | 'HOST_NAME'
  | 'APP_NAME'
  | 'CONTEXT_INFO'
  | 'ERROR_NUMBER'
  | 'ERROR_MESSAGE'
  | 'ERROR_SEVERITY'
  | 'ERROR_STATE'
  | 'ERROR_LINE'
  | 'ERROR_PROCEDURE'
  | 'TRIGGER_NESTLEVEL'
  /** Application locks as JSON, for APPLOCK_MODE and APPLOCK_TEST. */
  | 'APPLICATION_LOCKS';

/** A lock to take (LOCK TABLE … IN … MODE) before the statement, in the statement's transaction: table hints. */
export interface TableLock {
  readonly table: CatalogTable;
  readonly mode: 'SHARE' | 'SHARE ROW EXCLUSIVE' | 'EXCLUSIVE' | 'ACCESS EXCLUSIVE';
}

/** An object that the statement uses and the permission that this takes (error 229 names both). */
export interface ObjectUse {
  readonly table: CatalogTable;
  readonly permission: 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE' | 'ALTER';
  /** The columns read (SELECT) or set (UPDATE), which may have permissions of their own. */
  readonly columns: ReadonlySet<CatalogColumn>;
}

interface StatementBase {
  /** One PostgreSQL statement. */
  readonly text: string;
  readonly parameters: readonly StatementParameter[];
  readonly uses: readonly ObjectUse[];
  readonly locks: readonly TableLock[];
  /** True when NOWAIT was asked for: the statement runs with a lock time-out of 0. */
  readonly noWait: boolean;
  /** True if the text has effects or values that must not be computed twice, so it must not be retried or prefetched. */
  readonly volatile: boolean;
}

/** SELECT: rows go to the client. */
export interface SelectStatement extends StatementBase {
  readonly kind: 'select';
  readonly columns: readonly ColumnMetadata[];
}

/**
 * SELECT @a = …, @b = …: column n of the text is the value of assignments[n], already of the variable's type. The last
 * row counts; with no row the variables keep their values. The row count is the number of rows.
 */
export interface AssignStatement extends StatementBase {
  readonly kind: 'assign';
  readonly assignments: readonly VariableAssignment[];
}

export interface VariableAssignment {
  readonly variable: string;
  readonly type: SqlType;
}

/**
 * SELECT … INTO table: the runtime creates the table from `columns` (types, nullability, identity), then runs the
 * insert. `target` is as written. `insert(relation)` gives the text, whose select list has `columns`' order and
 * PostgreSQL names `columnNames`.
 */
export interface SelectIntoStatement extends StatementBase {
  readonly kind: 'selectInto';
  readonly target: { readonly database: string; readonly schema: string; readonly object: string };
  readonly columns: readonly (ColumnMetadata & {
    readonly identityOf?: { readonly seed: bigint; readonly increment: bigint };
  })[];
}

export type DmlCommand = 'insert' | 'update' | 'delete' | 'merge';

/** A column of the image relation that `imageText` fills. */
export interface ImageColumn {
  /** Unquoted PostgreSQL name, unique in the relation, never needs quoting. */
  readonly name: string;
  readonly postgresType: string;
}

/**
 * How the text of a data modification runs:
 *   plain          run it; the command tag has the row count
 *   rows           run it; its rows are OUTPUT's result set for the client, one for each affected row
 *   outputInto     run it; the command tag (INSERT into the target of OUTPUT INTO) has the row count
 *   assign         run it; each row has the values of `assignments` (UPDATE … SET @v = …), the last row counts
 *   identityRange  run it; one row comes back: rows (int8), least and greatest explicit identity value (int8 or NULL)
 *   images         create a temporary relation of `imageColumns`, run `imageText(relation)`: its command tag has the row
 *                  count and the relation now has one row for each affected row. Then triggers, with pseudoTables(…) as
 *                  inserted and deleted; then `output`, if any.
 */
export type DmlExecution =
  | { readonly mode: 'plain' }
  | { readonly mode: 'rows'; readonly columns: readonly ColumnMetadata[] }
  | { readonly mode: 'outputInto' }
  | { readonly mode: 'assign'; readonly assignments: readonly VariableAssignment[] }
  | { readonly mode: 'identityRange' }
  | {
      readonly mode: 'images';
      readonly imageColumns: readonly ImageColumn[];
      /** The whole statement: WITH the modification, INSERT INTO relation. The same parameters as `text`. */
      readonly imageText: (relation: string) => string;
      readonly output?: OutputClause;
    };

/** OUTPUT over the image relation. Runs with the parameters of its own. */
export interface OutputClause {
  readonly text: (relation: string) => string;
  readonly parameters: readonly StatementParameter[];
  /** Result columns for the client; undefined with INTO (the text is then an INSERT). */
  readonly columns?: readonly ColumnMetadata[];
}

export interface IdentityEffect {
  /** Quoted PostgreSQL sequence (CatalogColumn.identity.sequence). */
  readonly sequence: string;
  readonly column: string;
  /**
   * generated: the text calls nextval; currval in the same session is SCOPE_IDENTITY() if rows were inserted.
   * explicit: IDENTITY_INSERT is ON; the greatest value (least for a negative increment) moves the sequence if it lies
   * beyond it. In image mode it is column imageColumn of the relation.
   */
  readonly values: 'generated' | 'explicit';
  readonly imageColumn?: string;
}

/** INSERT, UPDATE, DELETE, MERGE. */
export interface DmlStatement extends StatementBase {
  readonly kind: 'dml';
  readonly command: DmlCommand;
  readonly target: CatalogTable;
  /** Triggers to fire after the statement, also when no row was affected (only MERGE has several; insert, update, delete). */
  readonly triggerEvents: readonly ('insert' | 'update' | 'delete')[];
  /** Columns that UPDATE(column) is true for: all of them for INSERT; the SET list for UPDATE and MERGE's updates. */
  readonly touchedColumns: readonly string[];
  readonly execution: DmlExecution;
  readonly identity?: IdentityEffect;
  /** Client result of OUTPUT is announced even when no row was affected. */
  readonly outputToClient: boolean;
}

export type TranslatedStatement = SelectStatement | AssignStatement | SelectIntoStatement | DmlStatement;

/** A scalar expression for SET @v = …, IF, WHILE, PRINT, RETURN …: `SELECT <expression>`, one row, one column. */
export interface ScalarExpression {
  readonly text: string;
  readonly parameters: readonly StatementParameter[];
  readonly type: SqlType;
  readonly uses: readonly ObjectUse[];
  readonly locks: readonly TableLock[];
  /**
   * Known without PostgreSQL: a constant, or a single parameter as it is. The runtime need not send the text.
   */
  readonly direct?:
    { readonly kind: 'parameter' } | { readonly kind: 'constant'; readonly value: null | number | bigint | string };
}

/** A condition (IF, WHILE): the text returns one row with one PostgreSQL boolean, NULL for UNKNOWN. */
export interface Condition {
  readonly text: string;
  readonly parameters: readonly StatementParameter[];
  readonly uses: readonly ObjectUse[];
  readonly locks: readonly TableLock[];
}

/**
 * An expression kept in the catalog's PostgreSQL objects: CHECK, computed column, filtered index, view. It has no
 * parameters.
 */
export interface StoredExpression {
  readonly text: string;
  readonly type: SqlType;
  readonly nullable: boolean;
}

/** The query of a view, for CREATE VIEW "db.schema"."name" (columns) AS text. */
export interface StoredQuery {
  readonly text: string;
  readonly columns: readonly ColumnMetadata[];
  readonly uses: readonly ObjectUse[];
}
