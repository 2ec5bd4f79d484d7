import type {
  SchemaStatement,
  Span,
  SwitchTriggerStatement,
  TriggerEvent,
  TriggerStatement,
  ViewStatement,
} from '../ast.js';
import { unsupported } from '../unsupported.js';
import type { TokenCursor } from './cursor.js';
import { isIdentifier, parseIdentifier, parseObjectName, parseParenthesizedIdentifiers } from './names.js';
import { parseCommonTableExpressions, parseQuery } from './queries.js';
import { parseStatementsToEnd } from './statements.js';

type ModuleAction = ViewStatement['action'];

/** CREATE | ALTER VIEW, from behind VIEW; the view is all of its batch. */
export function parseView(cursor: TokenCursor, action: ModuleAction, first: Span): ViewStatement {
  const name = parseObjectName(cursor);
  const columns = cursor.is('(') ? parseParenthesizedIdentifiers(cursor) : [];
  const schemaBinding = parseViewAttributes(cursor);
  cursor.expect('AS');
  const { start } = cursor.current.span;
  const ctes = cursor.is('WITH') ? parseCommonTableExpressions(cursor) : [];
  const query = parseQuery(cursor, 'nested');
  const queryText = cursor.textFrom(start);
  const checkOption = cursor.acceptSequence('WITH', 'CHECK', 'OPTION');
  const span = cursor.spanFrom(first);
  while (cursor.accept(';'));
  if (!cursor.atEnd) throw cursor.error();
  const definition = cursor.text;
  return {
    kind: 'view',
    action,
    name,
    columns,
    query,
    ctes,
    schemaBinding,
    checkOption,
    definition,
    queryText,
    span,
  };
}

/** WITH attributes; true if SCHEMABINDING is among them. VIEW_METADATA changes nothing but what browse mode sees. */
function parseViewAttributes(cursor: TokenCursor): boolean {
  if (!cursor.accept('WITH')) return false;
  let schemaBinding = false;
  do {
    if (cursor.accept('SCHEMABINDING')) schemaBinding = true;
    else if (cursor.is('ENCRYPTION')) throw unsupported('WITH ENCRYPTION', cursor.current.span);
    else cursor.expect('VIEW_METADATA');
  } while (cursor.accept(','));
  return schemaBinding;
}

/** CREATE | ALTER TRIGGER, from behind TRIGGER; its body is the rest of the batch. */
export function parseTrigger(cursor: TokenCursor, action: ModuleAction, first: Span): TriggerStatement {
  const name = parseObjectName(cursor);
  cursor.expect('ON');
  if (cursor.is('DATABASE') || cursor.isSequence('ALL', 'SERVER')) {
    throw unsupported('triggers on DDL and logon', cursor.current.span);
  }
  const table = parseObjectName(cursor);
  if (cursor.is('WITH')) throw unsupported(`triggers WITH ${cursor.peek(1).value.toUpperCase()}`, cursor.current.span);
  if (cursor.isSequence('INSTEAD', 'OF')) throw unsupported('INSTEAD OF triggers', cursor.current.span);
  if (!cursor.accept('FOR')) cursor.expect('AFTER');
  const events = parseTriggerEvents(cursor);
  const notForReplication = cursor.acceptSequence('NOT', 'FOR', 'REPLICATION');
  cursor.expect('AS');
  const body = parseStatementsToEnd(cursor);
  const span = cursor.spanFrom(first);
  const definition = cursor.text;
  return { kind: 'trigger', action, name, table, events, notForReplication, body, definition, span };
}

function parseTriggerEvents(cursor: TokenCursor): TriggerEvent[] {
  const events = [parseTriggerEvent(cursor)];
  while (cursor.accept(',')) events.push(parseTriggerEvent(cursor));
  return events;
}

function parseTriggerEvent(cursor: TokenCursor): TriggerEvent {
  if (cursor.accept('INSERT')) return 'insert';
  if (cursor.accept('UPDATE')) return 'update';
  cursor.expect('DELETE');
  return 'delete';
}

/** ENABLE | DISABLE TRIGGER names | ALL ON table. */
export function parseSwitchTrigger(cursor: TokenCursor): SwitchTriggerStatement {
  const word = cursor.advance();
  cursor.expect('TRIGGER');
  const triggers = cursor.accept('ALL') ? ('all' as const) : parseTriggerNames(cursor);
  cursor.expect('ON');
  if (cursor.is('DATABASE') || cursor.isSequence('ALL', 'SERVER')) {
    throw unsupported('triggers on DDL and logon', cursor.current.span);
  }
  const table = parseObjectName(cursor);
  const enable = word.lexeme === 'ENABLE';
  return { kind: 'switchTrigger', enable, triggers, table, span: cursor.spanFrom(word.span) };
}

function parseTriggerNames(cursor: TokenCursor): SwitchTriggerStatement['triggers'] {
  const names = [parseObjectName(cursor)];
  while (cursor.accept(',')) names.push(parseObjectName(cursor));
  return names;
}

/** CREATE SCHEMA, from behind SCHEMA. */
export function parseCreateSchema(cursor: TokenCursor, first: Span): SchemaStatement {
  const name = isIdentifier(cursor.current) ? parseIdentifier(cursor).name : undefined;
  let authorization: string | undefined;
  if (cursor.accept('AUTHORIZATION')) authorization = parseIdentifier(cursor).name;
  const schemaName = name ?? authorization;
  if (schemaName === undefined) throw cursor.error();
  if (/^(CREATE|GRANT|DENY|REVOKE)$/.test(cursor.current.lexeme)) {
    throw unsupported('schema elements of CREATE SCHEMA', cursor.current.span);
  }
  return { kind: 'createSchema', name: schemaName, authorization, span: cursor.spanFrom(first) };
}
