import { TYPES } from 'tedious';
import type { PlannedNode, RefreshPlan } from '../../plan/refreshPlan.js';
import { refuse } from '../../sqlserver/errors.js';
import type { DestinationSession } from '../../sqlserver/session.js';
import { isFinished, ledgered } from '../state/ledger.js';
import { recordFact } from '../state/notes.js';
import { withWriteTransaction } from '../state/transaction.js';
import type { Stage } from './userStage.js';

/** Temporary table of the pairs that `users.map` gave to the plan; empty without one. */
export const userPairs = '#user_pair';

/** Fills #user_pair for the session. The pairs are ids, resolved when the plan was made, so that no file is needed. */
export async function loadUserPairs(session: DestinationSession, plan: RefreshPlan): Promise<void> {
  await session.batch(
    `DROP TABLE IF EXISTS ${userPairs}; CREATE TABLE ${userPairs} (source_key bigint NOT NULL PRIMARY KEY, destination_key bigint NOT NULL, shared bit NOT NULL);`,
  );
  const shared = new Set(plan.users?.shared ?? []);
  const rows = (plan.users?.pairs ?? []).map(([from, to]) => [String(from), String(to), shared.has(to)]);
  if (rows.length === 0) return;
  await session.bulkLoad(
    userPairs,
    [
      { name: 'source_key', type: TYPES.BigInt },
      { name: 'destination_key', type: TYPES.BigInt },
      { name: 'shared', type: TYPES.Bit },
    ],
    rows,
  );
}

/** A condition that leaves out the users of the destination for whom several lines of `users.map` stand. */
export function unlessShared(destinationKey: string): string {
  return `NOT EXISTS (SELECT 1 FROM ${userPairs} x WHERE x.destination_key = ${destinationKey} AND x.shared = 1)`;
}

/**
 * Before the first user is written.
 * @throws RefreshError mappedUserGone if a user that the plan maps to was deleted meanwhile
 */
export async function requireMappedUsers(session: DestinationSession): Promise<void> {
  const [row] = await session.rows(
    `SELECT COUNT(*) FROM ${userPairs} x WHERE NOT EXISTS (SELECT 1 FROM dbo.OSSYS_USER d WHERE d.ID = x.destination_key);`,
  );
  if (Number(row?.[0]) === 0) return;
  throw refuse(
    'mappedUserGone',
    `${Number(row?.[0])} users of users.map lead to users that the destination no longer has`,
    'Somebody deleted users since the plan was made: abort, correct the file and start a new refresh.',
    'users.map',
  );
}

/** Tells the report how many users the map has matched. */
export async function recordMapped(stage: Stage, user: PlannedNode): Promise<void> {
  const { context, destination, owners } = stage;
  const owner = owners.get(user.node);
  if ((context.plan.users?.pairs ?? []).length === 0 || owner === undefined) return;
  if (await isFinished(destination, context.state, context.run.run, 'userMap')) return;
  await withWriteTransaction(destination, context.state, context.run, false, (transaction) =>
    ledgered(transaction, context.state, 'userMap', async () => {
      const [row] = await destination.rows(
        `SELECT COUNT(*) FROM ${context.state.table('key_map')} m JOIN ${userPairs} x ON x.source_key = m.source_key ` +
          `AND x.destination_key = m.destination_key WHERE m.owner = ${owner} AND m.run = ${transaction.runNumber};`,
      );
      await recordFact(transaction, context.state, 'mapUsers', 'users matched by users.map', Number(row?.[0]));
      return { rowsRead: Number(row?.[0]), last: true };
    }),
  );
}
