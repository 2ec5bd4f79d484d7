import type { SqlType } from '../../api.js';
import type { CollationLabel } from '../types/collations.js';
import { intType, isCharacter, postgresType } from '../types/sqlTypes.js';

/** An expression with its T-SQL type and the PostgreSQL text that computes it. */
export interface BoundExpression {
  /** PostgreSQL text of type postgresType(type); an operand as it stands (a name, a call, or in parentheses). */
  readonly sql: string;
  readonly type: SqlType;
  readonly nullable: boolean;
  /** Present for character types. */
  readonly collation?: CollationLabel;
  /** Present for constants, so that callers can look at them and fold. */
  readonly literal?: LiteralValue;
  /** Set for a reference to a column: its table's name for messages and its own. */
  readonly column?: {
    readonly name: string;
    readonly identity?: { readonly seed: bigint; readonly increment: bigint };
  };
}

export type LiteralValue =
  | { readonly kind: 'null' }
  | { readonly kind: 'typedNull' }
  | { readonly kind: 'integer'; readonly value: bigint }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'binary' };

/** The word NULL, which takes whatever type is wanted. */
export function isNullLiteral(expression: BoundExpression): boolean {
  return expression.literal?.kind === 'null';
}

export const nullLiteral: BoundExpression = {
  sql: 'NULL::int4',
  type: intType,
  nullable: true,
  literal: { kind: 'null' },
};

/** NULL as a value of a type. */
export function typedNull(type: SqlType, collation?: CollationLabel): BoundExpression {
  return {
    sql: `NULL::${postgresType(type)}`,
    type,
    nullable: true,
    literal: { kind: 'typedNull' },
    ...(collation === undefined ? {} : { collation }),
  };
}

/** A result of an operation on `sources`: its text and type; NULL in when NULL came in. */
export function derived(sql: string, type: SqlType, nullable: boolean, collation?: CollationLabel): BoundExpression {
  if (!isCharacter(type) || collation === undefined) return { sql, type, nullable };
  return { sql, type, nullable, collation };
}

/** A PostgreSQL string constant of type text. */
export function textLiteral(value: string): string {
  const quoted = `'${value.replaceAll("'", "''")}'`;
  return `${quoted}::text`;
}

export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
