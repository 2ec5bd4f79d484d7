import type { BulkColumn, InsertBulkStatement } from '../ast.js';
import { unsupported } from '../unsupported.js';
import type { TokenCursor } from './cursor.js';
import { parseDataType } from './dataTypes.js';
import { parseIdentifier, parseObjectName } from './names.js';
import { parseDirection } from './queries.js';

interface BulkOptions {
  checkConstraints: boolean;
  fireTriggers: boolean;
  keepNulls: boolean;
  keepIdentity: boolean;
  tabLock: boolean;
  rowsPerBatch: number | undefined;
  kilobytesPerBatch: number | undefined;
  order: { column: string; descending: boolean }[];
}

/** INSERT BULK table (column type [COLLATE name], ...) [WITH (options)], as drivers announce a bulk load. */
export function parseInsertBulk(cursor: TokenCursor): InsertBulkStatement {
  const first = cursor.expect('INSERT').span;
  cursor.expect('BULK');
  const table = parseObjectName(cursor);
  cursor.expect('(');
  const columns = [parseBulkColumn(cursor)];
  while (cursor.accept(',')) columns.push(parseBulkColumn(cursor));
  cursor.expect(')');
  const options = parseBulkOptions(cursor);
  return { kind: 'insertBulk', table, columns, ...options, span: cursor.spanFrom(first) };
}

function parseBulkColumn(cursor: TokenCursor): BulkColumn {
  const { name, span } = parseIdentifier(cursor);
  const type = parseDataType(cursor);
  const collation = cursor.accept('COLLATE') ? parseIdentifier(cursor).name : undefined;
  return { name, type, collation, span: cursor.spanFrom(span) };
}

function parseBulkOptions(cursor: TokenCursor): BulkOptions {
  const options: BulkOptions = {
    checkConstraints: false,
    fireTriggers: false,
    keepNulls: false,
    keepIdentity: false,
    tabLock: false,
    rowsPerBatch: undefined,
    kilobytesPerBatch: undefined,
    order: [],
  };
  if (!cursor.accept('WITH')) return options;
  cursor.expect('(');
  if (!cursor.is(')')) {
    do parseBulkOption(cursor, options);
    while (cursor.accept(','));
  }
  cursor.expect(')');
  return options;
}

function parseBulkOption(cursor: TokenCursor, options: BulkOptions): void {
  const { kind, lexeme, value, span } = cursor.current;
  if (kind !== 'word') throw cursor.error();
  cursor.advance();
  switch (lexeme) {
    case 'CHECK_CONSTRAINTS':
      options.checkConstraints = true;
      return;
    case 'FIRE_TRIGGERS':
      options.fireTriggers = true;
      return;
    case 'KEEP_NULLS':
      options.keepNulls = true;
      return;
    case 'KEEP_IDENTITY':
      options.keepIdentity = true;
      return;
    case 'TABLOCK':
      options.tabLock = true;
      return;
    case 'ROWS_PER_BATCH':
      options.rowsPerBatch = parseCount(cursor);
      return;
    case 'KILOBYTES_PER_BATCH':
      options.kilobytesPerBatch = parseCount(cursor);
      return;
    case 'ORDER':
      options.order = parseOrderColumns(cursor);
      return;
    default:
      throw unsupported(`the INSERT BULK option ${value}`, span);
  }
}

function parseCount(cursor: TokenCursor): number {
  cursor.expect('=');
  if (cursor.current.kind !== 'integer') throw cursor.error();
  return Number(cursor.advance().value);
}

function parseOrderColumns(cursor: TokenCursor): BulkOptions['order'] {
  cursor.expect('(');
  const order: BulkOptions['order'] = [];
  do {
    const column = parseIdentifier(cursor).name;
    order.push({ column, descending: parseDirection(cursor) });
  } while (cursor.accept(','));
  cursor.expect(')');
  return order;
}
