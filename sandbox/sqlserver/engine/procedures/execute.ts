import { SqlError, type Parameter, type ResultSink, type SqlType, type SqlValue } from '../api.js';
import type { ExecuteProcedureStatement, ExecuteTextStatement, ProcedureArgument, Expression } from '../../tsql/ast.js';
import { evaluate, evaluateTyped } from '../interpreter/expressions.js';
import type { Session } from '../session/session.js';
import { undeclaredVariable } from '../translate/errors.js';
import { callProcedure } from './procedures.js';
import { runText } from './runText.js';
import type { ProcedureCall } from './procedureCall.js';

/** EXECUTE procedure, EXECUTE @procedure. */
export async function executeProcedure(
  session: Session,
  statement: ExecuteProcedureStatement,
  sink: ResultSink,
): Promise<void> {
  const { procedure } = statement;
  const name = 'object' in procedure ? procedureName(procedure) : await nameInVariable(session, procedure.name);
  const call: ProcedureCall = { name, line: statement.span.line, arguments: [] };
  const parameters: Parameter[] = [];
  for (const argument of statement.arguments) parameters.push(await argumentValue(session, argument));
  const result = await callProcedure(session, { ...call, arguments: parameters }, sink);
  statement.arguments.forEach((argument, index) => {
    if (!argument.output || argument.value.kind !== 'variable') return;
    const state = session.currentFrame.variable(argument.value.name);
    const value = result.outputs.get(index);
    if (state !== undefined && value !== undefined) state.value = value;
  });
  if (statement.returnVariable !== undefined) {
    const state = session.currentFrame.variable(statement.returnVariable);
    if (state === undefined) throw undeclaredVariable(statement.returnVariable, statement.span);
    state.value = state.type.name === 'bigint' ? BigInt(result.status) : result.status;
  }
}

function procedureName(name: { database: string; schema: string; object: string }): string {
  return [name.database, name.schema, name.object].filter((part) => part !== '').join('.');
}

async function nameInVariable(session: Session, variable: string): Promise<string> {
  const state = session.currentFrame.variable(variable);
  if (state === undefined) throw undeclaredVariable(variable);
  return Promise.resolve(String((state.value ?? '') as string));
}

async function argumentValue(session: Session, argument: ProcedureArgument): Promise<Parameter> {
  const { name, value, output } = argument;
  if (value.kind === 'default') throw new SqlError(179, 'Cannot use the DEFAULT option here.', { class: 15 });
  if (value.kind === 'variable') {
    const state = session.currentFrame.variable(value.name);
    if (state === undefined) throw undeclaredVariable(value.name, value.span);
    return { name, type: state.type, value: state.value, output };
  }
  const evaluated: { type: SqlType; value: SqlValue } = await evaluateTyped(session, value as Expression);
  return { name, ...evaluated, output };
}

/** EXECUTE ('text'): a scope of its own. */
export async function executeText(session: Session, statement: ExecuteTextStatement, sink: ResultSink): Promise<void> {
  const text = await evaluate(session, statement.text, { name: 'nvarchar', length: 'max' });
  await runText(session, String((text ?? '') as string), [], sink);
}
