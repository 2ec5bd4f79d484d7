import type {
  CommonTableExpression,
  NamedTable,
  Query,
  QueryBody,
  SetOperation,
  TableSource,
} from '../../../tsql/ast.js';
import { SqlError } from '../../api.js';
import { innerEnvironment, type CommonTable, type Environment, type QueryColumn } from '../environment.js';
import { outputName, Scope } from '../scope.js';
import type { StatementBuilder } from '../statementBuilder.js';
import { isCharacter, sameType } from '../types/sqlTypes.js';
import { bindQuery } from './query.js';
import { recast } from './setOperations.js';
import { nameColumns } from './tableSources.js';

export interface BoundCommonTables {
  /** 'WITH … ' or ''. */
  readonly sql: string;
  readonly environment: Environment;
}

/** WITH: each expression sees the ones before it, and itself if it is recursive. Error 239: a name twice. */
export function bindCommonTables(
  environment: Environment,
  expressions: readonly CommonTableExpression[],
): BoundCommonTables {
  if (expressions.length === 0) return { sql: '', environment };
  const { builder } = environment;
  const tables: CommonTable[] = [...environment.commonTables];
  const names = new Set<string>();
  const texts: string[] = [];
  let recursive = false;
  for (const expression of expressions) {
    const key = builder.nameKey(expression.name);
    if (names.has(key)) {
      throw new SqlError(239, `Duplicate common table expression name '${expression.name}' was specified.`, {
        line: expression.span.line,
      });
    }
    names.add(key);
    const current: Environment = { ...environment, commonTables: tables.slice() };
    const isRecursive = refersTo(builder, expression.query.body, expression.name);
    recursive ||= isRecursive;
    const bound = isRecursive ? bindRecursive(current, expression) : bindPlain(current, expression);
    // The newest of a name wins: a later WITH hides an outer one.
    tables.unshift(bound.table);
    texts.push(bound.sql);
  }
  return {
    sql: `WITH ${recursive ? 'RECURSIVE ' : ''}${texts.join(', ')} `,
    environment: { ...environment, commonTables: tables },
  };
}

interface BoundExpressionTable {
  readonly table: CommonTable;
  readonly sql: string;
}

function columnNames(count: number): string {
  return Array.from({ length: count }, (_, index) => outputName(index)).join(', ');
}

function bindPlain(environment: Environment, expression: CommonTableExpression): BoundExpressionTable {
  const query = bindQuery(
    { ...innerEnvironment(environment), scope: new Scope(undefined) },
    expression.query,
    'derived',
  );
  const columns = named(environment, expression, query.columns);
  const postgresName = environment.builder.alias('w');
  const table = { name: expression.name, postgresName, columns };
  return { table, sql: `${postgresName} (${columnNames(columns.length)}) AS NOT MATERIALIZED (${query.sql})` };
}

function named(
  environment: Environment,
  expression: CommonTableExpression,
  columns: readonly QueryColumn[],
): QueryColumn[] {
  const names = expression.columns.map((column) => column.name);
  return nameColumns(environment, columns, names, expression.name, expression.span);
}

/** Anchor UNION ALL recursive part. Errors 252 and 253 for other shapes; 240 when the types of a column differ. */
function bindRecursive(environment: Environment, expression: CommonTableExpression): BoundExpressionTable {
  const { body } = expression.query;
  if (body.kind !== 'setOperation' || body.operator !== 'unionAll') {
    throw new SqlError(
      252,
      `Recursive common table expression '${expression.name}' does not contain a top-level UNION ALL operator.`,
      {
        line: expression.span.line,
      },
    );
  }
  if (refersTo(environment.builder, body.left, expression.name)) {
    throw new SqlError(246, `No anchor member was specified for recursive query "${expression.name}".`, {
      line: expression.span.line,
    });
  }
  const anchor = bindMember(environment, expression, body.left);
  const columns = named(environment, expression, anchor.columns);
  const postgresName = environment.builder.alias('w');
  const table: CommonTable = {
    name: expression.name,
    postgresName,
    columns: columns.map((column) => ({ ...column, nullable: true })),
  };
  const step = bindMember(
    { ...environment, commonTables: [table, ...environment.commonTables] },
    expression,
    body.right,
  );
  requireSameTypes(expression, anchor.columns, step.columns);
  const stepSql = recast(environment, step, anchor.columns);
  return {
    table,
    sql: `${postgresName} (${columnNames(columns.length)}) AS (${anchor.sql} UNION ALL ${stepSql})`,
  };
}

function bindMember(
  environment: Environment,
  expression: CommonTableExpression,
  body: QueryBody,
): { sql: string; columns: readonly QueryColumn[] } {
  const query: Query = { ...expression.query, body, orderBy: [], offset: undefined, fetch: undefined };
  return bindQuery({ ...innerEnvironment(environment), scope: new Scope(undefined) }, query, 'derived');
}

function requireSameTypes(
  expression: CommonTableExpression,
  anchor: readonly QueryColumn[],
  step: readonly QueryColumn[],
): void {
  anchor.forEach((column, index) => {
    const other = step[index];
    if (other === undefined || other.isNull === true) return;
    const expected =
      isCharacter(column.type) && isCharacter(other.type)
        ? { ...other.type, collation: column.type.collation }
        : other.type;
    if (!sameType(column.type, expected as typeof column.type)) {
      throw new SqlError(
        240,
        `Types don't match between the anchor and the recursive part in column "${column.name}" of recursive query "${expression.name}".`,
        { line: expression.span.line },
      );
    }
  });
}

/** Whether a query body names the table anywhere. */
function refersTo(builder: StatementBuilder, body: QueryBody | SetOperation, name: string): boolean {
  return mentions(body, builder.nameKey(name), builder);
}

function mentions(node: unknown, key: string, builder: StatementBuilder): boolean {
  if (Array.isArray(node)) return node.some((item) => mentions(item, key, builder));
  if (typeof node !== 'object' || node === null || Buffer.isBuffer(node)) return false;
  if (
    isNamedTable(node) &&
    node.name.schema === '' &&
    node.name.database === '' &&
    builder.nameKey(node.name.object) === key
  )
    return true;
  return Object.entries(node).some(([property, value]) => property !== 'span' && mentions(value, key, builder));
}

function isNamedTable(node: object): node is NamedTable & TableSource {
  return (node as { kind?: unknown }).kind === 'table';
}
