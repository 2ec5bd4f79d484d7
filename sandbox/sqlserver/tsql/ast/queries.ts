import type { Condition, Expression } from './expressions.js';
import type { Identifier, Node, ObjectName } from './node.js';

/** A query wherever one may stand: SELECT statement, subquery, derived table, CTE, view, INSERT source. */
export interface Query extends Node {
  readonly kind: 'query';
  readonly body: QueryBody;
  readonly orderBy: readonly OrderByItem[];
  /** OFFSET n ROWS [FETCH NEXT m ROWS ONLY]; only together with ORDER BY. */
  readonly offset: Expression | undefined;
  readonly fetch: Expression | undefined;
}

export type QueryBody = QuerySpecification | SetOperation;

export interface SetOperation extends Node {
  readonly kind: 'setOperation';
  readonly operator: 'union' | 'unionAll' | 'except' | 'intersect';
  readonly left: QueryBody;
  readonly right: QueryBody;
}

export interface QuerySpecification extends Node {
  readonly kind: 'select';
  readonly distinct: boolean;
  readonly top: Top | undefined;
  readonly items: readonly SelectItem[];
  /** SELECT ... INTO: only in the first specification of a SELECT statement. */
  readonly into: ObjectName | undefined;
  /** Sources separated by commas; empty without FROM. */
  readonly from: readonly TableSource[];
  readonly where: Condition | undefined;
  readonly groupBy: readonly Expression[];
  readonly having: Condition | undefined;
}

export interface Top extends Node {
  readonly count: Expression;
  readonly percent: boolean;
  readonly withTies: boolean;
}

export type SelectItem = SelectStar | SelectExpression | SelectAssignment;

export interface SelectStar extends Node {
  readonly kind: 'star';
  /** t.* has one; undefined for *. */
  readonly qualifier: ObjectName | undefined;
}

export interface SelectExpression extends Node {
  readonly kind: 'expression';
  readonly expression: Expression;
  /** Written alias in any of its forms (e AS a, e a, a = e, e AS 'a'). */
  readonly alias: string | undefined;
}

export interface SelectAssignment extends Node {
  readonly kind: 'assignment';
  readonly variable: string;
  readonly operator: AssignmentOperator;
  readonly expression: Expression;
}

export type AssignmentOperator = '=' | '+=' | '-=' | '*=' | '/=' | '%=' | '&=' | '|=' | '^=';

export interface OrderByItem extends Node {
  readonly expression: Expression;
  readonly descending: boolean;
}

export interface CommonTableExpression extends Node {
  readonly name: string;
  /** Empty when the names come from the query. */
  readonly columns: readonly Identifier[];
  readonly query: Query;
}

export type TableSource = NamedTable | TableVariable | DerivedTable | ValuesTable | TableFunction | Join;

export interface NamedTable extends Node {
  readonly kind: 'table';
  readonly name: ObjectName;
  readonly alias: string | undefined;
  readonly hints: readonly TableHint[];
}

export interface TableVariable extends Node {
  readonly kind: 'tableVariable';
  /** With its leading '@'. */
  readonly name: string;
  readonly alias: string | undefined;
  readonly hints: readonly TableHint[];
}

export interface DerivedTable extends Node {
  readonly kind: 'derivedTable';
  readonly query: Query;
  readonly alias: string;
  readonly columns: readonly Identifier[];
}

export interface ValuesTable extends Node {
  readonly kind: 'values';
  readonly rows: readonly (readonly Expression[])[];
  readonly alias: string;
  readonly columns: readonly Identifier[];
}

/** STRING_SPLIT(...), sys.fn_my_permissions(...) and the like. */
export interface TableFunction extends Node {
  readonly kind: 'tableFunction';
  readonly name: ObjectName;
  readonly arguments: readonly Expression[];
  readonly alias: string | undefined;
  readonly columns: readonly Identifier[];
}

export interface Join extends Node {
  readonly kind: 'join';
  readonly type: 'inner' | 'left' | 'right' | 'full' | 'cross' | 'crossApply' | 'outerApply';
  readonly left: TableSource;
  readonly right: TableSource;
  /** Present for inner, left, right and full. */
  readonly condition: Condition | undefined;
  /** A join hint (LOOP, HASH, MERGE): no influence on results. */
  readonly hint: 'loop' | 'hash' | 'merge' | undefined;
}

export interface TableHint extends Node {
  /** Upper case: NOLOCK, HOLDLOCK, UPDLOCK, TABLOCKX, READPAST, INDEX ... */
  readonly name: string;
  /** Index names or numbers of INDEX(...). */
  readonly indexes: readonly string[];
}

/** One hint of OPTION (...), upper case with its number if any: 'RECOMPILE', 'MAXDOP 1', 'HASH JOIN'. */
export interface QueryHint extends Node {
  readonly text: string;
}
