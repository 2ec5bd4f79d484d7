import type { OrderByItem } from '../../../tsql/ast.js';
import { SqlError } from '../../api.js';
import type { Environment } from '../environment.js';
import { ambiguousColumn } from '../errors.js';
import { bindExpression } from '../expressions/bindExpression.js';
import type { BoundExpression } from '../expressions/boundExpression.js';
import { orderingTerm } from '../expressions/comparisons.js';
import { outputName } from '../scope.js';
import type { BoundItem } from './selectList.js';

/** ORDER BY of a plain SELECT: aliases first, then positions, then expressions over the sources. */
export function bindOrder(
  environment: Environment,
  items: readonly BoundItem[],
  orderBy: readonly OrderByItem[],
): string {
  if (orderBy.length === 0) return '';
  const terms = orderBy.map((item) => {
    const index = namedItem(environment, items, item);
    const value = index === undefined ? bindExpression(environment, item.expression) : items[index]?.value;
    return value === undefined || isConstant(item, value) ? '' : orderingTerm(value, item.descending);
  });
  const given = terms.filter((term, index) => term !== '' && terms.indexOf(term) === index);
  return given.length === 0 ? '' : ` ORDER BY ${given.join(', ')}`;
}

/** ORDER BY of SELECT DISTINCT: over its output columns. Error 145. */
export function bindDistinctOrder(
  environment: Environment,
  items: readonly BoundItem[],
  orderBy: readonly OrderByItem[],
  alias: string,
): string {
  const terms = orderBy.map((item) => {
    const index = namedItem(environment, items, item) ?? sameItem(environment, items, item);
    if (index === undefined) {
      throw new SqlError(145, 'ORDER BY items must appear in the select list if SELECT DISTINCT is specified.', {
        class: 15,
        line: item.span.line,
      });
    }
    return outputTerm(items, index, alias, item.descending);
  });
  return terms.length === 0 ? '' : ` ORDER BY ${terms.join(', ')}`;
}

/** ORDER BY over the output of UNION, EXCEPT, INTERSECT: names and positions only. Error 104. */
export function bindOutputOrder(
  environment: Environment,
  items: readonly BoundItem[],
  orderBy: readonly OrderByItem[],
  alias: string,
): string {
  const terms = orderBy.map((item) => {
    const index = namedItem(environment, items, item);
    if (index === undefined) {
      throw new SqlError(
        104,
        'ORDER BY items must appear in the select list if the statement contains a UNION, INTERSECT or EXCEPT operator.',
        {
          class: 15,
          line: item.span.line,
        },
      );
    }
    return outputTerm(items, index, alias, item.descending);
  });
  return terms.length === 0 ? '' : ` ORDER BY ${terms.join(', ')}`;
}

function outputTerm(items: readonly BoundItem[], index: number, alias: string, descending: boolean): string {
  const item = items[index];
  if (item === undefined) return '';
  const value: BoundExpression = { ...item.value, sql: `${alias}.${outputName(index)}` };
  return orderingTerm(value, descending);
}

/** The output column that an item names by alias or position. Errors: 108 (no such position), 209. */
function namedItem(environment: Environment, items: readonly BoundItem[], item: OrderByItem): number | undefined {
  const { expression } = item;
  if (expression.kind === 'integer') {
    const position = Number(expression.text);
    if (position < 1 || position > items.length) {
      throw new SqlError(
        108,
        `The ORDER BY position number ${expression.text} is out of range of the number of items in the select list.`,
        {
          class: 15,
          line: item.span.line,
        },
      );
    }
    return position - 1;
  }
  if (expression.kind !== 'column' || expression.qualifier !== undefined) return undefined;
  const { builder } = environment;
  const key = builder.nameKey(expression.name);
  const named = items.flatMap(({ column }, index) => (builder.nameKey(column.name) === key ? [index] : []));
  const values = new Set(named.map((index) => items[index]?.value.sql));
  if (values.size > 1) throw ambiguousColumn(expression.name, expression.span);
  return named[0];
}

function sameItem(environment: Environment, items: readonly BoundItem[], item: OrderByItem): number | undefined {
  const { sql } = bindExpression(environment, item.expression);
  const index = items.findIndex((candidate) => candidate.value.sql === sql);
  return index < 0 ? undefined : index;
}

/** Error 408: a constant is no order; a subquery like (SELECT NULL) is accepted. */
function isConstant(item: OrderByItem, value: BoundExpression): boolean {
  if (value.literal === undefined || item.expression.kind === 'column' || item.expression.kind === 'integer') {
    return value.literal !== undefined;
  }
  throw new SqlError(408, 'A constant expression was encountered in the ORDER BY list, position 1.', {
    line: item.span.line,
  });
}
