import type { EndTransactionStatement, Statement, TransactionName } from '../ast.js';
import { unsupported } from '../unsupported.js';
import type { TokenCursor } from './cursor.js';
import { isIdentifier } from './names.js';

function acceptTransactionWord(cursor: TokenCursor): boolean {
  return cursor.accept('TRANSACTION') || cursor.accept('TRAN');
}

/** BEGIN TRAN[SACTION] [name | @variable]. */
export function parseBeginTransaction(cursor: TokenCursor): Statement {
  const first = cursor.expect('BEGIN').span;
  acceptTransactionWord(cursor);
  const name = acceptTransactionName(cursor);
  if (name !== undefined && cursor.isSequence('WITH', 'MARK')) {
    throw unsupported('BEGIN TRANSACTION ... WITH MARK', cursor.current.span);
  }
  return { kind: 'beginTransaction', name, span: cursor.spanFrom(first) };
}

/** COMMIT and ROLLBACK; a name may follow only the word TRAN[SACTION]. */
export function parseEndTransaction(cursor: TokenCursor): EndTransactionStatement {
  const { lexeme, span } = cursor.advance();
  const kind = lexeme === 'COMMIT' ? 'commit' : 'rollback';
  let name: TransactionName | undefined;
  if (acceptTransactionWord(cursor)) name = acceptTransactionName(cursor);
  else cursor.accept('WORK');
  if (kind === 'commit' && cursor.isSequence('WITH', '(')) {
    throw unsupported('DELAYED_DURABILITY', cursor.current.span);
  }
  return { kind, name, span: cursor.spanFrom(span) };
}

/** SAVE TRAN[SACTION] name | @variable. */
export function parseSaveTransaction(cursor: TokenCursor): Statement {
  const first = cursor.expect('SAVE').span;
  if (!acceptTransactionWord(cursor)) throw cursor.error();
  const name = acceptTransactionName(cursor);
  if (name === undefined) throw cursor.error();
  return { kind: 'saveTransaction', name, span: cursor.spanFrom(first) };
}

function acceptTransactionName(cursor: TokenCursor): TransactionName | undefined {
  const { kind, value, span } = cursor.current;
  if (kind === 'variable') {
    cursor.advance();
    return { kind: 'variable', name: value, span };
  }
  if (!isIdentifier(cursor.current)) return undefined;
  cursor.advance();
  return { kind: 'name', name: value };
}
