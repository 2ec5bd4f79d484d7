import type { CommonTableExpression, NamedTable, Query, QuerySpecification } from '../../../tsql/ast.js';
import { unsupported } from '../../../tsql/unsupported.js';
import { SqlError } from '../../api.js';
import type { CatalogColumn, CatalogTable } from '../../catalog/model.js';
import { innerEnvironment, type CommonTable, type Environment } from '../environment.js';
import { isGrouped } from '../queries/grouping.js';
import { bindQuery } from '../queries/query.js';
import { nameColumns } from '../queries/tableSources.js';
import { Scope } from '../scope.js';
import { requireWritable } from './target.js';
import { columnNamed } from './targetColumns.js';

/** A view or common table expression over one table, through which UPDATE and DELETE change that table. */
export interface QueryTarget {
  /** The table that is changed. */
  readonly table: CatalogTable;
  /** What permissions are asked for: the view, or the table behind a common table expression. */
  readonly securable: CatalogTable;
  /** The environment in which `node` stands for the query, whose rows carry the table's row id as `rid`. */
  readonly environment: Environment;
  readonly node: NamedTable;
  /** False: the query has window functions, under which PostgreSQL locks no rows. */
  readonly lockable: boolean;
  /** The table's column behind a column of the query; undefined for an expression. */
  readonly columnOf: (name: string) => CatalogColumn | undefined;
}

/** A name that no common table expression can have. */
const targetName = '\u0000target';

/** The target as a query, when it names a common table expression or a view. */
export function queryTarget(environment: Environment, node: NamedTable, command: string): QueryTarget | undefined {
  const common = commonTable(environment, node);
  if (common !== undefined) {
    if (common.expression === undefined)
      throw unsupported(`${command} of a recursive common table expression`, node.span);
    const others = environment.commonTables.filter((table) => table !== common);
    return bindThrough({ ...environment, commonTables: others }, environment, node, common.expression, command);
  }
  const { database, schema, object } = node.name;
  const view = environment.builder.context.catalog.findTable({ database, schema, object });
  if (view?.kind !== 'view' || view.viewQuery === undefined) return undefined;
  if (view.database !== environment.builder.context.database) {
    throw unsupported(`${command} of a view in another database`, node.span);
  }
  const { query, ctes } = view.viewQuery;
  if (ctes.length > 0) throw unsupported(`${command} of a view with a common table expression`, node.span);
  const columns = view.columns.map(({ name }) => ({ name, span: node.span }));
  // The view's owner owns the table: permissions are asked for on the view alone.
  const { uses } = environment.builder;
  const known = uses.length;
  const inside: Environment = { ...environment, commonTables: [] };
  const target = bindThrough(inside, environment, node, { name: view.name, columns, query, span: node.span }, command);
  uses.splice(known);
  return { ...target, securable: view };
}

function commonTable(environment: Environment, node: NamedTable): CommonTable | undefined {
  const { name } = node;
  if (name.schema !== '' || name.database !== '' || name.server !== '') return undefined;
  const { builder, commonTables } = environment;
  const key = builder.nameKey(name.object);
  return commonTables.find((candidate) => builder.nameKey(candidate.name) === key);
}

function bindThrough(
  inside: Environment,
  outside: Environment,
  node: NamedTable,
  expression: Pick<CommonTableExpression, 'name' | 'columns' | 'query' | 'span'>,
  command: string,
): QueryTarget {
  const { query, name } = expression;
  const specification = singleTableQuery(query, name, command, node.span.line);
  let table: CatalogTable | undefined;
  const bound = bindQuery(
    {
      ...innerEnvironment(inside),
      scope: new Scope(undefined),
      hiddenColumns: (scope) => {
        const [source] = scope.sources;
        table = source?.table;
        return [`${source?.postgresAlias ?? ''}.ctid AS rid`];
      },
    },
    query,
    'derived',
  );
  if (table === undefined) throw unsupported(`${command} through several queries (${name})`, node.span);
  const base = requireWritable(table, command, node.span.line);
  const columns = nameColumns(
    inside,
    bound.columns,
    expression.columns.map((column) => column.name),
    name,
    expression.span,
  );
  const { builder } = outside;
  const own: CommonTable = { name: targetName, postgresName: `(${bound.sql})`, columns };
  return {
    table: base,
    securable: base,
    environment: { ...outside, commonTables: [own, ...outside.commonTables] },
    node: {
      ...node,
      name: { ...node.name, server: '', database: '', schema: '', object: targetName },
      alias: node.alias ?? node.name.object,
      hints: [],
    },
    lockable: !hasWindow(specification.items),
    columnOf: (written) => {
      const column = columns.find((candidate) => builder.nameKey(candidate.name) === builder.nameKey(written));
      return column?.column === undefined ? undefined : columnNamed(builder, base, column.column.name);
    },
  };
}

/** Errors 4403 for groups and DISTINCT; joins and set operations are refused by name. */
function singleTableQuery(query: Query, name: string, command: string, line: number): QuerySpecification {
  const { body } = query;
  if (body.kind !== 'select') throw unsupported(`${command} through a set operation (${name})`, { line });
  if (body.distinct || isGrouped(body, query)) {
    throw new SqlError(
      4403,
      `Cannot update the view or function '${name}' because it contains aggregates, or a DISTINCT or GROUP BY clause, or PIVOT or UNPIVOT operator.`,
      { line },
    );
  }
  const [source] = body.from;
  if (body.from.length !== 1 || (source?.kind !== 'table' && source?.kind !== 'tableVariable')) {
    throw unsupported(`${command} through a query of several tables (${name})`, { line });
  }
  return body;
}

function hasWindow(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(hasWindow);
  if (typeof node !== 'object' || node === null || Buffer.isBuffer(node)) return false;
  const { kind, over } = node as { kind?: unknown; over?: unknown };
  if (kind === 'function' && over !== undefined) return true;
  return Object.entries(node).some(([key, value]) => key !== 'span' && hasWindow(value));
}
