import type {
  Expression,
  FrameBound,
  FunctionCall,
  ObjectName,
  OrderByItem,
  WindowFrame,
  WindowSpecification,
} from '../ast.js';
import { unsupported } from '../unsupported.js';
import type { TokenCursor } from './cursor.js';
import { parseExpression, parseExpressionList } from './expressions.js';
import { parseOrderBy } from './queries.js';

const functionsOfDatePart = new Set(['DATEADD', 'DATEDIFF', 'DATEDIFF_BIG', 'DATEPART', 'DATENAME', 'DATETRUNC']);

/** A call from its opening parenthesis, with OVER and WITHIN GROUP. */
export function parseFunctionCall(cursor: TokenCursor, name: ObjectName): FunctionCall {
  cursor.expect('(');
  const builtIn = name.schema === '' ? name.object.toUpperCase() : '';
  const distinct = parseSetQuantifier(cursor);
  const star = (builtIn === 'COUNT' || builtIn === 'COUNT_BIG') && cursor.accept('*');
  const values = star || cursor.is(')') ? [] : parseArguments(cursor, builtIn);
  cursor.expect(')');
  const withinGroup = parseWithinGroup(cursor);
  const over = parseOver(cursor);
  return {
    kind: 'function',
    name,
    arguments: values,
    star,
    distinct,
    over,
    withinGroup,
    span: cursor.spanFrom(name.span),
  };
}

function parseSetQuantifier(cursor: TokenCursor): boolean {
  if (cursor.accept('DISTINCT')) return true;
  cursor.accept('ALL');
  return false;
}

function parseArguments(cursor: TokenCursor, builtIn: string): Expression[] {
  if (functionsOfDatePart.has(builtIn)) return parseDatePartArguments(cursor);
  const first = parseExpression(cursor);
  if (builtIn === 'TRIM' && cursor.accept('FROM')) return [parseExpression(cursor), first];
  if (!cursor.accept(',')) return [first];
  return [first, ...parseExpressionList(cursor)];
}

function parseDatePartArguments(cursor: TokenCursor): Expression[] {
  const { kind, reserved, value, span } = cursor.current;
  if ((kind !== 'word' && kind !== 'quotedName') || reserved) throw cursor.error();
  cursor.advance();
  cursor.expect(',');
  return [{ kind: 'datePart', name: value, span }, ...parseExpressionList(cursor)];
}

function parseWithinGroup(cursor: TokenCursor): OrderByItem[] {
  if (!cursor.acceptSequence('WITHIN', 'GROUP')) return [];
  cursor.expect('(');
  const items = parseOrderBy(cursor);
  cursor.expect(')');
  return items;
}

function parseOver(cursor: TokenCursor): WindowSpecification | undefined {
  if (!cursor.is('OVER')) return undefined;
  const first = cursor.advance().span;
  cursor.expect('(');
  const partitionBy = cursor.acceptSequence('PARTITION', 'BY') ? parseExpressionList(cursor) : [];
  const orderBy = cursor.is('ORDER') ? parseOrderBy(cursor) : [];
  const frame = parseFrame(cursor);
  cursor.expect(')');
  return { partitionBy, orderBy, frame, span: cursor.spanFrom(first) };
}

function parseFrame(cursor: TokenCursor): WindowFrame | undefined {
  const unit = cursor.is('ROWS') ? 'rows' : cursor.is('RANGE') ? 'range' : undefined;
  if (unit === undefined) return undefined;
  cursor.advance();
  if (!cursor.accept('BETWEEN')) return { unit, start: parseFrameBound(cursor), end: undefined };
  const start = parseFrameBound(cursor);
  cursor.expect('AND');
  return { unit, start, end: parseFrameBound(cursor) };
}

function parseFrameBound(cursor: TokenCursor): FrameBound {
  if (cursor.acceptSequence('CURRENT', 'ROW')) return { kind: 'currentRow' };
  if (cursor.accept('UNBOUNDED')) {
    if (cursor.accept('PRECEDING')) return { kind: 'unboundedPreceding' };
    cursor.expect('FOLLOWING');
    return { kind: 'unboundedFollowing' };
  }
  if (cursor.current.kind !== 'integer')
    throw unsupported('window frame bounds that are no constants', cursor.current.span);
  const rows = Number(cursor.advance().value);
  if (cursor.accept('PRECEDING')) return { kind: 'preceding', rows };
  cursor.expect('FOLLOWING');
  return { kind: 'following', rows };
}
