import { SqlError, type BulkLoadRequest, type ResultSink, type SqlValue } from '../api.js';
import { catalogTable } from '../catalog/catalogReader.js';
import type { ColumnEntity, TableEntity } from '../catalog/entities.js';
import { resultFormats, decodeRows } from '../../postgres/values.js';
import type { InsertBulkStatement } from '../../tsql/ast.js';
import { requireAlter, writtenName } from '../ddl/tableLookup.js';
import { statementDone } from '../interpreter/dataStatements.js';
import { advanceIdentity } from '../interpreter/dml.js';
import { failStatement } from '../interpreter/failStatement.js';
import { checkUses } from '../rights/statementRights.js';
import { AttentionError } from '../session/postgresErrors.js';
import type { Session } from '../session/session.js';
import { uncommittable } from '../session/transactions.js';
import { planColumns, type BulkPlan } from './bulkPlan.js';
import { loadByCopy } from './copyRows.js';
import { loadThroughStaging } from './stagedLoad.js';

/** Runs a bulk load: INSERT BULK and the rows that follow it. */
export async function runBulkLoad(session: Session, request: BulkLoadRequest, sink: ResultSink): Promise<void> {
  try {
    await load(session, request, sink);
  } catch (error) {
    // However a load that the client took back came to its end: it is that of a cancelled request.
    const cause = session.attention?.aborted === true ? new AttentionError() : error;
    await failStatement(session, cause, 1, 'BULK INSERT', sink);
  }
}

async function load(session: Session, request: BulkLoadRequest, sink: ResultSink): Promise<void> {
  const statement = parseStatement(session, request.statement);
  session.statementKind = statement.kind;
  const table = tableOf(session, statement);
  checkRights(session, table, statement);
  if (session.transactions.state === -1) throw uncommittable();
  if (session.settings.implicitTransactions && !session.transactions.isOpen) {
    await session.transactions.begin('', session.settings.isolation, sink);
  }
  session.applyLockTimeout();
  const count = await session.transactions.atomic(session.settings.isolation, async () => {
    const replacements = await defaultValues(session, table, statement);
    const plan = planColumns(
      session,
      table,
      statement,
      request.columns,
      (column) => replacements.get(column.id) ?? null,
    );
    const work = () => writeRows(session, plan, request, sink);
    return statement.checkConstraints ? work() : unchecked(session, table, work);
  });
  statementDone(session, sink, BigInt(count), 'insert');
}

function parseStatement(session: Session, text: string): InsertBulkStatement {
  const [statement] = session.core.parses.parse(text, session.settings.quotedIdentifier).statements;
  if (statement?.kind !== 'insertBulk') throw new SqlError(102, 'Incorrect syntax near INSERT BULK.', { class: 15 });
  return statement;
}

function tableOf(session: Session, statement: InsertBulkStatement): TableEntity {
  const found = session.resolve(statement.table);
  if (found?.kind === 'table') return found;
  throw new SqlError(208, `Invalid object name '${writtenName(statement.table)}'.`);
}

/** INSERT; and ALTER where the load leaves constraints or triggers out or keeps identity values (bcp utility). */
function checkRights(session: Session, table: TableEntity, statement: InsertBulkStatement): void {
  const { database, schema } = session.namesOf(table);
  checkUses(session, [{ table: catalogTable(table, database, schema), permission: 'INSERT', columns: new Set() }]);
  const constrained = table.foreignKeys.some((key) => !key.disabled) || table.checks.some((check) => !check.disabled);
  const skipsTriggers = table.triggers.some((trigger) => !trigger.disabled) && !statement.fireTriggers;
  if ((constrained && !statement.checkConstraints) || skipsTriggers || statement.keepIdentity)
    requireAlter(session, table);
}

/** Values of the DEFAULTs that stand in for NULLs. NEWID() gives another value for each row: see needsStaging. */
async function defaultValues(
  session: Session,
  table: TableEntity,
  statement: InsertBulkStatement,
): Promise<ReadonlyMap<number, SqlValue>> {
  const values = new Map<number, SqlValue>();
  if (statement.keepNulls) return values;
  for (const column of table.columns) {
    if (column.default === undefined || isVolatile(column)) continue;
    const types = [column.type];
    await session.connection.query({
      text: `select ${column.default.postgresExpression}`,
      parameterTypes: [],
      parameters: [],
      resultFormats: resultFormats(types),
      onRow: decodeRows(types, (row) => {
        values.set(column.id, row[0] ?? null);
      }),
    });
  }
  return values;
}

function isVolatile(column: ColumnEntity): boolean {
  return /new(sequential)?id/i.test(column.default?.definition ?? '');
}

async function writeRows(
  session: Session,
  plan: BulkPlan,
  request: BulkLoadRequest,
  sink: ResultSink,
): Promise<number> {
  const { statement, table } = plan;
  const fires =
    statement.fireTriggers && table.triggers.some((trigger) => !trigger.disabled && trigger.events.includes('insert'));
  const volatileDefaults = !statement.keepNulls && plan.columns.some(({ column }) => isVolatile(column));
  const staged = plan.converts || fires || volatileDefaults;
  const result = staged
    ? await loadThroughStaging(session, plan, request, fires, sink)
    : await loadByCopy(session, table.postgresName, plan.columns, plan.keptIdentity, request, true);
  const sequence = plan.columns[plan.keptIdentity ?? -1]?.column.identity?.sequence;
  if (sequence !== undefined && result.least !== undefined && result.greatest !== undefined) {
    await advanceIdentity(session, sequence, result.least, result.greatest);
  }
  return result.count;
}

/** Runs work with the table's CHECK and FOREIGN KEY constraints ignored, which are not trusted from then on. */
async function unchecked(session: Session, table: TableEntity, work: () => Promise<number>): Promise<number> {
  const { connection } = session;
  const enabled = [...table.foreignKeys, ...table.checks].filter((constraint) => !constraint.disabled);
  if (enabled.length === 0) return work();
  await connection.execute("set local session_replication_role = replica; set local sandbox.skip_checks = 'on'");
  const count = await work();
  await connection.execute("set local session_replication_role = origin; set local sandbox.skip_checks = 'off'");
  if (count > 0 && enabled.some((constraint) => !constraint.notTrusted)) {
    const current = session.tableById(table.databaseId, table.objectId) ?? table;
    await session.catalog.put({
      ...current,
      foreignKeys: current.foreignKeys.map((key) => ({ ...key, notTrusted: true })),
      checks: current.checks.map((check) => ({ ...check, notTrusted: true })),
    });
  }
  return count;
}
