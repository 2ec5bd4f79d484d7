import type { SqlType, SqlTypeName } from '../../api.js';
import type { StatementBuilder } from '../statementBuilder.js';
import { combineCollations, type CollationLabel } from '../types/collations.js';
import { isNational, lengthOf, longestLength, sized, unlimited } from '../types/sqlTypes.js';
import { derived, type BoundExpression } from './boundExpression.js';
import { cut } from './characterConversions.js';

/**
 * Character values one after the other: a + b, CONCAT. The result is cut at 8,000 bytes (4,000 units) unless one of
 * them is a (max) type.
 */
export function concatenateText(
  builder: StatementBuilder,
  parts: readonly BoundExpression[],
  kind: '+' | 'CONCAT',
): BoundExpression {
  const type = concatenatedType(parts);
  const collation = concatenatedCollation(builder, parts, kind);
  const ignoresNull = kind === 'CONCAT' || !builder.context.options.concatNullYieldsNull;
  const texts = parts.map((part) => (ignoresNull && part.nullable ? `coalesce(${part.sql}, '')` : part.sql));
  const sum = parts.reduce((total, part) => total + partLength(part), 0);
  const joined = `(${texts.join(' || ')})`;
  const limit = type.length === 'max' ? unlimited : longestLength(type.name);
  const sql = sum > limit ? cut(joined, limit, isNational(type)) : joined;
  return derived(
    sql,
    { ...type, collation: collation.name },
    !ignoresNull && parts.some((part) => part.nullable),
    collation,
  );
}

function partLength(part: BoundExpression): number {
  const length = lengthOf(part.type);
  return length === 'max' ? 0 : length;
}

export function concatenatedType(parts: readonly BoundExpression[]): SqlType {
  const national = parts.some((part) => isNational(part.type));
  const fixed = parts.every((part) => part.type.name === 'char' || part.type.name === 'nchar');
  const name: SqlTypeName = national ? (fixed ? 'nchar' : 'nvarchar') : fixed ? 'char' : 'varchar';
  if (parts.some((part) => lengthOf(part.type) === 'max')) return sized(national ? 'nvarchar' : 'varchar', 'max');
  const sum = parts.reduce((total, part) => total + partLength(part), 0);
  return sized(name, Math.max(1, Math.min(sum, longestLength(name))));
}

export function concatenatedCollation(
  builder: StatementBuilder,
  parts: readonly BoundExpression[],
  operation: string,
): CollationLabel {
  const start: CollationLabel = { name: builder.context.databaseCollation, rank: 'coercible' };
  return parts.reduce(
    (label, part) => (part.collation === undefined ? label : combineCollations(label, part.collation, operation)),
    start,
  );
}

export function concatenateBinary(left: BoundExpression, right: BoundExpression): BoundExpression {
  const first = lengthOf(left.type);
  const second = lengthOf(right.type);
  const nullable = left.nullable || right.nullable;
  const sql = `(${left.sql} || ${right.sql})`;
  if (first === 'max' || second === 'max') return derived(sql, { name: 'varbinary', length: 'max' }, nullable);
  const length = Math.min(first + second, 8000);
  const fixed = left.type.name === 'binary' && right.type.name === 'binary';
  const cutSql = first + second > 8000 ? `substring(${sql} FROM 1 FOR 8000)` : sql;
  return derived(cutSql, { name: fixed ? 'binary' : 'varbinary', length }, nullable);
}
