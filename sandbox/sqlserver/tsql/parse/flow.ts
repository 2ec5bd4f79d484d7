import type {
  BlockStatement,
  LoopControlStatement,
  Expression,
  IfStatement,
  PrintStatement,
  RaiserrorStatement,
  ReturnStatement,
  ThrowStatement,
  TryStatement,
  WaitforStatement,
  WhileStatement,
} from '../ast.js';
import { syntaxError } from '../syntaxErrors.js';
import { unsupported } from '../unsupported.js';
import { parseCondition } from './conditions.js';
import { acceptSignedConstant } from './constants.js';
import type { TokenCursor } from './cursor.js';
import { parseExpression } from './expressions.js';
import { parseStatement, parseStatementList } from './statements.js';

export function parseIf(cursor: TokenCursor): IfStatement {
  const first = cursor.expect('IF').span;
  const condition = parseCondition(cursor);
  const then = parseStatement(cursor);
  if (cursor.isSequence(';', 'ELSE')) cursor.advance();
  const otherwise = cursor.accept('ELSE') ? parseStatement(cursor) : undefined;
  return { kind: 'if', condition, then, otherwise, span: cursor.spanFrom(first) };
}

export function parseWhile(cursor: TokenCursor): WhileStatement {
  const first = cursor.expect('WHILE').span;
  const condition = parseCondition(cursor);
  cursor.loops += 1;
  const body = parseStatement(cursor);
  cursor.loops -= 1;
  return { kind: 'while', condition, body, span: cursor.spanFrom(first) };
}

/** BREAK, CONTINUE: errors 135 and 136 outside of WHILE. */
export function parseLoopControl(cursor: TokenCursor): LoopControlStatement {
  const { lexeme, span } = cursor.advance();
  if (cursor.loops === 0) {
    throw syntaxError(
      lexeme === 'BREAK' ? 135 : 136,
      `Cannot use a ${lexeme} statement outside the scope of a WHILE statement.`,
      span.line,
    );
  }
  return { kind: lexeme === 'BREAK' ? 'break' : 'continue', span };
}

export function parseBlock(cursor: TokenCursor): BlockStatement {
  const first = cursor.expect('BEGIN').span;
  const statements = parseStatementList(cursor);
  if (statements.length === 0) throw cursor.error();
  cursor.expect('END');
  return { kind: 'block', statements, span: cursor.spanFrom(first) };
}

/** BEGIN TRY ... END TRY BEGIN CATCH ... END CATCH; only the CATCH block may be empty. */
export function parseTry(cursor: TokenCursor): TryStatement {
  const first = cursor.expect('BEGIN').span;
  cursor.expect('TRY');
  const statements = parseStatementList(cursor);
  if (statements.length === 0) throw cursor.error();
  cursor.expect('END', 'TRY');
  cursor.accept(';');
  cursor.expect('BEGIN', 'CATCH');
  const catchStatements = parseStatementList(cursor);
  cursor.expect('END', 'CATCH');
  return { kind: 'try', statements, catchStatements, span: cursor.spanFrom(first) };
}

/** THROW [number, message, state], each a constant or variable. */
export function parseThrow(cursor: TokenCursor): ThrowStatement {
  const first = cursor.expect('THROW').span;
  const number = acceptConstantOrVariable(cursor);
  if (number === undefined) return { kind: 'throw', error: undefined, span: first };
  cursor.expect(',');
  const message = parseConstantOrVariable(cursor);
  cursor.expect(',');
  const state = parseConstantOrVariable(cursor);
  return { kind: 'throw', error: { number, message, state }, span: cursor.spanFrom(first) };
}

function acceptConstantOrVariable(cursor: TokenCursor): Expression | undefined {
  const { kind, value, span } = cursor.current;
  if (kind === 'variable') {
    cursor.advance();
    return { kind: 'variable', name: value, span };
  }
  return acceptSignedConstant(cursor);
}

function parseConstantOrVariable(cursor: TokenCursor): Expression {
  const value = acceptConstantOrVariable(cursor);
  if (value === undefined) throw cursor.error();
  return value;
}

/** RAISERROR (message, severity, state [, arguments]) [WITH LOG, NOWAIT, SETERROR]. */
export function parseRaiserror(cursor: TokenCursor): RaiserrorStatement {
  const first = cursor.expect('RAISERROR').span;
  cursor.expect('(');
  const message = parseConstantOrVariable(cursor);
  cursor.expect(',');
  const severity = parseConstantOrVariable(cursor);
  cursor.expect(',');
  const state = parseConstantOrVariable(cursor);
  const values: Expression[] = [];
  while (cursor.accept(',')) values.push(parseConstantOrVariable(cursor));
  cursor.expect(')');
  const options = parseRaiserrorOptions(cursor);
  return {
    kind: 'raiserror',
    message,
    severity,
    state,
    arguments: values,
    withNoWait: options.has('NOWAIT'),
    withLog: options.has('LOG'),
    withSetError: options.has('SETERROR'),
    span: cursor.spanFrom(first),
  };
}

function parseRaiserrorOptions(cursor: TokenCursor): ReadonlySet<string> {
  const options = new Set<string>();
  if (!cursor.is('WITH') || !/^(LOG|NOWAIT|SETERROR)$/.test(cursor.peek(1).lexeme)) return options;
  cursor.advance();
  do {
    if (!/^(LOG|NOWAIT|SETERROR)$/.test(cursor.current.lexeme)) throw cursor.error();
    options.add(cursor.advance().lexeme);
  } while (cursor.accept(','));
  return options;
}

export function parsePrint(cursor: TokenCursor): PrintStatement {
  const first = cursor.expect('PRINT').span;
  const expression = parseExpression(cursor);
  return { kind: 'print', expression, span: cursor.spanFrom(first) };
}

const wordsThatStartValues: ReadonlySet<string> = new Set(['NULL', 'CASE', 'CONVERT', 'COALESCE', 'NULLIF']);

/** RETURN [integer expression]. */
export function parseReturn(cursor: TokenCursor): ReturnStatement {
  const first = cursor.expect('RETURN').span;
  const value = startsReturnValue(cursor) ? parseExpression(cursor) : undefined;
  return { kind: 'return', value, span: cursor.spanFrom(first) };
}

function startsReturnValue(cursor: TokenCursor): boolean {
  const { kind, lexeme, reserved } = cursor.current;
  switch (kind) {
    case 'end':
      return false;
    case 'symbol':
      return lexeme === '(' || lexeme === '-' || lexeme === '+' || lexeme === '~';
    case 'word':
      return reserved ? wordsThatStartValues.has(lexeme) : cursor.peek(1).lexeme === '(';
    default:
      return true;
  }
}

/** WAITFOR DELAY | TIME 'hh:mm:ss' | @variable. */
export function parseWaitfor(cursor: TokenCursor): WaitforStatement {
  const first = cursor.expect('WAITFOR').span;
  if (cursor.is('(')) throw unsupported('WAITFOR (statement)', first);
  const mode = cursor.is('TIME') ? 'time' : 'delay';
  cursor.expect(mode === 'time' ? 'TIME' : 'DELAY');
  const value = parseConstantOrVariable(cursor);
  return { kind: 'waitfor', mode, value, span: cursor.spanFrom(first) };
}
