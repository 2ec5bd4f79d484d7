import { SqlError, type ResultSink } from '../api.js';
import type { TableEntity, TriggerEntity } from '../catalog/entities.js';
import { Frame } from '../session/frame.js';
import type { Session } from '../session/session.js';
import type { CatalogTable } from '../catalog/model.js';
import { rowImages } from '../translate/dml/images.js';
import type { DmlStatement } from '../translate/result.js';
import { runStatements } from './interpreter.js';
import { endScope } from './scopes.js';
import { pseudoTables } from './translation.js';

const deepestNesting = 32;

/** What of a statement its triggers depend on. */
export type FiringStatement = Pick<DmlStatement, 'target' | 'command' | 'triggerEvents' | 'touchedColumns'>;

/**
 * Fires the AFTER triggers of a statement, once for the statement, also when it affected no row (CREATE TRIGGER in the
 * documentation). `relation` holds the statement's images of rows.
 */
export async function fireTriggers(
  session: Session,
  statement: FiringStatement,
  relation: string,
  sink: ResultSink,
): Promise<void> {
  const table = session.resolve({
    database: statement.target.database,
    schema: statement.target.schema,
    object: statement.target.name,
  });
  if (table?.kind !== 'table') return;
  for (const event of statement.triggerEvents) {
    for (const trigger of table.triggers) {
      if (trigger.disabled || !trigger.events.includes(event)) continue;
      if (isRunning(session, trigger.objectId)) continue;
      await fire(session, table, trigger, event, statement, relation, sink);
    }
  }
}

let imageCounter = 0;

/** Runs an INSERT given as PostgreSQL text and fires the triggers of its table for the new rows. */
export async function fireInsertTriggers(
  session: Session,
  target: CatalogTable,
  insert: string,
  sink: ResultSink,
): Promise<void> {
  const { connection } = session;
  const relation = `"inserted:${++imageCounter}"`;
  const images = rowImages(target, 'insert');
  const columns = images.columns.map(({ name, postgresType }) => `${name} ${postgresType}`).join(', ');
  await connection.execute(`create temporary table ${relation} (${columns})`);
  await connection.execute(
    `with changed as (${insert} returning ${images.returning.join(', ')}) insert into pg_temp.${relation} select * from changed`,
  );
  const touchedColumns = target.columns.map((column) => column.name);
  const fired = { target, command: 'insert', triggerEvents: ['insert'], touchedColumns } as const;
  await fireTriggers(session, fired, `pg_temp.${relation}`, sink);
  if (session.transactions.isOpen) await connection.execute(`drop table pg_temp.${relation}`);
}

/** RECURSIVE_TRIGGERS is OFF: a trigger's own changes of its table do not fire it again directly. */
function isRunning(session: Session, triggerId: number): boolean {
  return session.frame?.trigger?.triggerId === triggerId;
}

async function fire(
  session: Session,
  table: TableEntity,
  trigger: TriggerEntity,
  event: 'insert' | 'update' | 'delete',
  statement: FiringStatement,
  relation: string,
  sink: ResultSink,
): Promise<void> {
  const outer = session.currentFrame;
  if (outer.nestLevel + 1 > deepestNesting) {
    throw new SqlError(
      217,
      `Maximum stored procedure, function, trigger, or view nesting level exceeded (limit ${deepestNesting}).`,
    );
  }
  const { inserted, deleted } = pseudoTables(statement, relation, event);
  const frame = new Frame(session.nextScope(), outer, trigger.name, {
    triggerId: trigger.objectId,
    table,
    inserted,
    deleted,
    updatedColumns: statement.touchedColumns,
  });
  const { settings, database } = session;
  const count = session.transactions.count;
  session.frame = frame;
  // Triggers run as if XACT_ABORT were ON (documentation of SET XACT_ABORT), in the table's database.
  session.settings = { ...settings, xactAbort: true };
  session.database = session.catalog.databaseById(table.databaseId) ?? database;
  try {
    await runStatements(session, triggerBody(session, trigger), sink);
  } finally {
    session.settings = settings;
    session.database = database;
    session.frame = outer;
    await endScope(session, frame);
  }
  if (session.transactions.count < count) {
    throw new SqlError(3609, 'The transaction ended in the trigger. The batch has been aborted.');
  }
}

function triggerBody(session: Session, trigger: TriggerEntity) {
  const { statements } = session.core.parses.parse(trigger.definition, true);
  const [statement] = statements;
  if (statement?.kind !== 'trigger') throw new Error(`The definition of trigger ${trigger.name} is no trigger.`);
  return statement.body;
}
