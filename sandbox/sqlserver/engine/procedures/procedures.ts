import { SqlError, type ResultSink } from '../api.js';
import type { Session } from '../session/session.js';
import { addRoleMember, dropRoleMember } from './roleMembers.js';
import { getApplicationLock, releaseApplicationLock } from './applicationLockProcedures.js';
import type { ProcedureCall, ProcedureResult } from './procedureCall.js';
import { executeSqlProcedure } from './executeSql.js';
import { setSessionContext } from './sessionContext.js';
import { unsupported } from '../../tsql/unsupported.js';

type Procedure = (session: Session, call: ProcedureCall, sink: ResultSink) => Promise<ProcedureResult>;

const procedures: ReadonlyMap<string, Procedure> = new Map<string, Procedure>([
  ['sp_executesql', executeSqlProcedure],
  ['sp_getapplock', getApplicationLock],
  ['sp_releaseapplock', releaseApplicationLock],
  ['sp_set_session_context', setSessionContext],
  ['sp_addrolemember', addRoleMember],
  ['sp_droprolemember', dropRoleMember],
]);

/** System procedures that SQL Server has and the sandbox has not. */
const known = /^(sp|xp)_/i;

/** Runs a procedure by its name. Error 2812 for one that does not exist. */
export async function callProcedure(session: Session, call: ProcedureCall, sink: ResultSink): Promise<ProcedureResult> {
  const name = call.name.slice(call.name.lastIndexOf('.') + 1).replaceAll(/[[\]"]/g, '');
  const procedure = procedures.get(name.toLowerCase());
  if (procedure !== undefined) return procedure(session, call, sink);
  if (known.test(name)) throw unsupported(`the procedure ${name}`, { line: call.line });
  throw new SqlError(2812, `Could not find stored procedure '${call.name}'.`, { state: 62, line: call.line });
}
