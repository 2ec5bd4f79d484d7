import type { PlannedNode, RefreshPlan } from '../../plan/refreshPlan.js';
import { quoteName, quoteTable } from '../../sqlserver/quoteName.js';
import type { KeyOwners } from '../state/keyOwners.js';
import type { StateTables } from '../state/stateTables.js';
import { isMapped } from './entityShape.js';

/** What a statement needs to know to translate identifiers. */
export interface LookupContext {
  readonly plan: RefreshPlan;
  readonly state: StateTables;
  readonly owners: KeyOwners;
  /** The run's number: a run uses only map rows that it wrote or checked. */
  readonly runNumber: number;
}

/** How a statement finds the image of an identifier: a LEFT JOIN, and what it yields. */
export interface Lookup {
  /** Empty if nothing of the node is mapped. */
  readonly join: string;
  /** The destination's key; NULL where there is no image. */
  readonly key: string;
  readonly found: string;
}

/**
 * The lookup of one identifier. Mapped nodes are found in the key map; rows of preserved nodes keep their key, so they
 * are looked up in the destination table itself.
 * @param value the source's identifier, of the node's key type or convertible to it
 * @param condition further condition of the join, such as the type of a typed value
 */
export function lookup(
  context: LookupContext,
  nodeNumber: number,
  alias: string,
  value: string,
  condition = '',
): Lookup {
  const node = plannedNode(context.plan, nodeNumber);
  const and = condition === '' ? '' : ` AND ${condition}`;
  if (isMapped(context.plan, node)) {
    const owner = context.owners.get(node.node);
    if (owner === undefined) throw new RangeError(`node ${node.node} has no owner in the key map`);
    const table = context.state.table(node.keyKind === 'text' ? 'key_map_text' : 'key_map');
    return {
      join: `LEFT JOIN ${table} ${alias} ON ${alias}.owner = ${owner} AND ${alias}.source_key = ${value} AND ${alias}.run = ${context.runNumber}${and}`,
      key: `${alias}.destination_key`,
      found: `${alias}.destination_key IS NOT NULL`,
    };
  }
  if (node.origin === 'unavailable' || node.destination === null) return { join: '', key: 'NULL', found: '1 = 0' };
  const column = `${alias}.${quoteName(node.destination.column)}`;
  return {
    join: `LEFT JOIN ${quoteTable(node.destination.table)} ${alias} ON ${column} = ${value}${and}`,
    key: column,
    found: `${column} IS NOT NULL`,
  };
}

export function plannedNode(plan: RefreshPlan, number: number): PlannedNode {
  const node = plan.nodes[number];
  if (node === undefined) throw new RangeError(`the plan has no node ${number}`);
  return node;
}

/** The identifier that means "none": OutSystems' null identifiers, which old rows hold instead of NULL (trap 21). */
export function nullIdentifier(node: PlannedNode): string {
  return node.keyKind === 'text' ? "N''" : '0';
}

/** Collation under which identifiers of the node are compared in the destination; null for numbers. */
export function keyCollation(context: Pick<LookupContext, 'plan'>, node: PlannedNode): string | null {
  return isMapped(context.plan, node) ? null : (node.destination?.type.collation ?? null);
}
