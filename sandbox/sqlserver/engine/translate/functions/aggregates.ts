import type { Expression, FunctionCall } from '../../../tsql/ast.js';
import { unsupported } from '../../../tsql/unsupported.js';
import type { Environment } from '../environment.js';
import { aggregateInWhere, invalidOperand, subqueryInAggregate } from '../errors.js';
import { bindExpression } from '../expressions/bindExpression.js';
import { isNullLiteral, type BoundExpression } from '../expressions/boundExpression.js';
import { groupingKey, labelOf, orderingKey } from '../expressions/comparisons.js';
import { resolveCollation } from '../types/collations.js';
import { bigintType, decimalType, familyOf, floatType, intType, isCharacter, moneyType } from '../types/sqlTypes.js';
import { SqlError } from '../../api.js';

const aggregateNames = new Set(['COUNT', 'COUNT_BIG', 'SUM', 'AVG', 'MIN', 'MAX', 'STDEV', 'STDEVP', 'VAR', 'VARP']);
const refusedAggregates = new Set(['CHECKSUM_AGG', 'GROUPING', 'GROUPING_ID', 'APPROX_COUNT_DISTINCT']);

/** True for names that are aggregates when used without OVER. */
export function isAggregateName(name: string): boolean {
  return aggregateNames.has(name.toUpperCase()) || refusedAggregates.has(name.toUpperCase());
}

/** An aggregate call up to its closing parenthesis; `over` is appended to its core, casts come after. */
export interface AggregateParts {
  /** Gives the whole text for a window (' OVER (…)') or for none (''). */
  readonly sql: (over: string) => string;
  readonly result: Omit<BoundExpression, 'sql'>;
}

export function bindAggregate(environment: Environment, node: FunctionCall): BoundExpression {
  if (!environment.aggregates) throw aggregateInWhere(node.span);
  const inner: Environment = {
    ...environment,
    aggregates: false,
    windows: false,
    ungrouped: new Set([...environment.ungrouped, environment.scope]),
  };
  const parts = aggregateParts(inner, node);
  return { ...parts.result, sql: parts.sql('') };
}

/** The core of an aggregate, for use over groups and over windows. Error 8117 for types it does not take. */
export function aggregateParts(environment: Environment, node: FunctionCall): AggregateParts {
  const name = node.name.object.toUpperCase();
  if (refusedAggregates.has(name)) throw unsupported(name, node.span);
  if (node.star) {
    if (name === 'COUNT') return countParts('count(*)', intType);
    return countParts('count(*)', bigintType);
  }
  const [argument] = node.arguments;
  if (argument === undefined) {
    throw new SqlError(174, `The ${name.toLowerCase()} function requires 1 argument(s).`, {
      class: 15,
      line: node.span.line,
    });
  }
  const value = boundArgument(environment, argument);
  const distinct = node.distinct ? 'DISTINCT ' : '';
  switch (name) {
    case 'COUNT':
      return countParts(`count(${distinct}${node.distinct ? groupingKey(value, 'count') : value.sql})`, intType);
    case 'COUNT_BIG':
      return countParts(`count(${distinct}${node.distinct ? groupingKey(value, 'count') : value.sql})`, bigintType);
    case 'SUM':
      return sumParts(value, distinct);
    case 'AVG':
      return averageParts(value, distinct);
    case 'MIN':
    case 'MAX':
      return extremeParts(name, value);
    default:
      return deviationParts(name, value, distinct);
  }
}

function boundArgument(environment: Environment, argument: Expression): BoundExpression {
  if (argument.kind === 'subquery') throw subqueryInAggregate(argument.span);
  return bindExpression(environment, argument);
}

function countParts(call: string, type: typeof intType): AggregateParts {
  const cast = type.name === 'int' ? '::int4' : '';
  return { sql: (over) => `(${call}${over})${cast}`, result: { type, nullable: false } };
}

function requireNumber(value: BoundExpression, name: string): void {
  const family = familyOf(value.type);
  const isNumber = family === 'integer' || family === 'decimal' || family === 'money' || family === 'float';
  if (isNullLiteral(value)) {
    throw new SqlError(8117, `Operand data type NULL is invalid for ${name} operator.`);
  }
  if (!isNumber || value.type.name === 'bit') throw invalidOperand(value.type, name);
}

function sumParts(value: BoundExpression, distinct: string): AggregateParts {
  requireNumber(value, 'sum');
  const { type, sql } = value;
  const call = `sum(${distinct}${sql})`;
  switch (familyOf(type)) {
    case 'integer': {
      const result = type.name === 'bigint' ? bigintType : intType;
      const cast = result.name === 'bigint' ? '::int8' : '::int4';
      return { sql: (over) => `(${call}${over})${cast}`, result: { type: result, nullable: true } };
    }
    case 'decimal': {
      const result = decimalType(38, type.scale ?? 0);
      return {
        sql: (over) => `(${call}${over})::numeric(38,${result.scale ?? 0})`,
        result: { type: result, nullable: true },
      };
    }
    case 'money':
      return { sql: (over) => `(${call}${over})::numeric(19,4)`, result: { type: moneyType, nullable: true } };
    default:
      return { sql: (over) => `(sum(${distinct}${sql}::float8)${over})`, result: { type: floatType, nullable: true } };
  }
}

function averageParts(value: BoundExpression, distinct: string): AggregateParts {
  requireNumber(value, 'avg');
  const { type, sql } = value;
  const quotient = (over: string, scale: number): string =>
    `tsql.decimal_quotient((sum(${distinct}${sql}::numeric)${over}), (count(${distinct}${sql})${over})::numeric, ${scale})`;
  switch (familyOf(type)) {
    case 'integer': {
      const result = type.name === 'bigint' ? bigintType : intType;
      const cast = result.name === 'bigint' ? '::int8' : '::int4';
      return {
        sql: (over) => `${quotientOfSome(quotient(over, 0), distinct, sql, over)}${cast}`,
        result: { type: result, nullable: true },
      };
    }
    case 'decimal':
    case 'money': {
      const scale = familyOf(type) === 'money' ? 4 : Math.max(type.scale ?? 0, 6);
      const result = familyOf(type) === 'money' ? moneyType : decimalType(38, scale);
      const cast = familyOf(type) === 'money' ? '::numeric(19,4)' : `::numeric(38,${scale})`;
      return {
        sql: (over) => `${quotientOfSome(quotient(over, scale), distinct, sql, over)}${cast}`,
        result: { type: result, nullable: true },
      };
    }
    default:
      return { sql: (over) => `(avg(${distinct}${sql}::float8)${over})`, result: { type: floatType, nullable: true } };
  }
}

/** The average of no values is NULL, not a division by zero. */
function quotientOfSome(quotient: string, distinct: string, sql: string, over: string): string {
  return `(CASE WHEN (count(${distinct}${sql})${over}) > 0 THEN ${quotient} END)`;
}

function extremeParts(name: 'MIN' | 'MAX', value: BoundExpression): AggregateParts {
  const { type, sql, collation } = value;
  if (isNullLiteral(value))
    throw new SqlError(8117, `Operand data type NULL is invalid for ${name.toLowerCase()} operator.`);
  if (type.name === 'bit') throw invalidOperand(type, name.toLowerCase());
  const result = { type, nullable: true, ...(collation === undefined ? {} : { collation }) };
  const postgresName = name.toLowerCase();
  if (isCharacter(type)) {
    const { postgresName: collationName } = resolveCollation(labelOf(value), postgresName);
    // The collation chooses the value and goes no further: PostgreSQL's regular expressions do not work under it.
    return { sql: (over) => `(${postgresName}(${sql} COLLATE ${collationName})${over} COLLATE "default")`, result };
  }
  if (familyOf(type) === 'guid') {
    const direction = name === 'MAX' ? ' DESC' : '';
    return {
      sql: (over) => {
        if (over !== '') throw unsupported(`${name} of uniqueidentifier with OVER`);
        return `((array_agg(${sql} ORDER BY ${orderingKey(value)}${direction}) FILTER (WHERE ${sql} IS NOT NULL))[1])`;
      },
      result,
    };
  }
  return { sql: (over) => `(${postgresName}(${sql})${over})`, result };
}

const deviations: Readonly<Record<string, string>> = {
  STDEV: 'stddev_samp',
  STDEVP: 'stddev_pop',
  VAR: 'var_samp',
  VARP: 'var_pop',
};

function deviationParts(name: string, value: BoundExpression, distinct: string): AggregateParts {
  requireNumber(value, name.toLowerCase());
  return {
    sql: (over) => `(${deviations[name] ?? ''}(${distinct}${value.sql}::float8)${over})`,
    result: { type: floatType, nullable: true },
  };
}
