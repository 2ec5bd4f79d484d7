import type { TargetTable } from '../ast.js';
import { unsupported } from '../unsupported.js';
import type { TokenCursor } from './cursor.js';
import { parseObjectName } from './names.js';
import { parseTableHints } from './tableHints.js';

/** A table or table variable to be written, without alias. */
export function parseTargetTable(cursor: TokenCursor): TargetTable {
  const { kind, lexeme, value, span } = cursor.current;
  if (kind === 'variable') {
    cursor.advance();
    return { kind: 'tableVariable', name: value, alias: undefined, hints: [], span };
  }
  if (lexeme === 'OPENQUERY' || lexeme === 'OPENROWSET') throw unsupported(lexeme, span);
  const name = parseObjectName(cursor);
  return { kind: 'table', name, alias: undefined, hints: [], span: name.span };
}

/** A target followed by WITH (hints). */
export function parseTargetTableWithHints(cursor: TokenCursor): TargetTable {
  const target = parseTargetTable(cursor);
  const hints = parseTableHints(cursor);
  return hints.length === 0 ? target : { ...target, hints, span: cursor.spanFrom(target.span) };
}
