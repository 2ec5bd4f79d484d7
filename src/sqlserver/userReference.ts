import type { PlannedUserReference } from '../plan/refreshPlan.js';
import { quoteName, quoteText } from './quoteName.js';

/** The user id that a row of `alias` holds in a reference, as an expression; NULL where it holds none. */
export function referredUser({ column, typed }: PlannedUserReference, alias: string): string {
  const value = `${alias}.${quoteName(column)}`;
  if (typed === null) return value;
  return `CASE WHEN ${alias}.${quoteName(typed.column)} = ${quoteText(typed.ssType)} THEN TRY_CONVERT(bigint, ${value}) END`;
}
