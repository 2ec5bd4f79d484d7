import { SqlError } from '../../api.js';
import { bindExpression } from '../expressions/bindExpression.js';
import { derived, isNullLiteral, type BoundExpression } from '../expressions/boundExpression.js';
import { unify } from '../expressions/caseExpressions.js';
import { compare } from '../expressions/comparisons.js';
import { convert } from '../expressions/conversions.js';
import type { Call, FunctionBinder } from './call.js';

/** ISNULL has the type of its first argument, to which the second is converted (and cut). */
function bindIsNull(call: Call): BoundExpression {
  call.requireCount(2);
  const [value, replacement] = [call.argument(0), call.argument(1)];
  if (isNullLiteral(value)) return replacement;
  const converted = convert(call.builder, replacement, value.type);
  if (!value.nullable) return { sql: value.sql, type: value.type, nullable: false, ...labelled(value) };
  return derived(`coalesce(${value.sql}, ${converted.sql})`, value.type, converted.nullable, value.collation);
}

function labelled(value: BoundExpression): { collation?: NonNullable<BoundExpression['collation']> } {
  return value.collation === undefined ? {} : { collation: value.collation };
}

function bindCoalesce(call: Call): BoundExpression {
  const values = call.arguments();
  if (values.every(isNullLiteral)) {
    throw new SqlError(
      4127,
      'At least one of the arguments to COALESCE must be an expression that is not the NULL constant.',
      {
        line: call.node.span.line,
      },
    );
  }
  const unified = unify(call.environment, values, 'COALESCE');
  const texts = unified.branches.map((branch) => branch.sql);
  return derived(
    `coalesce(${texts.join(', ')})`,
    unified.type,
    unified.branches.every((branch) => branch.nullable),
    unified.collation,
  );
}

/** NULLIF(a, b): a's value and type, NULL where a = b. */
function bindNullIf(call: Call): BoundExpression {
  call.requireCount(2);
  const value = call.argument(0);
  const [first, second] = call.node.arguments;
  if (first === undefined || second === undefined || isNullLiteral(value)) {
    throw new SqlError(
      4151,
      'The type of the first argument to NULLIF cannot be the NULL constant because the type of the first argument has to be known.',
      {
        line: call.node.span.line,
      },
    );
  }
  const equal = compare(call.environment, '=', value, bindExpression(call.environment, second));
  return derived(`(CASE WHEN ${equal} THEN NULL ELSE ${value.sql} END)`, value.type, true, value.collation);
}

function bindChoose(call: Call): BoundExpression {
  call.requireCount(2, 254);
  const index = call.integer(0);
  const values = call.arguments().slice(1);
  const unified = unify(call.environment, values, 'CHOOSE');
  const branches = unified.branches.map((branch, position) => `WHEN ${position + 1} THEN ${branch.sql}`);
  return derived(`(CASE ${index.sql} ${branches.join(' ')} END)`, unified.type, true, unified.collation);
}

export const nullFunctions: Readonly<Record<string, FunctionBinder>> = {
  ISNULL: bindIsNull,
  COALESCE: bindCoalesce,
  NULLIF: bindNullIf,
  CHOOSE: bindChoose,
};
