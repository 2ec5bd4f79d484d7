import { createHash } from 'node:crypto';
import type { RefreshPlan } from '../../plan/refreshPlan.js';
import { RefreshError } from '../../sqlserver/errors.js';
import { quoteText } from '../../sqlserver/quoteName.js';
import type { DestinationSession } from '../../sqlserver/session.js';
import type { StateTables } from './stateTables.js';

/** SHA-256 in hex over the plan as JSON: what approvals and later stages compare. */
export function hashPlan(plan: RefreshPlan): string {
  return createHash('sha256').update(JSON.stringify(plan)).digest('hex');
}

/** Stores a plan under its hash; storing it again changes nothing. */
export async function storePlan(session: DestinationSession, state: StateTables, plan: RefreshPlan): Promise<string> {
  const hash = hashPlan(plan);
  const table = state.table('plan');
  await session.query(
    `INSERT INTO ${table} (hash, content, stored_at) SELECT @hash, @content, GETUTCDATE() ` +
      `WHERE NOT EXISTS (SELECT 1 FROM ${table} WITH (UPDLOCK, HOLDLOCK) WHERE hash = @hash)`,
    { hash: { type: 'nvarchar', value: hash }, content: { type: 'nvarchar', value: JSON.stringify(plan) } },
  );
  return hash;
}

/** @throws RefreshError PlanDrift if no plan with that hash is stored, or it is not the one that was hashed */
export async function loadPlan(session: DestinationSession, state: StateTables, hash: string): Promise<RefreshPlan> {
  const [row] = await session.rows(`SELECT content FROM ${state.table('plan')} WHERE hash = ${quoteText(hash)};`);
  const plan = typeof row?.[0] === 'string' ? (JSON.parse(row[0]) as RefreshPlan) : null;
  if (plan === null || hashPlan(plan) !== hash) {
    throw new RefreshError(
      'planDrift',
      'PlanDrift',
      'the stored plan is missing or was changed',
      'Start a new refresh.',
    );
  }
  return plan;
}
