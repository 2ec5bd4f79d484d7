import type { AlterRoleStatement, CreateRoleStatement, LoginStatement, Span, UserStatement } from '../ast.js';
import { unsupported } from '../unsupported.js';
import type { TokenCursor } from './cursor.js';
import { parseIdentifier } from './names.js';

/** CREATE | ALTER LOGIN, from behind LOGIN. */
export function parseLogin(cursor: TokenCursor, action: LoginStatement['action'], first: Span): LoginStatement {
  const { name } = parseIdentifier(cursor);
  if (action === 'alter' && (cursor.is('ENABLE') || cursor.is('DISABLE'))) {
    const enable = cursor.advance().lexeme === 'ENABLE';
    return { ...emptyLogin(action, name), enable, span: cursor.spanFrom(first) };
  }
  if (cursor.is('FROM')) throw unsupported('logins from Windows, certificates and keys', cursor.current.span);
  if (cursor.is('ADD') || cursor.is('DROP')) throw unsupported('credentials of logins', cursor.current.span);
  cursor.expect('WITH');
  const options = parseLoginOptions(cursor);
  return { ...emptyLogin(action, name), ...options, span: cursor.spanFrom(first) };
}

function emptyLogin(action: LoginStatement['action'], name: string): Omit<LoginStatement, 'span'> {
  return {
    kind: 'login',
    action,
    name,
    password: undefined,
    defaultDatabase: undefined,
    enable: undefined,
    newName: undefined,
  };
}

type LoginOptions = { -readonly [Key in 'password' | 'defaultDatabase' | 'newName']?: string };

function parseLoginOptions(cursor: TokenCursor): LoginOptions {
  const options: LoginOptions = {};
  do parseLoginOption(cursor, options);
  while (cursor.accept(','));
  return options;
}

/** Policy and language change nothing in the sandbox, which keeps no password policy. */
function parseLoginOption(cursor: TokenCursor, options: LoginOptions): void {
  const { kind, lexeme, span } = cursor.current;
  if (kind !== 'word') throw cursor.error();
  cursor.advance();
  cursor.expect('=');
  switch (lexeme) {
    case 'PASSWORD':
      options.password = parsePassword(cursor);
      return;
    case 'DEFAULT_DATABASE':
      options.defaultDatabase = parseIdentifier(cursor).name;
      return;
    case 'NAME':
      options.newName = parseIdentifier(cursor).name;
      return;
    case 'DEFAULT_LANGUAGE':
      parseIdentifier(cursor);
      return;
    case 'CHECK_POLICY':
    case 'CHECK_EXPIRATION':
      if (!cursor.accept('ON')) cursor.expect('OFF');
      return;
    default:
      throw unsupported(`the login option ${lexeme}`, span);
  }
}

function parsePassword(cursor: TokenCursor): string {
  const { kind, span } = cursor.current;
  if (kind === 'binary') throw unsupported('hashed passwords', span);
  if (kind !== 'string' && kind !== 'nationalString') throw cursor.error();
  const { value } = cursor.advance();
  const refused = ['MUST_CHANGE', 'OLD_PASSWORD', 'HASHED', 'UNLOCK'].find((word) => cursor.is(word));
  if (refused !== undefined) throw unsupported(refused, cursor.current.span);
  return value;
}

/** CREATE | ALTER USER, from behind USER. */
export function parseUser(cursor: TokenCursor, action: UserStatement['action'], first: Span): UserStatement {
  const { name } = parseIdentifier(cursor);
  let login: string | undefined;
  let withoutLogin = false;
  if (action === 'create') {
    if (cursor.accept('FOR') || cursor.accept('FROM')) {
      if (!cursor.is('LOGIN')) throw unsupported(`users for ${cursor.current.value}`, cursor.current.span);
      cursor.advance();
      login = parseIdentifier(cursor).name;
    } else {
      withoutLogin = cursor.acceptSequence('WITHOUT', 'LOGIN');
    }
  }
  const options = cursor.accept('WITH') ? parseUserOptions(cursor) : {};
  const span = cursor.spanFrom(first);
  return {
    kind: 'user',
    action,
    name,
    login: options.login ?? login,
    withoutLogin,
    defaultSchema: options.defaultSchema,
    newName: options.newName,
    span,
  };
}

interface UserOptions {
  login?: string;
  defaultSchema?: string;
  newName?: string;
}

function parseUserOptions(cursor: TokenCursor): UserOptions {
  const options: UserOptions = {};
  do {
    const { lexeme, span } = cursor.current;
    cursor.advance();
    cursor.expect('=');
    if (lexeme === 'DEFAULT_SCHEMA') options.defaultSchema = parseIdentifier(cursor).name;
    else if (lexeme === 'LOGIN') options.login = parseIdentifier(cursor).name;
    else if (lexeme === 'NAME') options.newName = parseIdentifier(cursor).name;
    else throw unsupported(`the user option ${lexeme}`, span);
  } while (cursor.accept(','));
  return options;
}

/** CREATE ROLE, from behind ROLE. */
export function parseCreateRole(cursor: TokenCursor, first: Span): CreateRoleStatement {
  const { name } = parseIdentifier(cursor);
  const authorization = cursor.accept('AUTHORIZATION') ? parseIdentifier(cursor).name : undefined;
  return { kind: 'createRole', name, authorization, span: cursor.spanFrom(first) };
}

/** ALTER [SERVER] ROLE, from behind ROLE. */
export function parseAlterRole(cursor: TokenCursor, server: boolean, first: Span): AlterRoleStatement {
  const role = parseIdentifier(cursor).name;
  const change = parseRoleChange(cursor);
  const { name } = parseIdentifier(cursor);
  return { kind: 'alterRole', server, role, change, name, span: cursor.spanFrom(first) };
}

function parseRoleChange(cursor: TokenCursor): AlterRoleStatement['change'] {
  if (cursor.acceptSequence('ADD', 'MEMBER')) return 'addMember';
  if (cursor.acceptSequence('DROP', 'MEMBER')) return 'dropMember';
  cursor.expect('WITH');
  cursor.expect('NAME');
  cursor.expect('=');
  return 'rename';
}
