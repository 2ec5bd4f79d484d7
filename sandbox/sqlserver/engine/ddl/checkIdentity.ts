import { SqlError, type ResultSink } from '../api.js';
import type { TableEntity } from '../catalog/entities.js';
import type { CheckIdentStatement } from '../../tsql/ast.js';
import { evaluate } from '../interpreter/expressions.js';
import type { Session } from '../session/session.js';
import { mayAlter, writtenName } from './tableLookup.js';

/**
 * DBCC CHECKIDENT. On a table that never had a row since it was made or truncated, RESEED n makes n the next value; on
 * any other the next value is n plus the increment (documentation of DBCC CHECKIDENT). The rights: owner, or
 * db_owner, or db_ddladmin.
 */
export async function checkIdentity(session: Session, statement: CheckIdentStatement, sink: ResultSink): Promise<void> {
  const table = session.resolve(statement.table);
  if (table?.kind !== 'table') {
    throw new SqlError(
      2501,
      `Cannot find a table or object with the name "${writtenName(statement.table)}". Check the system catalog.`,
      { state: 45 },
    );
  }
  if (!mayAlter(session, table)) {
    throw new SqlError(
      2557,
      `User '${session.user.name}' does not have permission to run DBCC checkident for object '${table.name}'.`,
      { class: 14, state: 5 },
    );
  }
  const column = table.columns.find((candidate) => candidate.identity !== undefined);
  if (column?.identity === undefined) {
    throw new SqlError(7997, `'${table.name}' does not contain an identity column.`);
  }
  const { sequence } = column.identity;
  const [row] = await session.connection.rows(`select last_value, is_called from ${sequence}`);
  const used = row?.[1] === 't';
  const current = used ? (row[0] ?? 'NULL') : 'NULL';
  if (statement.mode === 'reseed' && statement.value !== undefined) {
    const value = await evaluate(session, statement.value, { name: 'bigint' });
    await setSequence(session, sequence, BigInt(value as bigint), used);
    report(session, statement, sink, `Checking identity information: current identity value '${current}'.`);
    return;
  }
  const greatest = await greatestValue(session, table, column.postgresName);
  if (statement.mode === 'reseed' && greatest !== undefined && BigInt(greatest) > BigInt(used ? (row[0] ?? 0) : 0)) {
    await setSequence(session, sequence, BigInt(greatest), true);
  }
  const columnValue = greatest ?? 'NULL';
  report(
    session,
    statement,
    sink,
    `Checking identity information: current identity value '${current}', current column value '${columnValue}'.`,
  );
}

async function greatestValue(session: Session, table: TableEntity, column: string): Promise<string | undefined> {
  const [row] = await session.connection.rows(`select max(${column}) from ${table.postgresName}`);
  return row?.[0] ?? undefined;
}

async function setSequence(session: Session, sequence: string, value: bigint, isCalled: boolean): Promise<void> {
  const parameters = [sequence, value.toString(), String(isCalled)];
  await session.connection.rows('select setval($1::regclass, $2::int8, $3::boolean)', parameters);
}

function report(session: Session, statement: CheckIdentStatement, sink: ResultSink, message: string): void {
  if (statement.noInfoMessages) return;
  const { line } = statement.span;
  const common = { class: 0, procedure: session.currentFrame.procedure, line };
  sink.message({ number: 7998, state: 1, message, ...common });
  sink.message({
    number: 2528,
    state: 1,
    message: 'DBCC execution completed. If DBCC printed error messages, contact your system administrator.',
    ...common,
  });
}
