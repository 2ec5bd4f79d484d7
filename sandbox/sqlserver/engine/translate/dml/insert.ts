import type { InsertStatement, ValueOrDefault } from '../../../tsql/ast.js';
import { SqlError } from '../../api.js';
import type { CatalogTable } from '../../catalog/model.js';
import { plainClause, rootEnvironment, type Environment, type QueryColumn } from '../environment.js';
import { bindExpression } from '../expressions/bindExpression.js';
import { derived, isNullLiteral, typedNull, type BoundExpression } from '../expressions/boundExpression.js';
import { unify } from '../expressions/caseExpressions.js';
import { bindCommonTables } from '../queries/commonTables.js';
import { topCount } from '../queries/limits.js';
import { bindQuery } from '../queries/query.js';
import { applyTargetHints, refuseTargetHints } from '../queries/tableHints.js';
import type { DmlStatement } from '../result.js';
import { outputName, Scope } from '../scope.js';
import type { StatementBuilder } from '../statementBuilder.js';
import { assign, defaultValue } from './assignment.js';
import { dmlStatement } from './dmlStatement.js';
import { insertedName } from './images.js';
import { finishModification } from './output.js';
import { findTarget } from './target.js';
import { insertColumns, type InsertColumns } from './targetColumns.js';

/** INSERT as one PostgreSQL statement; identity values are taken from the sequence in the order of the source. */
export function translateInsert(builder: StatementBuilder, node: InsertStatement): DmlStatement {
  const root = rootEnvironment(builder);
  const table = findTarget(root, node.target, 'INSERT');
  builder.use(table, 'INSERT');
  refuseTargetHints(node.target.hints, 'INSERT');
  applyTargetHints(builder, table, node.target.hints);
  const common = bindCommonTables(root, node.ctes, node.options);
  const columns = insertColumns(builder, table, node.source.kind === 'defaultValues' ? [] : node.columns);
  const source = sourceText(common.environment, node, table, columns);
  const names = [...columns.given, ...columns.made.map((made) => made.column)].map((column) => column.postgresName);
  const list = names.length === 0 ? '' : ` (${names.join(', ')})`;
  const text = `${common.sql}INSERT INTO ${table.postgresName}${list} ${names.length === 0 ? 'DEFAULT VALUES' : source}`;
  const { identity } = columns;
  const identityIndex = identity === undefined ? -1 : table.columns.indexOf(identity.column);
  const finished = finishModification(
    {
      environment: root,
      command: 'insert',
      table,
      events: ['insert'],
      text,
      sources: [],
      ...(identity?.explicit === true
        ? { explicitIdentity: { postgresName: identity.column.postgresName, index: identityIndex } }
        : {}),
    },
    node.output,
  );
  return dmlStatement(builder, finished, {
    command: 'insert',
    target: table,
    triggerEvents: table.triggers.insert ? ['insert'] : [],
    touchedColumns: table.columns.map((column) => column.name),
    outputToClient: node.output.toClient !== undefined,
    ...(identity === undefined
      ? {}
      : {
          identity: {
            sequence: identity.sequence,
            column: identity.column.name,
            values: identity.explicit ? ('explicit' as const) : ('generated' as const),
            ...(identity.explicit ? { imageColumn: insertedName(identityIndex) } : {}),
          },
        }),
  });
}

function sourceText(
  environment: Environment,
  node: InsertStatement,
  table: CatalogTable,
  columns: InsertColumns,
): string {
  const made = columns.made.map((entry) => entry.value);
  switch (node.source.kind) {
    case 'defaultValues':
      return `VALUES (${made.join(', ')})`;
    case 'values':
      return valuesText(environment, node, node.source.rows, table, columns);
    case 'query': {
      const query = bindQuery({ ...environment, scope: new Scope(undefined) }, node.source.query, 'insert');
      requireCount(node, query.columns.length, columns.given.length);
      const alias = environment.builder.alias('q');
      const values = columns.given.map((column, index) => {
        const own = query.columns[index];
        return assign(environment.builder, columnValue(own, `${alias}.${outputName(index)}`), column, table);
      });
      const limit = node.top === undefined ? '' : ` LIMIT ${topCount(environment, node.top)}`;
      return `SELECT ${[...values, ...made].join(', ')} FROM (${query.sql}) AS ${alias}${limit}`;
    }
  }
}

function columnValue(column: QueryColumn | undefined, sql: string): BoundExpression {
  if (column === undefined) return typedNull({ name: 'int' });
  const value = derived(sql, column.type, column.nullable, column.collation);
  return column.isNull === true ? { ...value, literal: { kind: 'null' } } : value;
}

/** Errors: 213 without a column list; 109, 110 (VALUES), 120, 121 (SELECT) with one. */
function requireCount(node: InsertStatement, supplied: number, wanted: number): void {
  if (supplied === wanted) return;
  const { line } = node.span;
  if (node.columns === undefined) {
    throw new SqlError(213, 'Column name or number of supplied values does not match table definition.', { line });
  }
  const isValues = node.source.kind === 'values';
  const clause = isValues ? 'VALUES clause' : 'SELECT list';
  if (isValues) {
    throw supplied < wanted
      ? new SqlError(
          109,
          `There are more columns in the INSERT statement than values specified in the ${clause}. The number of values in the VALUES clause must match the number of columns specified in the INSERT statement.`,
          { class: 15, line },
        )
      : new SqlError(
          110,
          `There are fewer columns in the INSERT statement than values specified in the ${clause}. The number of values in the VALUES clause must match the number of columns specified in the INSERT statement.`,
          { class: 15, line },
        );
  }
  throw supplied < wanted
    ? new SqlError(
        120,
        'The select list for the INSERT statement contains fewer items than the insert list. The number of SELECT values must match the number of INSERT columns.',
        { class: 15, line },
      )
    : new SqlError(
        121,
        'The select list for the INSERT statement contains more items than the insert list. The number of SELECT values must match the number of INSERT columns.',
        { class: 15, line },
      );
}

function valuesText(
  environment: Environment,
  node: InsertStatement,
  rows: readonly (readonly ValueOrDefault[])[],
  table: CatalogTable,
  columns: InsertColumns,
): string {
  const { builder } = environment;
  const made = columns.made.map((entry) => entry.value);
  for (const row of rows) requireCount(node, row.length, columns.given.length);
  const cells = columns.given.map((column, index) => {
    const written = rows.map((row) => row[index]);
    const values = boundCells(environment, written);
    return written.map((cell, row) => {
      const value = values[row];
      if (column.identity !== undefined && isNothing(cell, value)) throw noIdentityValue(node.span.line);
      return cell === undefined || cell.kind === 'default' || value === undefined
        ? defaultValue(builder, column, table)
        : assign(builder, value, column, table);
    });
  });
  const texts = rows.map((_, row) => `(${[...cells.map((cell) => cell[row] ?? ''), ...made].join(', ')})`);
  return `VALUES ${texts.join(', ')}`;
}

function isNothing(cell: ValueOrDefault | undefined, value: BoundExpression | undefined): boolean {
  return cell?.kind === 'default' || (value !== undefined && isNullLiteral(value));
}

/** Error 339. */
function noIdentityValue(line: number): SqlError {
  return new SqlError(339, 'DEFAULT or NULL are not allowed as explicit identity values.', { line });
}

/** Values of one column: in several rows they have a common type, as the branches of UNION ALL. */
function boundCells(
  environment: Environment,
  cells: readonly (ValueOrDefault | undefined)[],
): (BoundExpression | undefined)[] {
  const plain = plainClause(environment);
  const bound = cells.map((cell) =>
    cell === undefined || cell.kind === 'default' ? undefined : bindExpression(plain, cell),
  );
  const present = bound.filter((value) => value !== undefined);
  const first = present[0];
  if (first === undefined || present.every((value) => value.type.name === first.type.name)) return bound;
  const unified = unify(environment, present, 'VALUES').branches;
  let next = 0;
  return bound.map((value) => (value === undefined ? undefined : unified[next++]));
}
