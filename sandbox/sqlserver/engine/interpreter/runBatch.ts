import { SqlError, type ResultSink } from '../api.js';
import type { Statement } from '../../tsql/ast.js';
import { resolveDataType } from '../../tsql/dataType.js';
import { Frame } from '../session/frame.js';
import type { Session } from '../session/session.js';
import { isCharacter } from '../translate/types/sqlTypes.js';
import { failStatement } from './failStatement.js';
import { runStatements } from './interpreter.js';
import { translateCondition, translateScalar, translateStatement } from './translation.js';

/**
 * Runs the statements of a batch, or of a text that runs like one. As SQL Server compiles a batch before it runs, a
 * column that a known table does not have fails the whole of it; names of tables are resolved when a statement runs
 * ("Deferred Name Resolution and Compilation").
 */
export async function runBatch(session: Session, statements: readonly Statement[], sink: ResultSink): Promise<void> {
  const error = statements.length > 1 || isCompound(statements[0]) ? unknownColumn(session, statements) : undefined;
  if (error !== undefined) await failStatement(session, error, 1, 'OTHER', sink);
  else await runStatements(session, statements, sink);
}

function isCompound(statement: Statement | undefined): boolean {
  return statement !== undefined && ['block', 'if', 'while', 'try'].includes(statement.kind);
}

/** Unknown and ambiguous columns. Other errors are left to the moment when the statement runs. */
const columnErrors = [207, 209, 4104];

/** The first error of a column in the statements, bound with the variables that they declare. */
function unknownColumn(session: Session, statements: readonly Statement[]): SqlError | undefined {
  const running = session.currentFrame;
  const frame = new Frame(running.id, running.parent, running.procedure, running.trigger, running.isBatch);
  for (const [name, variable] of running.variables) frame.variables.set(name, { ...variable });
  session.frame = frame;
  try {
    bindAll(session, frame, statements);
    return undefined;
  } catch (error) {
    if (error instanceof SqlError) return error;
    throw error;
  } finally {
    session.frame = running;
  }
}

/** False when what follows is bound in another database. */
function bindAll(session: Session, frame: Frame, statements: readonly Statement[]): boolean {
  return statements.every((statement) => bind(session, frame, statement));
}

function bind(session: Session, frame: Frame, statement: Statement): boolean {
  switch (statement.kind) {
    case 'use':
      return false;
    case 'declare':
      declare(session, frame, statement);
      return true;
    case 'setVariable':
      attempt(() => translateScalar(session, statement.value));
      return true;
    case 'block':
      return bindAll(session, frame, statement.statements);
    case 'try':
      return bindAll(session, frame, [...statement.statements, ...statement.catchStatements]);
    case 'while':
      attempt(() => translateCondition(session, statement.condition));
      return bind(session, frame, statement.body);
    case 'if':
      attempt(() => translateCondition(session, statement.condition));
      return bindAll(session, frame, [
        statement.then,
        ...(statement.otherwise === undefined ? [] : [statement.otherwise]),
      ]);
    case 'selectStatement':
    case 'insert':
    case 'update':
    case 'delete':
    case 'merge':
      attempt(() => translateStatement(session, statement));
      return true;
    default:
      return true;
  }
}

function declare(session: Session, frame: Frame, statement: Extract<Statement, { kind: 'declare' }>): void {
  statement.variables.forEach(({ name, type }, index) => {
    attempt(() => {
      const resolved = resolveDataType(type, 'declaration', index + 1);
      const collation = session.database.collation;
      frame.declare(name, isCharacter(resolved) ? { ...resolved, collation } : resolved, null);
    });
  });
}

function attempt(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof SqlError) || columnErrors.includes(error.number)) throw error;
  }
}
