import { SqlError, type ResultSink, type SqlType, type SqlValue } from '../api.js';
import type {
  BinaryExpression,
  ControlStatement,
  DeclareStatement,
  RaiserrorStatement,
  SetVariableStatement,
  ThrowStatement,
  TransactionName,
  WaitforStatement,
} from '../../tsql/ast.js';
import { resolveDataType } from '../../tsql/dataType.js';
import { checkIdentity } from '../ddl/checkIdentity.js';
import { declareTableVariable } from '../ddl/temporaryTables.js';
import { executeProcedure, executeText } from '../procedures/execute.js';
import { AttentionError } from '../session/postgresErrors.js';
import type { Session } from '../session/session.js';
import { undeclaredVariable } from '../translate/errors.js';
import { evaluate, evaluateTyped } from './expressions.js';
import type { Flow } from './interpreter.js';
import { formatMessage } from './raiserror.js';
import { setIdentityInsert, setIsolationLevel, setSwitch, setValue } from './setOptions.js';

type SimpleStatement = Exclude<ControlStatement, { kind: 'block' | 'if' | 'while' | 'break' | 'continue' | 'try' }>;

/** Variables, messages, transactions, settings, EXECUTE. */
export async function runSimpleStatement(
  session: Session,
  statement: SimpleStatement,
  sink: ResultSink,
): Promise<Flow> {
  switch (statement.kind) {
    case 'declare':
      await declare(session, statement);
      return 'next';
    case 'declareTable':
      await declareTableVariable(session, statement);
      return 'next';
    case 'setVariable':
      await setVariable(session, statement);
      return 'next';
    case 'throw':
      return throwError(session, statement);
    case 'raiserror':
      await raiserror(session, statement, sink);
      return 'next';
    case 'print':
      print(
        await evaluate(session, statement.expression, { name: 'nvarchar', length: 4000 }),
        statement.span.line,
        session,
        sink,
      );
      return 'next';
    case 'return':
      if (statement.value !== undefined) {
        session.currentFrame.returnStatus = Number((await evaluate(session, statement.value, { name: 'int' })) ?? 0);
      }
      return 'return';
    case 'waitfor':
      await waitFor(session, statement);
      return 'next';
    case 'executeProcedure':
      await executeProcedure(session, statement, sink);
      return 'next';
    case 'executeText':
      await executeText(session, statement, sink);
      return 'next';
    case 'beginTransaction':
      session.rowCount = 0n;
      await session.transactions.begin(transactionName(session, statement.name), session.settings.isolation, sink);
      return 'next';
    case 'commit':
      session.rowCount = 0n;
      await session.transactions.commit(sink);
      return 'next';
    case 'rollback':
      session.rowCount = 0n;
      await session.transactions.rollback(transactionName(session, statement.name), sink);
      return 'next';
    case 'saveTransaction':
      await session.transactions.save(transactionName(session, statement.name));
      return 'next';
    case 'setSwitch':
      session.rowCount = 0n;
      setSwitch(session, statement);
      return 'next';
    case 'setValue':
      session.rowCount = 0n;
      await setValue(session, statement);
      return 'next';
    case 'setIdentityInsert':
      setIdentityInsert(session, statement);
      return 'next';
    case 'setIsolationLevel':
      await setIsolationLevel(session, statement.level);
      return 'next';
    case 'use':
      session.rowCount = 0n;
      await session.useDatabase(statement.database, sink);
      return 'next';
    case 'checkIdent':
      await checkIdentity(session, statement, sink);
      return 'next';
  }
}

async function declare(session: Session, statement: DeclareStatement): Promise<void> {
  const frame = session.currentFrame;
  let ordinal = 0;
  for (const { name, type, value, span } of statement.variables) {
    ordinal += 1;
    const resolved = withCollation(session, resolveDataType(type, 'declaration', ordinal));
    if (frame.variable(name)?.declaredAt !== undefined && frame.variable(name)?.declaredAt !== span) {
      throw new SqlError(
        134,
        `The variable name '${name}' has already been declared. Variable names must be unique within a query batch or stored procedure.`,
        { class: 15, state: 2, line: span.line },
      );
    }
    // DECLARE in a loop does not reset a variable that has no initial value.
    if (frame.variable(name) !== undefined && value === undefined) continue;
    const initial = value === undefined ? null : await evaluate(session, value, resolved);
    frame.declare(name, resolved, initial, span);
  }
}

function withCollation(session: Session, type: SqlType): SqlType {
  const character = /char|text/.test(type.name);
  return character ? { ...type, collation: session.database.collation } : type;
}

async function setVariable(session: Session, statement: SetVariableStatement): Promise<void> {
  const state = session.currentFrame.variable(statement.variable);
  if (state === undefined) throw undeclaredVariable(statement.variable, statement.span);
  const value = statement.operator === '=' ? statement.value : compound(statement);
  state.value = await evaluate(session, value, state.type);
  session.rowCount = 1n;
}

const compounds = new WeakMap<SetVariableStatement, BinaryExpression>();

/** @v += e is @v = @v + e. */
function compound(statement: SetVariableStatement): BinaryExpression {
  const known = compounds.get(statement);
  if (known !== undefined) return known;
  const { span, variable, value } = statement;
  const made: BinaryExpression = {
    kind: 'binaryOperation',
    operator: statement.operator.slice(0, 1) as BinaryExpression['operator'],
    left: { kind: 'variable', name: variable, span },
    right: value,
    span,
  };
  compounds.set(statement, made);
  return made;
}

async function throwError(session: Session, statement: ThrowStatement): Promise<never> {
  if (statement.error === undefined) {
    const current = session.currentFrame.caught.at(-1) ?? session.currentFrame.currentError;
    if (current === undefined) {
      throw new SqlError(10704, 'To rethrow an error, a THROW statement must be used inside a CATCH block.', {
        class: 15,
      });
    }
    throw current;
  }
  const number = Number(await evaluate(session, statement.error.number, { name: 'int' }));
  const message = await evaluate(session, statement.error.message, { name: 'nvarchar', length: 2048 });
  const state = Number(await evaluate(session, statement.error.state, { name: 'tinyint' }));
  if (number < 50_000) {
    throw new SqlError(
      35100,
      `Error number ${number} in the THROW statement is outside the valid range. Specify an error number in the valid range of 50000 to 2147483647.`,
      { state: 10 },
    );
  }
  throw new SqlError(number, typeof message === 'string' ? message : '', { state, line: statement.span.line });
}

async function raiserror(session: Session, statement: RaiserrorStatement, sink: ResultSink): Promise<void> {
  const message = await evaluateTyped(session, statement.message);
  const severity = Number(await evaluate(session, statement.severity, { name: 'int' }));
  const state = Number(await evaluate(session, statement.state, { name: 'int' }));
  const values: SqlValue[] = [];
  for (const argument of statement.arguments) values.push(await evaluate(session, argument));
  const number = typeof message.value === 'number' ? message.value : 50_000;
  if (typeof message.value === 'number') {
    if (number >= 13_000 && number !== 50_000) throw unknownMessage(number, severity, state);
    throw new SqlError(
      2732,
      `Error number ${number} is invalid. The number must be from 13000 through 2147483647 and it cannot be 50000.`,
    );
  }
  if (severity > 18 && !statement.withLog) {
    throw new SqlError(
      2754,
      'Error severity levels greater than 18 can only be specified by members of the sysadmin role, using the WITH LOG option.',
    );
  }
  const text = formatMessage(typeof message.value === 'string' ? message.value : '', values);
  const options = { class: Math.min(Math.max(severity, 0), 25), state: state < 0 ? 1 : Math.min(state, 255) };
  const error = new SqlError(number, text, { ...options, line: statement.span.line });
  error.procedure = session.currentFrame.procedure;
  if (options.class > 10) throw error;
  sink.message(error.toMessage());
  session.lastError = statement.withSetError ? number : 0;
  session.rowCount = 0n;
}

/** sys.messages has no messages of users' own. */
function unknownMessage(number: number, severity: number, state: number): SqlError {
  return new SqlError(
    18_054,
    `Error ${number}, severity ${severity}, state ${state} was raised, but no message with that error number was found in sys.messages. If error is larger than 50000, make sure the user-defined message is added using sp_addmessage.`,
  );
}

function print(value: SqlValue, line: number, session: Session, sink: ResultSink): void {
  const message = typeof value === 'string' ? value : ' ';
  session.rowCount = 0n;
  sink.message({ number: 0, state: 1, class: 0, message, procedure: session.currentFrame.procedure, line });
}

async function waitFor(session: Session, statement: WaitforStatement): Promise<void> {
  const value = await evaluate(session, statement.value, { name: 'varchar', length: 30 });
  const match = /^([01]?\d|2[0-3]):([0-5]?\d)(?::([0-5]?\d)(?:[.:](\d{1,3}))?)?$/.exec(String(value as string).trim());
  if (match === null) {
    throw new SqlError(148, `Incorrect time syntax in time string '${String(value as string)}' used with WAITFOR.`, {
      class: 15,
    });
  }
  const [, hours, minutes, seconds = '0', fraction = ''] = match;
  const milliseconds = Number(fraction.padEnd(3, '0') || 0);
  let delay = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + milliseconds;
  if (statement.mode === 'time') delay = (delay - (Date.now() % 86_400_000) + 86_400_000) % 86_400_000;
  await sleep(delay, session.attention);
}

/** Waits; an attention of the client ends it. */
function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(new AttentionError());
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', abort, { once: true });
  });
}

function transactionName(session: Session, name: TransactionName | undefined): string {
  if (name === undefined) return '';
  if (name.kind === 'name') return name.name;
  const value = session.currentFrame.variable(name.name)?.value;
  return typeof value === 'string' ? value.slice(0, 32) : '';
}
