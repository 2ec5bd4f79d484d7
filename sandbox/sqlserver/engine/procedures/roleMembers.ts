import type { ResultSink } from '../api.js';
import { changeRoleMember } from '../rights/principals.js';
import type { Session } from '../session/session.js';
import { BoundArguments, succeeded, type ProcedureCall, type ProcedureResult } from './procedureCall.js';

const names = ['@rolename', '@membername'];

/** sp_addrolemember: as ALTER ROLE ... ADD MEMBER. */
export async function addRoleMember(
  session: Session,
  call: ProcedureCall,
  _sink: ResultSink,
): Promise<ProcedureResult> {
  const given = new BoundArguments('sp_addrolemember', call, names, 2);
  await session.transactions.atomic(session.settings.isolation, () =>
    changeRoleMember(session, given.text('@rolename') ?? '', given.text('@membername') ?? '', true),
  );
  return succeeded;
}

/** sp_droprolemember: as ALTER ROLE ... DROP MEMBER. */
export async function dropRoleMember(
  session: Session,
  call: ProcedureCall,
  _sink: ResultSink,
): Promise<ProcedureResult> {
  const given = new BoundArguments('sp_droprolemember', call, names, 2);
  await session.transactions.atomic(session.settings.isolation, () =>
    changeRoleMember(session, given.text('@rolename') ?? '', given.text('@membername') ?? '', false),
  );
  return succeeded;
}
