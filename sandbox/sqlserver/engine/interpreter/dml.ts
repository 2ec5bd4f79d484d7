import type { ResultSink } from '../api.js';
import { decodeRows, resultFormats } from '../../postgres/values.js';
import type { Session } from '../session/session.js';
import type { DmlExecution, DmlStatement, IdentityEffect } from '../translate/result.js';
import { assignFromRows } from './assignVariables.js';
import { statementDone, streamRows } from './dataStatements.js';
import { bindParameters } from './parameters.js';
import { fireTriggers } from './triggers.js';

type ImageExecution = Extract<DmlExecution, { mode: 'images' }>;

/** Runs an INSERT, UPDATE, DELETE or MERGE: OUTPUT, identity values and triggers included. */
export async function runDml(session: Session, statement: DmlStatement, sink: ResultSink): Promise<void> {
  const { execution } = statement;
  switch (execution.mode) {
    case 'plain':
    case 'outputInto': {
      const { rowCount } = await session.connection.query({
        text: statement.text,
        ...bindParameters(session, statement.parameters),
        resultFormats: [],
        keep: true,
      });
      await rememberGenerated(session, statement.identity, rowCount);
      return statementDone(session, sink, BigInt(rowCount), statement.command);
    }
    case 'rows': {
      const count = await streamRows(session, statement.text, statement.parameters, execution.columns, sink);
      await rememberGenerated(session, statement.identity, Number(count));
      return statementDone(session, sink, count, statement.command);
    }
    case 'assign': {
      const count = await assignFromRows(session, statement, execution.assignments);
      return statementDone(session, sink, BigInt(count), statement.command);
    }
    case 'identityRange': {
      const count = await runExplicitIdentity(session, statement);
      return statementDone(session, sink, count, statement.command);
    }
    case 'images':
      return runWithImages(session, statement, execution, sink);
  }
}

/** SCOPE_IDENTITY() and @@IDENTITY after an INSERT that let the identity column make its values. */
async function rememberGenerated(session: Session, identity: IdentityEffect | undefined, rows: number): Promise<void> {
  if (identity?.values !== 'generated' || rows === 0) return;
  const [row] = await session.connection.rows('select currval($1::regclass)', [identity.sequence]);
  rememberIdentity(session, BigInt(row?.[0] ?? 0));
}

function rememberIdentity(session: Session, value: bigint): void {
  session.currentFrame.scopeIdentity = value;
  session.lastIdentity = value;
}

async function runExplicitIdentity(session: Session, statement: DmlStatement): Promise<bigint> {
  const types = [{ name: 'bigint' }, { name: 'bigint' }, { name: 'bigint' }] as const;
  let range: readonly unknown[] = [0n, null, null];
  await session.connection.query({
    text: statement.text,
    ...bindParameters(session, statement.parameters),
    resultFormats: resultFormats(types),
    onRow: decodeRows(types, (values) => {
      range = values;
    }),
    keep: true,
  });
  const [count, least, greatest] = range as [bigint, bigint | null, bigint | null];
  if (statement.identity !== undefined && least !== null && greatest !== null) {
    await advanceIdentity(session, statement.identity.sequence, least, greatest);
  }
  return count;
}

/** An explicit identity value moves the identity when it lies beyond the last one. */
export async function advanceIdentity(
  session: Session,
  sequence: string,
  least: bigint,
  greatest: bigint,
): Promise<void> {
  const parameters = [sequence, least.toString(), greatest.toString()];
  const text = 'select sandbox.advance_identity($1::regclass, $2::int8, $3::int8)';
  const [row] = await session.connection.rows(text, parameters);
  rememberIdentity(session, BigInt(row?.[0] ?? 0));
}

let imageCounter = 0;

async function runWithImages(
  session: Session,
  statement: DmlStatement,
  execution: ImageExecution,
  sink: ResultSink,
): Promise<void> {
  const relation = `pg_temp."image:${++imageCounter}"`;
  const columns = execution.imageColumns.map((column) => `${column.name} ${column.postgresType}`).join(', ');
  await session.connection.execute(`create temporary table ${relation.slice('pg_temp.'.length)} (${columns})`);
  const { rowCount } = await session.connection.query({
    text: execution.imageText(relation),
    ...bindParameters(session, statement.parameters),
    resultFormats: [],
  });
  await rememberImageIdentity(session, statement.identity, relation, rowCount);
  if (execution.output !== undefined) {
    const { text, parameters, columns: outputColumns } = execution.output;
    if (outputColumns !== undefined) {
      await streamRows(session, text(relation), parameters, outputColumns, sink);
    } else {
      await session.connection.query({
        text: text(relation),
        ...bindParameters(session, parameters),
        resultFormats: [],
      });
    }
  }
  session.rowCount = BigInt(rowCount);
  await fireTriggers(session, statement, relation, sink);
  if (session.transactions.isOpen) await session.connection.execute(`drop table ${relation}`);
  statementDone(session, sink, BigInt(rowCount), statement.command);
}

async function rememberImageIdentity(
  session: Session,
  identity: IdentityEffect | undefined,
  relation: string,
  rows: number,
): Promise<void> {
  if (identity === undefined || rows === 0) return;
  if (identity.values === 'generated') return rememberGenerated(session, identity, rows);
  const column = identity.imageColumn ?? '';
  const [range] = await session.connection.rows(`select min(${column}), max(${column}) from ${relation}`);
  if (range?.[0] == null || range[1] == null) return;
  await advanceIdentity(session, identity.sequence, BigInt(range[0]), BigInt(range[1]));
}
