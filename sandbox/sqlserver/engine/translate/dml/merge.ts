import type { MergeClause, MergeStatement } from '../../../tsql/ast.js';
import { unsupported } from '../../../tsql/unsupported.js';
import { SqlError } from '../../api.js';
import type { CatalogTable } from '../../catalog/model.js';
import { plainClause, rootEnvironment, type Environment } from '../environment.js';
import { bindCondition } from '../expressions/conditions.js';
import { bindCommonTables } from '../queries/commonTables.js';
import { applyTargetHints, refuseTargetHints } from '../queries/tableHints.js';
import { bindSource } from '../queries/tableSources.js';
import type { DmlStatement } from '../result.js';
import { Scope, tableColumns, type Source } from '../scope.js';
import type { StatementBuilder } from '../statementBuilder.js';
import { assignedValue } from './assignment.js';
import { dmlStatement } from './dmlStatement.js';
import { insertedName } from './images.js';
import { finishModification } from './output.js';
import { bindSetList } from './setList.js';
import { findTarget } from './target.js';
import { insertColumns, type InsertColumns } from './targetColumns.js';

type Action = 'insert' | 'update' | 'delete';

/** MERGE with all of its clauses, as PostgreSQL's MERGE. */
export function translateMerge(builder: StatementBuilder, node: MergeStatement): DmlStatement {
  if (node.top !== undefined) throw unsupported('MERGE TOP', node.top.span);
  const common = bindCommonTables(rootEnvironment(builder), node.ctes, node.options);
  const { environment } = common;
  const table = findTarget(environment, node.target, 'MERGE');
  refuseTargetHints(node.target.hints, 'MERGE');
  applyTargetHints(builder, table, node.target.hints);
  const parts = bindParts(environment, node, table);
  const actions = actionsOf(node);
  for (const action of actions) builder.use(table, permissions[action]);
  const clauses = node.clauses.map((clause) => clauseText(parts, clause));
  const text =
    `${common.sql}MERGE INTO ${table.postgresName} AS ${parts.target.postgresAlias} USING ${parts.sourceText} ` +
    `ON ${parts.condition} ${clauses.join(' ')}`;
  const { identity } = parts;
  const index = identity === undefined ? -1 : table.columns.indexOf(identity.column);
  const explicit =
    identity?.explicit === true
      ? { explicitIdentity: { postgresName: `new.${identity.column.postgresName}`, index } }
      : {};
  const finished = finishModification(
    { environment, command: 'merge', table, events: actions, text, sources: parts.sources, ...explicit },
    node.output,
  );
  return dmlStatement(builder, finished, {
    command: 'merge',
    target: table,
    triggerEvents: actions.filter((action) => table.triggers[action]),
    touchedColumns: touched(node),
    outputToClient: node.output.toClient !== undefined,
    ...(identity === undefined
      ? {}
      : {
          identity: {
            sequence: identity.sequence,
            column: identity.column.name,
            values: identity.explicit ? ('explicit' as const) : ('generated' as const),
            ...(identity.explicit ? { imageColumn: insertedName(index) } : {}),
          },
        }),
  });
}

const permissions = { insert: 'INSERT', update: 'UPDATE', delete: 'DELETE' } as const;

interface MergeParts {
  readonly environment: Environment;
  readonly table: CatalogTable;
  readonly target: Source;
  readonly sourceText: string;
  readonly sources: readonly Source[];
  readonly condition: string;
  identity?: NonNullable<InsertColumns['identity']>;
}

function bindParts(environment: Environment, node: MergeStatement, table: CatalogTable): MergeParts {
  const { builder } = environment;
  const alias = builder.alias();
  const target: Source = {
    exposedName: node.target.alias ?? table.name,
    postgresAlias: alias,
    columns: tableColumns(builder, table, alias),
    table,
    aliased: node.target.alias !== undefined,
  };
  const sourceScope = new Scope(undefined);
  const sourceText = bindSource({ ...environment, scope: sourceScope }, node.source);
  const whole: Environment = { ...environment, scope: new Scope(undefined) };
  whole.scope.sources.push(target, ...sourceScope.sources);
  const condition = bindCondition(plainClause(whole), node.condition);
  return { environment: whole, table, target, sourceText, sources: sourceScope.sources, condition };
}

/** The actions of a MERGE in the order in which triggers fire. */
function actionsOf(node: MergeStatement): Action[] {
  const kinds = new Set(node.clauses.map((clause) => clause.action.kind));
  return (['insert', 'update', 'delete'] as const).filter((action) => kinds.has(action));
}

function touched(node: MergeStatement): string[] {
  const names = node.clauses.flatMap((clause) =>
    clause.action.kind === 'update'
      ? clause.action.assignments.flatMap((assignment) => assignment.column?.name ?? [])
      : [],
  );
  return [...new Set(names)];
}

const whenText = {
  matched: 'WHEN MATCHED',
  notMatchedByTarget: 'WHEN NOT MATCHED',
  notMatchedBySource: 'WHEN NOT MATCHED BY SOURCE',
} as const;

/** One WHEN clause. What it may refer to depends on which side has a row. */
function clauseText(parts: MergeParts, clause: MergeClause): string {
  const scope = new Scope(undefined);
  if (clause.when !== 'notMatchedByTarget') scope.sources.push(parts.target);
  if (clause.when !== 'notMatchedBySource') scope.sources.push(...parts.sources);
  const environment: Environment = { ...parts.environment, scope };
  const and = clause.and === undefined ? '' : ` AND ${bindCondition(plainClause(environment), clause.and)}`;
  return `${whenText[clause.when]}${and} THEN ${actionText(parts, environment, clause)}`;
}

function actionText(parts: MergeParts, environment: Environment, clause: MergeClause): string {
  const { action } = clause;
  switch (action.kind) {
    case 'delete':
      return 'DELETE';
    case 'update': {
      if (action.assignments.some((assignment) => assignment.variable !== undefined))
        throw unsupported('SET @variable = … in MERGE', clause.span);
      const set = bindSetList(environment, parts.table, parts.target, action.assignments);
      return `UPDATE SET ${set.map((entry) => `${entry.column.postgresName} = ${entry.value}`).join(', ')}`;
    }
    case 'insert':
      return insertText(parts, environment, clause, action);
  }
}

function insertText(
  parts: MergeParts,
  environment: Environment,
  clause: MergeClause,
  action: Extract<MergeClause['action'], { kind: 'insert' }>,
): string {
  const { table } = parts;
  const columns = insertColumns(environment.builder, table, action.values === undefined ? [] : action.columns);
  if (columns.identity !== undefined) parts.identity = columns.identity;
  const values = action.values ?? [];
  if (values.length !== columns.given.length) {
    throw action.columns === undefined
      ? new SqlError(213, 'Column name or number of supplied values does not match table definition.', {
          line: clause.span.line,
        })
      : new SqlError(
          10710,
          'The number of columns in the insert list does not match the number of values of the MERGE statement.',
          { line: clause.span.line },
        );
  }
  const given = columns.given.map((column, index) => {
    const value = values[index];
    return value === undefined ? 'NULL' : assignedValue(environment, value, column, table);
  });
  const names = [...columns.given, ...columns.made.map((made) => made.column)].map((column) => column.postgresName);
  const all = [...given, ...columns.made.map((made) => made.value)];
  return names.length === 0 ? 'INSERT DEFAULT VALUES' : `INSERT (${names.join(', ')}) VALUES (${all.join(', ')})`;
}
