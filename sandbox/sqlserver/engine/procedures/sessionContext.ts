import { SqlError, type ResultSink } from '../api.js';
import type { Session } from '../session/session.js';
import { BoundArguments, succeeded, type ProcedureCall, type ProcedureResult } from './procedureCall.js';

/** sp_set_session_context: error 15664 for a key that was set read-only. */
export async function setSessionContext(
  session: Session,
  call: ProcedureCall,
  _sink: ResultSink,
): Promise<ProcedureResult> {
  const given = new BoundArguments('sp_set_session_context', call, ['@key', '@value', '@read_only'], 2);
  const key = given.text('@key') ?? '';
  const existing = session.sessionContext.get(key);
  if (existing?.readOnly === true) {
    throw new SqlError(
      15664,
      `Cannot set key '${key}' in the session context. The key has been set as read_only for this session.`,
    );
  }
  const value = given.text('@value') ?? null;
  session.sessionContext.set(key, { value, readOnly: (given.number('@read_only') ?? 0) !== 0 });
  const context = Object.fromEntries([...session.sessionContext].map(([name, entry]) => [name, entry.value]));
  await session.connection.rows("select set_config('sandbox.session_context', $1, false)", [JSON.stringify(context)]);
  return succeeded;
}
