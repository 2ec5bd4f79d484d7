import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import {
  stageNames,
  type OperatorMessage,
  type OperatorMessageKind,
  type StageFailure,
} from '../../../src/contract.js';
import { apply, bindPlan, newSteering, parseMessage, refusal, type Steering } from '../../../workflows/steering.js';

const at = '2026-01-01T00:00:00.000Z';
const failure: StageFailure = { code: 'X', message: 'm', sqlNumber: null, subject: null, remedy: 'r' };

function message(kind: OperatorMessageKind, payload: unknown): OperatorMessage {
  const parsed = parseMessage(kind, payload);
  if (typeof parsed === 'string') throw new Error(parsed);
  return parsed;
}

function afterPreflight(): Steering {
  return { ...newSteering(), gates: ['disableApplications', 'enableApplications'] };
}

describe('steering', () => {
  it('keeps an approval that comes before the gates are known', () => {
    const state = newSteering();
    const record = apply(state, message('approve', { stage: 'enableApplications', by: 'ann' }), at);
    expect(record.effect).toBe('kept');
    expect(state.approvals.enableApplications?.by).toBe('ann');
  });

  it('takes a second approval as once, and says who was first', () => {
    const state = afterPreflight();
    apply(state, message('approve', { stage: 'disableApplications', by: 'ann' }), at);
    const second = apply(state, message('approve', { stage: 'disableApplications', by: 'bob' }), at);
    expect(second).toMatchObject({ effect: 'ignored', note: 'already approved by ann' });
    expect(state.approvals.disableApplications?.by).toBe('ann');
  });

  it('refuses an approval for a stage that is past its gate, asks for none, or for another plan', () => {
    const state = { ...afterPreflight(), planHash: 'aaaa', passed: ['disableApplications' as const] };
    expect(refusal(state, message('approve', { stage: 'disableApplications' }))).toContain('past its approval');
    expect(refusal(state, message('approve', { stage: 'verify' }))).toContain('asks for no approval');
    expect(refusal(state, message('approve', { stage: 'enableApplications', planHash: 'bbbb' }))).toContain('aaaa');
    expect(refusal(state, message('approve', { stage: 'enableApplications', planHash: 'aaaa' }))).toBeNull();
  });

  it('takes back early approvals that were given for another plan', () => {
    const state = newSteering();
    apply(state, message('approve', { stage: 'disableApplications', by: 'ann', planHash: 'old' }), at);
    apply(state, message('approve', { stage: 'enableApplications', by: 'ann' }), at);
    bindPlan(state, { planHash: 'new', warningsHash: '' }, at);
    expect(state.approvals.disableApplications).toBeUndefined();
    expect(state.approvals.enableApplications?.by).toBe('ann');
    expect(state.decisions.at(-1)).toMatchObject({ effect: 'ignored', target: 'disableApplications' });
  });

  it('asks again when the plan has a warning that was not approved, and not when only its counts have moved', () => {
    const state = newSteering();
    apply(state, message('approve', { stage: 'disableApplications', by: 'ann', warningsHash: 'w1' }), at);
    bindPlan(state, { planHash: 'other rows', warningsHash: 'w1' }, at);
    expect(state.approvals.disableApplications?.by).toBe('ann');
    const changed = newSteering();
    apply(changed, message('approve', { stage: 'disableApplications', by: 'ann', warningsHash: 'w1' }), at);
    bindPlan(changed, { planHash: 'other rows', warningsHash: 'w2' }, at);
    expect(changed.approvals.disableApplications).toBeUndefined();
    const open = { ...changed, gates: ['disableApplications'] as const };
    expect(refusal(open, message('approve', { stage: 'disableApplications', warningsHash: 'w1' }))).toContain('w2');
    expect(refusal(open, message('approve', { stage: 'disableApplications', warningsHash: 'w2' }))).toBeNull();
  });

  it('lets only what is parked be retried or skipped, and only stages whose loss is bearable be skipped', () => {
    const state = { ...afterPreflight(), parked: { verify: failure, mapUsers: failure, 'People.City': failure } };
    expect(refusal(state, message('retry', { entity: 'People.Person' }))).toContain('not parked');
    expect(refusal(state, message('skip', { stage: 'mapUsers' }))).toContain('cannot be skipped');
    expect(refusal(state, message('skip', { stage: 'verify' }))).toBeNull();
    apply(state, message('skip', { entity: 'People.City' }), at);
    expect(state.released).toEqual({ 'People.City': 'skip' });
    expect(Object.keys(state.parked)).toEqual(['verify', 'mapUsers']);
  });

  it('refuses numbers that would stop or drown the destination', () => {
    for (const parallelEntities of [0, -1, 1.5, 33, '4', null]) {
      expect(parseMessage('tune', { parallelEntities })).toContain('parallelEntities');
    }
    expect(parseMessage('tune', { batchRows: 99 })).toContain('batchRows');
    expect(parseMessage('tune', { parallelEntities: 2, parallelRanges: 17 })).toContain('parallelRanges');
    expect(parseMessage('tune', {})).toContain('give');
  });

  it('pauses and resumes once each', () => {
    const state = afterPreflight();
    apply(state, message('pause', { by: 'ann' }), at);
    expect(apply(state, message('pause', { by: 'bob' }), at).effect).toBe('ignored');
    expect(state.pausedBy?.by).toBe('ann');
    apply(state, message('resume', { by: 'bob' }), at);
    expect(state.pausedBy).toBeNull();
  });

  it('changes nothing once the run is ending', () => {
    const state = { ...afterPreflight(), ended: true };
    apply(state, message('abort', { by: 'ann' }), at);
    expect(state.abort).toBeNull();
  });

  it('survives whatever the UI sends, and records each message exactly once', () => {
    const kinds = ['pause', 'resume', 'approve', 'reject', 'confirm', 'abort', 'retry', 'skip', 'tune'] as const;
    const payload = fc.oneof(
      fc.anything(),
      fc.record(
        {
          by: fc.anything(),
          note: fc.anything(),
          stage: fc.oneof(fc.constantFrom(...stageNames), fc.anything()),
          entity: fc.anything(),
          step: fc.anything(),
          parallelEntities: fc.anything(),
          parallelRanges: fc.anything(),
        },
        { requiredKeys: [] },
      ),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...kinds), payload), { maxLength: 30 }), (sent) => {
        const state = afterPreflight();
        let recorded = 0;
        for (const [kind, given] of sent) {
          const parsed = parseMessage(kind, given);
          if (typeof parsed === 'string') continue;
          apply(state, parsed, at);
          recorded += 1;
        }
        expect(state.decisions).toHaveLength(recorded);
        expect(JSON.parse(JSON.stringify(state))).toEqual(state);
      }),
    );
  });
});
