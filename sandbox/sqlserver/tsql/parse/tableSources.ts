import type {
  Condition,
  DerivedTable,
  Expression,
  Identifier,
  Join,
  Span,
  TableHint,
  TableSource,
  ValuesTable,
} from '../ast.js';
import { syntaxError } from '../syntaxErrors.js';
import { unsupported } from '../unsupported.js';
import { parseCondition } from './conditions.js';
import type { TokenCursor } from './cursor.js';
import { parseExpression, parseExpressionList } from './expressions.js';
import { isIdentifier, parseIdentifier, parseObjectName, parseParenthesizedIdentifiers } from './names.js';
import { parseQuery, startsQuery } from './queries.js';
import { isTableHint, parseHintList, parseTableHints } from './tableHints.js';

const refusedRowsets: ReadonlySet<string> = new Set([
  'OPENROWSET',
  'OPENQUERY',
  'OPENDATASOURCE',
  'OPENXML',
  'OPENJSON',
  'CONTAINSTABLE',
  'FREETEXTTABLE',
  'CHANGETABLE',
  'PREDICT',
]);

const refusedSuffixes: ReadonlySet<string> = new Set(['PIVOT', 'UNPIVOT', 'TABLESAMPLE']);

/** The comma-separated list after FROM. */
export function parseTableSources(cursor: TokenCursor): TableSource[] {
  const sources = [parseJoinedTable(cursor)];
  while (cursor.accept(',')) sources.push(parseJoinedTable(cursor));
  return sources;
}

function parseJoinedTable(cursor: TokenCursor): TableSource {
  let source = parseTableSource(cursor);
  while (startsJoin(cursor)) source = parseJoin(cursor, source);
  return source;
}

const joinWords: ReadonlySet<string> = new Set(['JOIN', 'INNER', 'LEFT', 'RIGHT', 'FULL', 'CROSS', 'OUTER']);

function startsJoin(cursor: TokenCursor): boolean {
  return cursor.isOneOf(joinWords);
}

function parseJoin(cursor: TokenCursor, left: TableSource): Join {
  const type = parseJoinType(cursor);
  if (type === 'cross' || type === 'crossApply' || type === 'outerApply') {
    const right = parseTableSource(cursor);
    return { kind: 'join', type, left, right, condition: undefined, hint: undefined, span: cursor.spanFrom(left.span) };
  }
  const hint = parseJoinHint(cursor);
  cursor.expect('JOIN');
  const { right, condition } = parseJoinOperand(cursor);
  return { kind: 'join', type, left, right, condition, hint, span: cursor.spanFrom(left.span) };
}

/** The right side up to its ON; joins written before that ON belong to the right side. */
function parseJoinOperand(cursor: TokenCursor): { right: TableSource; condition: Condition } {
  let right = parseTableSource(cursor);
  while (startsJoin(cursor)) right = parseJoin(cursor, right);
  cursor.expect('ON');
  return { right, condition: parseCondition(cursor) };
}

function parseJoinType(cursor: TokenCursor): Join['type'] {
  if (cursor.is('JOIN')) return 'inner';
  if (cursor.accept('INNER')) return 'inner';
  if (cursor.accept('CROSS')) {
    if (cursor.accept('APPLY')) return 'crossApply';
    cursor.expect('JOIN');
    return 'cross';
  }
  if (cursor.accept('OUTER')) {
    cursor.expect('APPLY');
    return 'outerApply';
  }
  const side = cursor.advance().lexeme;
  cursor.accept('OUTER');
  return side === 'LEFT' ? 'left' : side === 'RIGHT' ? 'right' : 'full';
}

function parseJoinHint(cursor: TokenCursor): Join['hint'] {
  if (cursor.accept('LOOP')) return 'loop';
  if (cursor.accept('HASH')) return 'hash';
  if (cursor.accept('MERGE')) return 'merge';
  if (cursor.is('REMOTE')) throw unsupported('the join hint REMOTE', cursor.current.span);
  return undefined;
}

/** One table, query, function or parenthesized join, with its alias and hints. */
export function parseTableSource(cursor: TokenCursor): TableSource {
  const { kind, lexeme, span } = cursor.current;
  if (lexeme === '(') return parseParenthesizedSource(cursor);
  if (kind === 'variable') return parseTableVariable(cursor);
  if (refusedRowsets.has(lexeme) && cursor.peek(1).lexeme === '(') throw unsupported(lexeme, span);
  return parseNamedSource(cursor);
}

function parseParenthesizedSource(cursor: TokenCursor): TableSource {
  const first = cursor.current.span;
  const next = cursor.peek(1);
  if (startsQuery(cursor, 1)) return parseDerivedTable(cursor, first);
  if (next.lexeme === 'VALUES') return parseValuesTable(cursor, first);
  if (/^(INSERT|UPDATE|DELETE|MERGE)$/.test(next.lexeme)) {
    throw unsupported('data modification in a FROM clause', next.span);
  }
  cursor.advance();
  const joined = parseJoinedTable(cursor);
  cursor.expect(')');
  return joined;
}

function parseDerivedTable(cursor: TokenCursor, first: Span): DerivedTable {
  cursor.expect('(');
  const query = parseQuery(cursor, 'nested');
  cursor.expect(')');
  const { alias, columns } = parseRequiredAlias(cursor);
  return { kind: 'derivedTable', query, alias, columns, span: cursor.spanFrom(first) };
}

function parseValuesTable(cursor: TokenCursor, first: Span): ValuesTable {
  cursor.expect('(', 'VALUES');
  const rows = parseValueRows(cursor, parseExpression);
  cursor.expect(')');
  const { alias, columns } = parseRequiredAlias(cursor);
  return { kind: 'values', rows, alias, columns, span: cursor.spanFrom(first) };
}

/** The rows after VALUES. All must have as many values as the first (error 10709). */
export function parseValueRows<Value>(cursor: TokenCursor, parseValue: (cursor: TokenCursor) => Value): Value[][] {
  const rows: Value[][] = [];
  do {
    cursor.expect('(');
    const row = [parseValue(cursor)];
    while (cursor.accept(',')) row.push(parseValue(cursor));
    cursor.expect(')');
    rows.push(row);
  } while (cursor.accept(','));
  const width = rows[0]?.length;
  if (rows.some((row) => row.length !== width)) {
    throw syntaxError(
      10709,
      'The number of columns for each row in a table value constructor must be the same.',
      cursor.line,
    );
  }
  return rows;
}

function parseRequiredAlias(cursor: TokenCursor): { alias: string; columns: readonly Identifier[] } {
  cursor.accept('AS');
  const alias = parseIdentifier(cursor).name;
  const columns = cursor.is('(') ? parseParenthesizedIdentifiers(cursor) : [];
  refuseSuffix(cursor);
  return { alias, columns };
}

function parseTableVariable(cursor: TokenCursor): TableSource {
  const token = cursor.advance();
  if (cursor.is('.')) throw unsupported('methods of variables', token.span);
  const { alias, hints } = parseAliasAndHints(cursor);
  return { kind: 'tableVariable', name: token.value, alias, hints, span: cursor.spanFrom(token.span) };
}

function parseNamedSource(cursor: TokenCursor): TableSource {
  const first = cursor.current.span;
  const name = parseObjectName(cursor);
  if (cursor.is('::')) throw unsupported(`${name.object}::`, first);
  if (cursor.is('(') && !startsHintsWithoutWith(cursor)) {
    const values = parseCallArguments(cursor);
    const alias = acceptAlias(cursor);
    const columns = alias !== undefined && cursor.is('(') ? parseParenthesizedIdentifiers(cursor) : [];
    refuseSuffix(cursor);
    return { kind: 'tableFunction', name, arguments: values, alias, columns, span: cursor.spanFrom(first) };
  }
  const { alias, hints } = parseAliasAndHints(cursor);
  return { kind: 'table', name, alias, hints, span: cursor.spanFrom(first) };
}

function parseCallArguments(cursor: TokenCursor): Expression[] {
  cursor.expect('(');
  const values = cursor.is(')') ? [] : parseExpressionList(cursor);
  cursor.expect(')');
  return values;
}

/** `t (NOLOCK)`: the old form without WITH. */
function startsHintsWithoutWith(cursor: TokenCursor): boolean {
  if (!cursor.is('(')) return false;
  const after = cursor.peek(2).lexeme;
  return isTableHint(cursor.peek(1)) && (after === ')' || after === ',');
}

function parseAliasAndHints(cursor: TokenCursor): { alias: string | undefined; hints: readonly TableHint[] } {
  if (cursor.isSequence('FOR', 'SYSTEM_TIME')) throw unsupported('FOR SYSTEM_TIME', cursor.current.span);
  refuseSuffix(cursor);
  const hintsBefore = startsHintsWithoutWith(cursor) ? parseHintList(cursor) : [];
  const alias = acceptAlias(cursor);
  refuseSuffix(cursor);
  const hints = startsHintsWithoutWith(cursor) ? parseHintList(cursor) : parseTableHints(cursor);
  return { alias, hints: [...hintsBefore, ...hints] };
}

/** [AS] alias; undefined if none follows. */
export function acceptAlias(cursor: TokenCursor): string | undefined {
  if (cursor.accept('AS')) return parseIdentifier(cursor).name;
  return isIdentifier(cursor.current) ? cursor.advance().value : undefined;
}

function refuseSuffix(cursor: TokenCursor): void {
  if (cursor.isOneOf(refusedSuffixes)) throw unsupported(cursor.current.lexeme, cursor.current.span);
}
