import { SqlError, type EngineSession, type Parameter, type ResultSink, type SqlType } from '../engine/api.js';
import type { OutputParameters } from './outputParameters.js';
import { parseParameterDeclarations, type DeclaredParameter } from './parameterDeclarations.js';
import { convertParameter } from './parameterConversion.js';
import type { RpcCall } from './rpc.js';

/** The procedures of an RPC request that run a text: sp_executesql and prepared statements. */

interface PreparedStatement {
  readonly text: string;
  readonly declared: readonly DeclaredParameter[];
  readonly declarations: string;
}

/** Where a procedure's own results go besides the statement's. */
export interface CallContext {
  readonly session: EngineSession;
  readonly outputs: OutputParameters;
  readonly sink: ResultSink;
  readonly attention: AbortSignal;
}

const intType: SqlType = { name: 'int' };

const unicodeTypes: readonly SqlType['name'][] = ['nchar', 'nvarchar', 'ntext'];

function textArgument(call: RpcCall, index: number, name: '@statement' | '@params' | '@stmt'): string {
  const argument = call.parameters[index];
  if (argument === undefined) throw missingArgument(call.procedure);
  if (argument.value === null || argument.isDefault) return '';
  if (!unicodeTypes.includes(argument.type.name)) {
    const text = `Procedure expects parameter '${name}' of type 'ntext/nchar/nvarchar'.`;
    throw new SqlError(214, text, { procedure: call.procedure, state: 2 });
  }
  return argument.value as string;
}

function missingArgument(procedure: string): SqlError {
  const text = `Procedure or function ${procedure} has too few arguments specified.`;
  return new SqlError(313, text, { procedure });
}

function handleArgument(call: RpcCall): number {
  const value = call.parameters[0]?.value;
  if (typeof value !== 'number') throw missingArgument(call.procedure);
  return value;
}

function unknownHandle(handle: number): SqlError {
  return new SqlError(8179, `Could not find prepared statement with handle ${handle}.`);
}

/**
 * Pairs the values of a call, which are its parameters from `first` on, with the declared ones: by name where named,
 * else by position.
 */
function bind(statement: PreparedStatement, call: RpcCall, first: number, outputs: OutputParameters): Parameter[] {
  const values = call.parameters.slice(first);
  if (values.length > statement.declared.length) {
    throw new SqlError(8144, 'Procedure or function  has too many arguments specified.', { state: 2 });
  }
  const byName = new Map(values.filter(({ name }) => name !== '').map((value) => [value.name.toLowerCase(), value]));
  const parameters = statement.declared.map((declared, index): Parameter => {
    const atPosition = values[index];
    const byPosition = atPosition?.name === '';
    const given = byPosition ? atPosition : byName.get(declared.name.toLowerCase());
    if (byPosition) outputs.rename(first + index, declared.name);
    byName.delete(declared.name.toLowerCase());
    if (given === undefined || given.isDefault) {
      const query = `(${statement.declarations})${statement.text}`;
      const text = `The parameterized query '${query.slice(0, 200)}' expects the parameter '${declared.name}', which was not supplied.`;
      throw new SqlError(8178, text);
    }
    const value = convertParameter(declared.name, given.value, given.type, declared.type);
    return { name: declared.name, type: declared.type, value, output: declared.output && given.output };
  });
  for (const [, stray] of byName) {
    throw new SqlError(8145, `${stray.name} is not a parameter for procedure .`);
  }
  return parameters;
}

function statementOf(declarations: string, text: string): PreparedStatement {
  return { text, declarations, declared: parseParameterDeclarations(declarations) };
}

/** Executes the procedures that run texts; keeps the session's prepared statements. */
export class StatementProcedures {
  private readonly prepared = new Map<number, PreparedStatement>();
  private lastHandle = 0;

  /** Undefined if the procedure is none of them. */
  find(procedure: string): ((call: RpcCall, context: CallContext) => Promise<void>) | undefined {
    switch (procedure.toLowerCase().replace(/^(\[?sys\]?\.)/, '')) {
      case 'sp_executesql':
        return (call, context) => this.executeSql(call, context);
      case 'sp_prepare':
        return (call, context) => this.prepare(call, context);
      case 'sp_execute':
        return (call, context) => this.execute(call, context);
      case 'sp_prepexec':
        return (call, context) => this.prepareAndExecute(call, context);
      case 'sp_unprepare':
        return (call) => this.unprepare(call);
      default:
        return undefined;
    }
  }

  /** The session was reset: its handles are gone. */
  clear(): void {
    this.prepared.clear();
  }

  private async executeSql(call: RpcCall, context: CallContext): Promise<void> {
    const declarations = call.parameters.length > 1 ? textArgument(call, 1, '@params') : '';
    const statement = statementOf(declarations, textArgument(call, 0, '@statement'));
    await this.run(statement, call, 2, context);
  }

  private async prepare(call: RpcCall, { session, sink }: CallContext): Promise<void> {
    const statement = statementOf(textArgument(call, 1, '@params'), textArgument(call, 2, '@stmt'));
    try {
      await session.prepare(statement.text, statement.declared);
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      sink.message(error.toMessage());
      throw new SqlError(8180, 'Statement(s) could not be prepared.');
    }
    sink.returnValue(call.parameters[0]?.name ?? '', intType, this.keep(statement));
  }

  private async execute(call: RpcCall, context: CallContext): Promise<void> {
    const handle = handleArgument(call);
    const statement = this.prepared.get(handle);
    if (statement === undefined) throw unknownHandle(handle);
    await this.run(statement, call, 1, context);
  }

  private async prepareAndExecute(call: RpcCall, context: CallContext): Promise<void> {
    const statement = statementOf(textArgument(call, 1, '@params'), textArgument(call, 2, '@stmt'));
    const parameters = bind(statement, call, 3, context.outputs);
    context.sink.returnValue(call.parameters[0]?.name ?? '', intType, this.keep(statement));
    await context.session.executeSql(statement.text, parameters, context.sink, context.attention);
  }

  private async unprepare(call: RpcCall): Promise<void> {
    const handle = handleArgument(call);
    if (!this.prepared.delete(handle)) throw unknownHandle(handle);
    return Promise.resolve();
  }

  private async run(
    statement: PreparedStatement,
    call: RpcCall,
    first: number,
    { session, outputs, sink, attention }: CallContext,
  ): Promise<void> {
    await session.executeSql(statement.text, bind(statement, call, first, outputs), sink, attention);
  }

  private keep(statement: PreparedStatement): number {
    const handle = ++this.lastHandle;
    this.prepared.set(handle, statement);
    return handle;
  }
}
