import type { DropStatement, ObjectName, Span, Statement } from '../ast.js';
import { syntaxError } from '../syntaxErrors.js';
import { unsupported } from '../unsupported.js';
import { parseAlterTable } from './alterTable.js';
import type { TokenCursor } from './cursor.js';
import { parseAlterDatabase, parseCreateDatabase } from './databases.js';
import { parseCreateIndex, parseDropIndex } from './indexes.js';
import { parseCreateSchema, parseTrigger, parseView } from './modules.js';
import { parseIdentifier, parseObjectName } from './names.js';
import { parseAlterRole, parseCreateRole, parseLogin, parseUser } from './principals.js';
import { parseCreateTable } from './tables.js';

/** True for the statements that must be the first in a batch (error 111). */
function requireFirst(isFirst: boolean, statement: string, line: number): void {
  if (isFirst) return;
  throw syntaxError(111, `'${statement}' must be the first statement in a query batch.`, line);
}

/** `isFirst`: nothing stands before it in the batch. */
export function parseCreate(cursor: TokenCursor, isFirst: boolean): Statement {
  const first = cursor.expect('CREATE').span;
  if (cursor.acceptSequence('OR', 'ALTER')) return parseCreateOrAlter(cursor, isFirst, first);
  const { lexeme } = cursor.current;
  switch (lexeme) {
    case 'UNIQUE':
    case 'CLUSTERED':
    case 'NONCLUSTERED':
    case 'INDEX':
      return parseCreateIndex(cursor, first);
    case 'TABLE':
      cursor.advance();
      return parseCreateTable(cursor, first);
    case 'VIEW':
      requireFirst(isFirst, 'CREATE VIEW', first.line);
      cursor.advance();
      return parseView(cursor, 'create', first);
    case 'TRIGGER':
      requireFirst(isFirst, 'CREATE TRIGGER', first.line);
      cursor.advance();
      return parseTrigger(cursor, 'create', first);
    case 'SCHEMA':
      requireFirst(isFirst, 'CREATE SCHEMA', first.line);
      cursor.advance();
      return parseCreateSchema(cursor, first);
    case 'DATABASE':
      cursor.advance();
      return parseCreateDatabase(cursor, first);
    case 'LOGIN':
      cursor.advance();
      return parseLogin(cursor, 'create', first);
    case 'USER':
      cursor.advance();
      return parseUser(cursor, 'create', first);
    case 'ROLE':
      cursor.advance();
      return parseCreateRole(cursor, first);
    default:
      throw refuseOther(cursor, 'CREATE');
  }
}

function parseCreateOrAlter(cursor: TokenCursor, isFirst: boolean, first: Span): Statement {
  if (cursor.is('VIEW')) {
    requireFirst(isFirst, 'CREATE VIEW', first.line);
    cursor.advance();
    return parseView(cursor, 'createOrAlter', first);
  }
  if (cursor.is('TRIGGER')) {
    requireFirst(isFirst, 'CREATE TRIGGER', first.line);
    cursor.advance();
    return parseTrigger(cursor, 'createOrAlter', first);
  }
  throw refuseOther(cursor, 'CREATE OR ALTER');
}

export function parseAlter(cursor: TokenCursor, isFirst: boolean): Statement {
  const first = cursor.expect('ALTER').span;
  const { lexeme } = cursor.current;
  if (lexeme === 'SERVER' && cursor.acceptSequence('SERVER', 'ROLE')) return parseAlterRole(cursor, true, first);
  switch (lexeme) {
    case 'TABLE':
      cursor.advance();
      return parseAlterTable(cursor, first);
    case 'VIEW':
      requireFirst(isFirst, 'ALTER VIEW', first.line);
      cursor.advance();
      return parseView(cursor, 'alter', first);
    case 'TRIGGER':
      requireFirst(isFirst, 'ALTER TRIGGER', first.line);
      cursor.advance();
      return parseTrigger(cursor, 'alter', first);
    case 'DATABASE':
      cursor.advance();
      return parseAlterDatabase(cursor, first);
    case 'LOGIN':
      cursor.advance();
      return parseLogin(cursor, 'alter', first);
    case 'USER':
      cursor.advance();
      return parseUser(cursor, 'alter', first);
    case 'ROLE':
      cursor.advance();
      return parseAlterRole(cursor, false, first);
    default:
      throw refuseOther(cursor, 'ALTER');
  }
}

const droppable: ReadonlyMap<string, DropStatement['objectKind']> = new Map([
  ['TABLE', 'table'],
  ['VIEW', 'view'],
  ['TRIGGER', 'trigger'],
  ['PROCEDURE', 'procedure'],
  ['PROC', 'procedure'],
  ['FUNCTION', 'function'],
  ['SCHEMA', 'schema'],
  ['DATABASE', 'database'],
  ['LOGIN', 'login'],
  ['USER', 'user'],
  ['ROLE', 'role'],
  ['TYPE', 'type'],
]);

const listable: ReadonlySet<DropStatement['objectKind']> = new Set([
  'table',
  'view',
  'trigger',
  'procedure',
  'function',
  'database',
]);

/** SQL Server has no DROP LOGIN IF EXISTS. */
const withoutIfExists: ReadonlySet<DropStatement['objectKind']> = new Set(['login']);

const qualified: ReadonlySet<DropStatement['objectKind']> = new Set([
  'table',
  'view',
  'trigger',
  'procedure',
  'function',
  'type',
]);

export function parseDrop(cursor: TokenCursor): Statement {
  const first = cursor.expect('DROP').span;
  if (cursor.accept('INDEX')) return parseDropIndex(cursor, first);
  const objectKind = droppable.get(cursor.current.lexeme);
  if (objectKind === undefined) throw refuseOther(cursor, 'DROP');
  cursor.advance();
  const ifExists = !withoutIfExists.has(objectKind) && cursor.acceptSequence('IF', 'EXISTS');
  const parseName = qualified.has(objectKind) ? parseObjectName : parseSimpleName;
  const names = [parseName(cursor)];
  while (listable.has(objectKind) && cursor.accept(',')) names.push(parseName(cursor));
  if (objectKind === 'trigger' && cursor.is('ON')) throw unsupported('triggers on DDL and logon', cursor.current.span);
  return { kind: 'drop', objectKind, ifExists, names, span: cursor.spanFrom(first) };
}

function parseSimpleName(cursor: TokenCursor): ObjectName {
  const { name, span } = parseIdentifier(cursor);
  return { server: '', database: '', schema: '', object: name, span };
}

/** What CREATE, ALTER and DROP take in SQL Server and not here; one or two words, matched against the text. */
const otherObjects: ReadonlySet<string> = new Set([
  'AGGREGATE',
  'APPLICATION ROLE',
  'ASSEMBLY',
  'ASYMMETRIC KEY',
  'AUTHORIZATION',
  'AVAILABILITY GROUP',
  'CERTIFICATE',
  'COLUMNSTORE INDEX',
  'CREDENTIAL',
  'CRYPTOGRAPHIC PROVIDER',
  'DEFAULT',
  'ENDPOINT',
  'EVENT NOTIFICATION',
  'EVENT SESSION',
  'EXTERNAL TABLE',
  'FULLTEXT CATALOG',
  'FULLTEXT INDEX',
  'FUNCTION',
  'INDEX',
  'MASTER KEY',
  'MESSAGE TYPE',
  'PARTITION FUNCTION',
  'PARTITION SCHEME',
  'PRIMARY XML',
  'PROC',
  'PROCEDURE',
  'QUEUE',
  'ROUTE',
  'RULE',
  'SCHEMA',
  'SECURITY POLICY',
  'SELECTIVE XML',
  'SEQUENCE',
  'SERVER AUDIT',
  'SERVER CONFIGURATION',
  'SERVER ROLE',
  'SERVICE',
  'SPATIAL INDEX',
  'STATISTICS',
  'SYMMETRIC KEY',
  'SYNONYM',
  'TYPE',
  'XML INDEX',
  'XML SCHEMA',
]);

function refuseOther(cursor: TokenCursor, verb: string): Error {
  const one = cursor.current.lexeme;
  const two = `${one} ${cursor.peek(1).lexeme}`;
  const construct = [two, one].find((words) => otherObjects.has(words));
  return construct === undefined ? cursor.error() : unsupported(`${verb} ${construct}`, cursor.current.span);
}
