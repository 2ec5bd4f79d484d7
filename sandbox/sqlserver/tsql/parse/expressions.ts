import type { BinaryOperator, Expression, Literal } from '../ast.js';
import type { TokenCursor } from './cursor.js';
import { unsupported } from '../unsupported.js';
import { parsePrimary } from './primaries.js';
import { parseIdentifier } from './names.js';

/**
 * Scalar expressions, with the precedence of "Operator Precedence (Transact-SQL)": ~, then * / %, then + - & | ^.
 * A sign binds weaker than * / %: SQL Server reads -100.0/-100.0*10.0 as -(100.0/-(100.0*10.0)).
 */
export function parseExpression(cursor: TokenCursor): Expression {
  return continueExpression(cursor, parseMultiplicative(cursor, parseSigned(cursor)));
}

/** Goes on with an expression whose first operand, a complete primary, has been read. */
export function parseExpressionFrom(cursor: TokenCursor, primary: Expression): Expression {
  return continueExpression(cursor, parseMultiplicative(cursor, parsePostfix(cursor, primary)));
}

function continueExpression(cursor: TokenCursor, first: Expression): Expression {
  let left = first;
  for (;;) {
    const operator = cursor.current.lexeme;
    if (!isAdditive(operator)) return left;
    cursor.advance();
    const right = parseMultiplicative(cursor, parseSigned(cursor));
    left = { kind: 'binaryOperation', operator, left, right, span: cursor.spanFrom(left.span) };
  }
}

function parseMultiplicative(cursor: TokenCursor, first: Expression): Expression {
  let left = first;
  for (;;) {
    const operator = cursor.current.lexeme;
    if (!isMultiplicative(operator)) return left;
    cursor.advance();
    const right = parseSigned(cursor);
    left = { kind: 'binaryOperation', operator, left, right, span: cursor.spanFrom(left.span) };
  }
}

function isAdditive(lexeme: string): lexeme is BinaryOperator {
  return lexeme === '+' || lexeme === '-' || lexeme === '&' || lexeme === '|' || lexeme === '^';
}

function isMultiplicative(lexeme: string): lexeme is BinaryOperator {
  return lexeme === '*' || lexeme === '/' || lexeme === '%';
}

function parseSigned(cursor: TokenCursor): Expression {
  const { lexeme, span } = cursor.current;
  if (lexeme === '+' || lexeme === '-') {
    cursor.advance();
    const operand = parseMultiplicative(cursor, parseSigned(cursor));
    return { kind: 'unary', operator: lexeme, operand, span: cursor.spanFrom(span) };
  }
  if (lexeme === '~') {
    cursor.advance();
    const operand = parseSigned(cursor);
    return { kind: 'unary', operator: '~', operand, span: cursor.spanFrom(span) };
  }
  return parsePostfix(cursor, parsePrimary(cursor));
}

function parsePostfix(cursor: TokenCursor, primary: Expression): Expression {
  let expression = primary;
  while (cursor.accept('COLLATE')) {
    const collation = parseIdentifier(cursor).name;
    expression = { kind: 'collate', expression, collation, span: cursor.spanFrom(primary.span) };
  }
  if (cursor.isSequence('AT', 'TIME', 'ZONE')) throw unsupported('AT TIME ZONE', cursor.current.span);
  return expression;
}

/** The constant at the cursor, or undefined; signs are not part of it. */
export function acceptLiteral(cursor: TokenCursor): Literal | undefined {
  const { kind, lexeme, value, span } = cursor.current;
  switch (kind) {
    case 'integer':
    case 'decimal':
    case 'float':
    case 'money':
      cursor.advance();
      return { kind, text: value, span };
    case 'string':
    case 'nationalString':
      cursor.advance();
      return { kind: 'string', value, national: kind === 'nationalString', span };
    case 'binary':
      cursor.advance();
      return { kind, value: Buffer.from(value, 'hex'), span };
    case 'word':
      if (lexeme !== 'NULL') return undefined;
      cursor.advance();
      return { kind: 'null', span };
    case 'quotedName':
    case 'variable':
    case 'globalVariable':
    case 'symbol':
    case 'end':
      return undefined;
  }
}

export function parseExpressionList(cursor: TokenCursor): Expression[] {
  const expressions = [parseExpression(cursor)];
  while (cursor.accept(',')) expressions.push(parseExpression(cursor));
  return expressions;
}
