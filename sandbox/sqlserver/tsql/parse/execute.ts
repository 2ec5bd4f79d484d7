import type { ExecuteProcedureStatement, ExecuteTextStatement, ProcedureArgument, Span } from '../ast.js';
import { unsupported } from '../unsupported.js';
import { acceptSignedConstant } from './constants.js';
import type { TokenCursor } from './cursor.js';
import { parseExpression } from './expressions.js';
import { parseObjectName } from './names.js';

/** EXEC[UTE] of a procedure or of a text. */
export function parseExecute(cursor: TokenCursor): ExecuteProcedureStatement | ExecuteTextStatement {
  const first = cursor.advance().span;
  if (cursor.is('(')) return parseExecuteText(cursor, first);
  if (cursor.is('AS')) throw unsupported('EXECUTE AS', first);
  return parseProcedureCall(cursor, first);
}

function parseExecuteText(cursor: TokenCursor, first: Span): ExecuteTextStatement {
  cursor.expect('(');
  const text = parseExpression(cursor);
  if (cursor.is(',')) throw unsupported('EXECUTE (...) AT a linked server', first);
  cursor.expect(')');
  if (cursor.is('AT')) throw unsupported('EXECUTE (...) AT a linked server', first);
  if (cursor.is('AS')) throw unsupported('EXECUTE (...) AS', first);
  refuseExecuteOptions(cursor);
  return { kind: 'executeText', text, span: cursor.spanFrom(first) };
}

/** [@r =] procedure arguments, from behind EXEC or at the first word of a batch. */
export function parseProcedureCall(cursor: TokenCursor, first: Span): ExecuteProcedureStatement {
  let returnVariable: string | undefined;
  if (cursor.current.kind === 'variable' && cursor.peek(1).lexeme === '=') {
    returnVariable = cursor.advance().value;
    cursor.advance();
  }
  const procedure = parseProcedureName(cursor);
  const values = startsArgument(cursor) ? parseProcedureArguments(cursor) : [];
  refuseExecuteOptions(cursor);
  return {
    kind: 'executeProcedure',
    procedure,
    returnVariable,
    arguments: values,
    span: cursor.spanFrom(first),
  };
}

function parseProcedureName(cursor: TokenCursor): ExecuteProcedureStatement['procedure'] {
  const { kind, value, span } = cursor.current;
  if (kind === 'variable') {
    cursor.advance();
    return { kind: 'variable', name: value, span };
  }
  const name = parseObjectName(cursor);
  if (cursor.is(';') && cursor.peek(1).kind === 'integer') throw unsupported('numbered procedures', span);
  return name;
}

/** Recompiling changes no result. */
function refuseExecuteOptions(cursor: TokenCursor): void {
  if (cursor.acceptSequence('WITH', 'RECOMPILE')) return;
  if (cursor.isSequence('WITH', 'RESULT')) throw unsupported('WITH RESULT SETS', cursor.current.span);
}

function startsArgument(cursor: TokenCursor): boolean {
  const { kind, lexeme, reserved } = cursor.current;
  switch (kind) {
    case 'word':
      return !reserved || lexeme === 'NULL' || lexeme === 'DEFAULT';
    case 'symbol':
      return lexeme === '-' || lexeme === '+';
    case 'end':
      return false;
    default:
      return true;
  }
}

function parseProcedureArguments(cursor: TokenCursor): ProcedureArgument[] {
  const values = [parseProcedureArgument(cursor)];
  while (cursor.accept(',')) values.push(parseProcedureArgument(cursor));
  return values;
}

function parseProcedureArgument(cursor: TokenCursor): ProcedureArgument {
  const { kind, value: written, span } = cursor.current;
  let name = '';
  if (kind === 'variable' && cursor.peek(1).lexeme === '=') {
    name = written;
    cursor.advance();
    cursor.advance();
  }
  const value = parseArgumentValue(cursor);
  const output = value.kind === 'variable' && (cursor.accept('OUTPUT') || cursor.accept('OUT'));
  return { name, value, output, span: cursor.spanFrom(span) };
}

function parseArgumentValue(cursor: TokenCursor): ProcedureArgument['value'] {
  const { kind, reserved, value, span } = cursor.current;
  if (kind === 'variable') {
    cursor.advance();
    return { kind: 'variable', name: value, span };
  }
  if (kind === 'globalVariable') {
    cursor.advance();
    return { kind: 'globalVariable', name: value.toUpperCase(), span };
  }
  if (cursor.accept('DEFAULT')) return { kind: 'default', span };
  if ((kind === 'word' && !reserved) || kind === 'quotedName') {
    cursor.advance();
    return { kind: 'string', value, national: true, span };
  }
  const constant = acceptSignedConstant(cursor);
  if (constant === undefined) throw cursor.error();
  return constant;
}
