import { RelayError } from '../../sqlserver/relay/columnLayout.js';
import { interruption, RefreshError } from '../../sqlserver/errors.js';
import { withDestination, withSource, type StageContext } from '../stageContext.js';
import type { RowPath } from '../transport.js';
import { relayWorks } from './relayCheck.js';

/** `driver` keeps rows off the relay: for comparisons, and should a server ever mind it. */
export const rowPathVariable = 'REFRESH_ROW_PATH';

/** What was found out about pairs of servers, for as long as the process lives. */
const found = new Map<string, Promise<RowPath>>();

/**
 * How rows travel between the two environments: relayed, if the driver's internals are known and a trial with a value of
 * every type has come through unchanged; otherwise by the driver. Tried once a process and pair of servers.
 */
export async function rowPath(context: StageContext): Promise<RowPath> {
  if (process.env[rowPathVariable] === 'driver') return 'driver';
  const pair = pairOf(context);
  const known = found.get(pair) ?? tryRelay(context);
  found.set(pair, known);
  try {
    return await known;
  } catch (error) {
    found.delete(pair);
    throw error;
  }
}

/**
 * To be called with what reading a page threw. A response that the relay did not understand is the last one that it is
 * tried on: the attempt is repeated, with the driver.
 */
export function giveUpRelay(context: StageContext, error: unknown): never {
  if (!(error instanceof RelayError)) throw error;
  found.set(pairOf(context), Promise.resolve('driver'));
  context.log.warn({ reason: error.message }, 'rows are not relayed any more');
  throw interruption('relayGivenUp', 'rows cannot be relayed; they are read by the driver from now on');
}

function pairOf({ plan }: StageContext): string {
  return [plan.source.server, plan.source.database, plan.destination.server, plan.destination.database].join('\u0000');
}

async function tryRelay(context: StageContext): Promise<RowPath> {
  try {
    const works = await withSource(context, (source) =>
      withDestination(context, (destination) => relayWorks(source, destination)),
    );
    if (!works) context.log.warn({}, 'rows are not relayed: the trial did not come through unchanged');
    return works ? 'relay' : 'driver';
  } catch (error) {
    const refused = error instanceof RelayError || (error instanceof RefreshError && error.type === 'Refused');
    if (!refused) throw error;
    context.log.warn({ reason: error.message }, 'rows are not relayed: the trial was refused');
    return 'driver';
  }
}
