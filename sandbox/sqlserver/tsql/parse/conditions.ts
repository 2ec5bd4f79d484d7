import type { ComparisonOperator, Condition, Expression, Span } from '../ast.js';
import { syntaxError } from '../syntaxErrors.js';
import { unsupported } from '../unsupported.js';
import type { TokenCursor } from './cursor.js';
import { parseExpression, parseExpressionFrom, parseExpressionList } from './expressions.js';
import { parseIdentifier } from './names.js';
import { parseQuery, startsQuery } from './queries.js';

const comparisonOperators: ReadonlyMap<string, ComparisonOperator> = new Map([
  ['=', '='],
  ['<>', '<>'],
  ['!=', '<>'],
  ['<', '<'],
  ['<=', '<='],
  ['!>', '<='],
  ['>', '>'],
  ['>=', '>='],
  ['!<', '>='],
]);

const conditionKinds: ReadonlySet<string> = new Set<Condition['kind']>([
  'comparison',
  'quantifiedComparison',
  'and',
  'or',
  'not',
  'isNull',
  'between',
  'like',
  'inList',
  'inQuery',
  'exists',
  'updateColumn',
]);

function isCondition(node: Condition | Expression): node is Condition {
  return conditionKinds.has(node.kind);
}

/** A condition with NOT, AND, OR in their order of precedence. Throws 4145 where a value stands instead. */
export function parseCondition(cursor: TokenCursor): Condition {
  return requireCondition(cursor, parseOr(cursor));
}

/**
 * A parenthesis may hold a condition or a value, which only its content shows: these functions return a bare value
 * as it is, and every operator that needs a condition asks for one.
 */
function parseOr(cursor: TokenCursor): Condition | Expression {
  let left = parseAnd(cursor);
  while (cursor.is('OR')) {
    const checked = requireCondition(cursor, left);
    cursor.advance();
    const right = requireCondition(cursor, parseAnd(cursor));
    left = { kind: 'or', left: checked, right, span: cursor.spanFrom(left.span) };
  }
  return left;
}

function parseAnd(cursor: TokenCursor): Condition | Expression {
  let left = parseNot(cursor);
  while (cursor.is('AND')) {
    const checked = requireCondition(cursor, left);
    cursor.advance();
    const right = requireCondition(cursor, parseNot(cursor));
    left = { kind: 'and', left: checked, right, span: cursor.spanFrom(left.span) };
  }
  return left;
}

function parseNot(cursor: TokenCursor): Condition | Expression {
  if (!cursor.is('NOT')) return parsePredicate(cursor);
  const first = cursor.advance().span;
  const condition = requireCondition(cursor, parseNot(cursor));
  return { kind: 'not', condition, span: cursor.spanFrom(first) };
}

function requireCondition(cursor: TokenCursor, node: Condition | Expression): Condition {
  if (isCondition(node)) return node;
  if (cursor.atEnd) throw cursor.error();
  throw syntaxError(
    4145,
    'An expression of non-boolean type specified in a context where a condition is expected, near ' +
      `'${cursor.current.value}'.`,
    cursor.line,
  );
}

function parsePredicate(cursor: TokenCursor): Condition | Expression {
  const { lexeme, span } = cursor.current;
  if (lexeme === 'EXISTS') return parseExists(cursor);
  if (lexeme === 'UPDATE') return parseUpdateColumn(cursor);
  if (lexeme === 'CONTAINS' || lexeme === 'FREETEXT') throw unsupported(`${lexeme} (full-text search)`, span);
  if (lexeme !== '(') return parsePredicateTail(cursor, parseExpression(cursor));
  if (startsQuery(cursor, 1)) return parsePredicateTail(cursor, parseExpression(cursor));
  cursor.advance();
  const inner = parseOr(cursor);
  cursor.expect(')');
  if (isCondition(inner)) return inner;
  return parsePredicateTail(cursor, parseExpressionFrom(cursor, inner));
}

function parseExists(cursor: TokenCursor): Condition {
  const first = cursor.expect('EXISTS').span;
  cursor.expect('(');
  const query = parseQuery(cursor, 'nested');
  cursor.expect(')');
  return { kind: 'exists', query, span: cursor.spanFrom(first) };
}

function parseUpdateColumn(cursor: TokenCursor): Condition {
  const first = cursor.expect('UPDATE').span;
  cursor.expect('(');
  const column = parseIdentifier(cursor).name;
  cursor.expect(')');
  return { kind: 'updateColumn', column, span: cursor.spanFrom(first) };
}

/** What follows the first value; the value itself where no predicate follows. */
function parsePredicateTail(cursor: TokenCursor, left: Expression): Condition | Expression {
  const { lexeme } = cursor.current;
  const operator = comparisonOperators.get(lexeme);
  if (operator !== undefined) return parseComparison(cursor, operator, left);
  if (lexeme === 'IS') return parseIsNull(cursor, left);
  const negated = lexeme === 'NOT';
  const word = negated ? cursor.peek(1).lexeme : lexeme;
  if (word !== 'LIKE' && word !== 'BETWEEN' && word !== 'IN') return left;
  if (negated) cursor.advance();
  cursor.advance();
  if (word === 'LIKE') return parseLike(cursor, left, negated);
  if (word === 'BETWEEN') return parseBetween(cursor, left, negated);
  return parseIn(cursor, left, negated);
}

function parseComparison(cursor: TokenCursor, operator: ComparisonOperator, left: Expression): Condition {
  cursor.advance();
  const quantifier = cursor.is('ALL') ? 'all' : cursor.is('ANY') || cursor.is('SOME') ? 'any' : undefined;
  if (quantifier === undefined) {
    const right = parseExpression(cursor);
    return { kind: 'comparison', operator, left, right, span: cursor.spanFrom(left.span) };
  }
  cursor.advance();
  cursor.expect('(');
  const query = parseQuery(cursor, 'nested');
  cursor.expect(')');
  return { kind: 'quantifiedComparison', operator, left, quantifier, query, span: cursor.spanFrom(left.span) };
}

function parseIsNull(cursor: TokenCursor, expression: Expression): Condition {
  cursor.expect('IS');
  const negated = cursor.accept('NOT');
  cursor.expect('NULL');
  return { kind: 'isNull', negated, expression, span: cursor.spanFrom(expression.span) };
}

function parseLike(cursor: TokenCursor, expression: Expression, negated: boolean): Condition {
  const pattern = parseExpression(cursor);
  const escape = cursor.accept('ESCAPE') ? parseExpression(cursor) : undefined;
  return { kind: 'like', negated, expression, pattern, escape, span: cursor.spanFrom(expression.span) };
}

function parseBetween(cursor: TokenCursor, expression: Expression, negated: boolean): Condition {
  const low = parseExpression(cursor);
  cursor.expect('AND');
  const high = parseExpression(cursor);
  return { kind: 'between', negated, expression, low, high, span: cursor.spanFrom(expression.span) };
}

function parseIn(cursor: TokenCursor, expression: Expression, negated: boolean): Condition {
  cursor.expect('(');
  const first: Span = expression.span;
  if (startsQuery(cursor)) {
    const query = parseQuery(cursor, 'nested');
    cursor.expect(')');
    return { kind: 'inQuery', negated, expression, query, span: cursor.spanFrom(first) };
  }
  const values = parseExpressionList(cursor);
  cursor.expect(')');
  return { kind: 'inList', negated, expression, values, span: cursor.spanFrom(first) };
}
