import type { DataType } from '../ast.js';
import type { TokenCursor } from './cursor.js';
import { isIdentifier, parseIdentifier } from './names.js';

/** "Data type synonyms (Transact-SQL)" of one word; those of several words are read below. */
const synonyms: ReadonlyMap<string, string> = new Map([
  ['character', 'char'],
  ['integer', 'int'],
  ['dec', 'decimal'],
  ['rowversion', 'timestamp'],
]);

export function parseDataType(cursor: TokenCursor): DataType {
  const first = cursor.current.span;
  const { schema, name } = parseTypeName(cursor);
  const parameters = cursor.is('(') ? parseTypeParameters(cursor) : [];
  return { name, schema, parameters, span: cursor.spanFrom(first) };
}

function parseTypeName(cursor: TokenCursor): { schema: string; name: string } {
  if (cursor.acceptSequence('DOUBLE', 'PRECISION')) return { schema: '', name: 'float' };
  if (cursor.accept('NATIONAL')) return { schema: '', name: parseNationalType(cursor) };
  if (!isIdentifier(cursor.current)) throw cursor.error();
  let schema = '';
  let name = parseIdentifier(cursor).name;
  if (cursor.accept('.')) {
    schema = name;
    name = parseIdentifier(cursor).name;
  }
  const lower = name.toLowerCase();
  const resolved = synonyms.get(lower) ?? lower;
  if (cursor.is('VARYING')) return { schema, name: parseVarying(cursor, resolved) };
  return { schema, name: resolved };
}

function parseVarying(cursor: TokenCursor, name: string): string {
  if (name !== 'char' && name !== 'binary') throw cursor.error();
  cursor.advance();
  return `var${name}`;
}

function parseNationalType(cursor: TokenCursor): string {
  if (cursor.accept('TEXT')) return 'ntext';
  if (!cursor.accept('CHARACTER')) cursor.expect('CHAR');
  return cursor.accept('VARYING') ? 'nvarchar' : 'nchar';
}

function parseTypeParameters(cursor: TokenCursor): readonly number[] | 'max' {
  cursor.expect('(');
  if (cursor.accept('MAX')) {
    cursor.expect(')');
    return 'max';
  }
  const parameters = [parseTypeParameter(cursor)];
  while (cursor.accept(',')) parameters.push(parseTypeParameter(cursor));
  cursor.expect(')');
  return parameters;
}

function parseTypeParameter(cursor: TokenCursor): number {
  if (cursor.current.kind !== 'integer') throw cursor.error();
  return Number(cursor.advance().value);
}
