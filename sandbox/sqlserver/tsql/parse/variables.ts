import type { DeclareStatement, DeclareTableStatement, SetVariableStatement, VariableDeclaration } from '../ast.js';
import { unsupported } from '../unsupported.js';
import type { TokenCursor } from './cursor.js';
import { parseDataType } from './dataTypes.js';
import { parseExpression } from './expressions.js';
import { isAssignmentOperator } from './selectList.js';
import { parseTableElements } from './tables.js';

/** DECLARE of variables or of one table variable. */
export function parseDeclare(cursor: TokenCursor): DeclareStatement | DeclareTableStatement {
  const first = cursor.expect('DECLARE').span;
  if (cursor.current.kind !== 'variable') throw refuseCursor(cursor) ?? cursor.error();
  const second = cursor.peek(1).lexeme === 'AS' ? 2 : 1;
  if (cursor.peek(second).lexeme === 'TABLE') {
    const name = cursor.advance().value;
    cursor.accept('AS');
    cursor.expect('TABLE');
    const elements = parseTableElements(cursor);
    return { kind: 'declareTable', name, elements, span: cursor.spanFrom(first) };
  }
  const variables = [parseVariableDeclaration(cursor)];
  while (cursor.accept(',')) variables.push(parseVariableDeclaration(cursor));
  return { kind: 'declare', variables, span: cursor.spanFrom(first) };
}

function refuseCursor(cursor: TokenCursor): Error | undefined {
  const isCursor = [1, 2, 3].some((distance) => cursor.peek(distance).lexeme === 'CURSOR');
  return isCursor ? unsupported('cursors', cursor.current.span) : undefined;
}

function parseVariableDeclaration(cursor: TokenCursor): VariableDeclaration {
  const { kind, value: name, span } = cursor.current;
  if (kind !== 'variable') throw cursor.error();
  cursor.advance();
  cursor.accept('AS');
  if (cursor.is('CURSOR')) throw unsupported('cursors', cursor.current.span);
  const type = parseDataType(cursor);
  const value = cursor.accept('=') ? parseExpression(cursor) : undefined;
  return { name, type, value, span: cursor.spanFrom(span) };
}

/** SET @v operator expression. */
export function parseSetVariable(cursor: TokenCursor): SetVariableStatement {
  const first = cursor.expect('SET').span;
  const variable = cursor.advance().value;
  if (cursor.is('.')) throw unsupported('methods of variables', first);
  const operator = cursor.current.lexeme;
  if (!isAssignmentOperator(operator)) throw cursor.error();
  cursor.advance();
  if (cursor.is('CURSOR')) throw unsupported('cursors', first);
  const value = parseExpression(cursor);
  return { kind: 'setVariable', variable, operator, value, span: cursor.spanFrom(first) };
}
