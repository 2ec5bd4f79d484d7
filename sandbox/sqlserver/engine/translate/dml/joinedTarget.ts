import type { Condition, NamedTable, TableSource, TableVariable, TargetTable } from '../../../tsql/ast.js';
import { SqlError } from '../../api.js';
import type { CatalogTable } from '../../catalog/model.js';
import { plainClause, type Environment } from '../environment.js';
import { invalidObject } from '../errors.js';
import { bindCondition } from '../expressions/conditions.js';
import { applyTargetHints, refuseTargetHints } from '../queries/tableHints.js';
import { bindFrom, bindSource, findTable, findTableVariable, refuseSameNames } from '../queries/tableSources.js';
import { nameParts, tableColumns, type Source } from '../scope.js';
import { queryTarget, type QueryTarget } from './queryTarget.js';
import { requireWritable } from './target.js';

/**
 * The target of UPDATE or DELETE inside its FROM clause. `joined`: PostgreSQL's own UPDATE … FROM serves, which changes
 * a target row once however many rows join to it. Otherwise the rows are found by a subquery that also locks them, and
 * the target is joined to it by ctid.
 */
export type BoundTarget =
  | {
      readonly kind: 'joined';
      readonly table: CatalogTable;
      readonly alias: string;
      readonly environment: Environment;
      /** Texts of the other sources, for FROM or USING. */
      readonly others: readonly string[];
      /** Conditions of the joins and WHERE. */
      readonly conditions: readonly string[];
      readonly sources: readonly Source[];
    }
  | {
      readonly kind: 'found';
      readonly table: CatalogTable;
      readonly alias: string;
      readonly environment: Environment;
      /** ` FROM … WHERE …` of the subquery. */
      readonly body: string;
      /** The locking clause, with its leading blank. */
      readonly lock: string;
      /** The row id of the target in the subquery. */
      readonly rowId: string;
      readonly sources: readonly Source[];
      /** Set when the target is a view or common table expression over `table`. */
      readonly through?: Pick<QueryTarget, 'securable' | 'columnOf'>;
    };

export interface TargetRequest {
  readonly target: TargetTable;
  readonly from: readonly TableSource[];
  readonly where: Condition | undefined;
  /** TOP: rows must be picked before they are changed. */
  readonly limited: boolean;
  readonly command: 'UPDATE' | 'DELETE';
}

export function bindTarget(environment: Environment, request: TargetRequest): BoundTarget {
  const node = targetInFrom(environment, request) ?? request.target;
  const inFrom = node !== request.target;
  const through = node.kind === 'table' ? queryTarget(environment, node, request.command) : undefined;
  if (through !== undefined) return bindThroughQuery(request, node, through);
  const table = requireWritable(catalogTable(environment, node), request.command, request.target.span.line);
  refuseTargetHints(request.target.hints, request.command);
  const { readPast } = applyTargetHints(environment.builder, table, [
    ...request.target.hints,
    ...(inFrom ? node.hints : []),
  ]);
  const from: readonly TableSource[] = inFrom ? request.from : [request.target, ...request.from];
  const flat = request.limited || readPast ? undefined : flatten(from, node);
  return flat === undefined
    ? bindFound(environment, request, node, table, from, readPast)
    : bindJoined(environment, request, node, table, flat);
}

type TableNode = NamedTable | TableVariable;

/** The target is a query: FROM has it in place of the name. */
function bindThroughQuery(request: TargetRequest, node: TableNode, through: QueryTarget): BoundTarget {
  const { environment, table } = through;
  const own = through.node;
  const inFrom = node !== request.target;
  const written: readonly TableSource[] = inFrom ? request.from : [request.target, ...request.from];
  const from = written.map((source) => replaced(source, node, own));
  const text = bindFrom(environment, from);
  const where = request.where === undefined ? '' : ` WHERE ${bindCondition(plainClause(environment), request.where)}`;
  const source = environment.scope.sources.find((candidate) => candidate.exposedName === own.alias);
  if (source === undefined) throw new Error(`The target ${table.name} is not among its own sources.`);
  const alias = source.postgresAlias;
  const lock = through.lockable && !isOuterSide(from, own) ? ` FOR UPDATE OF ${alias}` : '';
  const sources = environment.scope.sources.filter((candidate) => candidate !== source);
  const body = `${text}${where}`;
  return { kind: 'found', table, alias, environment, body, lock, rowId: `${alias}.rid`, sources, through };
}

function replaced(source: TableSource, node: TableNode, by: TableNode): TableSource {
  if (source === node) return by;
  if (source.kind !== 'join') return source;
  return { ...source, left: replaced(source.left, node, by), right: replaced(source.right, node, by) };
}

function catalogTable(environment: Environment, node: TableNode): CatalogTable {
  return node.kind === 'table' ? findTable(environment, node) : findTableVariable(environment, node);
}

/** The source of FROM that the target names: by alias, or the one source of that table. Error 8154 for several. */
function targetInFrom(environment: Environment, request: TargetRequest): TableNode | undefined {
  const tables = request.from.flatMap(tablesOf);
  if (tables.length === 0) return undefined;
  const { builder } = environment;
  const { target } = request;
  const same = (a: string, b: string): boolean => builder.nameKey(a) === builder.nameKey(b);
  const written = target.kind === 'table' ? target.name.object : target.name;
  const isPlain = target.kind === 'tableVariable' || (target.name.schema === '' && target.name.database === '');
  const byAlias = isPlain ? tables.find((node) => node.alias !== undefined && same(node.alias, written)) : undefined;
  if (byAlias !== undefined) return byAlias;
  const common = isPlain && environment.commonTables.some((table) => same(table.name, written));
  if (common) return tables.find((node) => node.kind === 'table' && same(node.name.object, written));
  const wanted = target.kind === 'table' ? tryFind(environment, target) : findTableVariable(environment, target);
  if (wanted === undefined)
    throw invalidObject(target.kind === 'table' ? nameParts(target.name).join('.') : target.name, target.span);
  const matching = tables.filter((node) => isSameTable(environment, node, wanted));
  const [first, second] = matching;
  const unaliased = matching.filter((node) => node.alias === undefined);
  if (unaliased.length === 1) return unaliased[0];
  if (second !== undefined) {
    throw new SqlError(8154, `The table '${written}' is ambiguous.`, { class: 15, line: target.span.line });
  }
  return first;
}

function tryFind(environment: Environment, node: NamedTable): CatalogTable | undefined {
  const { database, schema, object } = node.name;
  return environment.builder.context.catalog.findTable({ database, schema, object });
}

function isSameTable(environment: Environment, node: TableNode, table: CatalogTable): boolean {
  const found = node.kind === 'table' ? tryFind(environment, node) : findTableVariable(environment, node);
  return found !== undefined && found.objectId === table.objectId && found.postgresName === table.postgresName;
}

function tablesOf(source: TableSource): TableNode[] {
  switch (source.kind) {
    case 'table':
    case 'tableVariable':
      return [source];
    case 'join':
      return [...tablesOf(source.left), ...tablesOf(source.right)];
    default:
      return [];
  }
}

interface FlatFrom {
  readonly others: readonly TableSource[];
  readonly conditions: readonly Condition[];
}

/** FROM without its target, when the target is reached by inner and cross joins only. */
function flatten(from: readonly TableSource[], target: TableNode): FlatFrom | undefined {
  const others: TableSource[] = [];
  const conditions: Condition[] = [];
  for (const source of from) {
    const part = withoutTarget(source, target);
    if (part === undefined) return undefined;
    others.push(...part.others);
    conditions.push(...part.conditions);
  }
  return { others, conditions };
}

function withoutTarget(source: TableSource, target: TableNode): FlatFrom | undefined {
  if (source === target) return { others: [], conditions: [] };
  if (source.kind !== 'join' || !tablesOf(source).includes(target)) return { others: [source], conditions: [] };
  if (source.type !== 'inner' && source.type !== 'cross') return undefined;
  const left = withoutTarget(source.left, target);
  const right = withoutTarget(source.right, target);
  if (left === undefined || right === undefined) return undefined;
  return {
    others: [...left.others, ...right.others],
    conditions: [
      ...left.conditions,
      ...right.conditions,
      ...(source.condition === undefined ? [] : [source.condition]),
    ],
  };
}

function targetSource(environment: Environment, node: TableNode, table: CatalogTable, alias: string): Source {
  return {
    exposedName: node.alias ?? table.name,
    postgresAlias: alias,
    columns: tableColumns(environment.builder, table, alias),
    table,
    aliased: node.alias !== undefined,
  };
}

function bindJoined(
  environment: Environment,
  request: TargetRequest,
  node: TableNode,
  table: CatalogTable,
  flat: FlatFrom,
): BoundTarget {
  const alias = environment.builder.alias();
  const own = targetSource(environment, node, table, alias);
  environment.scope.sources.push(own);
  const others = flat.others.map((source) => bindSource(environment, source));
  refuseSameNames(environment);
  const plain = plainClause(environment);
  const conditions = flat.conditions.map((condition) => bindCondition(plain, condition));
  if (request.where !== undefined) conditions.push(bindCondition(plain, request.where));
  const sources = environment.scope.sources.filter((source) => source !== own);
  if (others.length > 0) environment.builder.use(table, 'SELECT');
  return { kind: 'joined', table, alias, environment, others, conditions, sources };
}

function bindFound(
  environment: Environment,
  request: TargetRequest,
  node: TableNode,
  table: CatalogTable,
  from: readonly TableSource[],
  readPast: boolean,
): BoundTarget {
  // The target's hints are those of a modification, not of a reader.
  const text = bindFrom(
    environment,
    from.map((source) => withoutHints(source, node)),
  );
  const where = request.where === undefined ? '' : ` WHERE ${bindCondition(plainClause(environment), request.where)}`;
  const own = environment.scope.sources.find(
    (source) => source.table === table && source.exposedName === (node.alias ?? table.name),
  );
  if (own === undefined) throw new Error(`The target ${table.name} is not among its own sources.`);
  const skip = readPast ? ' SKIP LOCKED' : '';
  const lock = isOuterSide(from, node) ? '' : ` FOR UPDATE OF ${own.postgresAlias}${skip}`;
  const sources = environment.scope.sources.filter((source) => source !== own);
  const alias = own.postgresAlias;
  return { kind: 'found', table, alias, environment, body: `${text}${where}`, lock, rowId: `${alias}.ctid`, sources };
}

function withoutHints(source: TableSource, node: TableNode): TableSource {
  if (source === node) return { ...source, hints: [] };
  if (source.kind !== 'join') return source;
  return { ...source, left: withoutHints(source.left, node), right: withoutHints(source.right, node) };
}

/** True if an outer join may give no row of the target: PostgreSQL cannot lock such a side. */
function isOuterSide(from: readonly TableSource[], node: TableNode): boolean {
  return from.some((source) => isNullable(source, node));
}

function isNullable(source: TableSource, node: TableNode): boolean {
  if (source.kind !== 'join') return false;
  const inLeft = tablesOf(source.left).includes(node);
  const inRight = tablesOf(source.right).includes(node);
  if (inLeft && (source.type === 'right' || source.type === 'full')) return true;
  if (inRight && (source.type === 'left' || source.type === 'full')) return true;
  return isNullable(source.left, node) || isNullable(source.right, node);
}
