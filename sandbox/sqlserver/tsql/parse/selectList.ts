import type { AssignmentOperator, Expression, SelectExpression, SelectItem, SelectStar } from '../ast.js';
import type { TokenCursor } from './cursor.js';
import { parseExpression } from './expressions.js';
import { isIdentifier, objectNameOf } from './names.js';

const assignmentOperators: ReadonlySet<string> = new Set<AssignmentOperator>([
  '=',
  '+=',
  '-=',
  '*=',
  '/=',
  '%=',
  '&=',
  '|=',
  '^=',
]);

export function isAssignmentOperator(lexeme: string): lexeme is AssignmentOperator {
  return assignmentOperators.has(lexeme);
}

export function parseSelectItems(cursor: TokenCursor): SelectItem[] {
  const items = [parseSelectItem(cursor)];
  while (cursor.accept(',')) items.push(parseSelectItem(cursor));
  return items;
}

function parseSelectItem(cursor: TokenCursor): SelectItem {
  const { kind, value, span } = cursor.current;
  const operator = cursor.peek(1).lexeme;
  if (kind === 'variable' && isAssignmentOperator(operator)) {
    cursor.advance();
    cursor.advance();
    const expression = parseExpression(cursor);
    return { kind: 'assignment', variable: value, operator, expression, span: cursor.spanFrom(span) };
  }
  return parseColumnItem(cursor);
}

/** An item that yields a column: a star, or an expression with an alias in one of its forms. */
export function parseColumnItem(cursor: TokenCursor): SelectExpression | SelectStar {
  const { kind, value, span } = cursor.current;
  const star = acceptStar(cursor);
  if (star !== undefined) return star;
  if ((isIdentifier(cursor.current) || kind === 'string') && cursor.peek(1).lexeme === '=') {
    cursor.advance();
    cursor.advance();
    return selectExpression(cursor, parseExpression(cursor), value, span);
  }
  const expression = parseExpression(cursor);
  return selectExpression(cursor, expression, acceptColumnAlias(cursor), span);
}

function selectExpression(
  cursor: TokenCursor,
  expression: Expression,
  alias: string | undefined,
  first: SelectExpression['span'],
): SelectExpression {
  return { kind: 'expression', expression, alias, span: cursor.spanFrom(first) };
}

/** `*` or `a.b.*`, found by looking ahead over the dotted name. */
function acceptStar(cursor: TokenCursor): SelectStar | undefined {
  const first = cursor.current.span;
  if (cursor.accept('*')) return { kind: 'star', qualifier: undefined, span: first };
  let distance = 0;
  const parts: string[] = [];
  while (isIdentifier(cursor.peek(distance)) && cursor.peek(distance + 1).lexeme === '.') {
    parts.push(cursor.peek(distance).value);
    distance += 2;
    while (cursor.peek(distance).lexeme === '.') {
      parts.push('');
      distance++;
    }
  }
  if (parts.length === 0 || cursor.peek(distance).lexeme !== '*') return undefined;
  for (let count = 0; count < distance; count++) cursor.advance();
  const qualifier = objectNameOf(parts, cursor, first);
  cursor.advance();
  return { kind: 'star', qualifier, span: cursor.spanFrom(first) };
}

/** [AS] name or string; undefined if no alias follows. */
function acceptColumnAlias(cursor: TokenCursor): string | undefined {
  const written = cursor.accept('AS');
  const { kind } = cursor.current;
  if (isIdentifier(cursor.current) || kind === 'string' || kind === 'nationalString') return cursor.advance().value;
  if (written) throw cursor.error();
  return undefined;
}
