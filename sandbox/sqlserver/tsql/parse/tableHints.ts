import type { TableHint } from '../ast.js';
import type { Token } from '../tokens.js';
import { syntaxError } from '../syntaxErrors.js';
import { unsupported } from '../unsupported.js';
import type { TokenCursor } from './cursor.js';

/** "Table Hints (Transact-SQL)". */
const tableHints: ReadonlySet<string> = new Set([
  'FORCESCAN',
  'FORCESEEK',
  'HOLDLOCK',
  'IGNORE_CONSTRAINTS',
  'IGNORE_TRIGGERS',
  'INDEX',
  'KEEPDEFAULTS',
  'KEEPIDENTITY',
  'NOEXPAND',
  'NOLOCK',
  'NOWAIT',
  'PAGLOCK',
  'READCOMMITTED',
  'READCOMMITTEDLOCK',
  'READPAST',
  'READUNCOMMITTED',
  'REPEATABLEREAD',
  'ROWLOCK',
  'SERIALIZABLE',
  'SNAPSHOT',
  'TABLOCK',
  'TABLOCKX',
  'UPDLOCK',
  'XLOCK',
]);

export function isTableHint(token: Token): boolean {
  return tableHints.has(token.lexeme);
}

/** WITH (hint, ...). WITH that no parenthesis follows is left to the statement level (error 319). */
export function parseTableHints(cursor: TokenCursor): TableHint[] {
  if (!cursor.isSequence('WITH', '(')) return [];
  cursor.advance();
  return parseHintList(cursor);
}

/** Hints in parentheses; commas between them may be left out. */
export function parseHintList(cursor: TokenCursor): TableHint[] {
  cursor.expect('(');
  const hints = [parseHint(cursor)];
  while (!cursor.is(')')) {
    cursor.accept(',');
    hints.push(parseHint(cursor));
  }
  cursor.expect(')');
  return hints;
}

function parseHint(cursor: TokenCursor): TableHint {
  const token = cursor.current;
  if (token.kind !== 'word') throw cursor.error();
  if (!isTableHint(token)) {
    throw token.reserved
      ? cursor.error()
      : syntaxError(
          321,
          `"${token.value}" is not a recognized table hints option. If it is intended as a parameter ` +
            'to a table-valued function or to the CHANGETABLE function, ensure that your database compatibility mode ' +
            'is set to 90.',
          token.span.line,
        );
  }
  cursor.advance();
  const indexes = token.lexeme === 'INDEX' ? parseIndexes(cursor) : [];
  if (cursor.is('(')) throw unsupported(`the table hint ${token.lexeme} with arguments`, token.span);
  return { name: token.lexeme, indexes, span: cursor.spanFrom(token.span) };
}

function parseIndexes(cursor: TokenCursor): string[] {
  if (cursor.accept('=')) {
    if (!cursor.is('(')) return [parseIndex(cursor)];
  }
  cursor.expect('(');
  const indexes = [parseIndex(cursor)];
  while (cursor.accept(',')) indexes.push(parseIndex(cursor));
  cursor.expect(')');
  return indexes;
}

function parseIndex(cursor: TokenCursor): string {
  const { kind, reserved } = cursor.current;
  if (kind !== 'integer' && kind !== 'quotedName' && (kind !== 'word' || reserved)) throw cursor.error();
  return cursor.advance().value;
}
