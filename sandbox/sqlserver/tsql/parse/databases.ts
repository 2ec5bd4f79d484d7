import type { AlterDatabaseStatement, CreateDatabaseStatement, DatabaseChange, Span } from '../ast.js';
import { unsupported } from '../unsupported.js';
import type { TokenCursor } from './cursor.js';
import { parseIdentifier } from './names.js';

/** CREATE DATABASE, from behind DATABASE. */
export function parseCreateDatabase(cursor: TokenCursor, first: Span): CreateDatabaseStatement {
  const { name } = parseIdentifier(cursor);
  if (cursor.is('ON')) throw unsupported('files of CREATE DATABASE', cursor.current.span);
  if (cursor.is('CONTAINMENT')) throw unsupported('contained databases', cursor.current.span);
  const collation = cursor.accept('COLLATE') ? parseIdentifier(cursor).name : undefined;
  if (cursor.is('WITH')) throw unsupported('options of CREATE DATABASE', cursor.current.span);
  if (cursor.is('FOR') || cursor.isSequence('AS', 'SNAPSHOT')) {
    throw unsupported('attaching databases and database snapshots', cursor.current.span);
  }
  return { kind: 'createDatabase', name, collation, span: cursor.spanFrom(first) };
}

/** ALTER DATABASE, from behind DATABASE. */
export function parseAlterDatabase(cursor: TokenCursor, first: Span): AlterDatabaseStatement {
  const { lexeme, value, span: actionSpan } = cursor.peek(1);
  if (cursor.is('SCOPED') && lexeme === 'CONFIGURATION') {
    throw unsupported('ALTER DATABASE SCOPED CONFIGURATION', actionSpan);
  }
  const name = cursor.accept('CURRENT') ? undefined : parseIdentifier(cursor).name;
  if (cursor.accept('COLLATE')) {
    const collation = parseIdentifier(cursor).name;
    const changes: DatabaseChange[] = [{ kind: 'collate', collation }];
    return { kind: 'alterDatabase', name, changes, termination: undefined, span: cursor.spanFrom(first) };
  }
  if (/^(MODIFY|ADD|REMOVE)$/.test(lexeme)) throw unsupported(`ALTER DATABASE ... ${value.toUpperCase()}`, actionSpan);
  cursor.expect('SET');
  const changes = [parseDatabaseOption(cursor)];
  while (cursor.accept(',')) changes.push(parseDatabaseOption(cursor));
  const termination = parseTermination(cursor);
  return { kind: 'alterDatabase', name, changes, termination, span: cursor.spanFrom(first) };
}

function parseDatabaseOption(cursor: TokenCursor): DatabaseChange {
  if (cursor.current.kind !== 'word') throw cursor.error();
  const name = cursor.advance().lexeme;
  const assigned = cursor.accept('=');
  const { kind, lexeme, value, span } = cursor.current;
  if (lexeme === '(') throw unsupported(`the database option ${name} with arguments`, span);
  const hasValue = assigned || (kind === 'word' && lexeme !== 'WITH' && startsOptionValue(cursor, name));
  if (!hasValue) return { kind: 'option', name, value: '' };
  if (kind !== 'word' && kind !== 'integer') throw cursor.error();
  cursor.advance();
  return { kind: 'option', name, value: value.toUpperCase() };
}

const optionsWithoutValue: ReadonlySet<string> = new Set([
  'SINGLE_USER',
  'RESTRICTED_USER',
  'MULTI_USER',
  'READ_ONLY',
  'READ_WRITE',
  'ONLINE',
  'OFFLINE',
  'EMERGENCY',
]);

function startsOptionValue(cursor: TokenCursor, option: string): boolean {
  return cursor.current.kind === 'word' && !optionsWithoutValue.has(option);
}

function parseTermination(cursor: TokenCursor): AlterDatabaseStatement['termination'] {
  if (!cursor.accept('WITH')) return undefined;
  if (cursor.accept('NO_WAIT')) return 'noWait';
  cursor.expect('ROLLBACK');
  if (cursor.is('AFTER')) throw unsupported('WITH ROLLBACK AFTER', cursor.current.span);
  cursor.expect('IMMEDIATE');
  return 'rollbackImmediate';
}
