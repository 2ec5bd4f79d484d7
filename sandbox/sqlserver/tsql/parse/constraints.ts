import type {
  CheckConstraint,
  DefaultConstraint,
  ForeignKeyConstraint,
  IndexOption,
  KeyColumn,
  PrimaryKeyConstraint,
  ReferentialAction,
  Span,
  TableConstraint,
  UniqueConstraint,
} from '../ast.js';
import { unsupported } from '../unsupported.js';
import { parseCondition } from './conditions.js';
import type { TokenCursor } from './cursor.js';
import { parseExpression } from './expressions.js';
import { parseIndexOptions, parseKeyColumns, refuseFilegroup } from './indexes.js';
import { parseIdentifier, parseObjectName, parseParenthesizedIdentifiers } from './names.js';

/** CONSTRAINT name, if written. */
export function acceptConstraintName(cursor: TokenCursor): string | undefined {
  return cursor.accept('CONSTRAINT') ? parseIdentifier(cursor).name : undefined;
}

export function startsTableConstraint(cursor: TokenCursor): boolean {
  return /^(CONSTRAINT|PRIMARY|UNIQUE|FOREIGN|CHECK)$/.test(cursor.current.lexeme);
}

/** A constraint of the table, from CONSTRAINT name or its first keyword. */
export function parseTableConstraint(cursor: TokenCursor): TableConstraint {
  const first = cursor.current.span;
  const name = acceptConstraintName(cursor);
  switch (cursor.current.lexeme) {
    case 'PRIMARY':
    case 'UNIQUE':
      return parseKeyConstraint(cursor, name, first, undefined);
    case 'FOREIGN':
      return parseForeignKey(cursor, name, first, undefined);
    case 'CHECK':
      return parseCheck(cursor, name, first);
    case 'DEFAULT':
      return parseTableDefault(cursor, name, first);
    default:
      throw cursor.error();
  }
}

/** PRIMARY KEY or UNIQUE; `column` is the column that it is written with, whose list may be left out. */
export function parseKeyConstraint(
  cursor: TokenCursor,
  name: string | undefined,
  first: Span,
  column: string | undefined,
): PrimaryKeyConstraint | UniqueConstraint {
  const kind = cursor.is('PRIMARY') ? 'primaryKey' : 'unique';
  cursor.advance();
  if (kind === 'primaryKey') cursor.expect('KEY');
  const clustered = cursor.accept('CLUSTERED') ? true : cursor.accept('NONCLUSTERED') ? false : undefined;
  if (cursor.is('HASH')) throw unsupported('hash indexes', cursor.current.span);
  const columns = parseKeyColumnsOf(cursor, first, column);
  const options = parseKeyOptions(cursor);
  refuseFilegroup(cursor);
  return { kind, name, clustered, columns, options, span: cursor.spanFrom(first) };
}

function parseKeyColumnsOf(cursor: TokenCursor, first: Span, column: string | undefined): readonly KeyColumn[] {
  if (column === undefined || cursor.is('(')) return parseKeyColumns(cursor);
  return [{ name: column, descending: false, span: first }];
}

function parseKeyOptions(cursor: TokenCursor): readonly IndexOption[] {
  return cursor.is('WITH') ? parseIndexOptions(cursor) : [];
}

/** [FOREIGN KEY [(columns)]] REFERENCES table [(columns)] [ON DELETE ...] [ON UPDATE ...]. */
export function parseForeignKey(
  cursor: TokenCursor,
  name: string | undefined,
  first: Span,
  column: string | undefined,
): ForeignKeyConstraint {
  const columns = parseReferencingColumns(cursor, column);
  cursor.expect('REFERENCES');
  const referencedTable = parseObjectName(cursor);
  const referencedColumns = cursor.is('(') ? parseParenthesizedIdentifiers(cursor).map((item) => item.name) : [];
  let onDelete: ReferentialAction = 'noAction';
  let onUpdate: ReferentialAction = 'noAction';
  while (cursor.is('ON') && /^(DELETE|UPDATE)$/.test(cursor.peek(1).lexeme)) {
    cursor.advance();
    const event = cursor.advance().lexeme;
    const action = parseReferentialAction(cursor);
    if (event === 'DELETE') onDelete = action;
    else onUpdate = action;
  }
  const notForReplication = cursor.acceptSequence('NOT', 'FOR', 'REPLICATION');
  return {
    kind: 'foreignKey',
    name,
    columns,
    referencedTable,
    referencedColumns,
    onDelete,
    onUpdate,
    notForReplication,
    span: cursor.spanFrom(first),
  };
}

function parseReferencingColumns(cursor: TokenCursor, column: string | undefined): string[] {
  if (!cursor.acceptSequence('FOREIGN', 'KEY')) return column === undefined ? [] : [column];
  if (column !== undefined && !cursor.is('(')) return [column];
  return parseParenthesizedIdentifiers(cursor).map((item) => item.name);
}

function parseReferentialAction(cursor: TokenCursor): ReferentialAction {
  if (cursor.accept('CASCADE')) return 'cascade';
  if (cursor.acceptSequence('NO', 'ACTION')) return 'noAction';
  cursor.expect('SET');
  if (cursor.accept('NULL')) return 'setNull';
  cursor.expect('DEFAULT');
  return 'setDefault';
}

export function parseCheck(cursor: TokenCursor, name: string | undefined, first: Span): CheckConstraint {
  cursor.expect('CHECK');
  const notForReplication = cursor.acceptSequence('NOT', 'FOR', 'REPLICATION');
  cursor.expect('(');
  const { start } = cursor.current.span;
  const condition = parseCondition(cursor);
  const definition = cursor.textFrom(start);
  cursor.expect(')');
  return { kind: 'check', name, condition, definition, notForReplication, span: cursor.spanFrom(first) };
}

/** DEFAULT expression [WITH VALUES] of a column definition. */
export function parseColumnDefault(
  cursor: TokenCursor,
  name: string | undefined,
  first: Span,
  column: string,
): DefaultConstraint {
  cursor.expect('DEFAULT');
  const { start } = cursor.current.span;
  const expression = parseExpression(cursor);
  const definition = cursor.textFrom(start);
  const withValues = cursor.acceptSequence('WITH', 'VALUES');
  return {
    kind: 'defaultConstraint',
    name,
    expression,
    definition,
    column,
    withValues,
    span: cursor.spanFrom(first),
  };
}

/** DEFAULT expression FOR column [WITH VALUES] of ALTER TABLE ... ADD. */
function parseTableDefault(cursor: TokenCursor, name: string | undefined, first: Span): DefaultConstraint {
  cursor.expect('DEFAULT');
  const { start } = cursor.current.span;
  const expression = parseExpression(cursor);
  const definition = cursor.textFrom(start);
  cursor.expect('FOR');
  const column = parseIdentifier(cursor).name;
  const withValues = cursor.acceptSequence('WITH', 'VALUES');
  return {
    kind: 'defaultConstraint',
    name,
    expression,
    definition,
    column,
    withValues,
    span: cursor.spanFrom(first),
  };
}
