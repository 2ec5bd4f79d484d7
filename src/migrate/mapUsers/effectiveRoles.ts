import { isFinished, ledgered, readLedger } from '../state/ledger.js';
import { withWriteTransaction } from '../state/transaction.js';
import type { Stage } from './userStage.js';

/** The two looks at what users may do: before the first user is written, and after the last membership. */
const moments = { before: 0, after: 1 } as const;
export type RoleMoment = keyof typeof moments;

/** Ledger item of a look, which the report asks for. */
export function rolesWorkItem(moment: RoleMoment): string {
  return `roles:${moment}`;
}

/** Users a batch. */
const pageUsers = 2_000;

/** Rows of earlier runs that a batch removes. */
const earlierRows = 20_000;

/** Temporary table of the users of one batch. */
const page = '#role_user';

/**
 * Records the effective roles of every user of the destination, its own and those of its groups, in the state tables, so
 * that they outlive a crash. Role 0 stands for the user itself: it tells users without roles from those that are not there.
 * @returns false if the slice ended first
 */
export async function recordRoles(stage: Stage, moment: RoleMoment): Promise<boolean> {
  const { context, destination } = stage;
  const workItem = rolesWorkItem(moment);
  if (await isFinished(destination, context.state, context.run.run, workItem)) return true;
  const roles = context.state.table('effective_role');
  let after = (await readLedger(destination, context.state, context.run.run, workItem)).at(-1)?.endKey ?? null;
  await destination.batch(`DROP TABLE IF EXISTS ${page}; CREATE TABLE ${page} (id bigint NOT NULL PRIMARY KEY);`);
  for (;;) {
    const from = after === null ? '' : ` WHERE u.ID > ${BigInt(after)}`;
    const { last, endKey } = await withWriteTransaction(destination, context.state, context.run, false, (transaction) =>
      ledgered(transaction, context.state, workItem, async () => {
        const [row] = await destination.rows(
          [
            'SET NOCOUNT ON;',
            // Earlier runs have their reports.
            `DELETE TOP (${earlierRows}) FROM ${roles} WHERE run <> ${transaction.runNumber};`,
            `TRUNCATE TABLE ${page};`,
            `INSERT INTO ${page} (id) SELECT TOP (${pageUsers}) u.ID FROM dbo.OSSYS_USER u${from} ORDER BY u.ID;`,
            `INSERT INTO ${roles} (run, moment, user_id, role_id)`,
            `SELECT ${transaction.runNumber}, ${moments[moment]}, x.user_id, x.role_id FROM (`,
            `  SELECT p.id AS user_id, 0 AS role_id FROM ${page} p`,
            `  UNION SELECT p.id, r.ROLE_ID FROM ${page} p JOIN dbo.OSSYS_USER_ROLE r ON r.USER_ID = p.id`,
            `  UNION SELECT p.id, r.ROLE_ID FROM ${page} p JOIN dbo.OSSYS_GROUP_USER g ON g.USER_ID = p.id JOIN dbo.OSSYS_GROUP_ROLE r ON r.GROUP_ID = g.GROUP_ID`,
            ') x WHERE x.role_id IS NOT NULL;',
            `SELECT COUNT(*), MAX(id) FROM ${page};`,
          ].join('\n'),
        );
        const rowsRead = Number(row?.[0]);
        return { rowsRead, endKey: rowsRead === 0 ? after : String(row?.[1]), last: rowsRead < pageUsers };
      }),
    );
    context.heartbeat({ stage: 'mapUsers', subject: 'effective roles' });
    if (last) return true;
    if (context.deadline() || context.signal.aborted) return false;
    after = endKey;
  }
}
