import type { CaseExpression, Condition, Expression } from '../ast.js';
import { unsupported } from '../unsupported.js';
import { parseCondition } from './conditions.js';
import type { TokenCursor } from './cursor.js';
import { parseDataType } from './dataTypes.js';
import { acceptLiteral, parseExpression } from './expressions.js';
import { parseFunctionCall } from './functions.js';
import { objectNameOf, parseNameParts } from './names.js';
import { parseQuery, startsQuery } from './queries.js';

const reservedFunctions = new Set(['LEFT', 'RIGHT', 'COALESCE', 'NULLIF']);
const functionsWithoutParentheses = new Set([
  'CURRENT_TIMESTAMP',
  'CURRENT_USER',
  'SESSION_USER',
  'SYSTEM_USER',
  'USER',
]);
const refusedWords: ReadonlyMap<string, string> = new Map([
  ['IDENTITY', 'the IDENTITY function of SELECT INTO'],
  ['IDENTITYCOL', 'IDENTITYCOL'],
  ['ROWGUIDCOL', 'ROWGUIDCOL as a column reference'],
]);
const refusedDollarNames: ReadonlySet<string> = new Set(['$IDENTITY', '$ROWGUID', '$PARTITION', '$CUID']);

/** An operand without sign or COLLATE. */
export function parsePrimary(cursor: TokenCursor): Expression {
  const literal = acceptLiteral(cursor);
  if (literal !== undefined) return literal;
  const token = cursor.current;
  switch (token.kind) {
    case 'variable':
      cursor.advance();
      if (cursor.is('.')) throw unsupported('methods of variables', token.span);
      return { kind: 'variable', name: token.value, span: token.span };
    case 'globalVariable':
      cursor.advance();
      return { kind: 'globalVariable', name: token.value.toUpperCase(), span: token.span };
    case 'symbol':
      if (token.lexeme === '(') return parseParenthesized(cursor);
      if (token.lexeme === '{') throw unsupported('ODBC escape sequences', token.span);
      throw cursor.error();
    case 'word':
      return token.reserved ? parseReservedPrimary(cursor) : parseWordPrimary(cursor);
    case 'quotedName':
      return parseNamePrimary(cursor);
    default:
      throw cursor.error();
  }
}

function parseParenthesized(cursor: TokenCursor): Expression {
  const open = cursor.expect('(');
  if (startsQuery(cursor)) {
    const query = parseQuery(cursor, 'nested');
    cursor.expect(')');
    return { kind: 'subquery', query, span: cursor.spanFrom(open.span) };
  }
  const inner = parseExpression(cursor);
  cursor.expect(')');
  return inner;
}

function parseReservedPrimary(cursor: TokenCursor): Expression {
  const { lexeme, span } = cursor.current;
  if (lexeme === 'CASE') return parseCase(cursor);
  if (lexeme === 'CONVERT' || lexeme === 'TRY_CONVERT') return parseConvert(cursor);
  if (functionsWithoutParentheses.has(lexeme)) {
    const name = cursor.advance().value;
    return {
      kind: 'function',
      name: { server: '', database: '', schema: '', object: name, span },
      arguments: [],
      star: false,
      distinct: false,
      over: undefined,
      withinGroup: [],
      span,
    };
  }
  if (reservedFunctions.has(lexeme) && cursor.peek(1).lexeme === '(') {
    const name = cursor.advance().value;
    return parseFunctionCall(cursor, { server: '', database: '', schema: '', object: name, span });
  }
  const refused = refusedWords.get(lexeme);
  if (refused !== undefined) throw unsupported(refused, span);
  throw cursor.error();
}

function parseWordPrimary(cursor: TokenCursor): Expression {
  const { lexeme, span } = cursor.current;
  if (cursor.peek(1).lexeme === '(') {
    if (lexeme === 'CAST' || lexeme === 'TRY_CAST') return parseCast(cursor);
    if (lexeme === 'IIF') return parseIif(cursor);
    if (lexeme === 'PARSE' || lexeme === 'TRY_PARSE') throw unsupported(lexeme, span);
  }
  if (lexeme === '$ACTION') {
    cursor.advance();
    return { kind: 'mergeAction', span };
  }
  if (refusedDollarNames.has(lexeme)) throw unsupported(lexeme.toLowerCase(), span);
  if (cursor.isSequence('NEXT', 'VALUE', 'FOR')) throw unsupported('NEXT VALUE FOR', span);
  return parseNamePrimary(cursor);
}

function parseNamePrimary(cursor: TokenCursor): Expression {
  const first = cursor.current.span;
  const parts = parseNameParts(cursor);
  if (cursor.is('(')) return parseFunctionCall(cursor, objectNameOf(parts, cursor, first));
  if (cursor.is('::')) throw unsupported('methods of types', first);
  const name = parts.pop() ?? '';
  const qualifier = parts.length === 0 ? undefined : objectNameOf(parts, cursor, first);
  return { kind: 'column', qualifier, name, span: cursor.spanFrom(first) };
}

function parseCase(cursor: TokenCursor): CaseExpression {
  const first = cursor.expect('CASE').span;
  const input = cursor.is('WHEN') ? undefined : parseExpression(cursor);
  const branches: { when: Expression | Condition; then: Expression }[] = [];
  do {
    cursor.expect('WHEN');
    const when = input === undefined ? parseCondition(cursor) : parseExpression(cursor);
    cursor.expect('THEN');
    branches.push({ when, then: parseExpression(cursor) });
  } while (cursor.is('WHEN'));
  const otherwise = cursor.accept('ELSE') ? parseExpression(cursor) : undefined;
  cursor.expect('END');
  return { kind: 'case', input, branches, otherwise, span: cursor.spanFrom(first) };
}

function parseCast(cursor: TokenCursor): Expression {
  const word = cursor.advance();
  cursor.expect('(');
  const expression = parseExpression(cursor);
  cursor.expect('AS');
  const type = parseDataType(cursor);
  cursor.expect(')');
  return { kind: 'cast', try: word.lexeme === 'TRY_CAST', expression, type, span: cursor.spanFrom(word.span) };
}

function parseConvert(cursor: TokenCursor): Expression {
  const word = cursor.advance();
  cursor.expect('(');
  const type = parseDataType(cursor);
  cursor.expect(',');
  const expression = parseExpression(cursor);
  const style = cursor.accept(',') ? parseExpression(cursor) : undefined;
  cursor.expect(')');
  const isTry = word.lexeme === 'TRY_CONVERT';
  return { kind: 'convert', try: isTry, type, expression, style, span: cursor.spanFrom(word.span) };
}

function parseIif(cursor: TokenCursor): Expression {
  const first = cursor.advance().span;
  cursor.expect('(');
  const condition = parseCondition(cursor);
  cursor.expect(',');
  const then = parseExpression(cursor);
  cursor.expect(',');
  const otherwise = parseExpression(cursor);
  cursor.expect(')');
  return { kind: 'iif', condition, then, otherwise, span: cursor.spanFrom(first) };
}
