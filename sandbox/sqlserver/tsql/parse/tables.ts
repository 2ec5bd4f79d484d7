import type {
  ColumnDefinition,
  ComputedColumn,
  CreateTableStatement,
  IdentityDefinition,
  Span,
  TableConstraint,
  TableElement,
} from '../ast.js';
import { unsupported } from '../unsupported.js';
import {
  acceptConstraintName,
  parseCheck,
  parseColumnDefault,
  parseForeignKey,
  parseKeyConstraint,
  parseTableConstraint,
  startsTableConstraint,
} from './constraints.js';
import type { TokenCursor } from './cursor.js';
import { parseDataType } from './dataTypes.js';
import { parseExpression } from './expressions.js';
import { parseInlineIndex, refuseFilegroup } from './indexes.js';
import { parseIdentifier, parseObjectName } from './names.js';

/** CREATE TABLE, from behind TABLE. */
export function parseCreateTable(cursor: TokenCursor, first: Span): CreateTableStatement {
  const table = parseObjectName(cursor);
  if (cursor.is('AS')) throw unsupported('CREATE TABLE ... AS', cursor.current.span);
  const elements = parseTableElements(cursor);
  refuseFilegroup(cursor);
  refuseFilegroup(cursor);
  if (cursor.isSequence('WITH', '(')) parseTableOptions(cursor);
  return { kind: 'createTable', table, elements, span: cursor.spanFrom(first) };
}

/** Compression is storage only; every other option changes what the table does. */
function parseTableOptions(cursor: TokenCursor): void {
  cursor.expect('WITH', '(');
  do {
    if (!cursor.is('DATA_COMPRESSION')) {
      throw unsupported(`the CREATE TABLE option ${cursor.current.value}`, cursor.current.span);
    }
    cursor.advance();
    cursor.expect('=');
    cursor.advance();
  } while (cursor.accept(','));
  cursor.expect(')');
}

/** The parenthesized list of columns, constraints and indexes, of CREATE TABLE and of table variables. */
export function parseTableElements(cursor: TokenCursor): TableElement[] {
  cursor.expect('(');
  const elements = [parseTableElement(cursor)];
  while (cursor.accept(',')) {
    if (cursor.is(')')) break;
    elements.push(parseTableElement(cursor));
  }
  cursor.expect(')');
  return elements;
}

function parseTableElement(cursor: TokenCursor): TableElement {
  if (startsTableConstraint(cursor)) return parseTableConstraint(cursor);
  if (cursor.is('INDEX')) return parseInlineIndex(cursor);
  if (cursor.isSequence('PERIOD', 'FOR')) throw unsupported('temporal tables', cursor.current.span);
  return parseColumnDefinition(cursor);
}

/** What may follow a column's type, collected while reading in any order. */
interface ColumnProperties {
  collation: string | undefined;
  nullable: boolean | undefined;
  identity: IdentityDefinition | undefined;
  rowGuidCol: boolean;
  sparse: boolean;
  readonly constraints: TableConstraint[];
}

export function parseColumnDefinition(cursor: TokenCursor): ColumnDefinition {
  const { name, span } = parseIdentifier(cursor);
  const computed = cursor.accept('AS') ? parseComputedColumn(cursor) : undefined;
  const type = computed === undefined ? parseColumnType(cursor, name, span) : undefined;
  const properties: ColumnProperties = {
    collation: undefined,
    nullable: undefined,
    identity: undefined,
    rowGuidCol: false,
    sparse: false,
    constraints: [],
  };
  while (parseColumnProperty(cursor, name, properties));
  return { kind: 'columnDefinition', name, type, computed, ...properties, span: cursor.spanFrom(span) };
}

/** Only a timestamp column may lack its type. */
function parseColumnType(cursor: TokenCursor, name: string, span: Span): ColumnDefinition['type'] {
  if (name.toLowerCase() === 'timestamp' && (cursor.is(',') || cursor.is(')'))) {
    return { name: 'timestamp', schema: '', parameters: [], span };
  }
  return parseDataType(cursor);
}

function parseComputedColumn(cursor: TokenCursor): ComputedColumn {
  const { start } = cursor.current.span;
  const expression = parseExpression(cursor);
  const definition = cursor.textFrom(start);
  const persisted = cursor.accept('PERSISTED');
  return { expression, definition, persisted };
}

const refusedProperties: ReadonlyMap<string, string> = new Map([
  ['FILESTREAM', 'FILESTREAM'],
  ['MASKED', 'dynamic data masking'],
  ['ENCRYPTED', 'encrypted columns'],
  ['GENERATED', 'temporal tables'],
  ['HIDDEN', 'temporal tables'],
  ['INDEX', 'an index written with a column'],
]);

/** Reads one property; false where none follows. */
function parseColumnProperty(cursor: TokenCursor, column: string, properties: ColumnProperties): boolean {
  const { lexeme, span } = cursor.current;
  const refused = refusedProperties.get(lexeme);
  if (refused !== undefined) throw unsupported(refused, span);
  switch (lexeme) {
    case 'COLLATE':
      cursor.advance();
      properties.collation = parseIdentifier(cursor).name;
      return true;
    case 'NULL':
      cursor.advance();
      properties.nullable = true;
      return true;
    case 'NOT':
      cursor.advance();
      cursor.expect('NULL');
      properties.nullable = false;
      return true;
    case 'IDENTITY':
      properties.identity = parseIdentity(cursor);
      return true;
    case 'ROWGUIDCOL':
      cursor.advance();
      properties.rowGuidCol = true;
      return true;
    case 'SPARSE':
      cursor.advance();
      properties.sparse = true;
      return true;
    default:
      return parseColumnConstraint(cursor, column, properties);
  }
}

function parseIdentity(cursor: TokenCursor): IdentityDefinition {
  cursor.expect('IDENTITY');
  let seed = 1n;
  let increment = 1n;
  if (cursor.accept('(')) {
    seed = parseSignedInteger(cursor);
    cursor.expect(',');
    increment = parseSignedInteger(cursor);
    cursor.expect(')');
  }
  const notForReplication = cursor.acceptSequence('NOT', 'FOR', 'REPLICATION');
  return { seed, increment, notForReplication };
}

function parseSignedInteger(cursor: TokenCursor): bigint {
  const negative = cursor.accept('-');
  if (!negative) cursor.accept('+');
  if (cursor.current.kind !== 'integer') throw cursor.error();
  const value = BigInt(cursor.advance().value);
  return negative ? -value : value;
}

function parseColumnConstraint(cursor: TokenCursor, column: string, properties: ColumnProperties): boolean {
  const first = cursor.current.span;
  const name = acceptConstraintName(cursor);
  switch (cursor.current.lexeme) {
    case 'DEFAULT':
      properties.constraints.push(parseColumnDefault(cursor, name, first, column));
      return true;
    case 'PRIMARY':
    case 'UNIQUE':
      properties.constraints.push(parseKeyConstraint(cursor, name, first, column));
      return true;
    case 'FOREIGN':
    case 'REFERENCES':
      properties.constraints.push(parseForeignKey(cursor, name, first, column));
      return true;
    case 'CHECK':
      properties.constraints.push(parseCheck(cursor, name, first));
      return true;
    case 'NULL':
    case 'NOT':
      return name !== undefined;
    default:
      if (name !== undefined) throw cursor.error();
      return false;
  }
}
