import type { SqlValue } from '../api.js';
import { decodeRows, resultFormats } from '../../postgres/values.js';
import type { Session } from '../session/session.js';
import type { StatementParameter, VariableAssignment } from '../translate/result.js';
import { bindParameters } from './parameters.js';

/**
 * Runs a text whose rows are values for variables: the last row counts, and with no row the variables keep theirs.
 * Gives the number of rows.
 */
export async function assignFromRows(
  session: Session,
  statement: { readonly text: string; readonly parameters: readonly StatementParameter[] },
  assignments: readonly VariableAssignment[],
): Promise<number> {
  const types = assignments.map((assignment) => assignment.type);
  let last: readonly SqlValue[] | undefined;
  const { rowCount } = await session.connection.query({
    text: statement.text,
    ...bindParameters(session, statement.parameters),
    resultFormats: resultFormats(types),
    onRow: decodeRows(types, (values) => {
      last = values;
    }),
    keep: true,
  });
  assignments.forEach(({ variable }, index) => {
    const state = session.currentFrame.variable(variable);
    if (state !== undefined && last !== undefined) state.value = last[index] ?? null;
  });
  return rowCount;
}
