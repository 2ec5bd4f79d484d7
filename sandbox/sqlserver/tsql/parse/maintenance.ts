import type { CheckIdentStatement, ObjectName, Statement, UpdateStatisticsStatement } from '../ast.js';
import { incorrectSyntax } from '../syntaxErrors.js';
import { unsupported } from '../unsupported.js';
import { acceptSignedConstant } from './constants.js';
import type { TokenCursor } from './cursor.js';
import { parseIdentifier, parseObjectName, parseParenthesizedIdentifiers } from './names.js';
import { readObjectName } from './nameText.js';

/** DBCC: CHECKIDENT only. */
export function parseDbcc(cursor: TokenCursor): CheckIdentStatement {
  const first = cursor.expect('DBCC').span;
  if (cursor.current.kind !== 'word') throw cursor.error();
  if (!cursor.is('CHECKIDENT')) throw unsupported(`DBCC ${cursor.current.lexeme}`, first);
  cursor.advance();
  cursor.expect('(');
  const table = parseTableArgument(cursor);
  let mode: CheckIdentStatement['mode'] = 'reseed';
  let value: CheckIdentStatement['value'];
  if (cursor.accept(',')) {
    if (cursor.accept('NORESEED')) mode = 'noReseed';
    else value = parseReseed(cursor);
  }
  cursor.expect(')');
  const noInfoMessages = cursor.acceptSequence('WITH', 'NO_INFOMSGS');
  return { kind: 'checkIdent', table, mode, value, noInfoMessages, span: cursor.spanFrom(first) };
}

function parseReseed(cursor: TokenCursor): CheckIdentStatement['value'] {
  cursor.expect('RESEED');
  if (!cursor.accept(',')) return undefined;
  const { kind, value, span } = cursor.current;
  if (kind === 'variable') {
    cursor.advance();
    return { kind: 'variable', name: value, span };
  }
  const constant = acceptSignedConstant(cursor);
  if (constant === undefined) throw cursor.error();
  return constant;
}

/** A table's name, or a string that holds one. */
function parseTableArgument(cursor: TokenCursor): ObjectName {
  const { kind, value, span } = cursor.current;
  if (kind !== 'string' && kind !== 'nationalString') return parseObjectName(cursor);
  cursor.advance();
  const name = readObjectName(value);
  if (name === undefined) throw incorrectSyntax(value, span.line);
  return { ...name, span };
}

/** UPDATE STATISTICS table [name | (names)] [WITH options]: statistics change no result. */
export function parseUpdateStatistics(cursor: TokenCursor): UpdateStatisticsStatement {
  const first = cursor.expect('UPDATE').span;
  cursor.expect('STATISTICS');
  const table = parseObjectName(cursor);
  if (cursor.is('(')) parseParenthesizedIdentifiers(cursor);
  else if (cursor.current.kind === 'quotedName') cursor.advance();
  if (cursor.accept('WITH')) {
    do parseStatisticsOption(cursor);
    while (cursor.accept(','));
  }
  return { kind: 'updateStatistics', table, span: cursor.spanFrom(first) };
}

function parseStatisticsOption(cursor: TokenCursor): void {
  if (cursor.accept('SAMPLE')) {
    if (cursor.current.kind !== 'integer') throw cursor.error();
    cursor.advance();
    if (!cursor.accept('PERCENT')) cursor.expect('ROWS');
    return;
  }
  const known = ['FULLSCAN', 'RESAMPLE', 'ALL', 'COLUMNS', 'INDEX', 'NORECOMPUTE'];
  if (!known.some((word) => cursor.accept(word))) throw cursor.error();
}

/** USE database. */
export function parseUse(cursor: TokenCursor): Statement {
  const first = cursor.expect('USE').span;
  const database = parseIdentifier(cursor).name;
  return { kind: 'use', database, span: cursor.spanFrom(first) };
}
