import type { StageName } from '../../contract.js';
import type { RefreshPlan } from '../../plan/refreshPlan.js';
import type { RateSample } from '../../report/runReport.js';
import type { DestinationSession } from '../../sqlserver/session.js';
import type { LedgerCounts } from '../state/ledger.js';
import type { StateTables } from '../state/stateTables.js';

/** The ledger's sums of one entity in one work item; times in seconds since the run was opened. */
export interface AccountLine extends LedgerCounts {
  readonly workItem: string;
  readonly entity: number | null;
  readonly batches: number;
  readonly first: number;
  readonly last: number;
  /** Batches with which something ended: the work, or a key range of the entity. */
  readonly ends: number;
}

/** What the ledger says of a run, a line for each work item and entity. */
export async function readAccount(
  session: DestinationSession,
  state: StateTables,
  runNumber: number,
): Promise<AccountLine[]> {
  const since = 'DATEDIFF(second, r.opened_at, l.committed_at)';
  const rows = await session.rows(
    `SELECT l.work_item, l.entity, COUNT(*), MIN(${since}), MAX(${since}), SUM(CONVERT(int, l.last)), SUM(l.rows_read), ` +
      'SUM(l.rows_written), SUM(l.rows_matched), SUM(l.rows_filtered), SUM(l.rows_quarantined), SUM(l.references_orphaned), ' +
      'SUM(l.references_unmapped), SUM(l.references_deferred) ' +
      `FROM ${state.table('ledger')} l JOIN ${state.table('run')} r ON r.number = l.run WHERE l.run = ${runNumber} ` +
      'GROUP BY l.work_item, l.entity ORDER BY l.work_item, l.entity;',
  );
  return rows.map((row) => ({
    workItem: String(row[0]),
    entity: row[1] === null || row[1] === undefined ? null : Number(row[1]),
    batches: Number(row[2]),
    first: Number(row[3]),
    last: Number(row[4]),
    ends: Number(row[5]),
    rowsRead: Number(row[6]),
    rowsWritten: Number(row[7]),
    rowsMatched: Number(row[8]),
    rowsFiltered: Number(row[9]),
    rowsQuarantined: Number(row[10]),
    referencesOrphaned: Number(row[11]),
    referencesUnmapped: Number(row[12]),
    referencesDeferred: Number(row[13]),
  }));
}

const stagesOfWorkItems: Readonly<Record<string, StageName>> = {
  clearEvents: 'clearEventSubscriptions',
  static: 'mapStaticRecords',
  processTrees: 'mapStaticRecords',
  clear: 'deleteDestinationData',
  delete: 'deleteDestinationData',
  users: 'mapUsers',
  groups: 'mapUsers',
  links: 'mapUsers',
  unlink: 'mapUsers',
  chooseUsers: 'mapUsers',
  userFallback: 'mapUsers',
  userMap: 'mapUsers',
  roles: 'mapUsers',
  deferred: 'resolveDeferredReferences',
  verify: 'verify',
  restoreEvents: 'restoreEventSubscriptions',
};

/** The stage whose work a ledger line is; null for marks that are no stage's. */
export function stageOfWorkItem(plan: RefreshPlan, workItem: string): StageName | null {
  const [prefix = '', id] = workItem.split(':');
  if (prefix === 'item') return plan.items.find((item) => item.id === Number(id))?.stage ?? null;
  return stagesOfWorkItems[prefix] ?? null;
}

/** Widths that a reader can take in; the narrowest that keeps the chart readable is used. Seconds. */
const sampleWidths = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200] as const;
const mostSamples = 120;

/** Rows of entities committed per span of time, gaps included, from the first commit of an entity to the last. */
export async function readRate(
  session: DestinationSession,
  state: StateTables,
  runNumber: number,
  account: readonly AccountLine[],
  openedAt: string,
): Promise<RateSample[]> {
  const loads = account.filter(({ workItem }) => workItem.startsWith('item:'));
  if (loads.length === 0) return [];
  const first = Math.min(...loads.map((line) => line.first));
  const last = Math.max(...loads.map((line) => line.last));
  const width = sampleWidths.find((seconds) => (last - first) / seconds < mostSamples) ?? 86_400;
  const bucket = `(DATEDIFF(second, r.opened_at, l.committed_at) - ${first}) / ${width}`;
  const rows = await session.rows(
    `SELECT ${bucket}, SUM(l.rows_written + l.rows_matched) FROM ${state.table('ledger')} l ` +
      `JOIN ${state.table('run')} r ON r.number = l.run WHERE l.run = ${runNumber} AND l.work_item LIKE N'item:%' ` +
      `GROUP BY ${bucket};`,
  );
  const committed = new Map(rows.map((row) => [Number(row[0]), Number(row[1])]));
  const opened = Date.parse(openedAt);
  return Array.from({ length: Math.floor((last - first) / width) + 1 }, (_, index) => ({
    at: new Date(opened + (first + index * width) * 1000).toISOString(),
    seconds: width,
    rows: committed.get(index) ?? 0,
  }));
}
