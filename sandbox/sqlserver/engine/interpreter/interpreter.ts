import { SqlError, type ResultSink } from '../api.js';
import type { Statement, TryStatement, WhileStatement } from '../../tsql/ast.js';
import { runSchemaStatement } from '../ddl/schemaStatements.js';
import { runSecurityStatement } from '../rights/securityStatements.js';
import { AttentionError, type FailedCommand } from '../session/postgresErrors.js';
import type { Session } from '../session/session.js';
import { commandName, runDataStatement } from './dataStatements.js';
import { isTrue } from './expressions.js';
import { CatchableError } from './failures.js';
import { failStatement, isUnwinding, type Raised } from './failStatement.js';
import { runSimpleStatement } from './simpleStatements.js';

/** How a statement ended: with the next one, out of a loop, at a loop's next round, or out of the scope. */
export type Flow = 'next' | 'break' | 'continue' | 'return';

/** Runs statements in order. Errors have their effects as ./failStatement.ts says. */
export async function runStatements(
  session: Session,
  statements: readonly Statement[],
  sink: ResultSink,
): Promise<Flow> {
  for (const statement of statements) {
    const flow = await runStatement(session, statement, sink);
    if (flow !== 'next') return flow;
  }
  return 'next';
}

async function runStatement(session: Session, statement: Statement, sink: ResultSink): Promise<Flow> {
  if (session.attention?.aborted === true) throw new AttentionError();
  if (session.settings.formatOnly && (await describeOnly(session, statement, sink))) return 'next';
  switch (statement.kind) {
    case 'block':
      return runStatements(session, statement.statements, sink);
    case 'if': {
      const holds = await test(session, statement.condition, statement.span.line, sink);
      if (holds === undefined) return 'next';
      if (holds) return runStatement(session, statement.then, sink);
      return statement.otherwise === undefined ? 'next' : runStatement(session, statement.otherwise, sink);
    }
    case 'while':
      return runWhile(session, statement, sink);
    case 'break':
    case 'continue':
      return statement.kind;
    case 'try':
      return runTry(session, statement, sink);
    default:
      return runLeaf(session, statement, sink);
  }
}

/**
 * Under SET FMTONLY ON nothing is run: all branches are gone through, and what would return rows returns their columns.
 * False for what works as ever.
 */
async function describeOnly(session: Session, statement: Statement, sink: ResultSink): Promise<boolean> {
  switch (statement.kind) {
    case 'setSwitch':
    case 'use':
    case 'declare':
    case 'declareTable':
    case 'selectStatement':
    case 'insert':
    case 'update':
    case 'delete':
    case 'merge':
    case 'block':
    case 'executeProcedure':
    case 'executeText':
      return false;
    case 'if':
      await runStatement(session, statement.then, sink);
      if (statement.otherwise !== undefined) await runStatement(session, statement.otherwise, sink);
      return true;
    case 'while':
      await runStatement(session, statement.body, sink);
      return true;
    case 'try':
      await runStatements(session, statement.statements, sink);
      return true;
    default:
      return true;
  }
}

/** Value of a condition; undefined when it failed and the batch goes on. */
async function test(
  session: Session,
  condition: WhileStatement['condition'],
  line: number,
  sink: ResultSink,
): Promise<boolean | undefined> {
  try {
    const result = await isTrue(session, condition);
    session.lastError = 0;
    session.rowCount = 0n;
    return result;
  } catch (error) {
    await failStatement(session, error, line, 'SELECT', sink);
    return undefined;
  }
}

async function runWhile(session: Session, statement: WhileStatement, sink: ResultSink): Promise<Flow> {
  while ((await test(session, statement.condition, statement.span.line, sink)) === true) {
    const flow = await runStatement(session, statement.body, sink);
    if (flow === 'break') break;
    if (flow === 'return') return flow;
  }
  return 'next';
}

async function runTry(session: Session, statement: TryStatement, sink: ResultSink): Promise<Flow> {
  const frame = session.currentFrame;
  frame.tryDepth += 1;
  let caught: SqlError;
  try {
    return await runStatements(session, statement.statements, sink);
  } catch (failure) {
    if (!(failure instanceof CatchableError) || failure.notCaughtIn === frame) throw failure;
    caught = failure.error;
  } finally {
    frame.tryDepth -= 1;
  }
  frame.caught.push(caught);
  try {
    return await runStatements(session, statement.catchStatements, sink);
  } finally {
    frame.caught.pop();
  }
}

type LeafStatement = Exclude<Statement, { kind: 'block' | 'if' | 'while' | 'break' | 'continue' | 'try' }>;

async function runLeaf(session: Session, statement: LeafStatement, sink: ResultSink): Promise<Flow> {
  session.statementKind = statement.kind;
  try {
    const flow = await execute(session, statement, sink);
    if (statement.kind !== 'raiserror') session.lastError = 0;
    return flow;
  } catch (error) {
    if (isUnwinding(error)) throw error;
    await failStatement(session, error, statement.span.line, failedCommand(statement), sink, raisedBy(statement));
    return 'next';
  }
}

function raisedBy(statement: LeafStatement): Raised {
  return statement.kind === 'throw' || statement.kind === 'raiserror' ? statement.kind : 'statement';
}

function failedCommand(statement: LeafStatement): FailedCommand {
  switch (statement.kind) {
    case 'selectStatement':
    case 'insert':
    case 'update':
    case 'delete':
    case 'merge':
      return commandName(statement);
    case 'alterTable':
      return 'ALTER TABLE';
    case 'createTable':
      return 'CREATE TABLE';
    case 'createIndex':
      return 'CREATE INDEX';
    default:
      return 'OTHER';
  }
}

async function execute(session: Session, statement: LeafStatement, sink: ResultSink): Promise<Flow> {
  switch (statement.kind) {
    case 'selectStatement':
    case 'insert':
    case 'update':
    case 'delete':
    case 'merge':
      await runDataStatement(session, statement, sink);
      return 'next';
    case 'insertBulk':
      throw new SqlError(156, "Incorrect syntax near the keyword 'BULK'.", { class: 15 });
    case 'truncateTable':
    case 'createTable':
    case 'alterTable':
    case 'drop':
    case 'createIndex':
    case 'dropIndex':
    case 'createSchema':
    case 'view':
    case 'trigger':
    case 'switchTrigger':
    case 'updateStatistics':
      await runSchemaStatement(session, statement, sink);
      return 'next';
    case 'createDatabase':
    case 'alterDatabase':
    case 'login':
    case 'user':
    case 'createRole':
    case 'alterRole':
    case 'permission':
      await runSecurityStatement(session, statement, sink);
      return 'next';
    default:
      return runSimpleStatement(session, statement, sink);
  }
}
