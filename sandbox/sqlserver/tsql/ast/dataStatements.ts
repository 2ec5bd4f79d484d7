import type { Condition, Expression } from './expressions.js';
import type { DataType, Identifier, Node, ObjectName } from './node.js';
import type {
  AssignmentOperator,
  CommonTableExpression,
  NamedTable,
  Query,
  QueryHint,
  SelectExpression,
  SelectStar,
  TableSource,
  TableVariable,
  Top,
} from './queries.js';

export type DataStatement =
  | SelectStatement
  | InsertStatement
  | UpdateStatement
  | DeleteStatement
  | MergeStatement
  | TruncateTableStatement
  | InsertBulkStatement;

/** A value in VALUES or SET: an expression or the word DEFAULT. */
export type ValueOrDefault = Expression | DefaultValue;

export interface DefaultValue extends Node {
  readonly kind: 'default';
}

/** Target of INSERT and MERGE, and of UPDATE and DELETE, where the name may be an alias of the FROM clause. */
export type TargetTable = NamedTable | TableVariable;

export interface SelectStatement extends Node {
  readonly kind: 'selectStatement';
  readonly ctes: readonly CommonTableExpression[];
  readonly query: Query;
  readonly options: readonly QueryHint[];
}

export interface InsertStatement extends Node {
  readonly kind: 'insert';
  readonly ctes: readonly CommonTableExpression[];
  readonly top: Top | undefined;
  readonly target: TargetTable;
  /** Undefined: no column list is written. */
  readonly columns: readonly Identifier[] | undefined;
  readonly output: OutputClauses;
  readonly source: InsertSource;
  readonly options: readonly QueryHint[];
}

export type InsertSource =
  | { readonly kind: 'values'; readonly rows: readonly (readonly ValueOrDefault[])[] }
  | { readonly kind: 'query'; readonly query: Query }
  | { readonly kind: 'defaultValues' };

/** SQL Server takes an OUTPUT ... INTO and a plain OUTPUT in one statement. */
export interface OutputClauses {
  readonly into: OutputInto | undefined;
  readonly toClient: OutputClause | undefined;
}

export interface OutputClause extends Node {
  /** Columns appear as inserted.c, deleted.c; stars as inserted.*, deleted.*. */
  readonly items: readonly (SelectExpression | SelectStar)[];
}

export interface OutputInto extends OutputClause {
  readonly target: TargetTable;
  readonly columns: readonly Identifier[] | undefined;
}

export interface UpdateStatement extends Node {
  readonly kind: 'update';
  readonly ctes: readonly CommonTableExpression[];
  readonly top: Top | undefined;
  readonly target: TargetTable;
  readonly assignments: readonly Assignment[];
  readonly output: OutputClauses;
  readonly from: readonly TableSource[];
  readonly where: Condition | undefined;
  readonly options: readonly QueryHint[];
}

/** column = e, column += e, @v = e, @v = column = e. At least one of column and variable is present. */
export interface Assignment extends Node {
  readonly column: { readonly qualifier: ObjectName | undefined; readonly name: string } | undefined;
  readonly variable: string | undefined;
  readonly operator: AssignmentOperator;
  readonly value: ValueOrDefault;
}

export interface DeleteStatement extends Node {
  readonly kind: 'delete';
  readonly ctes: readonly CommonTableExpression[];
  readonly top: Top | undefined;
  readonly target: TargetTable;
  readonly output: OutputClauses;
  /** The second FROM. */
  readonly from: readonly TableSource[];
  readonly where: Condition | undefined;
  readonly options: readonly QueryHint[];
}

export interface MergeStatement extends Node {
  readonly kind: 'merge';
  readonly ctes: readonly CommonTableExpression[];
  readonly top: Top | undefined;
  /** Carries the alias and hints. */
  readonly target: TargetTable;
  readonly source: TableSource;
  readonly condition: Condition;
  readonly clauses: readonly MergeClause[];
  readonly output: OutputClauses;
  readonly options: readonly QueryHint[];
}

export interface MergeClause extends Node {
  readonly when: 'matched' | 'notMatchedByTarget' | 'notMatchedBySource';
  readonly and: Condition | undefined;
  readonly action:
    | { readonly kind: 'update'; readonly assignments: readonly Assignment[] }
    | { readonly kind: 'delete' }
    | {
        readonly kind: 'insert';
        readonly columns: readonly Identifier[] | undefined;
        /** Undefined: DEFAULT VALUES. */
        readonly values: readonly ValueOrDefault[] | undefined;
      };
}

export interface TruncateTableStatement extends Node {
  readonly kind: 'truncateTable';
  readonly table: ObjectName;
}

/** INSERT BULK as drivers send it before the rows of a bulk load. */
export interface InsertBulkStatement extends Node {
  readonly kind: 'insertBulk';
  readonly table: ObjectName;
  readonly columns: readonly BulkColumn[];
  readonly checkConstraints: boolean;
  readonly fireTriggers: boolean;
  readonly keepNulls: boolean;
  readonly keepIdentity: boolean;
  readonly tabLock: boolean;
  readonly rowsPerBatch: number | undefined;
  readonly kilobytesPerBatch: number | undefined;
  readonly order: readonly { readonly column: string; readonly descending: boolean }[];
}

export interface BulkColumn extends Node {
  readonly name: string;
  readonly type: DataType;
  readonly collation: string | undefined;
}
