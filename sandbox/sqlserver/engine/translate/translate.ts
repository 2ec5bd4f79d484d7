import type {
  Condition as ConditionNode,
  CommonTableExpression,
  DataStatement,
  DeleteStatement,
  Expression,
  InsertStatement,
  MergeStatement,
  Query,
  SelectStatement as SelectNode,
  UpdateStatement,
} from '../../tsql/ast.js';
import { SqlError, type SqlType } from '../api.js';
import type { CatalogTable } from '../catalog/model.js';
import type { TranslationContext } from './context.js';
import { translateDelete } from './dml/delete.js';
import { translateInsert } from './dml/insert.js';
import { translateMerge } from './dml/merge.js';
import { translateUpdate } from './dml/update.js';
import { rootEnvironment, type Environment } from './environment.js';
import { bindExpression } from './expressions/bindExpression.js';
import { derived, type BoundExpression } from './expressions/boundExpression.js';
import { bindCondition } from './expressions/conditions.js';
import { convert } from './expressions/conversions.js';
import { columnMetadata } from './metadata.js';
import { bindCommonTables } from './queries/commonTables.js';
import { bindQuery } from './queries/query.js';
import type { Condition, ScalarExpression, StoredExpression, StoredQuery, TranslatedStatement } from './result.js';
import { outputName, tableColumns } from './scope.js';
import { translateSelect } from './select.js';
import { StatementBuilder } from './statementBuilder.js';
import { isCharacter } from './types/sqlTypes.js';

/** The statements that the translator takes; TRUNCATE TABLE and INSERT BULK are the runtime's. */
export type QueryOrModification = SelectNode | InsertStatement | UpdateStatement | DeleteStatement | MergeStatement;

export function isQueryOrModification(node: DataStatement): node is QueryOrModification {
  return node.kind !== 'truncateTable' && node.kind !== 'insertBulk';
}

/** Translates SELECT, INSERT, UPDATE, DELETE or MERGE. Throws SqlError as SQL Server would when it compiles it. */
export function translateStatement(node: QueryOrModification, context: TranslationContext): TranslatedStatement {
  return atLine(node.span.line, () => {
    const builder = new StatementBuilder(context);
    switch (node.kind) {
      case 'selectStatement':
        return translateSelect(builder, node);
      case 'insert':
        return translateInsert(builder, node);
      case 'update':
        return translateUpdate(builder, node);
      case 'delete':
        return translateDelete(builder, node);
      case 'merge':
        return translateMerge(builder, node);
    }
  });
}

/** An expression on its own, converted to `target` as an assignment to a variable is (text is cut silently). */
export function translateScalar(node: Expression, context: TranslationContext, target?: SqlType): ScalarExpression {
  return atLine(node.span.line, () => {
    const builder = new StatementBuilder(context);
    const bound = bindExpression(rootEnvironment(builder), node);
    const value = target === undefined ? bound : convert(builder, bound, target);
    const direct = directValue(builder, value);
    return {
      text: `SELECT ${value.sql} AS ${outputName(0)}`,
      parameters: builder.parameters,
      type: value.type,
      uses: builder.uses,
      locks: builder.locks,
      ...(direct === undefined ? {} : { direct }),
    };
  });
}

function directValue(builder: StatementBuilder, value: BoundExpression): ScalarExpression['direct'] {
  const { literal, sql } = value;
  if (literal?.kind === 'null' || literal?.kind === 'typedNull') return { kind: 'constant', value: null };
  if (literal?.kind === 'integer') {
    return { kind: 'constant', value: value.type.name === 'bigint' ? literal.value : Number(literal.value) };
  }
  if (literal?.kind === 'string') return { kind: 'constant', value: literal.value };
  return builder.parameters.length === 1 && /^\$1::[a-z0-9]+(\([\d,]+\))?$/.test(sql)
    ? { kind: 'parameter' }
    : undefined;
}

/** The condition of IF or WHILE. */
export function translateCondition(node: ConditionNode, context: TranslationContext): Condition {
  return atLine(node.span.line, () => {
    const builder = new StatementBuilder(context);
    const sql = bindCondition(rootEnvironment(builder), node);
    const { parameters, uses, locks } = builder;
    return { text: `SELECT ${sql} AS ${outputName(0)}`, parameters, uses, locks };
  });
}

/** CHECK of a table, or the WHERE of a filtered index, for PostgreSQL's own CHECK or index. */
export function translateTableCondition(node: ConditionNode, table: CatalogTable, context: TranslationContext): string {
  return atLine(node.span.line, () => bindCondition(tableEnvironment(table, context), node));
}

/** A computed column's expression over its table's columns. */
export function translateComputed(
  node: Expression,
  table: CatalogTable,
  context: TranslationContext,
): StoredExpression {
  return atLine(node.span.line, () => stored(bindExpression(tableEnvironment(table, context), node)));
}

/** A DEFAULT definition as a value of the column's type. */
export function translateDefault(node: Expression, type: SqlType, context: TranslationContext): StoredExpression {
  return atLine(node.span.line, () => {
    const builder = new StatementBuilder(context, 'stored');
    const value = bindExpression({ ...rootEnvironment(builder), defaults: true }, node);
    return stored(convert(builder, value, type));
  });
}

function stored(value: BoundExpression): StoredExpression {
  const { sql, type, nullable, collation } = value;
  return { text: sql, type: collation === undefined ? type : { ...type, collation: collation.name }, nullable };
}

/** The columns of the table, by their bare PostgreSQL names. */
function tableEnvironment(table: CatalogTable, context: TranslationContext): Environment {
  const environment = rootEnvironment(new StatementBuilder(context, 'stored'));
  const columns = tableColumns(environment.builder, table, '');
  environment.scope.sources.push({ exposedName: table.name, postgresAlias: '', columns, table, aliased: false });
  return environment;
}

/** A view's query. Column names are the query's own, '' where it gives none. */
export function translateView(
  view: { readonly ctes: readonly CommonTableExpression[]; readonly query: Query },
  context: TranslationContext,
): StoredQuery {
  return atLine(view.query.span.line, () => {
    const builder = new StatementBuilder(context, 'stored');
    const common = bindCommonTables(rootEnvironment(builder), view.ctes);
    const query = bindQuery(common.environment, view.query, 'derived');
    return { text: `${common.sql}${query.sql}`, columns: query.columns.map(columnMetadata), uses: builder.uses };
  });
}

/** PostgreSQL text that converts a stored value to another type, for ALTER COLUMN. Errors as of an assignment. */
export function translateConversion(sql: string, from: SqlType, to: SqlType, context: TranslationContext): string {
  const builder = new StatementBuilder(context, 'stored');
  const collation = isCharacter(from)
    ? { name: from.collation ?? context.databaseCollation, rank: 'implicit' as const }
    : undefined;
  return convert(builder, derived(sql, from, true, collation), to).sql;
}

/** Errors that know no line of their own get the statement's. */
function atLine<Result>(line: number, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof SqlError && error.line === 1) error.line = line;
    throw error;
  }
}

export { pseudoTables } from './dml/images.js';
