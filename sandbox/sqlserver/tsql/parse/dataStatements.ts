import type {
  Assignment,
  CommonTableExpression,
  DeleteStatement,
  InsertSource,
  InsertStatement,
  TruncateTableStatement,
  UpdateStatement,
  ValueOrDefault,
} from '../ast.js';
import { syntaxError } from '../syntaxErrors.js';
import { unsupported } from '../unsupported.js';
import { parseCondition } from './conditions.js';
import type { TokenCursor } from './cursor.js';
import { parseExpression } from './expressions.js';
import { objectNameOf, parseIdentifierList, parseNameParts, parseObjectName } from './names.js';
import { parseOutputClauses } from './output.js';
import { parseQuery, parseTop, startsQuery } from './queries.js';
import { parseQueryHints } from './queryHints.js';
import { isAssignmentOperator } from './selectList.js';
import { parseTableSources, parseValueRows } from './tableSources.js';
import { parseTargetTableWithHints } from './targets.js';

/** "Table Value Constructor (Transact-SQL)": limit of rows in INSERT ... VALUES. */
const maximumValueRows = 1000;

export function parseInsert(cursor: TokenCursor, ctes: readonly CommonTableExpression[]): InsertStatement {
  const first = cursor.expect('INSERT').span;
  const top = cursor.is('TOP') ? parseTop(cursor) : undefined;
  cursor.accept('INTO');
  const target = parseTargetTableWithHints(cursor);
  const columns = parseInsertColumns(cursor);
  const output = parseOutputClauses(cursor);
  const source = parseInsertSource(cursor);
  const options = parseQueryHints(cursor);
  const span = cursor.spanFrom(ctes[0]?.span ?? first);
  return { kind: 'insert', ctes, top, target, columns, output, source, options, span };
}

/** The column list, told from a parenthesized query. */
function parseInsertColumns(cursor: TokenCursor): InsertStatement['columns'] {
  if (!cursor.is('(') || startsQuery(cursor, 1)) return undefined;
  cursor.advance();
  const columns = parseIdentifierList(cursor);
  cursor.expect(')');
  return columns;
}

function parseInsertSource(cursor: TokenCursor): InsertSource {
  const { lexeme, span } = cursor.current;
  if (cursor.acceptSequence('DEFAULT', 'VALUES')) return { kind: 'defaultValues' };
  if (lexeme === 'EXEC' || lexeme === 'EXECUTE') throw unsupported('INSERT ... EXECUTE', span);
  if (!cursor.accept('VALUES')) return parseInsertQuery(cursor);
  const rows = parseValueRows(cursor, parseValueOrDefault);
  if (rows.length > maximumValueRows) {
    throw syntaxError(
      10738,
      'The number of row value expressions in the INSERT statement exceeds the maximum allowed number of 1000 row ' +
        'values.',
      span.line,
    );
  }
  return { kind: 'values', rows };
}

/** SELECT, or the whole query in parentheses. */
function parseInsertQuery(cursor: TokenCursor): InsertSource {
  if (cursor.is('(') && !startsQuery(cursor) && startsQuery(cursor, 1)) {
    cursor.advance();
    const query = parseQuery(cursor, 'nested');
    cursor.expect(')');
    return { kind: 'query', query };
  }
  if (!startsQuery(cursor)) throw cursor.error();
  const query = parseQuery(cursor, 'statement');
  const { body } = query;
  if (body.kind === 'select' && body.into !== undefined) throw cursor.error();
  return { kind: 'query', query };
}

export function parseValueOrDefault(cursor: TokenCursor): ValueOrDefault {
  const { span } = cursor.current;
  return cursor.accept('DEFAULT') ? { kind: 'default', span } : parseExpression(cursor);
}

export function parseUpdate(cursor: TokenCursor, ctes: readonly CommonTableExpression[]): UpdateStatement {
  const first = cursor.expect('UPDATE').span;
  const top = cursor.is('TOP') ? parseTop(cursor) : undefined;
  const target = parseTargetTableWithHints(cursor);
  cursor.expect('SET');
  const assignments = parseAssignments(cursor);
  const output = parseOutputClauses(cursor);
  const from = cursor.accept('FROM') ? parseTableSources(cursor) : [];
  const where = parseWhere(cursor);
  const options = parseQueryHints(cursor);
  const span = cursor.spanFrom(ctes[0]?.span ?? first);
  return { kind: 'update', ctes, top, target, assignments, output, from, where, options, span };
}

/** The list after SET, of UPDATE and of MERGE. */
export function parseAssignments(cursor: TokenCursor): Assignment[] {
  const assignments = [parseAssignment(cursor)];
  while (cursor.accept(',')) assignments.push(parseAssignment(cursor));
  return assignments;
}

function parseAssignment(cursor: TokenCursor): Assignment {
  const { kind, value: variable, span } = cursor.current;
  if (kind !== 'variable') return parseColumnAssignment(cursor, undefined, span);
  cursor.advance();
  const thirdIsColumn = cursor.is('=') && startsColumnAssignment(cursor);
  if (!thirdIsColumn) return parseAssignedValue(cursor, undefined, variable, span);
  cursor.expect('=');
  return parseColumnAssignment(cursor, variable, span);
}

/** In `@v = c = e`: after the first =, a dotted name and another assignment operator. */
function startsColumnAssignment(cursor: TokenCursor): boolean {
  let distance = 1;
  for (;;) {
    const { kind } = cursor.peek(distance);
    if (kind !== 'word' && kind !== 'quotedName') return false;
    distance++;
    if (cursor.peek(distance).lexeme !== '.') return isAssignmentOperator(cursor.peek(distance).lexeme);
    distance++;
  }
}

function parseColumnAssignment(
  cursor: TokenCursor,
  variable: string | undefined,
  first: Assignment['span'],
): Assignment {
  const nameStart = cursor.current.span;
  const parts = parseNameParts(cursor);
  if (cursor.is('(')) throw unsupported('.WRITE and other methods in SET', nameStart);
  const name = parts.pop() ?? '';
  const qualifier = parts.length === 0 ? undefined : objectNameOf(parts, cursor, nameStart);
  return parseAssignedValue(cursor, { qualifier, name }, variable, first);
}

function parseAssignedValue(
  cursor: TokenCursor,
  column: Assignment['column'],
  variable: string | undefined,
  first: Assignment['span'],
): Assignment {
  const operator = cursor.current.lexeme;
  if (!isAssignmentOperator(operator)) throw cursor.error();
  cursor.advance();
  const value = column === undefined ? parseExpression(cursor) : parseValueOrDefault(cursor);
  return { column, variable, operator, value, span: cursor.spanFrom(first) };
}

function parseWhere(cursor: TokenCursor): UpdateStatement['where'] {
  if (!cursor.accept('WHERE')) return undefined;
  if (cursor.isSequence('CURRENT', 'OF')) throw unsupported('WHERE CURRENT OF', cursor.current.span);
  return parseCondition(cursor);
}

export function parseDelete(cursor: TokenCursor, ctes: readonly CommonTableExpression[]): DeleteStatement {
  const first = cursor.expect('DELETE').span;
  const top = cursor.is('TOP') ? parseTop(cursor) : undefined;
  cursor.accept('FROM');
  const target = parseTargetTableWithHints(cursor);
  const output = parseOutputClauses(cursor);
  const from = cursor.accept('FROM') ? parseTableSources(cursor) : [];
  const where = parseWhere(cursor);
  const options = parseQueryHints(cursor);
  const span = cursor.spanFrom(ctes[0]?.span ?? first);
  return { kind: 'delete', ctes, top, target, output, from, where, options, span };
}

export function parseTruncateTable(cursor: TokenCursor): TruncateTableStatement {
  const first = cursor.expect('TRUNCATE').span;
  cursor.expect('TABLE');
  const table = parseObjectName(cursor);
  if (cursor.isSequence('WITH', '(')) throw unsupported('TRUNCATE TABLE of partitions', cursor.current.span);
  return { kind: 'truncateTable', table, span: cursor.spanFrom(first) };
}
