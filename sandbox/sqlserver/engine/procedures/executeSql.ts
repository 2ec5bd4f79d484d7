import { SqlError, type Parameter, type ResultSink, type SqlType, type SqlValue } from '../api.js';
import { parseBatch } from '../../tsql/parser.js';
import { resolveDataType } from '../../tsql/dataType.js';
import { convertValue } from '../interpreter/convertValue.js';
import { isCharacter } from '../translate/types/sqlTypes.js';
import type { Session } from '../session/session.js';
import type { ProcedureCall, ProcedureResult } from './procedureCall.js';
import { runText } from './runText.js';

interface Declaration {
  readonly name: string;
  readonly type: SqlType;
  readonly output: boolean;
}

/** "Maximum capacity specifications for SQL Server": parameters of a procedure. */
const mostParameters = 2_100;

/** Error 8003 for a remote procedure call that has more parameters, @stmt and @params of sp_executesql among them. */
export function requireFewParameters(count: number): void {
  if (count <= mostParameters) return;
  throw new SqlError(
    8003,
    `The incoming request has too many parameters. The server supports a maximum of ${mostParameters} parameters. Reduce the number of parameters and resend the request.`,
  );
}

/** sp_executesql @stmt, @params, values ... */
export async function executeSqlProcedure(
  session: Session,
  call: ProcedureCall,
  sink: ResultSink,
): Promise<ProcedureResult> {
  const [statement, definition, ...values] = call.arguments;
  if (statement === undefined) {
    throw new SqlError(
      201,
      "Procedure or function 'sp_executesql' expects parameter '@statement', which was not supplied.",
      { state: 4 },
    );
  }
  const isNational = (parameter: Parameter) => ['nchar', 'nvarchar', 'ntext'].includes(parameter.type.name);
  if (!isNational(statement)) throw notNational('@statement');
  if (definition !== undefined && definition.value !== null && !isNational(definition)) throw notNational('@params');
  const declarations = parseDeclarations(session, String((definition?.value ?? '') as string));
  const parameters = await bindValues(session, declarations, values);
  const frame = await runText(session, String((statement.value ?? '') as string), parameters, sink);
  const outputs = new Map<number, SqlValue>();
  values.forEach((argument, index) => {
    const declaration = declarationOf(declarations, argument, index);
    if (!argument.output || declaration?.output !== true) return;
    outputs.set(index + 2, frame.variable(declaration.name)?.value ?? null);
  });
  return { status: 0, outputs };
}

function notNational(name: string): SqlError {
  return new SqlError(214, `Procedure expects parameter '${name}' of type 'ntext/nchar/nvarchar'.`, { state: 2 });
}

/** '@a int, @b nvarchar(10) OUTPUT' */
export function parseDeclarations(session: Session, text: string): Declaration[] {
  if (text.trim() === '') return [];
  const parts = splitDeclarations(text);
  return parts.map((part, index) => {
    const output = /\s(OUT|OUTPUT)\s*$/i.test(part);
    const plain = part.replace(/\s+(OUT|OUTPUT|READONLY)\s*$/i, '').replace(/^\s*(@\S+)\s+AS\s+/i, '$1 ');
    const [statement] = parseBatch(`DECLARE ${plain}`, { quotedIdentifier: true }).statements;
    const variable = statement?.kind === 'declare' ? statement.variables[0] : undefined;
    if (variable === undefined) throw new SqlError(102, `Incorrect syntax near '${part.trim()}'.`, { class: 15 });
    const type = resolveDataType(variable.type, 'declaration', index + 1);
    const collation = session.database.collation;
    return { name: variable.name, type: isCharacter(type) ? { ...type, collation } : type, output };
  });
}

/** Splits at commas outside parentheses. */
function splitDeclarations(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index);
    if (character === '(') depth += 1;
    else if (character === ')') depth -= 1;
    else if (character === ',' && depth === 0) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

function declarationOf(
  declarations: readonly Declaration[],
  argument: Parameter,
  index: number,
): Declaration | undefined {
  if (argument.name === '') return declarations[index];
  return declarations.find(({ name }) => name.toUpperCase() === argument.name.toUpperCase());
}

async function bindValues(
  session: Session,
  declarations: readonly Declaration[],
  values: readonly Parameter[],
): Promise<Parameter[]> {
  const bound = new Map<Declaration, SqlValue>();
  for (const [index, argument] of values.entries()) {
    const declaration = declarationOf(declarations, argument, index);
    if (declaration === undefined) {
      throw argument.name === ''
        ? new SqlError(8144, 'Procedure or function  has too many arguments specified.', { state: 2 })
        : new SqlError(8145, `${argument.name} is not a parameter for procedure .`);
    }
    bound.set(declaration, await convertValue(session, argument.value, argument.type, declaration.type));
  }
  return declarations.map((declaration) => {
    const value = bound.get(declaration);
    if (value === undefined) {
      throw new SqlError(
        8178,
        `The parameterized query expects the parameter '${declaration.name}', which was not supplied.`,
      );
    }
    return { ...declaration, value };
  });
}
