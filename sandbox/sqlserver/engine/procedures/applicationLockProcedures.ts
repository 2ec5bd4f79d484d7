import { SqlError, type ResultSink } from '../api.js';
import type { LockMode, LockOwner } from '../locks/applicationLocks.js';
import { AttentionError } from '../session/postgresErrors.js';
import type { Session } from '../session/session.js';
import { BoundArguments, type ProcedureCall, type ProcedureResult } from './procedureCall.js';

const modes: readonly LockMode[] = ['Shared', 'Update', 'IntentShared', 'IntentExclusive', 'Exclusive'];
const owners: readonly LockOwner[] = ['Transaction', 'Session'];
const longestResource = 255;

function pick<Name extends string>(names: readonly Name[], text: string | undefined): Name | undefined {
  return names.find((name) => name.toUpperCase() === text?.toUpperCase());
}

/**
 * sp_getapplock: 0 granted, 1 granted after waiting, -1 timed out, -2 cancelled, -3 deadlock victim, -999 wrong
 * parameters.
 */
export async function getApplicationLock(
  session: Session,
  call: ProcedureCall,
  sink: ResultSink,
): Promise<ProcedureResult> {
  const names = ['@Resource', '@LockMode', '@LockOwner', '@LockTimeout', '@DbPrincipal'];
  const given = new BoundArguments('sp_getapplock', call, names, 2);
  const resource = given.text('@Resource');
  const mode = pick(modes, given.text('@LockMode'));
  const owner = given.has('@LockOwner') ? pick(owners, given.text('@LockOwner')) : 'Transaction';
  const timeout = given.number('@LockTimeout') ?? session.settings.lockTimeout;
  const invalid = (number: number, what: string) =>
    refuse(sink, call, new SqlError(number, `An invalid application lock ${what} was passed to sp_getapplock.`));
  if (resource === undefined) return invalid(1224, 'resource');
  if (mode === undefined) return invalid(1225, 'mode');
  if (owner === undefined) return invalid(1226, 'owner');
  if (timeout < -1) return invalid(1227, 'time-out');
  if (owner === 'Transaction' && !session.transactions.isUsers) {
    const message = 'The statement or function must be executed in the context of a user transaction.';
    return refuse(sink, call, new SqlError(3918, message));
  }
  const status = await session.core.applicationLocks.acquire({
    databaseId: session.database.id,
    resource: resource.slice(0, longestResource),
    spid: session.spid,
    mode,
    owner,
    timeout,
    signal: session.attention,
  });
  if (status === -2) throw new AttentionError();
  return { status, outputs: new Map() };
}

export async function releaseApplicationLock(
  session: Session,
  call: ProcedureCall,
  sink: ResultSink,
): Promise<ProcedureResult> {
  const given = new BoundArguments('sp_releaseapplock', call, ['@Resource', '@LockOwner', '@DbPrincipal'], 1);
  const resource = given.text('@Resource') ?? '';
  const owner = given.has('@LockOwner') ? pick(owners, given.text('@LockOwner')) : 'Transaction';
  const released =
    owner !== undefined &&
    session.core.applicationLocks.release(session.database.id, resource.slice(0, longestResource), session.spid, owner);
  if (released) return Promise.resolve({ status: 0, outputs: new Map() });
  return refuse(
    sink,
    call,
    new SqlError(
      1223,
      `Cannot release the application lock (Database Principal: 'public', Resource: '${resource}') because it is not currently held.`,
    ),
  );
}

/** The procedure reports the error and returns -999; the batch goes on. */
function refuse(sink: ResultSink, call: ProcedureCall, error: SqlError): Promise<ProcedureResult> {
  error.line = call.line;
  sink.message(error.toMessage());
  return Promise.resolve({ status: -999, outputs: new Map() });
}
