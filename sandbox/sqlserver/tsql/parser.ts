import type { Batch, Condition, Expression, ObjectName } from './ast.js';
import { parseCondition as readCondition } from './parse/conditions.js';
import { TokenCursor } from './parse/cursor.js';
import { parseExpression as readExpression } from './parse/expressions.js';
import { readObjectName } from './parse/nameText.js';
import { parseBatchStatements } from './parse/statements.js';

export interface ParseOptions {
  /** The session's SET QUOTED_IDENTIFIER: off, "..." is a string. */
  readonly quotedIdentifier: boolean;
}

/**
 * Parses the text of one batch. Throws SqlError with SQL Server's number and the line: 102, 156, 105, 113, 103, 111,
 * 319, 1033, 10713 and others; 50001 for what SQL Server has and the sandbox has not.
 */
export function parseBatch(text: string, options: ParseOptions): Batch {
  const cursor = new TokenCursor(text, options.quotedIdentifier);
  return { text, statements: parseBatchStatements(cursor) };
}

/** Parses one scalar expression, as kept for a DEFAULT or a computed column. Throws like parseBatch. */
export function parseExpression(text: string, options: ParseOptions = { quotedIdentifier: true }): Expression {
  return parseWhole(text, options, readExpression);
}

/** Parses one condition, as kept for a CHECK constraint or a filtered index. Throws like parseBatch. */
export function parseCondition(text: string, options: ParseOptions = { quotedIdentifier: true }): Condition {
  return parseWhole(text, options, readCondition);
}

/**
 * The object name in a text, as OBJECT_ID, IDENT_CURRENT or HAS_PERMS_BY_NAME take it ('[dbo].[t]', 'tempdb..#t');
 * undefined for a text that is no name.
 */
export function parseObjectName(text: string): ObjectName | undefined {
  return readObjectName(text);
}

function parseWhole<Node>(text: string, options: ParseOptions, parse: (cursor: TokenCursor) => Node): Node {
  const cursor = new TokenCursor(text, options.quotedIdentifier);
  const node = parse(cursor);
  if (!cursor.atEnd) throw cursor.error();
  return node;
}
