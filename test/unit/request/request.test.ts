import { describe, expect, it } from 'vitest';
import { BadInputError } from '../../../src/plan/badInput.js';
import { parseRequest, parseRequestText } from '../../../src/request.js';

const minimal = { source: 'production', destination: 'qa' };

function problems(value: unknown): readonly string[] {
  try {
    parseRequest(value);
  } catch (error) {
    if (error instanceof BadInputError) return error.problems;
    throw error;
  }
  return [];
}

describe('a request', () => {
  it('gets the documented defaults', () => {
    expect(parseRequest(minimal)).toEqual({
      source: 'production',
      destination: 'qa',
      scope: { solutions: [], applications: [], espaces: [], entities: [], exclude: [] },
      producers: 'include',
      destinationData: 'deleteFirst',
      keys: 'auto',
      tenants: 'fail',
      users: {
        mode: 'createMissing',
        scope: 'referenced',
        match: ['username', 'tenant'],
        passwords: 'blank',
        keep: [],
        fallback: null,
        map: null,
      },
      processes: { migrate: true, statuses: 'all', inactiveDefinitions: false, nextRun: 'hold' },
      timers: 'leave',
      drain: { stuckAfter: 30 * 60_000 },
      orphans: 'setNull',
      unmapped: 'fail',
      entities: {},
      approvals: {
        stages: ['disableApplications', 'deleteDestinationData', 'enableApplications'],
        remindAfter: 4 * 3_600_000,
        expireAfter: 72 * 3_600_000,
      },
      batch: { rows: 20_000, bytes: 16 * 1024 * 1024 },
      parallelEntities: 4,
      parallelRanges: 4,
      limits: { rowsPerSecond: null, bytesPerSecond: null },
    });
  });

  it('once checked is itself valid with the same meaning', () => {
    const checked = parseRequest({
      ...minimal,
      approvals: ['verify'],
      batch: { bytes: '512KB' },
      limits: { bytesPerSecond: '2MB' },
      entities: { 'People.Person': { keepRows: [1, 'x'] } },
    });
    expect(parseRequest(JSON.parse(JSON.stringify(checked)))).toEqual(checked);
  });

  it('takes a bare list of approvals, durations and sizes, from YAML and from JSON', () => {
    const yaml = parseRequestText(
      'source: production\ndestination: qa\napprovals: [verify]\nbatch: { rows: 10, bytes: 1.5MB }\n',
    );
    expect(yaml.approvals.stages).toEqual(['verify']);
    expect(yaml.batch).toEqual({ rows: 10, bytes: 1.5 * 1024 * 1024 });
    const json = parseRequestText(JSON.stringify({ ...minimal, approvals: { stages: [], expireAfter: '90m' } }));
    expect(json.approvals).toEqual({ stages: [], remindAfter: 4 * 3_600_000, expireAfter: 90 * 60_000 });
  });

  it('with an unknown key is refused, naming the nearest valid one at any depth', () => {
    expect(problems({ ...minimal, scop: {} })).toEqual(['scop: unknown key (did you mean scope?)']);
    expect(problems({ ...minimal, users: { mod: 'update' } })).toEqual(['users.mod: unknown key (did you mean mode?)']);
    expect(problems({ ...minimal, entities: { 'A.B': { onMach: 'skip' } } })).toEqual([
      'entities.A.B.onMach: unknown key (did you mean onMatch?)',
    ]);
    expect(problems({ ...minimal, approvals: { stage: [] } })).toEqual([
      'approvals.stage: unknown key (did you mean stages?)',
    ]);
  });

  it('gets one message a problem, each with its path', () => {
    expect(
      problems({
        source: 'a',
        destination: 'b',
        users: { mode: 'x' },
        batch: { rows: 0, bytes: 'many' },
        processes: { statuses: 'Active' },
      }),
    ).toEqual([
      'users.mode: must be one of createMissing, update, recreate, matchOnly',
      'processes.statuses: must be all, or a list of status names such as [Active]',
      'batch.rows: too small: expected number to be >=1',
      'batch.bytes: must be a size such as 512KB or 16MB',
    ]);
    expect(problems({})).toEqual(['source: is missing', 'destination: is missing']);
  });

  it('cannot refresh an environment from itself', () => {
    expect(problems({ source: 'qa', destination: 'QA' })).toEqual([
      'destination: source and destination name the same environment',
    ]);
  });

  it('that does not parse is refused with line and column, without quoting it', () => {
    const broken = 'source: production\npassword: [s3cret\n';
    expect(() => parseRequestText(broken)).toThrow(/line \d+, column \d+/);
    expect(() => parseRequestText(broken)).not.toThrow(/s3cret/);
    expect(() => parseRequestText('just text')).toThrow(/one object/);
    expect(() => parseRequestText('')).toThrow(BadInputError);
  });
});
