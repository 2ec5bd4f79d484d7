import { SqlError, type Parameter, type ResultSink } from '../api.js';
import { runBatch } from '../interpreter/runBatch.js';
import { ScopeAborted } from '../interpreter/failures.js';
import { failStatement } from '../interpreter/failStatement.js';
import { endScope } from '../interpreter/scopes.js';
import { Frame } from '../session/frame.js';
import type { Session } from '../session/session.js';

const deepestNesting = 32;

/**
 * Runs a text in a scope of its own, as EXECUTE('...') and sp_executesql do: its #temp tables, its variables and its
 * SET options end with it. Gives the values that its parameters have at the end.
 */
export async function runText(
  session: Session,
  text: string,
  parameters: readonly Parameter[],
  sink: ResultSink,
): Promise<Frame> {
  const outer = session.frame;
  const frame = new Frame(session.nextScope(), outer, '');
  if (frame.nestLevel > deepestNesting) {
    throw new SqlError(
      217,
      `Maximum stored procedure, function, trigger, or view nesting level exceeded (limit ${deepestNesting}).`,
    );
  }
  for (const { name, type, value } of parameters) frame.declare(name, type, value);
  const { settings, identityInsertTable, database } = session;
  const count = session.transactions.count;
  session.frame = frame;
  try {
    await runParsed(session, frame, text, sink);
  } finally {
    session.settings = { ...settings };
    session.identityInsertTable = identityInsertTable;
    await endScope(session, frame);
    session.frame = outer;
    if (session.database !== database) {
      const oldValue = session.database.name;
      session.database = database;
      sink.environmentChange({ kind: 'database', newValue: database.name, oldValue });
    }
  }
  if (session.transactions.count !== count && session.transactions.state !== -1) {
    throw new SqlError(
      266,
      `Transaction count after EXECUTE indicates a mismatching number of BEGIN and COMMIT statements. Previous count = ${count}, current count = ${session.transactions.count}.`,
      { state: 2 },
    );
  }
  return frame;
}

async function runParsed(session: Session, frame: Frame, text: string, sink: ResultSink): Promise<void> {
  try {
    const batch = parseOrFail(session, text);
    if (batch instanceof SqlError) await failStatement(session, batch, 1, 'OTHER', sink);
    else await runBatch(session, batch.statements, sink);
  } catch (error) {
    if (error instanceof ScopeAborted && error.frame === frame) return;
    throw error;
  }
}

function parseOrFail(session: Session, text: string) {
  try {
    return session.core.parses.parse(text, session.settings.quotedIdentifier);
  } catch (error) {
    if (error instanceof SqlError) return error;
    throw error;
  }
}
