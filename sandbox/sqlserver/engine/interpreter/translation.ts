import type { SqlType } from '../api.js';
import { catalogColumn, RecordingReader, type RecordedLookup } from '../catalog/catalogReader.js';
import type { TableEntity, ViewEntity } from '../catalog/entities.js';
import type { CatalogTable } from '../catalog/model.js';
import type { Condition as ConditionNode, Expression, ViewStatement } from '../../tsql/ast.js';
import { parseExpression } from '../../tsql/parser.js';
import type { Session } from '../session/session.js';
import type { TranslationContext } from '../translate/context.js';
import type {
  Condition,
  DmlStatement,
  ScalarExpression,
  StoredExpression,
  StoredQuery,
  TranslatedStatement,
} from '../translate/result.js';
import * as translator from '../translate/translate.js';
import type { QueryOrModification } from '../translate/translate.js';
import { markCompileError } from './failStatement.js';
import type { FiringStatement } from './triggers.js';
import type { RecordedVariable } from './translationCache.js';

/** The translator, asked for the running scope of a session; what it answers is kept for the next time. */

export function translateStatement(session: Session, node: QueryOrModification): TranslatedStatement {
  return cached(session, node, '', (context) => translator.translateStatement(node, context));
}

/** @param target type of the variable that takes the value, to which it is converted */
export function translateScalar(session: Session, node: Expression, target?: SqlType): ScalarExpression {
  const key = target === undefined ? '' : typeKey(target);
  return cached(session, node, key, (context) => translator.translateScalar(node, context, target));
}

export function translateCondition(session: Session, node: ConditionNode): Condition {
  return cached(session, node, 'condition', (context) => translator.translateCondition(node, context));
}

function typeKey(type: SqlType): string {
  return `${type.name}(${type.length ?? ''},${type.precision ?? ''},${type.scale ?? ''})${type.collation ?? ''}`;
}

function cached<Result>(
  session: Session,
  node: object,
  purpose: string,
  translate: (context: TranslationContext) => Result,
): Result {
  const { core } = session;
  return core.translations.get(
    node,
    `${purpose}|${settingsKey(session)}`,
    (name) => session.findTable(name),
    (name) => session.frame?.variable(name)?.type,
    () => {
      const reader = new RecordingReader((name) => session.findTable(name));
      const variables: RecordedVariable[] = [];
      const context = contextOf(session, reader, variables);
      try {
        return { result: translate(context), lookups: reader.lookups, variables };
      } catch (error) {
        markCompileError(error);
        throw error;
      }
    },
  );
}

/** The settings that a translation depends on. */
function settingsKey(session: Session): string {
  const { settings, database, identityInsertTable, frame } = session;
  const identity = identityInsertTable === undefined ? '' : identityInsertTable.objectId;
  return [
    database.id,
    identity,
    settings.concatNullYieldsNull,
    settings.dateFormat,
    settings.dateFirst,
    settings.rowCount,
    settings.isolation,
    frame?.trigger?.updatedColumns.join(',') ?? '',
  ].join('|');
}

function contextOf(session: Session, catalog: RecordingReader, variables: RecordedVariable[]): TranslationContext {
  const { settings, database, frame } = session;
  return {
    catalog,
    database: database.name,
    databaseCollation: database.collation,
    variableType: (name) => {
      const type = frame?.variable(name)?.type;
      variables.push({ name, type });
      return type;
    },
    options: settings,
    identityInsert: (table) => {
      const current = session.identityInsertTable;
      return current?.objectId === table.objectId;
    },
    ...(frame?.trigger === undefined ? {} : { updatedColumns: frame.trigger.updatedColumns }),
  };
}

/** inserted and deleted of a trigger that fires for `event` of a statement whose images are in `relation`. */
export function pseudoTables(
  statement: FiringStatement,
  relation: string,
  event: 'insert' | 'update' | 'delete',
): { inserted: CatalogTable; deleted: CatalogTable } {
  return translator.pseudoTables(statement as DmlStatement, relation, event);
}

/** Context for what is kept in the catalog: no variables. */
function storedContext(
  session: Session,
  find = (name: Parameters<Session['findTable']>[0]) => session.findTable(name),
) {
  const reader = new RecordingReader(find);
  return { context: { ...contextOf(session, reader, []), variableType: () => undefined }, reader };
}

/** A column's DEFAULT, converted to the column's type. */
export function translateDefault(session: Session, node: Expression, type: SqlType): StoredExpression {
  return translator.translateDefault(node, type, storedContext(session).context);
}

/** A CHECK constraint: its text is a PostgreSQL condition over the table's columns. */
export function translateCheck(session: Session, node: ConditionNode, table: TableEntity): string {
  return translator.translateTableCondition(node, draftTable(session, table), storedContext(session).context);
}

/** The condition of a filtered index. */
export function translateFilter(session: Session, node: ConditionNode, table: TableEntity): string {
  return translateCheck(session, node, table);
}

/** A computed column's expression over the other columns. */
export function translateComputed(
  session: Session,
  definition: Expression | string,
  table: TableEntity,
): StoredExpression {
  const node = typeof definition === 'string' ? parseExpression(definition) : definition;
  const { context } = storedContext(session);
  return translator.translateComputed(node, draftTable(session, table), context);
}

function draftTable(session: Session, table: TableEntity): CatalogTable {
  const names = session.namesOf(table);
  return {
    objectId: table.objectId,
    ...names,
    name: table.name,
    kind: 'table',
    postgresName: table.postgresName,
    columns: table.columns.map(catalogColumn),
    triggers: { insert: false, update: false, delete: false },
  };
}

/** PostgreSQL expression that converts a column's values, for ALTER COLUMN. */
export function translateConversion(session: Session, postgresColumn: string, from: SqlType, to: SqlType): string {
  return translator.translateConversion(postgresColumn, from, to, storedContext(session).context);
}

/** The query of a view that is being defined. */
export function translateView(session: Session, statement: ViewStatement): StoredQuery {
  try {
    return translator.translateView(statement, storedContext(session).context);
  } catch (error) {
    markCompileError(error);
    throw error;
  }
}

/** The query of a view in use, with the names that it looked up. */
export function translateViewQuery(
  session: Session,
  view: ViewEntity,
): { text: string; lookups: readonly RecordedLookup[]; statement: ViewStatement } {
  const [statement] = session.core.parses.parse(view.definition, true).statements;
  if (statement?.kind !== 'view') throw new Error(`The definition of view ${view.name} is no view.`);
  const { database } = session;
  const own = session.catalog.databaseById(view.databaseId) ?? database;
  const find = (name: Parameters<Session['findTable']>[0]) =>
    session.findTable(name.database === '' ? { ...name, database: own.name } : name);
  const { context, reader } = storedContext(session, find);
  const inDatabase = { ...context, database: own.name, databaseCollation: own.collation };
  const { text } = translator.translateView(statement, inDatabase);
  return { text, lookups: reader.lookups, statement };
}
