import { describe, expect, it } from 'vitest';
import { cutToWidth } from '../../../src/cli/liveArea.js';
import { createProgressView, durationText, renderChanges, renderStatus } from '../../../src/cli/progressView.js';
import {
  stageNames,
  type EntityProgress,
  type RunStatus,
  type StageName,
  type WorkState,
} from '../../../src/contract.js';

const at = (second: number) => new Date(Date.UTC(2026, 0, 5, 22, 0, second)).toISOString();

function entity(name: string, state: WorkState, rowsDone: number, rowsTotal = 1000): EntityProgress {
  const startedAt = state === 'pending' ? null : at(10);
  const endedAt = state === 'done' ? at(14) : null;
  return {
    espace: 'People',
    entity: name,
    state,
    rowsTotal,
    rowsDone,
    rowsQuarantined: 0,
    batches: 1,
    startedAt,
    endedAt,
  };
}

function status(changes: Partial<RunStatus> = {}, current: StageName = 'migrateEntities'): RunStatus {
  const stages = stageNames.map((name, index) => {
    const state: WorkState = index < stageNames.indexOf(current) ? 'done' : name === current ? 'running' : 'pending';
    return { name, state, startedAt: state === 'pending' ? null : at(0), endedAt: state === 'done' ? at(4) : null };
  });
  return {
    id: 'refresh-qa',
    run: 'r1',
    state: 'running',
    stage: current,
    waitingFor: null,
    stages,
    entities: [entity('City', 'done', 1000), entity('Person', 'running', 250), entity('Icon', 'pending', 0)],
    startedAt: at(0),
    endedAt: null,
    asOf: at(15),
    ...changes,
  };
}

describe('renderStatus', () => {
  it('shows state, stages, totals and every entity with its rows and pace', () => {
    const lines = renderStatus(status()).join('\n');
    expect(lines).toContain('refresh-qa  running · migrateEntities  15 s so far');
    expect(lines).toContain('✓ preflight');
    expect(lines).toContain('▶ migrateEntities');
    expect(lines).toContain('1 of 3 entities, 1,250 of 3,000 rows');
    expect(lines).toMatch(/▶ People\.Person █{6}░{18} +250 \/ 1,000 +· 50 rows\/s · 15 s left/);
    expect(lines).toMatch(/✓ People\.City +█{24} +1,000 \/ 1,000 +4\.0 s/);
  });

  it('says what a run waits for, and for how long', () => {
    const text = 'waiting for approval of enableApplications';
    const waiting = status({ state: 'waitingForApproval', waitingFor: { kind: 'approval', since: at(5), text } });
    expect(renderStatus(waiting).join('\n')).toContain(`… ${text} (for 10 s)`);
  });

  it('shows what needs attention first where not every entity fits, and counts the rest', () => {
    const entities = [
      ...Array.from({ length: 50 }, (_, i) => entity(`Done${i}`, 'done', 1000)),
      entity('Running', 'running', 1),
      entity('Parked', 'parked', 1),
    ];
    const lines = renderStatus(status({ entities }), { entityLines: 3 });
    expect(lines.filter((line) => line.includes('People.'))).toHaveLength(3);
    expect(lines.join('\n')).toContain('People.Running');
    expect(lines.join('\n')).toContain('People.Parked');
    expect(lines.join('\n')).toContain('… and 49 more');
  });

  it('lays stages out for the width of the terminal', () => {
    const narrow = renderStatus(status(), { columns: 60 }).filter((line) => line.includes('preflight'));
    expect(narrow[0]!.length).toBeLessThanOrEqual(62);
  });
});

describe('renderChanges', () => {
  it('tells each thing once', () => {
    const before = status();
    const after = status({ entities: [entity('City', 'done', 1000), entity('Person', 'done', 1000)] }, 'verify');
    expect(renderChanges(null, before)).toContain('preflight: done (4.0 s)');
    const changes = renderChanges(before, after);
    expect(changes).toContain('migrateEntities: done (4.0 s)');
    expect(changes).toContain('verify: started');
    expect(changes).toContain('  People.Person: done, 1,000 rows in 4.0 s');
    expect(changes.join('\n')).not.toContain('People.City');
    expect(renderChanges(after, after)).toEqual([]);
  });
});

describe('createProgressView', () => {
  it('paints over what it painted on a terminal', () => {
    const written: string[] = [];
    const view = createProgressView({ write: (text) => written.push(text), isTTY: true, columns: 90, rows: 40 });
    view.show(status());
    const height = written[0]!.split('\n').length - 1;
    view.show(status());
    expect(written[1]).toContain(`[${height}A`);
    view.pause();
    view.show(status());
    expect(written[2]).not.toMatch(/\[\d+A/);
  });
});

describe('cutToWidth', () => {
  it('counts characters that are seen and keeps the code that ends a color', () => {
    const red = '\u001b[31mabcdef\u001b[39m';
    expect(cutToWidth(red, 3)).toBe('\u001b[31mabc\u001b[39m');
  });
});

describe('durationText', () => {
  it.each([
    [400, '0.4 s'],
    [12_300, '12 s'],
    [61_000, '1 min 1 s'],
    [3_720_000, '1 h 2 min'],
  ])('%d ms is %s', (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });
});
