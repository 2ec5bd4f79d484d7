import type { SqlType, SqlValue } from '../api.js';
import { undeclaredVariable } from '../translate/errors.js';
import type { StatementParameter } from '../translate/result.js';
import { encodeParameter, parameterOid } from '../../postgres/values.js';
import type { WireParameter } from '../../postgres/wireMessages.js';
import { engineValue } from '../session/engineValues.js';
import type { Session } from '../session/session.js';

export interface BoundParameters {
  readonly parameterTypes: number[];
  readonly parameters: WireParameter[];
}

export const noParameters: BoundParameters = { parameterTypes: [], parameters: [] };

/** Values of a translated statement's parameters at this moment, in their wire form. */
export function bindParameters(session: Session, wanted: readonly StatementParameter[]): BoundParameters {
  if (wanted.length === 0) return noParameters;
  const parameterTypes: number[] = [];
  const parameters: WireParameter[] = [];
  for (const parameter of wanted) {
    const { type, value } = currentValue(session, parameter);
    parameterTypes.push(parameterOid(type));
    parameters.push(encodeParameter(type, value));
  }
  return { parameterTypes, parameters };
}

export function currentValue(session: Session, parameter: StatementParameter): { type: SqlType; value: SqlValue } {
  if (parameter.kind === 'engine') return { type: parameter.type, value: engineValue(session, parameter.value) };
  const variable = session.currentFrame.variable(parameter.name);
  if (variable === undefined) throw undeclaredVariable(parameter.name);
  return { type: parameter.type, value: variable.value };
}
