import { SqlError } from '../../../../sandbox/sqlserver/engine/api.js';
import type { Statement } from '../../../../sandbox/sqlserver/tsql/ast.js';
import { parseBatch } from '../../../../sandbox/sqlserver/tsql/parser.js';

export function parse(text: string, quotedIdentifier = true): readonly Statement[] {
  return parseBatch(text, { quotedIdentifier }).statements;
}

/** The only statement of a batch, which must be of the given kind. */
export function parseOne<Kind extends Statement['kind']>(text: string, kind: Kind): Extract<Statement, { kind: Kind }> {
  const statements = parse(text);
  const [statement] = statements;
  if (statements.length !== 1 || statement?.kind !== kind) {
    throw new Error(`expected one ${kind}, got ${statements.map((item) => item.kind).join(', ')}`);
  }
  return statement as Extract<Statement, { kind: Kind }>;
}

/** Number, line and message of the error that parsing throws. */
export function parseError(
  text: string,
  quotedIdentifier = true,
): { number: number; line: number; message: string } | undefined {
  try {
    parse(text, quotedIdentifier);
    return undefined;
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    return { number: error.number, line: error.line, message: error.message };
  }
}
