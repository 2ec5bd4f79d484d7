import type {
  AlterTableAction,
  AlterTableStatement,
  ColumnDefinition,
  Identifier,
  Span,
  TableConstraint,
} from '../ast.js';
import { unsupported } from '../unsupported.js';
import { parseTableConstraint, startsTableConstraint } from './constraints.js';
import type { TokenCursor } from './cursor.js';
import { parseDataType } from './dataTypes.js';
import { parseIdentifier, parseIdentifierList, parseObjectName } from './names.js';
import { parseColumnDefinition } from './tables.js';

/** ALTER TABLE, from behind TABLE. */
export function parseAlterTable(cursor: TokenCursor, first: Span): AlterTableStatement {
  const table = parseObjectName(cursor);
  const action = parseAction(cursor);
  return { kind: 'alterTable', table, action, span: cursor.spanFrom(first) };
}

function parseAction(cursor: TokenCursor): AlterTableAction {
  const { lexeme, value, span } = cursor.current;
  switch (lexeme) {
    case 'WITH':
    case 'ADD':
    case 'CHECK':
    case 'NOCHECK':
      return parseCheckedAction(cursor);
    case 'DROP':
      return parseDrop(cursor);
    case 'ALTER':
      return parseAlterColumn(cursor);
    case 'ENABLE':
    case 'DISABLE':
      return parseSwitchTrigger(cursor);
    case 'SET':
      return parseSetLockEscalation(cursor);
    case 'SWITCH':
    case 'REBUILD':
      throw unsupported(`ALTER TABLE ... ${value.toUpperCase()}`, span);
    default:
      throw cursor.error();
  }
}

/** [WITH CHECK | NOCHECK] ADD ... or [WITH CHECK | NOCHECK] CHECK | NOCHECK CONSTRAINT ... */
function parseCheckedAction(cursor: TokenCursor): AlterTableAction {
  const withCheck = parseWithCheck(cursor);
  if (cursor.accept('ADD')) return { kind: 'add', elements: parseAddedElements(cursor), withCheck };
  const enable = cursor.is('CHECK');
  if (!enable && !cursor.is('NOCHECK')) throw cursor.error();
  cursor.advance();
  cursor.expect('CONSTRAINT');
  return { kind: 'checkConstraint', enable, withCheck, constraints: parseNamesOrAll(cursor) };
}

function parseWithCheck(cursor: TokenCursor): boolean | undefined {
  if (!cursor.accept('WITH')) return undefined;
  if (cursor.accept('CHECK')) return true;
  cursor.expect('NOCHECK');
  return false;
}

function parseNamesOrAll(cursor: TokenCursor): readonly Identifier[] | 'all' {
  return cursor.accept('ALL') ? 'all' : parseIdentifierList(cursor);
}

function parseAddedElements(cursor: TokenCursor): (ColumnDefinition | TableConstraint)[] {
  const elements = [parseAddedElement(cursor)];
  while (cursor.accept(',')) elements.push(parseAddedElement(cursor));
  return elements;
}

function parseAddedElement(cursor: TokenCursor): ColumnDefinition | TableConstraint {
  if (startsTableConstraint(cursor) || cursor.is('DEFAULT')) return parseTableConstraint(cursor);
  if (cursor.isSequence('PERIOD', 'FOR')) throw unsupported('temporal tables', cursor.current.span);
  return parseColumnDefinition(cursor);
}

/** DROP COLUMN ... or DROP [CONSTRAINT] ...; a list takes one kind only. */
function parseDrop(cursor: TokenCursor): AlterTableAction {
  cursor.expect('DROP');
  const isColumn = cursor.accept('COLUMN');
  if (!isColumn) cursor.accept('CONSTRAINT');
  const ifExists = cursor.acceptSequence('IF', 'EXISTS');
  const names = [parseIdentifier(cursor)];
  while (cursor.accept(',')) {
    if (cursor.accept(isColumn ? 'COLUMN' : 'CONSTRAINT')) cursor.acceptSequence('IF', 'EXISTS');
    else if (cursor.is('COLUMN') || cursor.is('CONSTRAINT')) {
      throw unsupported('columns and constraints in one ALTER TABLE ... DROP', cursor.current.span);
    }
    names.push(parseIdentifier(cursor));
  }
  if (cursor.isSequence('WITH', '(')) throw unsupported('options of ALTER TABLE ... DROP', cursor.current.span);
  return isColumn
    ? { kind: 'dropColumn', ifExists, columns: names }
    : { kind: 'dropConstraint', ifExists, constraints: names };
}

function parseAlterColumn(cursor: TokenCursor): AlterTableAction {
  cursor.expect('ALTER', 'COLUMN');
  const column = parseIdentifier(cursor).name;
  if (cursor.is('ADD') || cursor.is('DROP')) throw unsupported('ALTER COLUMN ... ADD | DROP', cursor.current.span);
  const type = parseDataType(cursor);
  const collation = cursor.accept('COLLATE') ? parseIdentifier(cursor).name : undefined;
  const nullable = cursor.accept('NULL') ? true : cursor.acceptSequence('NOT', 'NULL') ? false : undefined;
  if (cursor.isSequence('WITH', '(')) throw unsupported('options of ALTER COLUMN', cursor.current.span);
  return { kind: 'alterColumn', column, type, collation, nullable };
}

function parseSwitchTrigger(cursor: TokenCursor): AlterTableAction {
  const word = cursor.advance();
  if (!cursor.is('TRIGGER')) {
    throw unsupported(`ALTER TABLE ... ${word.lexeme} ${cursor.current.value.toUpperCase()}`, word.span);
  }
  cursor.advance();
  return { kind: 'switchTrigger', enable: word.lexeme === 'ENABLE', triggers: parseNamesOrAll(cursor) };
}

function parseSetLockEscalation(cursor: TokenCursor): AlterTableAction {
  cursor.expect('SET', '(');
  if (!cursor.is('LOCK_ESCALATION')) {
    throw unsupported(`ALTER TABLE ... SET (${cursor.current.value.toUpperCase()})`, cursor.current.span);
  }
  cursor.advance();
  cursor.expect('=');
  const value = cursor.current.lexeme;
  if (value !== 'AUTO' && value !== 'TABLE' && value !== 'DISABLE') throw cursor.error();
  cursor.advance();
  cursor.expect(')');
  return { kind: 'setLockEscalation', value };
}
