import type {
  CommonTableExpression,
  Expression,
  OrderByItem,
  Query,
  QueryBody,
  QuerySpecification,
  SelectStatement,
  SetOperation,
  Top,
} from '../ast.js';
import { incorrectSyntaxNearKeyword, syntaxError } from '../syntaxErrors.js';
import { unsupported } from '../unsupported.js';
import { parseCondition } from './conditions.js';
import type { TokenCursor } from './cursor.js';
import { acceptLiteral, parseExpression, parseExpressionList } from './expressions.js';
import { parseIdentifier, parseObjectName, parseParenthesizedIdentifiers } from './names.js';
import { parseQueryHints } from './queryHints.js';
import { parseSelectItems } from './selectList.js';
import { parseTableSources } from './tableSources.js';

/**
 * Where a query stands. 'statement': SELECT and INSERT ... SELECT, where ORDER BY is free and INTO is possible for
 * SELECT; 'nested': where ORDER BY needs TOP or OFFSET (error 1033).
 */
export type QueryPlace = 'statement' | 'nested';

const setOperators: ReadonlySet<string> = new Set(['UNION', 'EXCEPT', 'INTERSECT']);

/** True if a query starts `distance` tokens ahead: SELECT, or a parenthesized query that a set operator follows. */
export function startsQuery(cursor: TokenCursor, distance = 0): boolean {
  const { lexeme } = cursor.peek(distance);
  if (lexeme === 'SELECT') return true;
  if (lexeme !== '(' || !startsQuery(cursor, distance + 1)) return false;
  return setOperators.has(cursor.peek(cursor.distanceBehindParenthesis(distance)).lexeme);
}

export function parseSelectStatement(cursor: TokenCursor, ctes: readonly CommonTableExpression[]): SelectStatement {
  const first = cursor.current.span;
  const query = parseQuery(cursor, 'statement');
  refuseForClause(cursor);
  const options = parseQueryHints(cursor);
  checkAssignments(query);
  return { kind: 'selectStatement', ctes, query, options, span: cursor.spanFrom(ctes[0]?.span ?? first) };
}

function refuseForClause(cursor: TokenCursor): void {
  if (!cursor.is('FOR')) return;
  const next = cursor.peek(1).lexeme;
  if (next === 'XML' || next === 'JSON' || next === 'BROWSE') throw unsupported(`FOR ${next}`, cursor.current.span);
}

/** Error 141: a SELECT assigns to variables or returns rows, never both. */
function checkAssignments(query: Query): void {
  const { body } = query;
  const items = body.kind === 'select' ? body.items : [];
  const assignments = items.filter((item) => item.kind === 'assignment').length;
  if (assignments === 0 || assignments === items.length) return;
  throw syntaxError(
    141,
    'A SELECT statement that assigns a value to a variable must not be combined with data-retrieval operations.',
    query.span.line,
  );
}

export function parseQuery(cursor: TokenCursor, place: QueryPlace): Query {
  const first = cursor.current.span;
  const body = parseSetOperations(cursor, place);
  const orderBy = cursor.is('ORDER') ? parseOrderBy(cursor) : [];
  const { offset, fetch } = parseOffset(cursor, orderBy.length > 0);
  const top = body.kind === 'select' ? body.top : undefined;
  if (offset !== undefined && top !== undefined) {
    throw syntaxError(10741, 'A TOP can not be used in the same query or sub-query as a OFFSET.', cursor.line, 2);
  }
  if (place === 'nested' && orderBy.length > 0 && top === undefined && offset === undefined) {
    refuseForClause(cursor);
    throw orderByInNestedQuery(orderBy[0]?.span.line ?? first.line);
  }
  if (place === 'nested') refuseForClause(cursor);
  return { kind: 'query', body, orderBy, offset, fetch, span: cursor.spanFrom(first) };
}

function orderByInNestedQuery(line: number): Error {
  return syntaxError(
    1033,
    'The ORDER BY clause is invalid in views, inline functions, derived tables, subqueries, and common table ' +
      'expressions, unless TOP, OFFSET or FOR XML is also specified.',
    line,
  );
}

function parseOffset(
  cursor: TokenCursor,
  ordered: boolean,
): { offset: Expression | undefined; fetch: Expression | undefined } {
  if (!ordered || !cursor.accept('OFFSET')) return { offset: undefined, fetch: undefined };
  const offset = parseExpression(cursor);
  expectRowOrRows(cursor);
  if (!cursor.accept('FETCH')) return { offset, fetch: undefined };
  if (!cursor.accept('FIRST')) cursor.expect('NEXT');
  const fetch = parseExpression(cursor);
  expectRowOrRows(cursor);
  cursor.expect('ONLY');
  return { offset, fetch };
}

function expectRowOrRows(cursor: TokenCursor): void {
  if (!cursor.accept('ROW')) cursor.expect('ROWS');
}

/** UNION and EXCEPT from left to right; INTERSECT binds tighter ("Set Operators - EXCEPT and INTERSECT"). */
function parseSetOperations(cursor: TokenCursor, place: QueryPlace): QueryBody {
  let left = parseIntersections(cursor, place);
  for (;;) {
    const operator = acceptUnionOrExcept(cursor);
    if (operator === undefined) return left;
    left = setOperation(cursor, operator, left, parseIntersections(cursor, 'nested'));
  }
}

function acceptUnionOrExcept(cursor: TokenCursor): SetOperation['operator'] | undefined {
  if (cursor.accept('EXCEPT')) return 'except';
  if (!cursor.accept('UNION')) return undefined;
  return cursor.accept('ALL') ? 'unionAll' : 'union';
}

function parseIntersections(cursor: TokenCursor, place: QueryPlace): QueryBody {
  let left = parseQueryOperand(cursor, place);
  while (cursor.accept('INTERSECT')) {
    left = setOperation(cursor, 'intersect', left, parseQueryOperand(cursor, 'nested'));
  }
  return left;
}

function setOperation(
  cursor: TokenCursor,
  operator: SetOperation['operator'],
  left: QueryBody,
  right: QueryBody,
): SetOperation {
  return { kind: 'setOperation', operator, left, right, span: cursor.spanFrom(left.span) };
}

function parseQueryOperand(cursor: TokenCursor, place: QueryPlace): QueryBody {
  if (!cursor.is('(')) return parseQuerySpecification(cursor, place);
  cursor.advance();
  const body = parseSetOperations(cursor, 'nested');
  cursor.expect(')');
  return body;
}

function parseQuerySpecification(cursor: TokenCursor, place: QueryPlace): QuerySpecification {
  const first = cursor.expect('SELECT').span;
  const distinct = cursor.accept('DISTINCT');
  if (!distinct) cursor.accept('ALL');
  const top = cursor.is('TOP') ? parseTop(cursor) : undefined;
  const items = parseSelectItems(cursor);
  const into = parseInto(cursor, place);
  const from = cursor.accept('FROM') ? parseTableSources(cursor) : [];
  const where = cursor.accept('WHERE') ? parseCondition(cursor) : undefined;
  const groupBy = cursor.is('GROUP') ? parseGroupBy(cursor) : [];
  const having = cursor.accept('HAVING') ? parseCondition(cursor) : undefined;
  const span = cursor.spanFrom(first);
  return { kind: 'select', distinct, top, items, into, from, where, groupBy, having, span };
}

function parseInto(cursor: TokenCursor, place: QueryPlace): QuerySpecification['into'] {
  if (!cursor.is('INTO')) return undefined;
  if (place === 'nested') throw incorrectSyntaxNearKeyword(cursor.current.value, cursor.line);
  cursor.advance();
  const into = parseObjectName(cursor);
  if (cursor.is('ON')) throw unsupported('filegroups', cursor.current.span);
  return into;
}

/** TOP n without parentheses takes a constant only. */
export function parseTop(cursor: TokenCursor): Top {
  const first = cursor.expect('TOP').span;
  const count = parseTopCount(cursor);
  const percent = cursor.accept('PERCENT');
  const withTies = cursor.acceptSequence('WITH', 'TIES');
  return { count, percent, withTies, span: cursor.spanFrom(first) };
}

function parseTopCount(cursor: TokenCursor): Expression {
  if (cursor.accept('(')) {
    const count = parseExpression(cursor);
    cursor.expect(')');
    return count;
  }
  const { kind } = cursor.current;
  const count = kind === 'integer' || kind === 'decimal' || kind === 'float' ? acceptLiteral(cursor) : undefined;
  if (count === undefined) throw cursor.error();
  return count;
}

function parseGroupBy(cursor: TokenCursor): Expression[] {
  cursor.expect('GROUP', 'BY');
  for (const word of ['ROLLUP', 'CUBE']) {
    if (cursor.isSequence(word, '(')) throw unsupported(`GROUP BY ${word}`, cursor.current.span);
  }
  if (cursor.isSequence('GROUPING', 'SETS')) throw unsupported('GROUPING SETS', cursor.current.span);
  if (cursor.is('ALL')) throw unsupported('GROUP BY ALL', cursor.current.span);
  const expressions = parseExpressionList(cursor);
  if (cursor.is('WITH') && /^(ROLLUP|CUBE)$/.test(cursor.peek(1).lexeme)) {
    throw unsupported(`WITH ${cursor.peek(1).lexeme}`, cursor.current.span);
  }
  return expressions;
}

export function parseOrderBy(cursor: TokenCursor): OrderByItem[] {
  cursor.expect('ORDER', 'BY');
  const items = [parseOrderByItem(cursor)];
  while (cursor.accept(',')) items.push(parseOrderByItem(cursor));
  return items;
}

function parseOrderByItem(cursor: TokenCursor): OrderByItem {
  const expression = parseExpression(cursor);
  const descending = parseDirection(cursor);
  return { expression, descending, span: cursor.spanFrom(expression.span) };
}

/** ASC or DESC if written; true for DESC. */
export function parseDirection(cursor: TokenCursor): boolean {
  if (cursor.accept('DESC')) return true;
  cursor.accept('ASC');
  return false;
}

/** The list after WITH. */
export function parseCommonTableExpressions(cursor: TokenCursor): CommonTableExpression[] {
  cursor.expect('WITH');
  if (cursor.isSequence('XMLNAMESPACES', '(')) throw unsupported('WITH XMLNAMESPACES', cursor.current.span);
  const ctes = [parseCommonTableExpression(cursor)];
  while (cursor.accept(',')) ctes.push(parseCommonTableExpression(cursor));
  return ctes;
}

function parseCommonTableExpression(cursor: TokenCursor): CommonTableExpression {
  const { name, span } = parseIdentifier(cursor);
  const columns = cursor.is('(') ? parseParenthesizedIdentifiers(cursor) : [];
  cursor.expect('AS');
  cursor.expect('(');
  const query = parseQuery(cursor, 'nested');
  cursor.expect(')');
  return { name, columns, query, span: cursor.spanFrom(span) };
}
