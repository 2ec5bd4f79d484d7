import type { Join, NamedTable, TableFunction, TableSource, TableVariable, ValuesTable } from '../../../tsql/ast.js';
import { SqlError } from '../../api.js';
import type { CatalogTable } from '../../catalog/model.js';
import { plainClause, type Environment, type QueryColumn } from '../environment.js';
import { columnListLength, duplicateColumn, invalidObject, undeclaredTableVariable, unnamedColumn } from '../errors.js';
import { bindExpression } from '../expressions/bindExpression.js';
import { bindCondition } from '../expressions/conditions.js';
import { unify } from '../expressions/caseExpressions.js';
import { makeNullable, nameParts, outputName, Scope, tableColumns, type Source, type SourceColumn } from '../scope.js';
import { applyTableHints } from './tableHints.js';
import { bindSubquery } from './query.js';
import { bindTableFunction } from './tableFunctions.js';

/** FROM with its sources put into the environment's scope; '' without sources. */
export function bindFrom(environment: Environment, sources: readonly TableSource[]): string {
  if (sources.length === 0) return '';
  const texts = sources.map((source) => bindSource(environment, source));
  refuseSameNames(environment);
  return ` FROM ${texts.join(', ')}`;
}

/** The text of one source. Its columns join environment.scope. */
export function bindSource(environment: Environment, source: TableSource): string {
  switch (source.kind) {
    case 'table':
      return bindNamedTable(environment, source);
    case 'tableVariable':
      return bindTable(environment, findTableVariable(environment, source), source);
    case 'derivedTable': {
      const query = bindSubquery({ ...environment, scope: outerScope(environment) }, source.query, 'derived');
      return derivedSource(environment, query.sql, query.columns, source);
    }
    case 'values':
      return bindValues(environment, source);
    case 'tableFunction':
      return bindFunctionSource(environment, source);
    case 'join':
      return bindJoin(environment, source);
  }
}

/** A derived table sees the queries around, not its neighbours in FROM. APPLY sets them as `outer` beforehand. */
function outerScope(environment: Environment): Scope {
  return environment.lateral ?? environment.scope.outer ?? new Scope(undefined);
}

function bindNamedTable(environment: Environment, source: NamedTable): string {
  const { name } = source;
  const { builder } = environment;
  if (name.schema === '' && name.database === '' && name.server === '') {
    const key = builder.nameKey(name.object);
    const common = environment.commonTables.find((candidate) => builder.nameKey(candidate.name) === key);
    if (common !== undefined) {
      const alias = builder.alias();
      environment.scope.sources.push({
        exposedName: source.alias ?? common.name,
        postgresAlias: alias,
        columns: outputColumns(common.columns, alias),
        aliased: true,
        ...(common.recursive === true ? { depth: `${alias}.depth` } : {}),
      });
      return `${common.postgresName} AS ${alias}`;
    }
  }
  return bindTable(environment, findTable(environment, source), source);
}

/** The table that a name in FROM, INSERT, UPDATE … means. Error 208. */
export function findTable(environment: Environment, source: NamedTable): CatalogTable {
  const { database, schema, object } = source.name;
  const table = environment.builder.context.catalog.findTable({ database, schema, object });
  if (table === undefined) throw invalidObject(nameParts(source.name).join('.'), source.span);
  return table;
}

export function findTableVariable(environment: Environment, source: TableVariable): CatalogTable {
  const table = environment.builder.context.catalog.findTable({ database: '', schema: '', object: source.name });
  if (table === undefined) throw undeclaredTableVariable(source.name, source.span);
  return table;
}

function bindTable(environment: Environment, table: CatalogTable, source: NamedTable | TableVariable): string {
  const { builder } = environment;
  const alias = builder.alias();
  builder.use(table, 'SELECT');
  const rowLock = applyTableHints(builder, table, source.hints, alias);
  environment.scope.sources.push({
    exposedName: source.alias ?? table.name,
    postgresAlias: alias,
    columns: tableColumns(builder, table, alias),
    table,
    aliased: source.alias !== undefined,
    ...(rowLock === undefined ? {} : { rowLock }),
  });
  return `${table.postgresName} AS ${alias}`;
}

/** Output columns of a query, seen under an alias. */
export function outputColumns(columns: readonly QueryColumn[], alias: string): SourceColumn[] {
  return columns.map((column, index) => {
    const { name, type, nullable, collation } = column;
    const value = {
      sql: `${alias}.${outputName(index)}`,
      type,
      nullable,
      // A column of a derived table is no constant: its collation counts as a column's.
      ...(collation === undefined
        ? {}
        : { collation: collation.rank === 'explicit' ? { ...collation, rank: 'implicit' as const } : collation }),
      column: column.column ?? { name },
    };
    return { name, value };
  });
}

interface NamedColumns {
  readonly alias: string;
  readonly columns: readonly { readonly name: string }[];
  readonly span: { readonly line: number };
}

function derivedSource(
  environment: Environment,
  sql: string,
  queryColumns: readonly QueryColumn[],
  source: NamedColumns,
  prefix = '',
): string {
  const alias = environment.builder.alias();
  const columns = nameColumns(
    environment,
    queryColumns,
    source.columns.map((column) => column.name),
    source.alias,
    source.span,
  );
  environment.scope.sources.push({
    exposedName: source.alias,
    postgresAlias: alias,
    columns: outputColumns(columns, alias),
    aliased: true,
  });
  return `${prefix}(${sql}) AS ${alias}`;
}

/** Columns under the names of a column list. Errors: 8155 (no name), 8156 (twice), 8158 and 8159 (list length). */
export function nameColumns(
  environment: Environment,
  columns: readonly QueryColumn[],
  names: readonly string[],
  owner: string,
  position: { readonly line: number },
): QueryColumn[] {
  if (names.length > 0 && names.length < columns.length) throw columnListLength(owner, 'fewer', position);
  if (names.length > columns.length) throw columnListLength(owner, 'more', position);
  const seen = new Set<string>();
  return columns.map((column, index) => {
    const name = names[index] ?? column.name;
    if (name === '') throw unnamedColumn(index + 1, owner, position);
    const key = environment.builder.nameKey(name);
    if (seen.has(key)) throw duplicateColumn(name, owner, position);
    seen.add(key);
    return { ...column, name };
  });
}

function bindValues(environment: Environment, source: ValuesTable): string {
  const { sql, columns } = valuesQuery(
    { ...environment, scope: outerScope(environment) },
    source.rows,
    source.span.line,
  );
  return derivedSource(environment, sql, columns, source);
}

/** VALUES rows as a query with columns c1, c2 … of common types. Error 10709: rows of different lengths. */
export function valuesQuery(
  environment: Environment,
  rows: ValuesTable['rows'],
  line: number,
): { sql: string; columns: QueryColumn[] } {
  const plain = plainClause(environment);
  const bound = rows.map((row) => row.map((expression) => bindExpression(plain, expression)));
  const width = bound[0]?.length ?? 0;
  if (bound.some((row) => row.length !== width)) {
    throw new SqlError(10709, 'The number of columns for each row in a table value constructor must be the same.', {
      line,
    });
  }
  const columns: QueryColumn[] = [];
  const texts = bound.map(() => [] as string[]);
  for (let index = 0; index < width; index += 1) {
    const cells = bound.flatMap((row) => row.slice(index, index + 1));
    const unified = unify(environment, cells, 'VALUES');
    unified.branches.forEach((branch, row) => texts[row]?.push(branch.sql));
    const nullable = unified.branches.some((branch) => branch.nullable);
    columns.push({
      name: '',
      type: unified.type,
      nullable,
      ...(unified.collation === undefined ? {} : { collation: unified.collation }),
    });
  }
  const alias = environment.builder.alias('v');
  const names = columns.map((_, index) => outputName(index)).join(', ');
  const values = texts.map((row) => `(${row.join(', ')})`).join(', ');
  return { sql: `SELECT ${names} FROM (VALUES ${values}) AS ${alias} (${names})`, columns };
}

function bindFunctionSource(environment: Environment, source: TableFunction): string {
  const bound = bindTableFunction({ ...environment, scope: outerScope(environment) }, source);
  const owner = { alias: source.alias ?? source.name.object, columns: source.columns, span: source.span };
  return derivedSource(
    environment,
    bound.sql,
    bound.columns,
    owner,
    environment.lateral === undefined ? '' : 'LATERAL ',
  );
}

const joinWords = {
  inner: 'JOIN',
  left: 'LEFT JOIN',
  right: 'RIGHT JOIN',
  full: 'FULL JOIN',
  cross: 'CROSS JOIN',
} as const;

/** A join: its ON clause sees the sources of its two sides. */
function bindJoin(environment: Environment, join: Join): string {
  const inner: Environment = { ...environment, scope: new Scope(environment.scope.outer) };
  const left = bindSource(inner, join.left);
  const leftCount = inner.scope.sources.length;
  const text =
    join.type === 'crossApply' || join.type === 'outerApply'
      ? bindApply(inner, left, join)
      : bindSides(inner, left, join);
  if (join.type === 'left' || join.type === 'outerApply' || join.type === 'full') {
    makeNullable(inner.scope.sources.slice(leftCount));
  }
  if (join.type === 'right' || join.type === 'full') makeNullable(inner.scope.sources.slice(0, leftCount));
  environment.scope.sources.push(...inner.scope.sources);
  return `(${text})`;
}

function bindSides(environment: Environment, left: string, join: Join): string {
  const right = bindSource(environment, join.right);
  const word = joinWords[join.type as keyof typeof joinWords];
  if (join.condition === undefined) return `${left} ${word} ${right}`;
  return `${left} ${word} ${right} ON ${bindCondition(plainClause(environment), join.condition)}`;
}

/** APPLY: the right side sees the sources of the left. */
function bindApply(environment: Environment, left: string, join: Join): string {
  const rightScope = new Scope(environment.scope.outer);
  const right = bindSource({ ...environment, scope: rightScope, lateral: environment.scope }, join.right);
  const lateral = right.startsWith('(') ? `LATERAL ${right}` : right;
  environment.scope.sources.push(...rightScope.sources);
  return join.type === 'crossApply' ? `${left} CROSS JOIN ${lateral}` : `${left} LEFT JOIN ${lateral} ON true`;
}

/** Errors 1011 and 1013: two sources of one name. */
export function refuseSameNames(environment: Environment): void {
  const { builder, scope } = environment;
  const seen = new Map<string, Source>();
  for (const source of scope.sources) {
    const key = builder.nameKey(source.exposedName);
    const other = seen.get(key);
    if (other === undefined) {
      seen.set(key, source);
      continue;
    }
    if (source.aliased || other.aliased) {
      throw new SqlError(
        1011,
        `The correlation name '${source.exposedName}' is specified multiple times in a FROM clause.`,
        { class: 15 },
      );
    }
    throw new SqlError(
      1013,
      `The objects "${tableName(other)}" and "${tableName(source)}" in the FROM clause have the same exposed names. Use correlation names to distinguish them.`,
      { class: 15 },
    );
  }
}

function tableName(source: Source): string {
  return source.table === undefined ? source.exposedName : `${source.table.schema}.${source.table.name}`;
}
