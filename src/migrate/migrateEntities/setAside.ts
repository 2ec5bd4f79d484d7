import { plannedNode, type LookupContext } from './lookup.js';
import type { RefreshPlan } from '../../plan/refreshPlan.js';

/**
 * Condition that the row which an identifier names was set aside in this run: what depends on it is set aside with it,
 * for the operator has accepted to go without the row. Null if no row of the node can be.
 * @param identifier the source's identifier, as an expression
 */
export function targetSetAside(context: LookupContext, nodeNumber: number, identifier: string): string | null {
  const entity = context.plan.entities.findIndex(({ node }) => node === nodeNumber);
  if (entity < 0 || !mayBeSetAside(context.plan, nodeNumber)) return null;
  const key = plannedNode(context.plan, nodeNumber).keyKind === 'text' ? identifier : `CONVERT(bigint, ${identifier})`;
  return (
    `EXISTS (SELECT 1 FROM ${context.state.table('quarantine')} q WHERE q.run = ${context.runNumber} AND q.entity = ${entity} ` +
    `AND q.source_key = CONVERT(nvarchar(450), ${key}) COLLATE DATABASE_DEFAULT)`
  );
}

/** True if a policy of the entity, or of one that it depends on, sets rows aside. */
export function mayBeSetAside(plan: RefreshPlan, nodeNumber: number, seen = new Set<number>()): boolean {
  if (seen.has(nodeNumber)) return false;
  seen.add(nodeNumber);
  const columns = plan.entities.find(({ node }) => node === nodeNumber)?.columns ?? [];
  return columns.some(({ treatment }) => {
    const reference =
      treatment.kind === 'reference' ? treatment : treatment.kind === 'key' ? (treatment.follows ?? null) : null;
    if (reference === null) return false;
    if (reference.unmapped === 'quarantine' || reference.orphans === 'quarantine') return true;
    return reference.unmapped === 'fail' && mayBeSetAside(plan, reference.node, seen);
  });
}
