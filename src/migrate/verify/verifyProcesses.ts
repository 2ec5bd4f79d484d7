import type { StageFailure } from '../../contract.js';
import { quoteTable } from '../../sqlserver/quoteName.js';
import type { DestinationSession, SourceSession } from '../../sqlserver/session.js';
import { isMapped, shapeOf } from '../migrateEntities/entityShape.js';
import type { LookupContext } from '../migrateEntities/lookup.js';

/**
 * A root process is its own top process, and every process of a tree names that root; otherwise the platform's purge
 * breaks (facts 5). Rows that are wrong in the source already do not count.
 */
export async function verifyProcessTrees(
  source: SourceSession,
  destination: DestinationSession,
  context: LookupContext,
): Promise<StageFailure[]> {
  const index = context.plan.entities.findIndex((entity) => context.plan.nodes[entity.node]?.kind === 'process');
  if (index < 0) return [];
  const shape = shapeOf(context.plan, index);
  const table = quoteTable(shape.entity.destinationTable);
  const own = isMapped(context.plan, shape.node)
    ? `JOIN ${context.state.table('key_map')} m ON m.destination_key = d.ID AND m.owner = ${context.owners.get(shape.node.node) ?? 0} AND m.run = ${context.runNumber}`
    : '';
  const wrong = Number((await destination.rows(wrongTops(`${table} d ${own}`, table)))[0]?.[0]);
  if (wrong === 0) return [];
  const from = quoteTable(shape.entity.sourceTable);
  const before = Number((await source.query(wrongTops(`${from} d`, from)))[0]?.[0]);
  if (wrong <= before) return [];
  return [
    {
      code: 'processTrees',
      message: `${wrong} processes do not name the root of their tree as top process (in the source: ${before})`,
      sqlNumber: null,
      subject: shape.name,
      remedy: 'Abort, and start a new refresh; report it if it happens again.',
    },
  ];
}

function wrongTops(rows: string, table: string): string {
  return (
    `SELECT COUNT(*) FROM ${rows} LEFT JOIN ${table} t ON t.ID = d.TOP_PROCESS_ID ` +
    'WHERE t.ID IS NULL OR t.TOP_PROCESS_ID IS NULL OR t.TOP_PROCESS_ID <> t.ID ' +
    'OR (NULLIF(d.PARENT_PROCESS_ID, 0) IS NULL AND d.TOP_PROCESS_ID <> d.ID);'
  );
}
