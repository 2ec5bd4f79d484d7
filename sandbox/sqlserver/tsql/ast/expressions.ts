import type { DataType, Node, ObjectName } from './node.js';
import type { OrderByItem, Query } from './queries.js';

/** Scalar expressions. T-SQL keeps them apart from conditions: a comparison is never a value. */
export type Expression =
  | Literal
  | Variable
  | GlobalVariable
  | ColumnReference
  | UnaryExpression
  | BinaryExpression
  | CollateExpression
  | CaseExpression
  | IifExpression
  | CastExpression
  | ConvertExpression
  | FunctionCall
  | ScalarSubquery
  | MergeAction
  | DatePart;

/** Numbers keep their text (without sign), since decimals and big integers must stay exact. */
export type Literal = NullLiteral | NumberLiteral | StringLiteral | BinaryLiteral;

export interface NullLiteral extends Node {
  readonly kind: 'null';
}

export interface NumberLiteral extends Node {
  /** 12 integer; 12.5 decimal; 1e3 float; $1.5 money (text without the currency sign). */
  readonly kind: 'integer' | 'decimal' | 'float' | 'money';
  readonly text: string;
}

export interface StringLiteral extends Node {
  readonly kind: 'string';
  readonly value: string;
  /** True for N'...'. */
  readonly national: boolean;
}

export interface BinaryLiteral extends Node {
  readonly kind: 'binary';
  readonly value: Buffer;
}

export interface Variable extends Node {
  readonly kind: 'variable';
  /** With its leading '@', in the case written. */
  readonly name: string;
}

export interface GlobalVariable extends Node {
  readonly kind: 'globalVariable';
  /** Upper case with the leading '@@': '@@ROWCOUNT'. */
  readonly name: string;
}

export interface ColumnReference extends Node {
  readonly kind: 'column';
  /** t.c -> object 't'; s.t.c -> schema 's', object 't'; undefined for a bare name. */
  readonly qualifier: ObjectName | undefined;
  readonly name: string;
}

export interface UnaryExpression extends Node {
  readonly kind: 'unary';
  readonly operator: '+' | '-' | '~';
  readonly operand: Expression;
}

export type BinaryOperator = '+' | '-' | '*' | '/' | '%' | '&' | '|' | '^';

export interface BinaryExpression extends Node {
  readonly kind: 'binaryOperation';
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
}

export interface CollateExpression extends Node {
  readonly kind: 'collate';
  readonly expression: Expression;
  /** As written; may be DATABASE_DEFAULT. */
  readonly collation: string;
}

export interface CaseExpression extends Node {
  readonly kind: 'case';
  /** Present: simple CASE, every `when` is an expression to compare with it. Absent: every `when` is a condition. */
  readonly input: Expression | undefined;
  readonly branches: readonly { readonly when: Expression | Condition; readonly then: Expression }[];
  readonly otherwise: Expression | undefined;
}

export interface IifExpression extends Node {
  readonly kind: 'iif';
  readonly condition: Condition;
  readonly then: Expression;
  readonly otherwise: Expression;
}

export interface CastExpression extends Node {
  readonly kind: 'cast';
  /** TRY_CAST. */
  readonly try: boolean;
  readonly expression: Expression;
  readonly type: DataType;
}

export interface ConvertExpression extends Node {
  readonly kind: 'convert';
  /** TRY_CONVERT. */
  readonly try: boolean;
  readonly type: DataType;
  readonly expression: Expression;
  readonly style: Expression | undefined;
}

/**
 * Any function with ordinary arguments, aggregates and window functions included, also COALESCE, NULLIF, and those
 * without parentheses (CURRENT_TIMESTAMP, CURRENT_USER, SESSION_USER, SYSTEM_USER, USER). TRIM(c FROM s) has the
 * arguments [s, c].
 */
export interface FunctionCall extends Node {
  readonly kind: 'function';
  /** Built-in functions have only an object part; its case is as written. */
  readonly name: ObjectName;
  readonly arguments: readonly Expression[];
  /** COUNT(*) and COUNT_BIG(*): no arguments. */
  readonly star: boolean;
  readonly distinct: boolean;
  readonly over: WindowSpecification | undefined;
  /** WITHIN GROUP (ORDER BY ...); empty when absent. */
  readonly withinGroup: readonly OrderByItem[];
}

export interface WindowSpecification extends Node {
  readonly partitionBy: readonly Expression[];
  readonly orderBy: readonly OrderByItem[];
  readonly frame: WindowFrame | undefined;
}

export interface WindowFrame {
  readonly unit: 'rows' | 'range';
  readonly start: FrameBound;
  /** Undefined when written without BETWEEN: the current row. */
  readonly end: FrameBound | undefined;
}

export type FrameBound =
  | { readonly kind: 'unboundedPreceding' | 'unboundedFollowing' | 'currentRow' }
  | { readonly kind: 'preceding' | 'following'; readonly rows: number };

export interface ScalarSubquery extends Node {
  readonly kind: 'subquery';
  readonly query: Query;
}

/** $action in the OUTPUT clause of MERGE. */
export interface MergeAction extends Node {
  readonly kind: 'mergeAction';
}

/** First argument of DATEADD, DATEDIFF, DATEDIFF_BIG, DATEPART, DATENAME, as written: 'day', 'dd' ... */
export interface DatePart extends Node {
  readonly kind: 'datePart';
  readonly name: string;
}

/** What WHERE, ON, HAVING, IF, WHILE, CHECK, WHEN and IIF take. */
export type Condition =
  | Comparison
  | QuantifiedComparison
  | LogicalOperation
  | NotCondition
  | IsNullCondition
  | BetweenCondition
  | LikeCondition
  | InListCondition
  | InQueryCondition
  | ExistsCondition
  | UpdateColumnCondition;

/** != is given as <>, !< as >=, !> as <=. */
export type ComparisonOperator = '=' | '<>' | '<' | '<=' | '>' | '>=';

export interface Comparison extends Node {
  readonly kind: 'comparison';
  readonly operator: ComparisonOperator;
  readonly left: Expression;
  readonly right: Expression;
}

export interface QuantifiedComparison extends Node {
  readonly kind: 'quantifiedComparison';
  readonly operator: ComparisonOperator;
  readonly left: Expression;
  /** SOME is given as any. */
  readonly quantifier: 'any' | 'all';
  readonly query: Query;
}

/** Long chains of AND or OR are left-deep. */
export interface LogicalOperation extends Node {
  readonly kind: 'and' | 'or';
  readonly left: Condition;
  readonly right: Condition;
}

export interface NotCondition extends Node {
  readonly kind: 'not';
  readonly condition: Condition;
}

export interface IsNullCondition extends Node {
  readonly kind: 'isNull';
  readonly negated: boolean;
  readonly expression: Expression;
}

export interface BetweenCondition extends Node {
  readonly kind: 'between';
  readonly negated: boolean;
  readonly expression: Expression;
  readonly low: Expression;
  readonly high: Expression;
}

export interface LikeCondition extends Node {
  readonly kind: 'like';
  readonly negated: boolean;
  readonly expression: Expression;
  readonly pattern: Expression;
  readonly escape: Expression | undefined;
}

export interface InListCondition extends Node {
  readonly kind: 'inList';
  readonly negated: boolean;
  readonly expression: Expression;
  readonly values: readonly Expression[];
}

export interface InQueryCondition extends Node {
  readonly kind: 'inQuery';
  readonly negated: boolean;
  readonly expression: Expression;
  readonly query: Query;
}

export interface ExistsCondition extends Node {
  readonly kind: 'exists';
  readonly query: Query;
}

/** UPDATE(column) inside a trigger. */
export interface UpdateColumnCondition extends Node {
  readonly kind: 'updateColumn';
  readonly column: string;
}
