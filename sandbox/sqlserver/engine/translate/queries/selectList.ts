import type {
  AssignmentOperator,
  BinaryOperator,
  Expression,
  QuerySpecification,
  SelectItem,
} from '../../../tsql/ast.js';
import { SqlError } from '../../api.js';
import type { Environment, QueryColumn } from '../environment.js';
import { prefixWithoutTable } from '../errors.js';
import { combine } from '../expressions/arithmetic.js';
import { bindExpression, bindVariable } from '../expressions/bindExpression.js';
import { isNullLiteral, type BoundExpression } from '../expressions/boundExpression.js';
import { convert } from '../expressions/conversions.js';
import { columnValue, nameParts, sourcesNamed, type Source } from '../scope.js';
import type { QueryUse } from './query.js';

/** One output column of a SELECT. */
export interface BoundItem {
  readonly column: QueryColumn;
  readonly value: BoundExpression;
  /** The variable of SELECT @v = …, whose type the value already has. */
  readonly variable?: string;
  /** Position in the written select list. */
  readonly itemIndex: number;
}

/** Binds a select list, stars expanded. Error 141: assignments beside columns. */
export function bindSelectList(
  environment: Environment,
  specification: QuerySpecification,
  use: QueryUse,
): BoundItem[] {
  const { items } = specification;
  const assignments = items.filter((item) => item.kind === 'assignment').length;
  if (assignments > 0 && (assignments < items.length || use !== 'statement')) {
    throw new SqlError(
      141,
      'A SELECT statement that assigns a value to a variable must not be combined with data-retrieval operations.',
      {
        class: 15,
        line: specification.span.line,
      },
    );
  }
  return items.flatMap((item, index) => bindItem(environment, item, index));
}

function bindItem(environment: Environment, item: SelectItem, itemIndex: number): BoundItem[] {
  switch (item.kind) {
    case 'star':
      return starSources(environment, item).flatMap((source) => sourceItems(environment, source, itemIndex));
    case 'expression': {
      const value = bindExpression(environment, item.expression);
      const isColumn = item.expression.kind === 'column';
      const name = item.alias ?? (isColumn ? (value.column?.name ?? columnName(item.expression)) : '');
      return [{ column: describe(name, value, isColumn), value, itemIndex }];
    }
    case 'assignment': {
      const variable = bindVariable(environment, item.variable, item.span.line);
      const operand = bindExpression(environment, item.expression);
      const combined = applyOperator(environment, variable, item.operator, operand);
      const value = convert(environment.builder, combined, variable.type);
      return [{ column: describe('', value, false), value, variable: item.variable, itemIndex }];
    }
  }
}

function columnName(expression: Expression): string {
  return expression.kind === 'column' ? expression.name : '';
}

/** The value of `target operator= operand`. */
export function applyOperator(
  environment: Environment,
  target: BoundExpression,
  operator: AssignmentOperator,
  operand: BoundExpression,
): BoundExpression {
  if (operator === '=') return operand;
  return combine(environment, operator.slice(0, 1) as BinaryOperator, target, operand);
}

/** Metadata of an output column. */
export function describe(name: string, value: BoundExpression, isColumn: boolean): QueryColumn {
  return {
    name,
    type: value.type,
    nullable: value.nullable,
    ...(value.collation === undefined ? {} : { collation: value.collation }),
    ...(isColumn && value.column !== undefined ? { column: value.column } : {}),
    ...(isNullLiteral(value) ? { isNull: true } : {}),
  };
}

function starSources(environment: Environment, item: Extract<SelectItem, { kind: 'star' }>): readonly Source[] {
  const { scope, builder } = environment;
  if (item.qualifier !== undefined) {
    const named = sourcesNamed(builder, scope, item.qualifier);
    if (named.length === 0) throw prefixWithoutTable(nameParts(item.qualifier).join('.'), item.span);
    return named;
  }
  if (scope.sources.length === 0) {
    throw new SqlError(263, 'Must specify table to select from.', { line: item.span.line });
  }
  return scope.sources;
}

function sourceItems(environment: Environment, source: Source, itemIndex: number): BoundItem[] {
  return source.columns.map((column) => {
    if (source.table !== undefined) environment.builder.read(source.table, column.name);
    const reference = { kind: 'column' as const, qualifier: undefined, name: column.name, span: noSpan };
    const value = columnValue(
      { value: column.value, scope: environment.scope, source, name: column.name },
      environment.ungrouped,
      reference,
    );
    return { column: describe(column.name, value, true), value, itemIndex };
  });
}

const noSpan = { start: 0, end: 0, line: 1, column: 1 };
