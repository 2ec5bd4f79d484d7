import type { ValueOrDefault } from '../../../tsql/ast.js';
import { parseExpression } from '../../../tsql/parser.js';
import type { SqlType } from '../../api.js';
import type { CatalogColumn, CatalogTable } from '../../catalog/model.js';
import { plainClause, rootEnvironment, type Environment } from '../environment.js';
import { bindExpression } from '../expressions/bindExpression.js';
import { isNullLiteral, textLiteral, typedNull, type BoundExpression } from '../expressions/boundExpression.js';
import { characterToCharacter } from '../expressions/characterConversions.js';
import { convert } from '../expressions/conversions.js';
import type { StatementBuilder } from '../statementBuilder.js';
import { requireConvertible } from '../types/convertibility.js';
import { familyOf, isCharacter, isFixedLength, isNational, lengthOf, numericLength } from '../types/sqlTypes.js';

/**
 * A value as a column takes it: converted implicitly, and refused with 2628 where text or bytes other than trailing
 * blanks would be lost.
 */
export function assign(
  builder: StatementBuilder,
  value: BoundExpression,
  column: CatalogColumn,
  table: CatalogTable,
): string {
  const { type } = column;
  if (isNullLiteral(value)) return typedNull(type).sql;
  if (isCharacter(type) && isCharacter(value.type)) return assignText(value, column, table);
  if (familyOf(type) === 'binary' && familyOf(value.type) === 'binary')
    return assignBinary(builder, value, column, table);
  return convert(builder, value, type).sql;
}

function assignText(value: BoundExpression, column: CatalogColumn, table: CatalogTable): string {
  const { type } = column;
  requireConvertible(value.type, type, false);
  const length = lengthOf(type);
  const unlimited: SqlType = { name: isNational(type) ? 'nvarchar' : 'varchar', length: 'max' };
  const encoded = characterToCharacter(value, unlimited);
  if (length === 'max') return encoded;
  const fits = numericLength(value.type) <= length;
  if (fits)
    return isFixedLength(type)
      ? characterToCharacter({ ...value, sql: encoded, type: { ...value.type, name: unlimited.name } }, type)
      : encoded;
  const fitted = `tsql.fit_text(${encoded}, ${length}, ${location(column, table)})`;
  return isFixedLength(type) ? `tsql.fixed_text(${fitted}, ${length})` : fitted;
}

function assignBinary(
  builder: StatementBuilder,
  value: BoundExpression,
  column: CatalogColumn,
  table: CatalogTable,
): string {
  const { type } = column;
  const length = lengthOf(type);
  if (length === 'max' || numericLength(value.type) <= length) return convert(builder, value, type).sql;
  const fitted = `tsql.fit_binary(${value.sql}, ${length}, ${location(column, table)})`;
  return type.name === 'binary' ? `tsql.fixed_binary(${fitted}, ${length})` : fitted;
}

/** How error 2628 names the place. */
function location(column: CatalogColumn, table: CatalogTable): string {
  const owner =
    table.kind === 'temporary' ? `tempdb.dbo.${table.name}` : `${table.database}.${table.schema}.${table.name}`;
  return textLiteral(`table '${owner}', column '${column.name}'`);
}

/** The value of a column that no value is given for: its DEFAULT, or NULL. */
export function defaultValue(builder: StatementBuilder, column: CatalogColumn, table: CatalogTable): string {
  if (column.defaultDefinition === undefined) return typedNull(column.type).sql;
  const environment: Environment = { ...rootEnvironment(builder), defaults: true };
  const value = bindExpression(environment, parseExpression(column.defaultDefinition));
  return assign(builder, value, column, table);
}

/** A value of VALUES or SET for a column. */
export function assignedValue(
  environment: Environment,
  node: ValueOrDefault,
  column: CatalogColumn,
  table: CatalogTable,
): string {
  if (node.kind === 'default') return defaultValue(environment.builder, column, table);
  return assign(environment.builder, bindExpression(plainClause(environment), node), column, table);
}
