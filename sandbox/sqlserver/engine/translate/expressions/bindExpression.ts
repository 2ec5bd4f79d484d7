import type {
  CastExpression,
  CollateExpression,
  ColumnReference,
  ConvertExpression,
  Expression,
  ScalarSubquery,
} from '../../../tsql/ast.js';
import { resolveDataType } from '../../../tsql/dataType.js';
import { unsupported } from '../../../tsql/unsupported.js';
import { SqlError } from '../../api.js';
import type { Environment } from '../environment.js';
import { tooManySubqueryColumns } from '../errors.js';
import { bindFunction } from '../functions/bindFunction.js';
import { bindGlobalVariable } from '../functions/globalVariables.js';
import { bindSubquery } from '../queries/query.js';
import { columnValue, resolveColumn } from '../scope.js';
import { findCollation } from '../types/collations.js';
import { isCharacter } from '../types/sqlTypes.js';
import { bindBinary, bindUnary } from './arithmetic.js';
import { isNullLiteral, nullLiteral, type BoundExpression } from './boundExpression.js';
import { bindCase, bindIif } from './caseExpressions.js';
import { convert } from './conversions.js';
import { groupedExpression } from './groupedExpressions.js';
import { bindBinaryLiteral, bindNumber, bindString } from './literals.js';

/** Resolves names and types of an expression and gives the PostgreSQL text that computes it. */
export function bindExpression(environment: Environment, node: Expression): BoundExpression {
  const grouped = groupedExpression(environment, node);
  if (grouped !== undefined) return grouped;
  switch (node.kind) {
    case 'null':
      return nullLiteral;
    case 'integer':
    case 'decimal':
    case 'float':
    case 'money':
      return bindNumber(node);
    case 'string':
      return bindString(environment, node);
    case 'binary':
      return bindBinaryLiteral(node);
    case 'variable':
      return bindVariable(environment, node.name, node.span.line);
    case 'globalVariable':
      return bindGlobalVariable(environment, node);
    case 'column':
      return bindColumn(environment, node);
    case 'unary':
      return bindUnary(environment, node);
    case 'binaryOperation':
      return bindBinary(environment, node);
    case 'collate':
      return bindCollate(environment, node);
    case 'case':
      return bindCase(environment, node);
    case 'iif':
      return bindIif(environment, node);
    case 'cast':
      return bindCast(environment, node);
    case 'convert':
      return bindConvert(environment, node);
    case 'function':
      return bindFunction(environment, node);
    case 'subquery':
      return bindScalarSubquery(environment, node);
    case 'mergeAction':
      return bindMergeAction(environment, node.span.line);
    case 'datePart':
      throw new SqlError(207, `Invalid column name '${node.name}'.`, { line: node.span.line });
  }
}

export function bindVariable(environment: Environment, name: string, line?: number): BoundExpression {
  const { builder } = environment;
  const { sql, type } = builder.variable(name, line === undefined ? undefined : { line });
  if (!isCharacter(type)) return { sql, type, nullable: true };
  const collation = builder.context.databaseCollation;
  return { sql, type: { ...type, collation }, nullable: true, collation: { name: collation, rank: 'coercible' } };
}

function bindColumn(environment: Environment, node: ColumnReference): BoundExpression {
  const resolved = resolveColumn(environment.builder, environment.scope, node);
  return columnValue(resolved, environment.ungrouped, node);
}

function bindCollate(environment: Environment, node: CollateExpression): BoundExpression {
  const operand = bindExpression(environment, node.expression);
  if (!isCharacter(operand.type)) {
    throw new SqlError(447, `Expression type ${operand.type.name} is invalid for COLLATE clause.`, {
      line: node.span.line,
    });
  }
  const isDefault = node.collation.toUpperCase() === 'DATABASE_DEFAULT';
  const name = isDefault ? environment.builder.context.databaseCollation : findCollation(node.collation).name;
  const { literal, sql, type, nullable } = operand;
  return {
    sql,
    type: { ...type, collation: name },
    nullable,
    collation: { name, rank: 'explicit' },
    ...(literal === undefined ? {} : { literal }),
  };
}

function bindCast(environment: Environment, node: CastExpression): BoundExpression {
  const type = resolveDataType(node.type, 'cast');
  const operand = bindExpression(environment, node.expression);
  return convert(environment.builder, operand, type, { kind: node.try ? 'try' : 'explicit' });
}

function bindConvert(environment: Environment, node: ConvertExpression): BoundExpression {
  const type = resolveDataType(node.type, 'cast');
  const operand = bindExpression(environment, node.expression);
  const kind = node.try ? 'try' : 'explicit';
  if (node.style === undefined) return convert(environment.builder, operand, type, { kind });
  const style = bindExpression(environment, node.style);
  if (isNullLiteral(style)) return convert(environment.builder, nullLiteral, type, { kind });
  if (style.literal?.kind !== 'integer') throw unsupported('CONVERT with a style that is not a constant', node.span);
  return convert(environment.builder, operand, type, { kind, style: Number(style.literal.value) });
}

function bindScalarSubquery(environment: Environment, node: ScalarSubquery): BoundExpression {
  const query = bindSubquery(environment, node.query, 'scalar');
  const [column] = query.columns;
  if (column === undefined || query.columns.length !== 1) throw tooManySubqueryColumns(node.span);
  const { type, collation } = column;
  return { sql: `(${query.sql})`, type, nullable: true, ...(collation === undefined ? {} : { collation }) };
}

/** $action is a column of the scope of MERGE's OUTPUT. */
function bindMergeAction(environment: Environment, line: number): BoundExpression {
  for (const source of environment.scope.sources) {
    const action = source.columns.find((column) => column.name === '$action');
    if (action !== undefined) return action.value;
  }
  throw new SqlError(
    5334,
    "The identifier '$ACTION' cannot be bound. It can only be used in the OUTPUT clause of a MERGE statement.",
    {
      class: 15,
      line,
    },
  );
}
