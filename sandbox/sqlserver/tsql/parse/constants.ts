import type { Literal, UnaryExpression } from '../ast.js';
import type { TokenCursor } from './cursor.js';
import { acceptLiteral } from './expressions.js';

/** A constant with an optional sign, where T-SQL takes no expression; undefined if none stands here. */
export function acceptSignedConstant(cursor: TokenCursor): Literal | UnaryExpression | undefined {
  const { lexeme, span } = cursor.current;
  if (lexeme !== '-' && lexeme !== '+') return acceptLiteral(cursor);
  cursor.advance();
  const operand = acceptLiteral(cursor);
  if (operand === undefined) throw cursor.error();
  return { kind: 'unary', operator: lexeme, operand, span: cursor.spanFrom(span) };
}
