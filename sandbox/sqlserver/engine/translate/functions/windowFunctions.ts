import type { FrameBound, FunctionCall, WindowFrame, WindowSpecification } from '../../../tsql/ast.js';
import { SqlError, type SqlType } from '../../api.js';
import type { Environment } from '../environment.js';
import { argumentCount, windowOutsideSelect } from '../errors.js';
import { bindExpression } from '../expressions/bindExpression.js';
import { derived, type BoundExpression } from '../expressions/boundExpression.js';
import { groupingKey, orderingTerm } from '../expressions/comparisons.js';
import { convert } from '../expressions/conversions.js';
import { bigintType, floatType } from '../types/sqlTypes.js';
import { aggregateParts, isAggregateName } from './aggregates.js';

const rankings: Readonly<Record<string, SqlType>> = {
  ROW_NUMBER: bigintType,
  RANK: bigintType,
  DENSE_RANK: bigintType,
  NTILE: bigintType,
  PERCENT_RANK: floatType,
  CUME_DIST: floatType,
};

const offsets = new Set(['LAG', 'LEAD', 'FIRST_VALUE', 'LAST_VALUE']);

export function isWindowName(name: string): boolean {
  const key = name.toUpperCase();
  return rankings[key] !== undefined || offsets.has(key);
}

/** A call with OVER. Errors: 4108 outside the select list and ORDER BY, 4112 and 10753 for a missing ORDER BY or OVER. */
export function bindWindow(environment: Environment, node: FunctionCall): BoundExpression {
  if (!environment.windows) throw windowOutsideSelect(node.span);
  const name = node.name.object.toUpperCase();
  if (node.over === undefined) {
    throw new SqlError(10753, `The function '${node.name.object}' must have an OVER clause.`, {
      class: 15,
      line: node.span.line,
    });
  }
  const inner: Environment = { ...environment, windows: false };
  const over = ` OVER (${windowText(inner, node.over, name)})`;
  const ranking = rankings[name];
  if (ranking !== undefined) return bindRanking(inner, node, name, ranking, over);
  if (offsets.has(name)) return bindOffset(inner, node, name, over);
  if (isAggregateName(name)) {
    const parts = aggregateParts(inner, node);
    return { ...parts.result, sql: parts.sql(over) };
  }
  throw new SqlError(
    4113,
    `The function '${node.name.object}' is not a valid windowing function, and cannot be used with the OVER clause.`,
    {
      line: node.span.line,
    },
  );
}

function windowText(environment: Environment, over: WindowSpecification, name: string): string {
  if (over.orderBy.length === 0 && (rankings[name] !== undefined || offsets.has(name))) {
    throw new SqlError(4112, `The function '${name}' must have an OVER clause with ORDER BY.`, {
      class: 15,
      line: over.span.line,
    });
  }
  const partition = over.partitionBy.map((item) => groupingKey(bindExpression(environment, item), 'PARTITION BY'));
  const order = over.orderBy.map((item) => {
    const value = bindExpression(environment, item.expression);
    if (value.literal?.kind === 'integer') {
      throw new SqlError(
        5308,
        'Windowed functions, aggregates and NEXT VALUE FOR functions do not support integer indices as ORDER BY clause expressions.',
        {
          line: item.span.line,
        },
      );
    }
    return orderingTerm(value, item.descending);
  });
  const clauses = [
    partition.length === 0 ? '' : `PARTITION BY ${partition.join(', ')}`,
    order.length === 0 ? '' : `ORDER BY ${order.join(', ')}`,
    over.frame === undefined ? '' : frameText(over.frame),
  ];
  return clauses.filter((clause) => clause !== '').join(' ');
}

function frameText(frame: WindowFrame): string {
  const end: FrameBound = frame.end ?? { kind: 'currentRow' };
  return `${frame.unit.toUpperCase()} BETWEEN ${boundText(frame.start)} AND ${boundText(end)}`;
}

function boundText(bound: FrameBound): string {
  switch (bound.kind) {
    case 'unboundedPreceding':
      return 'UNBOUNDED PRECEDING';
    case 'unboundedFollowing':
      return 'UNBOUNDED FOLLOWING';
    case 'currentRow':
      return 'CURRENT ROW';
    case 'preceding':
      return `${bound.rows} PRECEDING`;
    case 'following':
      return `${bound.rows} FOLLOWING`;
  }
}

function bindRanking(
  environment: Environment,
  node: FunctionCall,
  name: string,
  type: SqlType,
  over: string,
): BoundExpression {
  const wanted = name === 'NTILE' ? 1 : 0;
  if (node.arguments.length !== wanted) throw argumentCount(name, String(wanted), node.span);
  const [tiles] = node.arguments;
  const argument =
    tiles === undefined ? '' : convert(environment.builder, bindExpression(environment, tiles), { name: 'int' }).sql;
  const cast = name === 'NTILE' ? '::int8' : '';
  return derived(`(${name.toLowerCase()}(${argument})${over})${cast}`, type, true);
}

function bindOffset(environment: Environment, node: FunctionCall, name: string, over: string): BoundExpression {
  const most = name === 'LAG' || name === 'LEAD' ? 3 : 1;
  if (node.arguments.length < 1 || node.arguments.length > most) throw argumentCount(name, `1 to ${most}`, node.span);
  const [value, offset, fallback] = node.arguments.map((argument) => bindExpression(environment, argument));
  if (value === undefined) throw argumentCount(name, '1', node.span);
  const texts = [value.sql];
  if (offset !== undefined) texts.push(convert(environment.builder, offset, { name: 'int' }).sql);
  if (fallback !== undefined) texts.push(convert(environment.builder, fallback, value.type).sql);
  return derived(`(${name.toLowerCase()}(${texts.join(', ')})${over})`, value.type, true, value.collation);
}
