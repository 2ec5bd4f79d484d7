import type { ColumnReference, ObjectName } from '../../tsql/ast.js';
import type { CatalogTable } from '../catalog/model.js';
import { ambiguousColumn, invalidColumn, notGrouped, unboundIdentifier } from './errors.js';
import type { BoundExpression } from './expressions/boundExpression.js';
import type { StatementBuilder } from './statementBuilder.js';
import { isCharacter } from './types/sqlTypes.js';

/** A column that a source of a FROM clause offers. */
export interface SourceColumn {
  readonly name: string;
  readonly value: BoundExpression;
}

/** One table, view, derived table, CTE reference … of a FROM clause. */
export interface Source {
  /** Alias, or the name of the table. */
  readonly exposedName: string;
  readonly postgresAlias: string;
  columns: readonly SourceColumn[];
  /** Present for tables and views. `aliased`: only the alias may qualify its columns. */
  readonly table?: CatalogTable;
  readonly aliased: boolean;
  /** `FOR UPDATE OF t1 SKIP LOCKED`: what a table hint asks of the query's end. */
  readonly rowLock?: string;
  /** Depth of the row, of a reference to a recursive common table expression in its own definition. */
  readonly depth?: string;
}

/** What a grouped query's select list, HAVING and ORDER BY may use. */
export interface Grouping {
  readonly place: 'select' | 'having' | 'order by';
  /** PostgreSQL text of a GROUP BY expression -> what to use for it above the grouping. */
  readonly keys: ReadonlyMap<string, BoundExpression>;
  /** True if a key is more than a column. */
  readonly hasExpressions: boolean;
}

/** The names that expressions of one query level see; `outer` is the query around it. */
export class Scope {
  readonly sources: Source[] = [];
  grouping: Grouping | undefined;

  constructor(readonly outer: Scope | undefined) {}
}

/** A column of a source by its text, as `t1."Id"`. */
export function sourceColumnSql(alias: string, postgresName: string): string {
  return alias === '' ? postgresName : `${alias}.${postgresName}`;
}

/** The columns of a table or view under an alias. */
export function tableColumns(builder: StatementBuilder, table: CatalogTable, alias: string): SourceColumn[] {
  return table.columns.map((column) => {
    const collation = column.type.collation ?? builder.context.databaseCollation;
    const value: BoundExpression = {
      sql: sourceColumnSql(alias, column.postgresName),
      type: isCharacter(column.type) ? { ...column.type, collation } : column.type,
      nullable: column.nullable,
      column: { name: column.name, ...(column.identity === undefined ? {} : { identity: column.identity }) },
      ...(isCharacter(column.type) ? { collation: { name: collation, rank: 'implicit' as const } } : {}),
    };
    return { name: column.name, value };
  });
}

/** Makes every column of the sources nullable: the outer side of a join. */
export function makeNullable(sources: readonly Source[]): void {
  for (const source of sources) {
    source.columns = source.columns.map((column) => ({ ...column, value: { ...column.value, nullable: true } }));
  }
}

export interface ResolvedColumn {
  readonly value: BoundExpression;
  readonly scope: Scope;
  readonly source: Source;
  readonly name: string;
}

/** Finds a column here or in an outer query. Errors: 207, 209, 4104. */
export function resolveColumn(builder: StatementBuilder, scope: Scope, reference: ColumnReference): ResolvedColumn {
  const { qualifier, name } = reference;
  for (let level: Scope | undefined = scope; level !== undefined; level = level.outer) {
    const sources = qualifier === undefined ? level.sources : sourcesNamed(builder, level, qualifier);
    const found = findIn(builder, level, sources, reference);
    if (found !== undefined) {
      if (found.source.table !== undefined) builder.read(found.source.table, found.name);
      return found;
    }
    if (qualifier !== undefined && sources.length > 0) throw invalidColumn(name, reference.span);
  }
  if (qualifier === undefined) throw invalidColumn(name, reference.span);
  throw unboundIdentifier([...nameParts(qualifier), name].join('.'), reference.span);
}

function findIn(
  builder: StatementBuilder,
  scope: Scope,
  sources: readonly Source[],
  reference: ColumnReference,
): ResolvedColumn | undefined {
  const key = builder.nameKey(reference.name);
  let found: ResolvedColumn | undefined;
  for (const source of sources) {
    for (const column of source.columns) {
      if (builder.nameKey(column.name) !== key) continue;
      if (found !== undefined) throw ambiguousColumn(reference.name, reference.span);
      found = { value: column.value, scope, source, name: column.name };
    }
  }
  return found;
}

/** Sources that a qualifier means: `a`, `t`, `dbo.t`, `db.dbo.t`. */
export function sourcesNamed(builder: StatementBuilder, scope: Scope, qualifier: ObjectName): Source[] {
  return scope.sources.filter((source) => isNamed(builder, source, qualifier));
}

export function isNamed(builder: StatementBuilder, source: Source, qualifier: ObjectName): boolean {
  const same = (a: string, b: string): boolean => builder.nameKey(a) === builder.nameKey(b);
  if (!same(source.exposedName, qualifier.object)) return false;
  if (qualifier.schema === '' && qualifier.database === '') return true;
  if (source.aliased || source.table === undefined) return false;
  if (qualifier.schema !== '' && !same(qualifier.schema, source.table.schema)) return false;
  return qualifier.database === '' || same(qualifier.database, source.table.database);
}

export function nameParts(name: ObjectName): string[] {
  return [name.server, name.database, name.schema, name.object].filter((part) => part !== '');
}

/** The name of a column in messages about grouping: table.column. */
export function columnNameForMessage(column: ResolvedColumn): string {
  const { source, name } = column;
  const table =
    source.aliased || source.table === undefined ? source.exposedName : `${source.table.schema}.${source.table.name}`;
  return table === '' ? name : `${table}.${name}`;
}

/** The value of a column under its scope's grouping; `ungrouped`: inside an aggregate of that scope. Error 8120. */
export function columnValue(
  resolved: ResolvedColumn,
  ungrouped: ReadonlySet<Scope>,
  reference: ColumnReference,
): BoundExpression {
  const { grouping } = resolved.scope;
  if (grouping === undefined || ungrouped.has(resolved.scope)) return resolved.value;
  const value = grouping.keys.get(resolved.value.sql);
  if (value === undefined) throw notGrouped(columnNameForMessage(resolved), grouping.place, reference.span);
  return { ...value, ...(resolved.value.column === undefined ? {} : { column: resolved.value.column }) };
}

/** Names of the output columns of every query that the translator emits: c1, c2 … */
export function outputName(index: number): string {
  return `c${index + 1}`;
}
