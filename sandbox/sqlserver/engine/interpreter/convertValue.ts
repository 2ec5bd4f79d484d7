import type { SqlType, SqlValue } from '../api.js';
import type { Variable } from '../../tsql/ast.js';
import { Frame } from '../session/frame.js';
import type { Session } from '../session/session.js';
import { sameType } from '../translate/types/sqlTypes.js';
import { evaluate } from './expressions.js';

const source: Variable = { kind: 'variable', name: '@value', span: { start: 0, end: 0, line: 1, column: 1 } };

/** The value converted as an assignment to a variable of type `to` would. */
export async function convertValue(session: Session, value: SqlValue, from: SqlType, to: SqlType): Promise<SqlValue> {
  if (value === null || sameType(from, to)) return value;
  const outer = session.frame;
  const frame = new Frame(session.nextScope(), outer, '');
  frame.declare(source.name, from, value);
  session.frame = frame;
  try {
    return await evaluate(session, source, to);
  } finally {
    session.frame = outer;
  }
}
