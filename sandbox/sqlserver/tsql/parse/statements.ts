import type { CommonTableExpression, Statement } from '../ast.js';
import { incorrectSyntax, syntaxError } from '../syntaxErrors.js';
import { unsupported } from '../unsupported.js';
import type { TokenCursor } from './cursor.js';
import { parseDelete, parseInsert, parseTruncateTable, parseUpdate } from './dataStatements.js';
import { parseAlter, parseCreate, parseDrop } from './definitions.js';
import { parseExecute, parseProcedureCall } from './execute.js';
import {
  parseBlock,
  parseIf,
  parsePrint,
  parseRaiserror,
  parseReturn,
  parseThrow,
  parseTry,
  parseWaitfor,
  parseLoopControl,
  parseWhile,
} from './flow.js';
import { parseInsertBulk } from './insertBulk.js';
import { parseDbcc, parseUpdateStatistics, parseUse } from './maintenance.js';
import { parseMerge } from './merge.js';
import { parseSwitchTrigger } from './modules.js';
import { isIdentifier } from './names.js';
import { parsePermissionStatement } from './permissions.js';
import { parseCommonTableExpressions, parseSelectStatement, startsQuery } from './queries.js';
import { parseSet } from './settings.js';
import { parseBeginTransaction, parseEndTransaction, parseSaveTransaction } from './transactions.js';
import { parseDeclare } from './variables.js';

/** All statements of a batch. A procedure may be called without EXEC by the first of them only. */
export function parseBatchStatements(cursor: TokenCursor): Statement[] {
  while (cursor.accept(';'));
  if (cursor.atEnd) return [];
  const { span } = cursor.current;
  const first = startsProcedureCall(cursor) ? parseProcedureCall(cursor, span) : parseStatement(cursor, true);
  const terminated = acceptTerminators(cursor);
  const statements = [first, ...parseStatementList(cursor, terminated)];
  if (!cursor.atEnd) throw cursor.error();
  return statements;
}

/** The statements of a trigger's body, at least one. */
export function parseStatementsToEnd(cursor: TokenCursor): Statement[] {
  const statements = parseStatementList(cursor);
  if (statements.length === 0 || !cursor.atEnd) throw cursor.error();
  return statements;
}

/** Statements up to END or the end of the text. `terminated`: a semicolon or nothing stands before the first one. */
export function parseStatementList(cursor: TokenCursor, terminated = true): Statement[] {
  const statements: Statement[] = [];
  let isTerminated = acceptTerminators(cursor) || terminated;
  while (!cursor.atEnd && !cursor.is('END')) {
    if (!isTerminated) requireTerminator(cursor);
    statements.push(parseStatement(cursor));
    isTerminated = acceptTerminators(cursor);
  }
  return statements;
}

function acceptTerminators(cursor: TokenCursor): boolean {
  let found = false;
  while (cursor.accept(';')) found = true;
  return found;
}

/** Statements that need a semicolon before them: WITH (error 319), THROW and ENABLE | DISABLE TRIGGER. */
function requireTerminator(cursor: TokenCursor): void {
  const { lexeme, value, span } = cursor.current;
  if (lexeme === 'WITH') {
    throw syntaxError(
      319,
      `Incorrect syntax near the keyword '${value}'. If this statement is a common table expression, an ` +
        'xmlnamespaces clause or a change tracking context clause, the previous statement must be terminated with a ' +
        'semicolon.',
      span.line,
    );
  }
  if (lexeme === 'THROW' || lexeme === 'ENABLE' || lexeme === 'DISABLE') throw incorrectSyntax(value, span.line);
}

const wordsThatStartStatements: ReadonlySet<string> = new Set(['THROW', 'ENABLE', 'DISABLE', 'SEND', 'RECEIVE']);

function startsProcedureCall(cursor: TokenCursor): boolean {
  if (!isIdentifier(cursor.current) || cursor.peek(1).lexeme === ':') return false;
  const { lexeme } = cursor.current;
  if (lexeme === 'THROW') return false;
  return !wordsThatStartStatements.has(lexeme) || cursor.peek(1).lexeme !== 'TRIGGER';
}

/** One statement, without its semicolon. `isFirst`: nothing stands before it in the batch. */
export function parseStatement(cursor: TokenCursor, isFirst = false): Statement {
  const { lexeme } = cursor.current;
  switch (lexeme) {
    case 'SELECT':
    case '(':
      return parseSelectStart(cursor, []);
    case 'WITH':
      return parseWithCommonTableExpressions(cursor);
    case 'INSERT':
      return cursor.peek(1).lexeme === 'BULK' ? parseInsertBulk(cursor) : parseInsert(cursor, []);
    case 'UPDATE':
      return cursor.peek(1).lexeme === 'STATISTICS' ? parseUpdateStatistics(cursor) : parseUpdate(cursor, []);
    case 'DELETE':
      return parseDelete(cursor, []);
    case 'MERGE':
      return parseMerge(cursor, []);
    case 'TRUNCATE':
      return parseTruncateTable(cursor);
    case 'CREATE':
      return parseCreate(cursor, isFirst);
    case 'ALTER':
      return parseAlter(cursor, isFirst);
    case 'DROP':
      return parseDrop(cursor);
    case 'GRANT':
    case 'DENY':
    case 'REVOKE':
      return parsePermissionStatement(cursor);
    case 'ENABLE':
    case 'DISABLE':
      return parseSwitchTrigger(cursor);
    default:
      return parseControlStatement(cursor);
  }
}

function parseSelectStart(cursor: TokenCursor, ctes: readonly CommonTableExpression[]): Statement {
  // A statement may start with a parenthesis only if a query does: (SELECT ...) UNION ..., or (SELECT ...) alone.
  if (cursor.is('(') && !startsQuery(cursor) && !startsQuery(cursor, 1)) {
    cursor.advance();
    throw cursor.error();
  }
  return parseSelectStatement(cursor, ctes);
}

function parseWithCommonTableExpressions(cursor: TokenCursor): Statement {
  const ctes = parseCommonTableExpressions(cursor);
  switch (cursor.current.lexeme) {
    case 'SELECT':
    case '(':
      return parseSelectStart(cursor, ctes);
    case 'INSERT':
      return parseInsert(cursor, ctes);
    case 'UPDATE':
      return parseUpdate(cursor, ctes);
    case 'DELETE':
      return parseDelete(cursor, ctes);
    case 'MERGE':
      return parseMerge(cursor, ctes);
    default:
      throw cursor.error();
  }
}

function parseControlStatement(cursor: TokenCursor): Statement {
  const { lexeme } = cursor.current;
  switch (lexeme) {
    case 'DECLARE':
      return parseDeclare(cursor);
    case 'SET':
      return parseSet(cursor);
    case 'IF':
      return parseIf(cursor);
    case 'WHILE':
      return parseWhile(cursor);
    case 'BREAK':
    case 'CONTINUE':
      return parseLoopControl(cursor);
    case 'BEGIN':
      return parseBegin(cursor);
    case 'COMMIT':
    case 'ROLLBACK':
      return parseEndTransaction(cursor);
    case 'SAVE':
      return parseSaveTransaction(cursor);
    case 'THROW':
      return parseThrow(cursor);
    case 'RAISERROR':
      return parseRaiserror(cursor);
    case 'PRINT':
      return parsePrint(cursor);
    case 'RETURN':
      return parseReturn(cursor);
    case 'WAITFOR':
      return parseWaitfor(cursor);
    case 'EXEC':
    case 'EXECUTE':
      return parseExecute(cursor);
    case 'USE':
      return parseUse(cursor);
    case 'DBCC':
      return parseDbcc(cursor);
    default:
      throw refuseStatement(cursor);
  }
}

function parseBegin(cursor: TokenCursor): Statement {
  const { lexeme, span } = cursor.peek(1);
  switch (lexeme) {
    case 'TRAN':
    case 'TRANSACTION':
      return parseBeginTransaction(cursor);
    case 'TRY':
      return parseTry(cursor);
    case 'DISTRIBUTED':
      throw unsupported('distributed transactions', span);
    case 'DIALOG':
    case 'CONVERSATION':
      throw unsupported(`BEGIN ${lexeme}`, span);
    case 'CATCH':
      cursor.advance();
      throw cursor.error();
    default:
      return parseBlock(cursor);
  }
}

const otherStatements: ReadonlyMap<string, string> = new Map([
  ['BACKUP', 'BACKUP'],
  ['BULK', 'BULK INSERT'],
  ['CHECKPOINT', 'CHECKPOINT'],
  ['CLOSE', 'cursors'],
  ['DEALLOCATE', 'cursors'],
  ['FETCH', 'cursors'],
  ['GOTO', 'GOTO'],
  ['KILL', 'KILL'],
  ['OPEN', 'cursors'],
  ['READTEXT', 'READTEXT'],
  ['RECEIVE', 'RECEIVE'],
  ['RECONFIGURE', 'RECONFIGURE'],
  ['RESTORE', 'RESTORE'],
  ['REVERT', 'REVERT'],
  ['SEND', 'SEND'],
  ['SETUSER', 'SETUSER'],
  ['SHUTDOWN', 'SHUTDOWN'],
  ['UPDATETEXT', 'UPDATETEXT'],
  ['WRITETEXT', 'WRITETEXT'],
]);

function refuseStatement(cursor: TokenCursor): Error {
  if (isIdentifier(cursor.current) && cursor.peek(1).lexeme === ':') return unsupported('labels', cursor.current.span);
  const construct = otherStatements.get(cursor.current.lexeme);
  return construct === undefined ? cursor.error() : unsupported(construct, cursor.current.span);
}
