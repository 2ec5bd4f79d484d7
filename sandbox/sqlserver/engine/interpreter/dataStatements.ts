import { SqlError, type ColumnMetadata, type ResultSink } from '../api.js';
import type { RowHandler } from '../../postgres/connection.js';
import { moveRows } from '../../postgres/moveRows.js';
import { decodeRows, resultFormats } from '../../postgres/values.js';
import { checkUses } from '../rights/statementRights.js';
import type { Session } from '../session/session.js';
import { uncommittable } from '../session/transactions.js';
import { continueIdentity, createTableForSelectInto } from '../ddl/selectInto.js';
import type {
  AssignStatement,
  SelectIntoStatement,
  SelectStatement,
  TranslatedStatement,
} from '../translate/result.js';
import type { QueryOrModification } from '../translate/translate.js';
import { runDml } from './dml.js';
import { rerunWithMovedKeys } from './movedKeys.js';
import { assignFromRows } from './assignVariables.js';
import { bindParameters } from './parameters.js';
import { translateStatement } from './translation.js';

/** Runs SELECT, INSERT, UPDATE, DELETE or MERGE and reports its rows and row count. */
export async function runDataStatement(session: Session, node: QueryOrModification, sink: ResultSink): Promise<void> {
  const statement = translateStatement(session, node);
  checkUses(session, statement.uses);
  if (session.settings.formatOnly) return describe(statement, sink);
  checkSnapshotAllowed(session, statement);
  if (statement.kind === 'dml' || statement.kind === 'selectInto') {
    if (session.transactions.state === -1) throw uncommittable();
  }
  if (session.settings.implicitTransactions && !session.transactions.isOpen) {
    await session.transactions.begin('', session.settings.isolation, sink);
  }
  session.applyLockTimeout(statement.noWait ? 0 : session.settings.lockTimeout);
  try {
    await inUnit(session, statement, sink);
  } catch (error) {
    await rerunWithMovedKeys(session, statement, error, sink, (held) => run(session, statement, held));
  }
}

/** SET FMTONLY ON: the columns of the result, if there is one, and no rows. */
function describe(statement: TranslatedStatement, sink: ResultSink): void {
  if (statement.kind === 'select') sink.columns(statement.columns);
  else if (statement.kind === 'dml' && statement.execution.mode === 'rows') sink.columns(statement.execution.columns);
  else return;
  sink.statementDone(0n, 'select');
}

async function inUnit(session: Session, statement: TranslatedStatement, sink: ResultSink): Promise<void> {
  const alone = !session.transactions.isOpen && statement.locks.length === 0 && isSinglePostgresStatement(statement);
  const work = () => run(session, statement, sink);
  if (alone) await work();
  else await session.transactions.atomic(session.settings.isolation, work);
}

function isSinglePostgresStatement(statement: TranslatedStatement): boolean {
  switch (statement.kind) {
    case 'select':
    case 'assign':
      return true;
    case 'selectInto':
      return false;
    case 'dml':
      return statement.execution.mode !== 'images' && statement.identity?.values !== 'explicit';
  }
}

async function run(session: Session, statement: TranslatedStatement, sink: ResultSink): Promise<void> {
  for (const lock of statement.locks) {
    await session.connection.execute(`lock table ${lock.table.postgresName} in ${lock.mode} mode`);
  }
  switch (statement.kind) {
    case 'select':
      return runSelect(session, statement, sink);
    case 'assign':
      return runAssign(session, statement, sink);
    case 'selectInto':
      return runSelectInto(session, statement, sink);
    case 'dml':
      return runDml(session, statement, sink);
  }
}

/** Reports the end of a statement, with its row count unless NOCOUNT is ON. */
export function statementDone(
  session: Session,
  sink: ResultSink,
  count: bigint,
  command: Parameters<ResultSink['statementDone']>[1],
): void {
  session.rowCount = count;
  sink.statementDone(session.settings.noCount ? undefined : count, command);
}

async function runSelect(session: Session, statement: SelectStatement, sink: ResultSink): Promise<void> {
  const count = await streamRows(session, statement.text, statement.parameters, statement.columns, sink);
  statementDone(session, sink, count, 'select');
}

/** Sends the rows of a query to the client; gives their number. */
export async function streamRows(
  session: Session,
  text: string,
  parameters: SelectStatement['parameters'],
  columns: readonly ColumnMetadata[],
  sink: ResultSink,
): Promise<bigint> {
  const types = columns.map((column) => column.type);
  let announced = false;
  const announce = () => {
    if (!announced) sink.columns(columns);
    announced = true;
  };
  let handle: RowHandler | undefined;
  const firstRow = (): RowHandler => {
    announce();
    if (sink.rowTarget === undefined) return decodeRows(types, (values) => sink.row(values));
    const target = sink.rowTarget();
    return target === undefined ? () => undefined : moveRows(types, target);
  };
  const { rowCount } = await session.connection.query({
    text,
    ...bindParameters(session, parameters),
    resultFormats: resultFormats(types),
    onRow: (buffer, offset) => (handle ??= firstRow())(buffer, offset),
    keep: true,
  });
  announce();
  return BigInt(rowCount);
}

async function runAssign(session: Session, statement: AssignStatement, sink: ResultSink): Promise<void> {
  const count = await assignFromRows(session, statement, statement.assignments);
  // SELECT @v = ... reports no row count to the client.
  session.rowCount = BigInt(count);
  sink.statementDone(undefined, 'select');
}

async function runSelectInto(session: Session, statement: SelectIntoStatement, sink: ResultSink): Promise<void> {
  const table = await createTableForSelectInto(session, statement);
  const columns = table.columns.map((column) => column.postgresName).join(', ');
  const { rowCount } = await session.connection.query({
    text: `insert into ${table.postgresName} (${columns}) ${statement.text}`,
    ...bindParameters(session, statement.parameters),
    resultFormats: [],
  });
  await continueIdentity(session, table);
  statementDone(session, sink, BigInt(rowCount), 'insert');
}

/** Error 3952: SNAPSHOT reads only databases that allow it. */
function checkSnapshotAllowed(session: Session, statement: TranslatedStatement): void {
  const isolation = session.transactions.isolation ?? session.settings.isolation;
  if (isolation !== 'snapshot') return;
  for (const { table } of statement.uses) {
    if (table.kind !== 'table') continue;
    const database = session.catalog.database(table.database);
    if (database === undefined || database.snapshotIsolation) continue;
    throw new SqlError(
      3952,
      `Snapshot isolation transaction failed accessing database '${database.name}' because snapshot isolation is not allowed in this database. Use ALTER DATABASE to allow snapshot isolation.`,
    );
  }
}

/** The command name that error messages use for a statement. */
export function commandName(node: QueryOrModification): 'INSERT' | 'UPDATE' | 'DELETE' | 'MERGE' | 'SELECT' {
  switch (node.kind) {
    case 'insert':
      return 'INSERT';
    case 'update':
      return 'UPDATE';
    case 'delete':
      return 'DELETE';
    case 'merge':
      return 'MERGE';
    case 'selectStatement':
      return 'SELECT';
  }
}
