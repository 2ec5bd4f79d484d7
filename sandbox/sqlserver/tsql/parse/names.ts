import type { Identifier, ObjectName } from '../ast.js';
import { syntaxError } from '../syntaxErrors.js';
import type { Token } from '../tokens.js';
import { unsupported } from '../unsupported.js';
import type { TokenCursor } from './cursor.js';

const maximumPrefixes = 3;
const maximumTemporaryNameLength = 116;

export function isIdentifier(token: Token): boolean {
  return token.kind === 'quotedName' || (token.kind === 'word' && !token.reserved);
}

export function parseIdentifier(cursor: TokenCursor): Identifier {
  if (!isIdentifier(cursor.current)) throw cursor.error();
  const token = cursor.advance();
  return { name: token.value, span: token.span };
}

export function parseIdentifierList(cursor: TokenCursor): Identifier[] {
  const identifiers = [parseIdentifier(cursor)];
  while (cursor.accept(',')) identifiers.push(parseIdentifier(cursor));
  return identifiers;
}

export function parseParenthesizedIdentifiers(cursor: TokenCursor): Identifier[] {
  cursor.expect('(');
  const identifiers = parseIdentifierList(cursor);
  cursor.expect(')');
  return identifiers;
}

/** The parts of a name up to the last one; empty parts between dots are ''. Does not read a trailing `.*`. */
export function parseNameParts(cursor: TokenCursor): string[] {
  const parts = [parseIdentifier(cursor).name];
  while (cursor.is('.') && cursor.peek(1).lexeme !== '*') {
    cursor.advance();
    while (cursor.accept('.')) parts.push('');
    parts.push(parseIdentifier(cursor).name);
  }
  return parts;
}

/** A name of up to four parts. Throws 117 beyond that; refuses ##global temporary tables by name. */
export function parseObjectName(cursor: TokenCursor): ObjectName {
  const first = cursor.current.span;
  // `..t`: the current database and its default schema.
  const leading: string[] = [];
  while (cursor.accept('.')) leading.push('');
  const parts = [...leading, ...parseNameParts(cursor)];
  return objectNameOf(parts, cursor, first);
}

/** The object name that the parts of a dotted name make. */
export function objectNameOf(parts: readonly string[], cursor: TokenCursor, first: Token['span']): ObjectName {
  if (parts.length > maximumPrefixes + 1) throw tooManyPrefixes(parts, first.line);
  const [object = '', schema = '', database = '', server = ''] = [...parts].reverse();
  checkTemporaryName(object, first.line);
  return { server, database, schema, object, span: cursor.spanFrom(first) };
}

function tooManyPrefixes(parts: readonly string[], line: number): Error {
  return syntaxError(
    117,
    `The object name '${parts.join('.')}' contains more than the maximum number of prefixes. ` +
      `The maximum is ${maximumPrefixes}.`,
    line,
  );
}

function checkTemporaryName(name: string, line: number): void {
  if (!name.startsWith('#')) return;
  if (name.startsWith('##')) throw unsupported(`global temporary tables (${name})`, { line });
  if (name.length <= maximumTemporaryNameLength) return;
  throw syntaxError(
    193,
    `The object or column name starting with '${name.slice(0, maximumTemporaryNameLength)}' is too long. ` +
      `The maximum length is ${maximumTemporaryNameLength} characters.`,
    line,
  );
}
