import type { OutputClauses, OutputInto, SelectExpression, SelectStar } from '../ast.js';
import type { TokenCursor } from './cursor.js';
import { parseParenthesizedIdentifiers } from './names.js';
import { parseColumnItem } from './selectList.js';
import { parseTargetTable } from './targets.js';

/** OUTPUT ... INTO target and OUTPUT to the client, either or both, INTO first. */
export function parseOutputClauses(cursor: TokenCursor): OutputClauses {
  let into: OutputInto | undefined;
  while (cursor.is('OUTPUT')) {
    const first = cursor.advance().span;
    const items = parseOutputItems(cursor);
    if (!cursor.accept('INTO')) return { into, toClient: { items, span: cursor.spanFrom(first) } };
    if (into !== undefined) throw cursor.error();
    const target = parseTargetTable(cursor);
    const columns = cursor.is('(') ? parseParenthesizedIdentifiers(cursor) : undefined;
    into = { items, target, columns, span: cursor.spanFrom(first) };
  }
  return { into, toClient: undefined };
}

function parseOutputItems(cursor: TokenCursor): (SelectExpression | SelectStar)[] {
  const items = [parseColumnItem(cursor)];
  while (cursor.accept(',')) items.push(parseColumnItem(cursor));
  return items;
}
