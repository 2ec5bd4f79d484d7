import type { Permission, PermissionStatement, Securable } from '../ast.js';
import { unsupported } from '../unsupported.js';
import type { TokenCursor } from './cursor.js';
import { parseIdentifier, parseObjectName, parseParenthesizedIdentifiers } from './names.js';

/** GRANT, DENY and REVOKE. */
export function parsePermissionStatement(cursor: TokenCursor): PermissionStatement {
  const first = cursor.advance();
  const action = first.lexeme === 'GRANT' ? 'grant' : first.lexeme === 'DENY' ? 'deny' : 'revoke';
  const grantOptionFor = action === 'revoke' && cursor.acceptSequence('GRANT', 'OPTION', 'FOR');
  const permissions = parsePermissions(cursor);
  const { securable, columns } = parseSecurable(cursor);
  if (action === 'revoke' && cursor.is('FROM')) cursor.advance();
  else cursor.expect('TO');
  const principals = [parsePrincipal(cursor)];
  while (cursor.accept(',')) principals.push(parsePrincipal(cursor));
  const withGrantOption = action === 'grant' && cursor.acceptSequence('WITH', 'GRANT', 'OPTION');
  const cascade = action !== 'grant' && cursor.accept('CASCADE');
  if (cursor.is('AS')) throw unsupported('AS principal of permission statements', cursor.current.span);
  return {
    kind: 'permission',
    action,
    permissions: columns.length === 0 ? permissions : permissions.map((item) => ({ ...item, columns })),
    securable,
    principals,
    withGrantOption,
    grantOptionFor,
    cascade,
    span: cursor.spanFrom(first.span),
  };
}

function parsePermissions(cursor: TokenCursor): Permission[] {
  const permissions = [parsePermission(cursor)];
  while (cursor.accept(',')) permissions.push(parsePermission(cursor));
  return permissions;
}

const wordsBehindPermission: ReadonlySet<string> = new Set([',', '(', 'ON', 'TO', 'FROM']);

function parsePermission(cursor: TokenCursor): Permission {
  const words: string[] = [];
  while (!cursor.isOneOf(wordsBehindPermission)) {
    if (cursor.current.kind !== 'word') throw cursor.error();
    words.push(cursor.advance().lexeme);
  }
  if (words.length === 0) throw cursor.error();
  const columns = cursor.is('(') ? parseParenthesizedIdentifiers(cursor).map((item) => item.name) : [];
  return { name: permissionName(words), columns };
}

/** EXEC is short for EXECUTE, ALL PRIVILEGES long for ALL. */
function permissionName(words: readonly string[]): string {
  const name = words.join(' ');
  if (name === 'EXEC') return 'EXECUTE';
  return name === 'ALL PRIVILEGES' ? 'ALL' : name;
}

const securableClasses: ReadonlyMap<string, Securable['class']> = new Map([
  ['OBJECT', 'object'],
  ['SCHEMA', 'schema'],
  ['DATABASE', 'database'],
  ['LOGIN', 'login'],
  ['USER', 'user'],
  ['ROLE', 'role'],
]);

function parseSecurable(cursor: TokenCursor): { securable: Securable | undefined; columns: readonly string[] } {
  if (!cursor.accept('ON')) return { securable: undefined, columns: [] };
  const first = cursor.current.span;
  const securableClass = parseSecurableClass(cursor);
  const name = parseObjectName(cursor);
  const columns = cursor.is('(') ? parseParenthesizedIdentifiers(cursor).map((item) => item.name) : [];
  return { securable: { class: securableClass, name, span: cursor.spanFrom(first) }, columns };
}

/** `class ::`; an object without it. */
function parseSecurableClass(cursor: TokenCursor): Securable['class'] {
  const words: string[] = [];
  let distance = 0;
  while (cursor.peek(distance).kind === 'word') words.push(cursor.peek(distance++).lexeme);
  if (cursor.peek(distance).lexeme !== '::') return 'object';
  const known = securableClasses.get(words.join(' '));
  if (known === undefined) throw unsupported(`permissions on ${words.join(' ')}`, cursor.current.span);
  for (let count = 0; count <= distance; count++) cursor.advance();
  return known;
}

function parsePrincipal(cursor: TokenCursor): string {
  return cursor.is('PUBLIC') ? cursor.advance().value : parseIdentifier(cursor).name;
}
