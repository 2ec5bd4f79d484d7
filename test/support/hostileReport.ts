import { stageNames } from '../../src/contract.js';
import type { RunReport } from '../../src/report/runReport.js';

/** What a database may hold for a name, and what must not come to life on a page or break its layout. */
export const hostileName = `<script>window.pwned=1</script><img src=x onerror="window.pwned=1">"'&${'Ä_long_name'.repeat(12)}`;

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 2, 22, 0, 0) + seconds * 1000).toISOString();

/** A run of an hour with 300 entities, every section filled, and hostile texts wherever a database or person gives one. */
export function hostileReport(): RunReport {
  const failure = {
    code: 'FOREIGN_KEY',
    message: hostileName,
    sqlNumber: 547,
    subject: hostileName,
    remedy: hostileName,
  };
  return {
    format: 1,
    workflowId: `refresh-${hostileName}`,
    run: 'b6a0f1de-0000-4000-8000-000000000000',
    source: hostileName,
    destination: hostileName,
    planHash: 'f'.repeat(64),
    ending: 'failed',
    madeAt: at(3600),
    failure,
    failures: [
      { at: at(900), target: `Shop.${hostileName}`, failure, answer: 'retry' },
      { at: at(3000), target: 'verify', failure, answer: null },
    ],
    status: {
      id: 'refresh-qa',
      run: 'b6a0f1de-0000-4000-8000-000000000000',
      state: 'failed',
      stage: 'verify',
      waitingFor: null,
      stages: stageNames.map((name, index) => {
        if (index > 11) return { name, state: 'pending', startedAt: null, endedAt: null };
        return {
          name,
          state: index === 11 ? 'failed' : 'done',
          startedAt: at(index * 300),
          endedAt: at(index * 300 + 299),
        };
      }),
      entities: [],
      startedAt: at(0),
      endedAt: at(3600),
      asOf: at(3600),
    },
    decisions: [
      ...(['approve', 'pause', 'resume'] as const).map((kind, index) => ({
        ...{ at: at(index * 60), kind, by: hostileName, note: hostileName, target: null, effect: 'applied' as const },
      })),
    ],
    findings: [{ code: 'WIDTH', severity: 'warning', subject: hostileName, message: hostileName, remedy: hostileName }],
    entities: Array.from({ length: 300 }, (_, index) => ({
      ...{ name: index === 0 ? hostileName : `Module${index % 7}.Entity${index}`, keys: 'reserved' as const },
      ...{ state: 'done' as const, rowsPlanned: 1_234_567_890, rowsRead: 1_234_567_890, rowsWritten: 1_234_567_890 },
      ...{ rowsLeftBehind: 1_234_567, rowsMatched: 0, rowsQuarantined: 3, referencesOrphaned: 12 },
      ...{ referencesUnmapped: 0, referencesDeferred: 7 },
      ...{ batches: 61_729, seconds: 3000 },
    })),
    rate: Array.from({ length: 100 }, (_, index) => ({
      ...{ at: at(600 + index * 30), seconds: 30, rows: index === 50 ? 0 : 900_000 + (index % 9) * 60_000 },
    })),
    verification: [
      { check: hostileName, result: 'passed' },
      { check: 'process trees are whole', result: 'notPassed' },
    ],
    quarantine: {
      total: 4711,
      shown: Array.from({ length: 200 }, (_, index) => ({
        ...{ entity: 'Shop.Order', key: String(index * 17), attribute: hostileName, reason: 'unmapped' },
      })),
    },
    facts: [{ stage: 'mapUsers', text: 'users created', count: 42 }],
    roles: {
      ...{ usersBefore: 5678, usersChanged: 1234, usersCreated: 42 },
      roles: [{ role: hostileName, gained: 1200, lost: 34, ofCreated: 42 }],
      shown: [{ user: 17, created: false, gained: [hostileName], lost: ['Shop.Clerk'] }],
    },
    left: [hostileName],
  };
}
