import { TYPES } from 'tedious';
import type { SliceResult } from '../../contract.js';
import type { PlannedNode } from '../../plan/refreshPlan.js';
import type { BulkColumn, DestinationSession, SourceSession } from '../../sqlserver/session.js';
import { withDestination, withSource, type StageContext } from '../stageContext.js';
import { keyOwners, type KeyOwners } from '../state/keyOwners.js';
import { isFinished, ledgered } from '../state/ledger.js';
import { withWriteTransaction } from '../state/transaction.js';
import { activeOnly, matchList } from './matchList.js';
import { selectProcessTrees } from './processTrees.js';

/**
 * Maps the records that the platform manages and that are never written: static records, tenants, roles, modules,
 * definitions and statuses, and entities outside the scope that are only matched. The lists of the source are staged and
 * joined with the destination's in SQL, so that keys compare as SQL Server compares them. Several source records may
 * stand for one of the destination.
 */
export async function mapStaticRecords(context: StageContext): Promise<SliceResult> {
  let handled = 0;
  const done = await withDestination(context, (destination) =>
    withSource(context, async (source) => {
      const owners = await keyOwners(destination, context.state, context.plan);
      await destination.batch(createRecordTable);
      for (const node of context.plan.nodes) {
        if (node.origin !== 'matched' || matchList(node, 'source') === null) continue;
        const workItem = `static:${node.node}`;
        if (await isFinished(destination, context.state, context.run.run, workItem)) continue;
        handled += await mapNode(context, source, destination, owners, node, workItem);
        context.heartbeat({ stage: 'mapStaticRecords', subject: `${node.espace}.${node.entity}`, rows: handled });
        if (context.deadline() || context.signal.aborted) return false;
      }
      await selectProcessTrees(context, source, destination);
      return true;
    }),
  );
  return { done, handled, waiting: null, problems: [] };
}

const createRecordTable =
  'CREATE TABLE #record (record_key nvarchar(446) COLLATE DATABASE_DEFAULT NOT NULL, ' +
  'match_key nvarchar(450) COLLATE DATABASE_DEFAULT NULL, active bit NOT NULL);';

const recordColumns: readonly BulkColumn[] = [
  { name: 'record_key', type: TYPES.NVarChar, length: 446 },
  { name: 'match_key', type: TYPES.NVarChar, length: 450 },
  { name: 'active', type: TYPES.Bit },
];

async function mapNode(
  context: StageContext,
  source: SourceSession,
  destination: DestinationSession,
  owners: KeyOwners,
  node: PlannedNode,
  workItem: string,
): Promise<number> {
  const records = await source.query(matchList(node, 'source') ?? '');
  await destination.batch('TRUNCATE TABLE #record;');
  if (records.length > 0) await destination.bulkLoad('#record', recordColumns, records);
  const mapped = await withWriteTransaction(destination, context.state, context.run, false, (transaction) =>
    ledgered(transaction, context.state, workItem, async () => {
      const sql = mapSql(context, owners, node, transaction.runNumber);
      return { rowsRead: records.length, rowsMatched: Number((await destination.rows(sql))[0]?.[0]), last: true };
    }),
  );
  if (mapped.rowsMatched < mapped.rowsRead) {
    context.log.info(
      { node: `${node.espace}.${node.entity}`, records: mapped.rowsRead, matched: mapped.rowsMatched },
      'records of the source without counterpart',
    );
  }
  return mapped.rowsMatched;
}

/** Replaces the map rows of a node; answers their number. Active records go before inactive ones of the same key. */
function mapSql(context: StageContext, owners: KeyOwners, node: PlannedNode, runNumber: number): string {
  const owner = owners.get(node.node);
  if (owner === undefined) throw new RangeError(`node ${node.node} has no owner in the key map`);
  const map = context.state.table(node.keyKind === 'text' ? 'key_map_text' : 'key_map');
  // SQL Server may convert rows that a filter is to leave out: TRY_CONVERT, lest a text key of another entity fail it.
  const typed = (key: string): string => (node.keyKind === 'text' ? key : `TRY_CONVERT(bigint, NULLIF(${key}, N''))`);
  const only = activeOnly(node, context.plan.request.processes.inactiveDefinitions) ? ' AND d.active = 1' : '';
  return [
    'SET NOCOUNT ON;',
    `DELETE FROM ${map} WHERE owner = ${owner};`,
    `INSERT INTO ${map} (owner, source_key, destination_key, run)`,
    `SELECT ${owner}, p.source_key, p.destination_key, ${runNumber} FROM (`,
    `  SELECT ${typed('s.record_key')} AS source_key, ${typed('d.record_key')} AS destination_key,`,
    `    ROW_NUMBER() OVER (PARTITION BY ${typed('s.record_key')} ORDER BY s.active DESC, d.active DESC, ${typed('d.record_key')}) AS place`,
    `  FROM #record s JOIN (${matchList(node, 'destination') ?? ''}) d ON d.match_key = s.match_key${only}`,
    ') p WHERE p.place = 1 AND p.source_key IS NOT NULL AND p.destination_key IS NOT NULL;',
    'SELECT @@ROWCOUNT;',
  ].join('\n');
}
