import type { QueryHint } from '../ast.js';
import { syntaxError } from '../syntaxErrors.js';
import { unsupported } from '../unsupported.js';
import type { TokenCursor } from './cursor.js';
import { isIdentifier } from './names.js';

/** "Query Hints (Transact-SQL)" of SQL Server 2016; n stands for a number. */
const queryHints: ReadonlySet<string> = new Set([
  'CONCAT UNION',
  'EXPAND VIEWS',
  'FAST n',
  'FORCE ORDER',
  'HASH GROUP',
  'HASH JOIN',
  'HASH UNION',
  'IGNORE_NONCLUSTERED_COLUMNSTORE_INDEX',
  'KEEP PLAN',
  'KEEPFIXED PLAN',
  'LOOP JOIN',
  'MAXDOP n',
  'MAXRECURSION n',
  'MAX_GRANT_PERCENT = n',
  'MERGE JOIN',
  'MERGE UNION',
  'MIN_GRANT_PERCENT = n',
  'NO_PERFORMANCE_SPOOL',
  'OPTIMIZE FOR UNKNOWN',
  'ORDER GROUP',
  'QUERYTRACEON n',
  'RECOMPILE',
  'ROBUST PLAN',
]);

const largestMaxRecursion = 32_767;

/** OPTION (hint, ...): each hint as upper-case words. Errors: 102 for what is no hint, 310, 1042 for one given twice. */
export function parseQueryHints(cursor: TokenCursor): QueryHint[] {
  if (!cursor.accept('OPTION')) return [];
  cursor.expect('(');
  const hints: QueryHint[] = [];
  do {
    const hint = parseQueryHint(cursor);
    const [word = ''] = hint.text.split(' ');
    if (/ \d+$/.test(hint.text) && hints.some(({ text }) => text.startsWith(`${word} `))) {
      throw syntaxError(1042, `Conflicting ${word} optimizer hints specified.`, hint.span.line);
    }
    hints.push(hint);
  } while (cursor.accept(','));
  cursor.expect(')');
  return hints;
}

function parseQueryHint(cursor: TokenCursor): QueryHint {
  const token = cursor.current;
  if (!isIdentifier(token) && !token.reserved) throw cursor.error();
  const error = cursor.error();
  const words: string[] = [];
  while (!cursor.is(',') && !cursor.is(')')) {
    const { kind, lexeme, value, span } = cursor.current;
    if (kind === 'end') throw cursor.error();
    if (lexeme === '(') throw unsupported(`the query hint ${words.join(' ')}`, span);
    words.push(lexeme === '' ? value : lexeme);
    cursor.advance();
  }
  const text = words.join(' ');
  if (!queryHints.has(text.replace(/\d+$/, 'n'))) throw error;
  refuseRecursion(text, token.span.line);
  return { text, span: cursor.spanFrom(token.span) };
}

function refuseRecursion(text: string, line: number): void {
  const levels = /^MAXRECURSION (\d+)$/.exec(text)?.[1];
  if (levels === undefined || Number(levels) <= largestMaxRecursion) return;
  throw syntaxError(
    310,
    `The value ${levels} specified for the MAXRECURSION option exceeds the allowed maximum of ${largestMaxRecursion}.`,
    line,
  );
}
