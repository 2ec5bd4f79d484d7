import type { PlannedNode, RefreshPlan } from '../../plan/refreshPlan.js';
import { takeApplicationLock } from '../../sqlserver/applicationLock.js';
import { quoteText } from '../../sqlserver/quoteName.js';
import type { DestinationSession } from '../../sqlserver/session.js';
import { inTransaction } from './transaction.js';
import type { StateTables } from './stateTables.js';

/** Node number to the small integer that stands for it in the key map. */
export type KeyOwners = ReadonlyMap<number, number>;

/** Statements sent together. */
const ownersABatch = 100;

const identity = (source: string, node: Pick<PlannedNode, 'espaceKey' | 'entityKey' | 'keyAttributeKey'>): string =>
  JSON.stringify([source, node.espaceKey, node.entityKey, node.keyAttributeKey]).toLowerCase();

/**
 * Owners of the plan's nodes: (source environment, espace SS_Key, entity SS_Key, key attribute SS_Key). Clones share
 * entity keys, so the espace belongs to the identity (trap 1). Missing ones are added; they outlive the run.
 */
export async function keyOwners(
  session: DestinationSession,
  state: StateTables,
  plan: RefreshPlan,
): Promise<KeyOwners> {
  const known = await readOwners(session, state, plan);
  const missing = plan.nodes.filter((node) => !known.has(node.node));
  if (missing.length === 0) return known;
  await inTransaction(session, async () => {
    await takeApplicationLock(session, 'refresh:key owners', 'Exclusive');
    const table = state.table('key_owner');
    for (let start = 0; start < missing.length; start += ownersABatch) {
      const statements = missing.slice(start, start + ownersABatch).map((node) => {
        const values = [plan.source.name, node.espaceKey, node.entityKey, node.keyAttributeKey].map(quoteText);
        return (
          `INSERT INTO ${table} (source, espace_key, entity_key, attribute_key) SELECT ${values.join(', ')} ` +
          `WHERE NOT EXISTS (SELECT 1 FROM ${table} WHERE source = ${values[0]} AND espace_key = ${values[1]} AND entity_key = ${values[2]} AND attribute_key = ${values[3]});`
        );
      });
      await session.batch(statements.join('\n'));
    }
  });
  return readOwners(session, state, plan);
}

async function readOwners(session: DestinationSession, state: StateTables, plan: RefreshPlan): Promise<KeyOwners> {
  const rows = await session.rows(
    `SELECT owner, source, espace_key, entity_key, attribute_key FROM ${state.table('key_owner')} WHERE source = ${quoteText(plan.source.name)};`,
  );
  const owners = new Map<string, number>();
  for (const row of rows) {
    const [owner, source, espaceKey, entityKey, keyAttributeKey] = row.map(String) as [
      string,
      string,
      string,
      string,
      string,
    ];
    owners.set(identity(source, { espaceKey, entityKey, keyAttributeKey }), Number(owner));
  }
  const found = new Map<number, number>();
  for (const node of plan.nodes) {
    const owner = owners.get(identity(plan.source.name, node));
    if (owner !== undefined) found.set(node.node, owner);
  }
  return found;
}
