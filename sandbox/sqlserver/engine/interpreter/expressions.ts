import type { SqlType, SqlValue } from '../api.js';
import { decodeRows, resultFormats } from '../../postgres/values.js';
import type { Condition as ConditionNode, Expression } from '../../tsql/ast.js';
import { checkUses } from '../rights/statementRights.js';
import type { Session } from '../session/session.js';
import type { ScalarExpression } from '../translate/result.js';
import { bindParameters, currentValue } from './parameters.js';
import { translateCondition, translateScalar } from './translation.js';

/** Value of an expression, converted to `target` as an assignment would. */
export async function evaluate(session: Session, node: Expression, target?: SqlType): Promise<SqlValue> {
  return (await evaluateTyped(session, node, target)).value;
}

export async function evaluateTyped(
  session: Session,
  node: Expression,
  target?: SqlType,
): Promise<{ type: SqlType; value: SqlValue }> {
  const scalar = translateScalar(session, node, target);
  return { type: scalar.type, value: await evaluateScalar(session, scalar) };
}

async function evaluateScalar(session: Session, scalar: ScalarExpression): Promise<SqlValue> {
  checkUses(session, scalar.uses);
  const [parameter] = scalar.parameters;
  if (scalar.direct?.kind === 'constant') return scalar.direct.value;
  if (scalar.direct?.kind === 'parameter' && parameter !== undefined) {
    const { value } = currentValue(session, parameter);
    return normalized(scalar.type, value);
  }
  let result: SqlValue = null;
  const types = [scalar.type];
  const work = () =>
    session.connection.query({
      text: scalar.text,
      ...bindParameters(session, scalar.parameters),
      resultFormats: resultFormats(types),
      onRow: decodeRows(types, (values) => {
        result = values[0] ?? null;
      }),
      keep: true,
    });
  await readOnly(session, work);
  return result;
}

/** Engine values are handed over in the form that suits the engine; a variable has that of its type. */
function normalized(type: SqlType, value: SqlValue): SqlValue {
  if (typeof value === 'bigint' && type.name === 'int') return Number(value);
  if (typeof value === 'bigint' && (type.name === 'numeric' || type.name === 'decimal')) return value.toString();
  if (typeof value === 'number' && type.name === 'bigint') return BigInt(value);
  return value;
}

/** Whether a condition holds: UNKNOWN counts as false. */
export async function isTrue(session: Session, node: ConditionNode): Promise<boolean> {
  const condition = translateCondition(session, node);
  checkUses(session, condition.uses);
  let result = false;
  const work = () =>
    session.connection.query({
      text: condition.text,
      ...bindParameters(session, condition.parameters),
      resultFormats: [1],
      onRow: (buffer, offset) => {
        result = buffer.readInt32BE(offset) === 1 && buffer[offset + 4] === 1;
      },
      keep: true,
    });
  await readOnly(session, work);
  return result;
}

/** An expression may fail; inside a transaction that must not take the transaction along. */
async function readOnly(session: Session, work: () => Promise<unknown>): Promise<void> {
  if (session.transactions.isOpen) await session.transactions.atomic(session.settings.isolation, work);
  else await work();
}
