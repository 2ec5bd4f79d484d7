import type {
  Condition,
  CreateIndexStatement,
  DropIndexStatement,
  IndexOption,
  InlineIndex,
  KeyColumn,
  ObjectName,
} from '../ast.js';
import { unsupported } from '../unsupported.js';
import { parseCondition } from './conditions.js';
import type { TokenCursor } from './cursor.js';
import { parseIdentifier, parseObjectName, parseParenthesizedIdentifiers } from './names.js';
import { parseDirection } from './queries.js';

/** CREATE [UNIQUE] [CLUSTERED | NONCLUSTERED] INDEX, from behind CREATE. */
export function parseCreateIndex(cursor: TokenCursor, first: KeyColumn['span']): CreateIndexStatement {
  const unique = cursor.accept('UNIQUE');
  const clustered = parseClustered(cursor);
  if (cursor.is('COLUMNSTORE')) throw unsupported('columnstore indexes', cursor.current.span);
  cursor.expect('INDEX');
  const { name } = parseIdentifier(cursor);
  cursor.expect('ON');
  const table = parseObjectName(cursor);
  const columns = parseKeyColumns(cursor);
  const include = cursor.accept('INCLUDE') ? parseParenthesizedIdentifiers(cursor) : [];
  const filter = parseFilter(cursor);
  const options = cursor.is('WITH') ? parseIndexOptions(cursor) : [];
  refuseFilegroup(cursor);
  const span = cursor.spanFrom(first);
  return { kind: 'createIndex', name, table, unique, clustered, columns, include, ...filter, options, span };
}

/** INDEX name [UNIQUE] [CLUSTERED | NONCLUSTERED] (columns) inside CREATE TABLE. */
export function parseInlineIndex(cursor: TokenCursor): InlineIndex {
  const first = cursor.expect('INDEX').span;
  const { name } = parseIdentifier(cursor);
  const unique = cursor.accept('UNIQUE');
  const clustered = parseClustered(cursor);
  if (cursor.is('COLUMNSTORE')) throw unsupported('columnstore indexes', cursor.current.span);
  if (cursor.is('HASH')) throw unsupported('hash indexes', cursor.current.span);
  const columns = parseKeyColumns(cursor);
  const filter = parseFilter(cursor);
  const options = cursor.is('WITH') ? parseIndexOptions(cursor) : [];
  refuseFilegroup(cursor);
  const span = cursor.spanFrom(first);
  return { kind: 'inlineIndex', name, unique, clustered, columns, ...filter, options, span };
}

function parseClustered(cursor: TokenCursor): boolean {
  if (cursor.accept('CLUSTERED')) return true;
  cursor.accept('NONCLUSTERED');
  return false;
}

function parseFilter(cursor: TokenCursor): {
  where: Condition | undefined;
  whereDefinition: string | undefined;
} {
  if (!cursor.accept('WHERE')) return { where: undefined, whereDefinition: undefined };
  const { start } = cursor.current.span;
  const where = parseCondition(cursor);
  return { where, whereDefinition: cursor.textFrom(start) };
}

export function parseKeyColumns(cursor: TokenCursor): KeyColumn[] {
  cursor.expect('(');
  const columns: KeyColumn[] = [];
  do {
    const { name, span } = parseIdentifier(cursor);
    columns.push({ name, descending: parseDirection(cursor), span: cursor.spanFrom(span) });
  } while (cursor.accept(','));
  cursor.expect(')');
  return columns;
}

/** WITH (option = value, ...), or the old forms WITH FILLFACTOR = n and WITH PAD_INDEX. */
export function parseIndexOptions(cursor: TokenCursor): IndexOption[] {
  cursor.expect('WITH');
  if (!cursor.accept('(')) return [parseIndexOption(cursor)];
  const options = [parseIndexOption(cursor)];
  while (cursor.accept(',')) options.push(parseIndexOption(cursor));
  cursor.expect(')');
  return options;
}

function parseIndexOption(cursor: TokenCursor): IndexOption {
  const token = cursor.current;
  if (token.kind !== 'word') throw cursor.error();
  cursor.advance();
  const name = token.lexeme;
  let value = 'ON';
  if (cursor.accept('=')) {
    const { kind, value: written } = cursor.current;
    if (kind !== 'word' && kind !== 'integer') throw cursor.error();
    cursor.advance();
    value = written.toUpperCase();
  }
  if (name === 'DROP_EXISTING' && value === 'ON') throw unsupported('DROP_EXISTING', token.span);
  if (cursor.is('(')) throw unsupported(`${name} with arguments`, token.span);
  return { name, value, span: cursor.spanFrom(token.span) };
}

/** ON filegroup: only the primary one exists. */
export function refuseFilegroup(cursor: TokenCursor): void {
  if (!cursor.is('ON') && !cursor.is('TEXTIMAGE_ON') && !cursor.is('FILESTREAM_ON')) return;
  if (/^(DELETE|UPDATE)$/.test(cursor.peek(1).lexeme)) return;
  const { value, span } = cursor.peek(1);
  if (!/^(primary|default)$/i.test(value)) throw unsupported('filegroups and partition schemes', span);
  cursor.advance();
  cursor.advance();
}

/** DROP INDEX, from behind INDEX: name ON table, or the old form table.name. */
export function parseDropIndex(cursor: TokenCursor, first: KeyColumn['span']): DropIndexStatement {
  const ifExists = cursor.acceptSequence('IF', 'EXISTS');
  const indexes: { name: string; table: ObjectName }[] = [];
  do indexes.push(parseDroppedIndex(cursor));
  while (cursor.accept(','));
  if (cursor.isSequence('WITH', '(')) throw unsupported('options of DROP INDEX', cursor.current.span);
  return { kind: 'dropIndex', ifExists, indexes, span: cursor.spanFrom(first) };
}

function parseDroppedIndex(cursor: TokenCursor): { name: string; table: ObjectName } {
  const written = parseObjectName(cursor);
  if (cursor.accept('ON')) {
    if (written.schema !== '') throw cursor.error();
    return { name: written.object, table: parseObjectName(cursor) };
  }
  if (written.schema === '') throw cursor.error();
  const table = { ...written, server: '', database: written.server, schema: written.database, object: written.schema };
  return { name: written.object, table };
}
