import { stageNames, type CloseRunInput, type RunStatus, type StageProgress, type WorkState } from '../../contract.js';
import type { PlannedNode, RefreshPlan } from '../../plan/refreshPlan.js';
import type {
  EntityReport,
  QuarantineReport,
  ReportFact,
  RunReport,
  VerificationResult,
} from '../../report/runReport.js';
import type { DestinationSession } from '../../sqlserver/session.js';
import { keyRangesOf } from '../migrateEntities/keyRanges.js';
import { addCounts, noCounts } from '../state/ledger.js';
import { readFacts } from '../state/notes.js';
import type { StateTables } from '../state/stateTables.js';
import type { StoredRun } from '../state/run.js';
import { readAccount, readRate, stageOfWorkItem, type AccountLine } from './ledgerAccount.js';
import { readRoleChanges } from './roleChanges.js';

/** Most keys of rows set aside that a report lists; the others stay in the table. */
const shownQuarantine = 200;

/** What the workflow knows beyond the state schema; without its status a report rests on the ledger alone. */
export interface ToldByWorkflow extends Pick<CloseRunInput, 'decisions' | 'failures'> {
  readonly status: RunStatus | null;
}

/**
 * A run's report from the destination's state schema: what was committed, and nothing else, whether the run closed,
 * still works or lost its workflow.
 * @param ending null of a run that has not closed
 */
export async function buildReport(
  session: DestinationSession,
  state: StateTables,
  plan: RefreshPlan,
  stored: StoredRun,
  told: ToldByWorkflow,
  end: Pick<CloseRunInput, 'failure' | 'left'> & { readonly ending: RunReport['ending'] },
): Promise<RunReport> {
  const { openedAt, now } = await runTimes(session, state, stored.number);
  const account = await readAccount(session, state, stored.number);
  const skipped = await skippedItems(session, state, stored.number);
  const quarantine = await readQuarantine(session, state, plan, stored.number);
  const status = told.status ?? statusFromLedger(plan, stored, account, { ending: end.ending, openedAt, now });
  return {
    format: 1,
    workflowId: stored.workflowId,
    run: stored.run,
    source: stored.source,
    destination: stored.destination,
    planHash: stored.planHash,
    ending: end.ending,
    madeAt: now,
    failure: end.failure,
    failures: told.failures,
    status,
    decisions: told.decisions,
    findings: plan.findings,
    entities: entityReports(plan, account, skipped, status),
    rate: await readRate(session, state, stored.number, account, openedAt),
    verification: verificationResults(plan, account, skipped, status),
    quarantine,
    facts: [...userFacts(account), ...(await readFacts(session, state, stored.run))],
    roles: await readRoleChanges(session, state, stored.number, account),
    left: [...end.left, ...quarantineLeft(quarantine, state)],
  };
}

async function runTimes(
  session: DestinationSession,
  state: StateTables,
  runNumber: number,
): Promise<{ openedAt: string; now: string }> {
  const [row] = await session.rows(
    `SELECT CONVERT(varchar(23), opened_at, 126), CONVERT(varchar(23), GETUTCDATE(), 126) FROM ${state.table('run')} WHERE number = ${runNumber};`,
  );
  const [openedAt, now] = [row?.[0], row?.[1]].map((text) => new Date(`${String(text)}Z`).toISOString());
  return { openedAt: openedAt!, now: now! };
}

/** Work items whose rows were removed on request: `item:3`. */
async function skippedItems(
  session: DestinationSession,
  state: StateTables,
  runNumber: number,
): Promise<ReadonlySet<string>> {
  const rows = await session.rows(
    `SELECT name FROM ${state.table('note')} WHERE run = ${runNumber} AND name LIKE N'skipped:%';`,
  );
  return new Set(rows.map((row) => String(row[0]).slice('skipped:'.length)));
}

/** The run's account by entity: what its ledger sums up to, with every entity of the plan. */
function entityReports(
  plan: RefreshPlan,
  account: readonly AccountLine[],
  skipped: ReadonlySet<string>,
  status: RunStatus,
): EntityReport[] {
  const states = new Map(status.entities.map((entity) => [`${entity.espace}.${entity.entity}`, entity.state]));
  return plan.entities.map((entity, index) => {
    const node = plan.nodes[entity.node]!;
    const lines = account.filter((line) => line.entity === index && line.workItem.startsWith('item:'));
    const counts = lines.reduce((sum, line) => addCounts(sum, line), noCounts);
    const name = nameOf(node);
    return {
      name,
      keys: node.origin,
      state: states.get(name) ?? ledgerState(plan, index, lines, skipped),
      rowsPlanned: entity.rows,
      rowsRead: counts.rowsRead,
      rowsWritten: counts.rowsWritten,
      rowsMatched: counts.rowsMatched,
      rowsLeftBehind: counts.rowsFiltered,
      rowsQuarantined: counts.rowsQuarantined,
      referencesOrphaned: counts.referencesOrphaned,
      referencesUnmapped: counts.referencesUnmapped,
      referencesDeferred: counts.referencesDeferred,
      batches: lines.reduce((sum, line) => sum + line.batches, 0),
      seconds: lines.length === 0 ? 0 : span(lines).last - span(lines).first,
    };
  });
}

function ledgerState(
  plan: RefreshPlan,
  entity: number,
  lines: readonly AccountLine[],
  skipped: ReadonlySet<string>,
): WorkState {
  const items = plan.items.filter((item) => item.entities.includes(entity)).map(({ id }) => `item:${id}`);
  if (items.some((item) => skipped.has(item))) return 'skipped';
  const planned = plan.entities[entity];
  const ends = lines.reduce((sum, line) => sum + line.ends, 0);
  if (planned !== undefined && ends === items.length * keyRangesOf(planned).length) return 'done';
  return lines.length > 0 ? 'running' : 'pending';
}

function span(lines: readonly AccountLine[]): { first: number; last: number } {
  return { first: Math.min(...lines.map(({ first }) => first)), last: Math.max(...lines.map(({ last }) => last)) };
}

/** Where a run stands as far as its commits tell: a stage is over once a later one has committed something. */
function statusFromLedger(
  plan: RefreshPlan,
  stored: StoredRun,
  account: readonly AccountLine[],
  { ending, openedAt, now }: { ending: RunReport['ending']; openedAt: string; now: string },
): RunStatus {
  const at = (seconds: number) => new Date(Date.parse(openedAt) + seconds * 1000).toISOString();
  const worked = stageNames.map((name) => account.filter((line) => stageOfWorkItem(plan, line.workItem) === name));
  const latest = worked.findLastIndex((lines) => lines.length > 0);
  const stages = stageNames.map((name, index): StageProgress => {
    const lines = worked[index]!;
    if (name === 'preflight' || name === 'plan') return { name, state: 'done', startedAt: null, endedAt: openedAt };
    if (index > latest) return { name, state: 'pending', startedAt: null, endedAt: null };
    if (lines.length === 0) return { name, state: 'done', startedAt: null, endedAt: null };
    const { first, last } = span(lines);
    const over = index < latest;
    return { name, state: over ? 'done' : 'running', startedAt: at(first), endedAt: over ? at(last) : null };
  });
  return {
    id: stored.workflowId,
    run: stored.run,
    state: ending ?? 'running',
    stage: stages[latest]?.name ?? null,
    waitingFor: null,
    stages,
    entities: [],
    startedAt: openedAt,
    endedAt: ending === null ? null : now,
    asOf: now,
  };
}

/** Every check of the plan with its outcome: what passed is in the ledger. */
function verificationResults(
  plan: RefreshPlan,
  account: readonly AccountLine[],
  skipped: ReadonlySet<string>,
  status: RunStatus,
): VerificationResult[] {
  const passed = new Set(account.filter((line) => line.ends > 0).map((line) => line.workItem));
  const started = status.stages.some(({ name, startedAt }) => name === 'verify' && startedAt !== null);
  const missing = started ? 'notPassed' : 'notRun';
  const result = (check: string, items: readonly string[]): VerificationResult => ({
    check,
    result: items.every((item) => passed.has(item)) ? 'passed' : missing,
  });
  const entities = plan.entities.map((entity, index) => {
    const items = plan.items.filter((item) => item.entities.includes(index) && !skipped.has(`item:${item.id}`));
    const checks = items.map((item) => `verify:entity:${item.id}:${index}`);
    return result(`${nameOf(plan.nodes[entity.node]!)}: counts and references`, checks);
  });
  return [
    ...entities,
    ...plan.nodes
      .filter((node) => node.origin === 'matched' && node.destination !== null)
      .map((node) => result(`${nameOf(node)}: matched records exist`, [`verify:node:${node.node}`])),
    result('deferred references are resolved', ['verify:deferred']),
    result('process trees are whole', ['verify:processTrees']),
    result('triggers, constraints and identities are as before', ['verify:objects']),
  ];
}

/** What became of users, groups and memberships. */
function userFacts(account: readonly AccountLine[]): ReportFact[] {
  const groups: readonly (readonly [string, (item: string) => boolean])[] = [
    ['users', (item) => item === 'users'],
    ['groups', (item) => item === 'groups'],
    ['memberships', (item) => item.startsWith('links:')],
  ];
  return groups.flatMap(([what, belongs]) => {
    const counts = account.filter(({ workItem }) => belongs(workItem)).reduce((sum, l) => addCounts(sum, l), noCounts);
    return [
      { stage: 'mapUsers', text: `${what} matched`, count: counts.rowsMatched },
      { stage: 'mapUsers', text: `${what} created`, count: counts.rowsWritten },
      { stage: 'mapUsers', text: `${what} set aside`, count: counts.rowsQuarantined },
    ].filter(({ count }) => count > 0);
  });
}

async function readQuarantine(
  session: DestinationSession,
  state: StateTables,
  plan: RefreshPlan,
  runNumber: number,
): Promise<QuarantineReport> {
  const table = state.table('quarantine');
  const [count] = await session.rows(`SELECT COUNT_BIG(*) FROM ${table} WHERE run = ${runNumber};`);
  const rows = await session.rows(
    `SELECT TOP (${shownQuarantine}) entity, source_key, attribute, reason FROM ${table} WHERE run = ${runNumber} ORDER BY entity, id;`,
  );
  return {
    total: Number(count?.[0]),
    shown: rows.map((row) => ({
      entity: nameOf(plan.nodes[plan.entities[Number(row[0])]?.node ?? -1]),
      key: String(row[1]),
      attribute: String(row[2]),
      reason: String(row[3]),
    })),
  };
}

function quarantineLeft({ total }: QuarantineReport, state: StateTables): string[] {
  return total === 0
    ? []
    : [`${total} rows were set aside; their keys and reasons are in ${state.table('quarantine')}.`];
}

function nameOf(node: PlannedNode | undefined): string {
  return node === undefined ? '?' : `${node.espace}.${node.entity}`;
}
