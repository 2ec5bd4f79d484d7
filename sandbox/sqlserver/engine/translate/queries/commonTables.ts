import type { CommonTableExpression, NamedTable, Query, QueryBody, QueryHint, TableSource } from '../../../tsql/ast.js';
import { unsupported } from '../../../tsql/unsupported.js';
import { SqlError } from '../../api.js';
import { innerEnvironment, type CommonTable, type Environment, type QueryColumn } from '../environment.js';
import { outputName, Scope } from '../scope.js';
import type { StatementBuilder } from '../statementBuilder.js';
import { isCharacter, sameType } from '../types/sqlTypes.js';
import { bindQuery, type BoundQuery } from './query.js';
import { nameColumns } from './tableSources.js';

export interface BoundCommonTables {
  /** 'WITH … ' or ''. */
  readonly sql: string;
  readonly environment: Environment;
}

/** WITH: each expression sees the ones before it, and itself if it is recursive. Error 239: a name twice. */
export function bindCommonTables(
  outer: Environment,
  expressions: readonly CommonTableExpression[],
  options: readonly QueryHint[] = [],
): BoundCommonTables {
  if (expressions.length === 0) return { sql: '', environment: outer };
  const environment: Environment = { ...outer, maxRecursion: maxRecursion(options) };
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

/** OPTION (MAXRECURSION n). */
function maxRecursion(options: readonly QueryHint[]): number {
  const hint = options.find((option) => option.text.startsWith('MAXRECURSION'));
  return hint === undefined ? defaultMaxRecursion : Number(hint.text.slice('MAXRECURSION'.length));
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
  const table: CommonTable = { name: expression.name, postgresName, columns, expression };
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

/**
 * Anchor UNION ALL recursive part, each row with its depth. Errors: 252 and 246 for other shapes; 240 when the types of
 * a column differ; 530 when the depth exceeds MAXRECURSION.
 */
function bindRecursive(environment: Environment, expression: CommonTableExpression): BoundExpressionTable {
  const { builder } = environment;
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
  if (refersTo(builder, body.left, expression.name)) {
    if (!leftmost(builder, body, expression.name))
      throw unsupported('several recursive parts in one common table expression', expression.span);
    throw new SqlError(246, `No anchor member was specified for recursive query "${expression.name}".`, {
      line: expression.span.line,
    });
  }
  const anchor = bindMember(environment, expression, body.left);
  const columns = named(environment, expression, anchor.columns).map((column) => ({ ...column, nullable: true }));
  const postgresName = builder.alias('w');
  const own: CommonTable = { name: expression.name, postgresName, columns, recursive: true };
  const limit = environment.maxRecursion ?? defaultMaxRecursion;
  const step = bindMember(
    {
      ...environment,
      commonTables: [own, ...environment.commonTables],
      hiddenColumns: (scope) => [`tsql.recursion_depth(${depthOf(scope, expression)}, ${limit}) AS depth`],
    },
    expression,
    body.right,
  );
  requireSameTypes(expression, anchor.columns, step.columns);
  const names = columnNames(columns.length);
  return {
    table: { name: expression.name, postgresName, columns },
    sql:
      `${postgresName} (${names}, depth) AS (SELECT ${names}, 0 FROM (${anchor.sql}) AS ${builder.alias('r')} ` +
      `UNION ALL ${step.sql})`,
  };
}

const defaultMaxRecursion = 100;

/** Whether the first SELECT of the body already refers to the expression, so that it has no anchor. */
function leftmost(builder: StatementBuilder, body: QueryBody, name: string): boolean {
  let first = body;
  while (first.kind !== 'select') first = first.left;
  return refersTo(builder, first, name);
}

function depthOf(scope: Scope, expression: CommonTableExpression): string {
  const source = scope.sources.find((candidate) => candidate.depth !== undefined);
  if (source?.depth === undefined)
    throw unsupported('a recursive reference inside a subquery or derived table', expression.span);
  return source.depth;
}

function bindMember(environment: Environment, expression: CommonTableExpression, body: QueryBody): BoundQuery {
  const query: Query = { ...expression.query, body, orderBy: [], offset: undefined, fetch: undefined };
  const { hiddenColumns } = environment;
  const inner = {
    ...innerEnvironment(environment),
    scope: new Scope(undefined),
    ...(hiddenColumns === undefined ? {} : { hiddenColumns }),
  };
  return bindQuery(inner, query, 'derived');
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
function refersTo(builder: StatementBuilder, body: QueryBody, name: string): boolean {
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
