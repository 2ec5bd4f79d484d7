import type { CommonTableExpression } from '../../tsql/ast.js';
import { subqueryInAggregate } from './errors.js';
import { Scope } from './scope.js';
import type { StatementBuilder } from './statementBuilder.js';
import type { BoundExpression } from './expressions/boundExpression.js';
import type { SqlType } from '../api.js';
import type { CollationLabel } from './types/collations.js';

/** A column that a query returns; its PostgreSQL name is outputName(index). */
export interface QueryColumn {
  /** '' for an expression without alias. */
  readonly name: string;
  readonly type: SqlType;
  readonly nullable: boolean;
  readonly collation?: CollationLabel;
  readonly column?: BoundExpression['column'];
  /** Set when the expression is an untyped NULL, which takes the type of the other branch of a UNION. */
  readonly isNull?: boolean;
}

/** A WITH entry in scope. */
export interface CommonTable {
  readonly name: string;
  /** PostgreSQL name of the WITH entry. */
  readonly postgresName: string;
  readonly columns: readonly QueryColumn[];
  /** True inside the recursive part of the expression itself: its rows carry their depth. */
  readonly recursive?: boolean;
  /** The expression as written, for UPDATE and DELETE of it. */
  readonly expression?: CommonTableExpression;
}

/** Everything that binding an expression or a query depends on, besides the node. */
export interface Environment {
  readonly builder: StatementBuilder;
  readonly scope: Scope;
  readonly commonTables: readonly CommonTable[];
  /** Scopes of which an aggregate's argument is being bound. */
  readonly ungrouped: ReadonlySet<Scope>;
  /** Window functions are allowed (select list and ORDER BY). */
  readonly windows: boolean;
  /** Right side of APPLY: the scope of the left side, which derived tables there see. */
  readonly lateral?: Scope;
  /**
   * Columns that this query level returns beside its own, for the query around it: gives `value AS name` terms once
   * the FROM clause is bound.
   */
  readonly hiddenColumns?: (scope: Scope) => readonly string[];
  /** OPTION (MAXRECURSION n); 0 for no limit. */
  readonly maxRecursion?: number;
  /** Inside a DEFAULT definition: NEWSEQUENTIALID() is allowed. */
  readonly defaults?: boolean;
  /** Aggregates are allowed: not in WHERE, ON, GROUP BY, SET, VALUES. */
  readonly aggregates: boolean;
}

export function rootEnvironment(builder: StatementBuilder): Environment {
  return {
    builder,
    scope: new Scope(undefined),
    commonTables: [],
    ungrouped: new Set(),
    windows: false,
    aggregates: false,
  };
}

/**
 * An environment for a query inside this one: its columns can be referred to. Error 130 inside an aggregate's argument.
 */
export function innerEnvironment(environment: Environment): Environment {
  if (environment.ungrouped.has(environment.scope)) throw subqueryInAggregate();
  const { lateral: _lateral, hiddenColumns: _hidden, ...rest } = environment;
  return { ...rest, scope: new Scope(environment.scope), windows: false, aggregates: false };
}

/** The same level, for a clause in which neither aggregates nor window functions may stand. */
export function plainClause(environment: Environment): Environment {
  return { ...environment, windows: false, aggregates: false };
}
