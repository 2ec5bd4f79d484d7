import type { ResultSink } from '../api.js';
import type { SchemaStatement, TruncateTableStatement } from '../../tsql/ast.js';
import type { Session } from '../session/session.js';
import { uncommittable } from '../session/transactions.js';
import { alterTable, switchTriggers } from './alterTable.js';
import { createTable } from './createTable.js';
import { dropObjects } from './drop.js';
import { createIndexStatement, dropIndexes } from './indexes.js';
import { createSchema } from './schemas.js';
import { defineTrigger, defineView } from './modules.js';
import { truncateTable } from './truncateTable.js';
import { updateStatistics } from './updateStatistics.js';

/** Runs a statement of data definition, all of it or nothing. */
export async function runSchemaStatement(
  session: Session,
  statement: SchemaStatement | TruncateTableStatement,
  sink: ResultSink,
): Promise<void> {
  if (session.transactions.state === -1) throw uncommittable();
  if (session.settings.implicitTransactions && !session.transactions.isOpen) {
    await session.transactions.begin('', session.settings.isolation, sink);
  }
  session.applyLockTimeout();
  await session.transactions.atomic(session.settings.isolation, () => run(session, statement));
  session.rowCount = 0n;
  sink.statementDone(undefined, 'other');
}

async function run(session: Session, statement: SchemaStatement | TruncateTableStatement): Promise<void> {
  switch (statement.kind) {
    case 'createTable':
      return createTable(session, statement);
    case 'alterTable':
      return alterTable(session, statement);
    case 'drop':
      return dropObjects(session, statement);
    case 'createIndex':
      return createIndexStatement(session, statement);
    case 'dropIndex':
      return dropIndexes(session, statement);
    case 'createSchema':
      return createSchema(session, statement);
    case 'view':
      return defineView(session, statement);
    case 'trigger':
      return defineTrigger(session, statement);
    case 'switchTrigger':
      return switchTriggers(session, statement);
    case 'updateStatistics':
      return updateStatistics(session, statement.table);
    case 'truncateTable':
      return truncateTable(session, statement.table);
  }
}
