import type { CommonTableExpression, MergeClause, MergeStatement, TargetTable } from '../ast.js';
import { syntaxError } from '../syntaxErrors.js';
import { parseCondition } from './conditions.js';
import type { TokenCursor } from './cursor.js';
import { parseAssignments, parseValueOrDefault } from './dataStatements.js';
import { isIdentifier, parseIdentifier, parseParenthesizedIdentifiers } from './names.js';
import { parseOutputClauses } from './output.js';
import { parseTop } from './queries.js';
import { parseQueryHints } from './queryHints.js';
import { parseTableSource } from './tableSources.js';
import { parseTargetTableWithHints } from './targets.js';

/** MERGE. The semicolon behind it is required (error 10713); the caller reads it. */
export function parseMerge(cursor: TokenCursor, ctes: readonly CommonTableExpression[]): MergeStatement {
  const first = cursor.expect('MERGE').span;
  const top = cursor.is('TOP') ? parseTop(cursor) : undefined;
  cursor.accept('INTO');
  const target = parseMergeTarget(cursor);
  cursor.expect('USING');
  const source = parseTableSource(cursor);
  cursor.expect('ON');
  const condition = parseCondition(cursor);
  const clauses = [parseMergeClause(cursor)];
  while (cursor.is('WHEN')) clauses.push(parseMergeClause(cursor));
  const output = parseOutputClauses(cursor);
  const options = parseQueryHints(cursor);
  if (!cursor.is(';')) {
    throw syntaxError(10713, 'A MERGE statement must be terminated by a semi-colon (;).', cursor.line);
  }
  const span = cursor.spanFrom(ctes[0]?.span ?? first);
  return { kind: 'merge', ctes, top, target, source, condition, clauses, output, options, span };
}

function parseMergeTarget(cursor: TokenCursor): TargetTable {
  const target = parseTargetTableWithHints(cursor);
  const alias = acceptTargetAlias(cursor);
  return alias === undefined ? target : { ...target, alias, span: cursor.spanFrom(target.span) };
}

function acceptTargetAlias(cursor: TokenCursor): string | undefined {
  if (cursor.accept('AS')) return parseIdentifier(cursor).name;
  return isIdentifier(cursor.current) && !cursor.is('USING') ? cursor.advance().value : undefined;
}

function parseMergeClause(cursor: TokenCursor): MergeClause {
  const first = cursor.expect('WHEN').span;
  const when = parseMatch(cursor);
  const and = cursor.accept('AND') ? parseCondition(cursor) : undefined;
  cursor.expect('THEN');
  const action = when === 'notMatchedByTarget' ? parseMergeInsert(cursor) : parseMergeChange(cursor);
  return { when, and, action, span: cursor.spanFrom(first) };
}

function parseMatch(cursor: TokenCursor): MergeClause['when'] {
  if (cursor.accept('MATCHED')) return 'matched';
  cursor.expect('NOT', 'MATCHED');
  if (!cursor.accept('BY')) return 'notMatchedByTarget';
  if (cursor.accept('TARGET')) return 'notMatchedByTarget';
  cursor.expect('SOURCE');
  return 'notMatchedBySource';
}

function parseMergeChange(cursor: TokenCursor): MergeClause['action'] {
  if (cursor.accept('DELETE')) return { kind: 'delete' };
  cursor.expect('UPDATE', 'SET');
  return { kind: 'update', assignments: parseAssignments(cursor) };
}

function parseMergeInsert(cursor: TokenCursor): MergeClause['action'] {
  cursor.expect('INSERT');
  const columns = cursor.is('(') ? parseParenthesizedIdentifiers(cursor) : undefined;
  if (cursor.acceptSequence('DEFAULT', 'VALUES')) return { kind: 'insert', columns, values: undefined };
  cursor.expect('VALUES', '(');
  const values = [parseValueOrDefault(cursor)];
  while (cursor.accept(',')) values.push(parseValueOrDefault(cursor));
  cursor.expect(')');
  return { kind: 'insert', columns, values };
}
