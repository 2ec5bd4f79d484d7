import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { autoNumber, entity, module, reference, text } from '../../../sandbox/factories/define.js';
import { serviceCenter, users } from '../../../sandbox/factories/modules/serviceCenter.js';
import { PlanRig, scalar } from './planRig.js';

const code = text('Code', 60, { mandatory: true });
const few = { share: 0, minimum: 4, qaMinimum: 4 };
const always = { mandatory: true, value: () => ({ row: 0 }) };

let rig: PlanRig;

beforeAll(async () => {
  const place = entity('Place', { marker: 'Code', scale: few, attributes: [autoNumber(), code] });
  const visit = entity('Visit', {
    marker: 'Code',
    scale: few,
    attributes: [autoNumber(), code, reference('PlaceId', 'App.Place', 'Ignore', always)],
  });
  const log = entity('Log', {
    marker: 'Code',
    scale: few,
    attributes: [
      autoNumber(),
      code,
      reference('PlaceId', 'App.Place', 'Protect', { value: ({ index }) => (index === 1 ? null : { row: 0 }) }),
    ],
  });
  // Refers to the row that refers to no place.
  const stamp = entity('Stamp', {
    marker: 'Code',
    scale: few,
    attributes: [autoNumber(), code, reference('LogId', 'Elsewhere.Log', 'Protect', { value: () => ({ row: 1 }) })],
  });
  const remark = entity('Remark', {
    marker: 'Code',
    scale: few,
    attributes: [autoNumber(), code, reference('LogId', 'Elsewhere.Log', 'Protect', always)],
  });
  rig = await PlanRig.open('surviving', {
    modules: [
      serviceCenter,
      users,
      module('App', { entities: [place, visit, remark] }),
      module('Elsewhere', { entities: [log, stamp] }),
    ],
    applications: [],
    solutions: [],
    tenants: [
      { name: 'ServiceCenter', provider: 'ServiceCenter' },
      { name: 'Users', provider: 'Users' },
    ],
  });
});
afterAll(() => rig?.close());

/** What the plan says of deletions and keys when some rows of an entity stay. */
async function findings(kept: readonly string[], row: 'MIN' | 'MAX' = 'MIN'): Promise<string[]> {
  const entities: Record<string, { keepRows: string[] }> = {};
  for (const name of kept) {
    const id = await scalar(rig.qa, `SELECT ${row}(ID) AS n FROM dbo.[${rig.factories.qa.tables[name]}]`);
    entities[name] = { keepRows: [String(id)] };
  }
  const request = { scope: { espaces: ['App'] }, producers: 'matchOnly', keys: 'preserve', unmapped: 'setNull' };
  const plan = await rig.plan({ ...request, entities });
  return plan.findings
    .filter(({ code }) => code.startsWith('DELETION') || code.startsWith('KEY'))
    .map((each) => `${each.severity} ${each.code} ${each.subject}`)
    .sort();
}

const dragged = 'warning DELETION_OUTSIDE_SCOPE Elsewhere.Log';

describe('rows outside the scope', () => {
  it('may be referred to by others, where they do not go with what they refer to (trap 25)', async () => {
    expect(await findings([])).toEqual([dragged]);
  });
});

describe('rows that keepRows names', () => {
  it('stand in the way of keys that they hold, though no constraint guards these (trap 83)', async () => {
    expect(await findings(['App.Visit'])).toEqual([
      'blocking KEY_NOT_PRESERVABLE App.Place',
      'blocking KEY_NOT_PRESERVABLE App.Visit',
      dragged,
    ]);
  });

  it('hold on to rows outside the scope that would go with others (traps 25 and 83)', async () => {
    expect(await findings(['App.Remark'])).toEqual([
      'blocking DELETION_CHAIN Elsewhere.Log',
      'blocking KEY_NOT_PRESERVABLE App.Remark',
      dragged,
    ]);
  });

  it('may be referred to from outside the scope, but not others of their entity (trap 25)', async () => {
    expect(await findings(['App.Place'])).toEqual(['blocking KEY_NOT_PRESERVABLE App.Place']);
    expect(await findings(['App.Place'], 'MAX')).toEqual([
      'blocking DELETION_CHAIN Elsewhere.Log.PLACEID',
      'blocking KEY_NOT_PRESERVABLE App.Place',
    ]);
  });
});
