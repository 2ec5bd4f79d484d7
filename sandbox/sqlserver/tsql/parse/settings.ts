import type { Expression, SetIsolationLevelStatement, SetSwitch, SetValueStatement, Statement } from '../ast.js';
import { setSwitches } from '../ast.js';
import { syntaxError } from '../syntaxErrors.js';
import { unsupported } from '../unsupported.js';
import type { TokenCursor } from './cursor.js';
import { acceptSignedConstant } from './constants.js';
import { parseObjectName } from './names.js';
import { parseSetVariable } from './variables.js';

const switches: ReadonlySet<string> = new Set(setSwitches);

function isSwitch(lexeme: string): lexeme is SetSwitch {
  return switches.has(lexeme);
}

const valueOptions: ReadonlySet<string> = new Set<SetValueStatement['option']>([
  'CONTEXT_INFO',
  'DATEFIRST',
  'DATEFORMAT',
  'DEADLOCK_PRIORITY',
  'LANGUAGE',
  'LOCK_TIMEOUT',
  'ROWCOUNT',
  'TEXTSIZE',
]);

function isValueOption(lexeme: string): lexeme is SetValueStatement['option'] {
  return valueOptions.has(lexeme);
}

const refusedOptions: ReadonlySet<string> = new Set([
  'FIPS_FLAGGER',
  'OFFSETS',
  'QUERY_GOVERNOR_COST_LIMIT',
  'SHOWPLAN_ALL',
  'SHOWPLAN_TEXT',
  'SHOWPLAN_XML',
  'STATISTICS',
]);

/** SET of a variable or of an option of the session. */
export function parseSet(cursor: TokenCursor): Statement {
  const option = cursor.peek(1);
  if (option.kind === 'variable') return parseSetVariable(cursor);
  if (isSwitch(option.lexeme)) return parseSetSwitch(cursor);
  if (isValueOption(option.lexeme)) return parseSetValue(cursor, option.lexeme);
  if (option.lexeme === 'IDENTITY_INSERT') return parseSetIdentityInsert(cursor);
  if (option.lexeme === 'TRANSACTION') return parseSetIsolationLevel(cursor);
  if (refusedOptions.has(option.lexeme)) throw unsupported(`SET ${option.lexeme}`, option.span);
  if (option.kind !== 'word' || option.reserved) {
    cursor.advance();
    throw cursor.error();
  }
  throw syntaxError(195, `'${option.value}' is not a recognized SET option.`, option.span.line);
}

function parseSetSwitch(cursor: TokenCursor): Statement {
  const first = cursor.expect('SET').span;
  const options: SetSwitch[] = [];
  do {
    const { lexeme } = cursor.current;
    if (!isSwitch(lexeme)) throw cursor.error();
    options.push(lexeme);
    cursor.advance();
  } while (cursor.accept(','));
  const on = parseOnOrOff(cursor);
  const span = cursor.spanFrom(first);
  if (options.includes('QUOTED_IDENTIFIER')) cursor.switchQuotedIdentifier(on);
  return { kind: 'setSwitch', options, on, span };
}

function parseOnOrOff(cursor: TokenCursor): boolean {
  if (cursor.accept('ON')) return true;
  cursor.expect('OFF');
  return false;
}

function parseSetValue(cursor: TokenCursor, option: SetValueStatement['option']): SetValueStatement {
  const first = cursor.expect('SET').span;
  cursor.advance();
  const value = parseOptionValue(cursor);
  return { kind: 'setValue', option, value, span: cursor.spanFrom(first) };
}

function parseOptionValue(cursor: TokenCursor): Expression {
  const { kind, reserved, value, span } = cursor.current;
  if (kind === 'variable') {
    cursor.advance();
    return { kind: 'variable', name: value, span };
  }
  if ((kind === 'word' && !reserved) || kind === 'quotedName') {
    cursor.advance();
    return { kind: 'string', value, national: false, span };
  }
  const constant = acceptSignedConstant(cursor);
  if (constant === undefined) throw cursor.error();
  return constant;
}

function parseSetIdentityInsert(cursor: TokenCursor): Statement {
  const first = cursor.expect('SET').span;
  cursor.expect('IDENTITY_INSERT');
  const table = parseObjectName(cursor);
  const on = parseOnOrOff(cursor);
  return { kind: 'setIdentityInsert', table, on, span: cursor.spanFrom(first) };
}

function parseSetIsolationLevel(cursor: TokenCursor): SetIsolationLevelStatement {
  const first = cursor.expect('SET').span;
  cursor.expect('TRANSACTION', 'ISOLATION', 'LEVEL');
  const level = parseLevel(cursor);
  return { kind: 'setIsolationLevel', level, span: cursor.spanFrom(first) };
}

function parseLevel(cursor: TokenCursor): SetIsolationLevelStatement['level'] {
  if (cursor.accept('SNAPSHOT')) return 'snapshot';
  if (cursor.accept('SERIALIZABLE')) return 'serializable';
  if (cursor.acceptSequence('REPEATABLE', 'READ')) return 'repeatableRead';
  if (cursor.acceptSequence('READ', 'COMMITTED')) return 'readCommitted';
  cursor.expect('READ', 'UNCOMMITTED');
  return 'readUncommitted';
}
