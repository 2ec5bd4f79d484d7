import type { CaseExpression, Condition, Expression, IifExpression } from '../../../tsql/ast.js';
import { SqlError, type SqlType } from '../../api.js';
import type { Environment } from '../environment.js';
import { combineCollations, type CollationLabel } from '../types/collations.js';
import { commonType } from '../types/precedence.js';
import { isCharacter } from '../types/sqlTypes.js';
import { bindExpression } from './bindExpression.js';
import { derived, isNullLiteral, nullLiteral, type BoundExpression } from './boundExpression.js';
import { compare } from './comparisons.js';
import { bindCondition } from './conditions.js';
import { convert } from './conversions.js';

/** The type of the branches of CASE, COALESCE, IIF …: by precedence over those that are not a bare NULL. */
export function unifiedType(branches: readonly BoundExpression[]): SqlType | undefined {
  let type: SqlType | undefined;
  for (const branch of branches) {
    if (isNullLiteral(branch)) continue;
    type = type === undefined ? branch.type : commonType(type, literalType(branch, type));
  }
  return type;
}

/** An integer constant beside decimals counts with the digits it has. */
function literalType(branch: BoundExpression, other: SqlType): SqlType {
  if (branch.literal?.kind !== 'integer' || other.name !== 'numeric') return branch.type;
  const digits = branch.literal.value.toString().replace('-', '').length;
  return { name: 'numeric', precision: digits, scale: 0 };
}

export function unifiedCollation(branches: readonly BoundExpression[], operation: string): CollationLabel | undefined {
  let label: CollationLabel | undefined;
  for (const { collation } of branches) {
    if (collation === undefined) continue;
    label = label === undefined ? collation : combineCollations(label, collation, operation);
  }
  return label;
}

/** Branches converted to their common type, with it. */
export function unify(
  environment: Environment,
  branches: readonly BoundExpression[],
  operation: string,
): { branches: BoundExpression[]; type: SqlType; collation?: CollationLabel } {
  const type = unifiedType(branches) ?? nullLiteral.type;
  const label = unifiedCollation(branches, operation);
  const converted = branches.map((branch) => convert(environment.builder, branch, type));
  if (!isCharacter(type)) return { branches: converted, type };
  const collation = label ?? { name: environment.builder.context.databaseCollation, rank: 'coercible' as const };
  return { branches: converted, type: { ...type, collation: collation.name }, collation };
}

export function bindCase(environment: Environment, node: CaseExpression): BoundExpression {
  const input = node.input === undefined ? undefined : bindExpression(environment, node.input);
  const conditions = node.branches.map((branch) =>
    input === undefined
      ? bindCondition(environment, branch.when as Condition)
      : compare(environment, '=', input, bindExpression(environment, branch.when as Expression)),
  );
  const results = node.branches.map((branch) => bindExpression(environment, branch.then));
  const otherwise = node.otherwise === undefined ? nullLiteral : bindExpression(environment, node.otherwise);
  return chosen(environment, conditions, [...results, otherwise], 'CASE', node.span.line);
}

export function bindIif(environment: Environment, node: IifExpression): BoundExpression {
  const condition = bindCondition(environment, node.condition);
  const branches = [bindExpression(environment, node.then), bindExpression(environment, node.otherwise)];
  return chosen(environment, [condition], branches, 'IIF', node.span.line);
}

/** CASE WHEN conditions[0] THEN branches[0] … ELSE the last branch. Error 8133: nothing but NULL. */
function chosen(
  environment: Environment,
  conditions: readonly string[],
  branches: readonly BoundExpression[],
  operation: string,
  line: number,
): BoundExpression {
  if (branches.every(isNullLiteral)) {
    throw new SqlError(
      8133,
      'At least one of the result expressions in a CASE specification must be an expression other than the NULL constant.',
      {
        line,
      },
    );
  }
  const unified = unify(environment, branches, operation);
  const texts = conditions.map((condition, index) => `WHEN ${condition} THEN ${unified.branches[index]?.sql ?? ''}`);
  const otherwise = unified.branches.at(-1)?.sql ?? 'NULL';
  const nullable = unified.branches.some((branch) => branch.nullable);
  return derived(`(CASE ${texts.join(' ')} ELSE ${otherwise} END)`, unified.type, nullable, unified.collation);
}
