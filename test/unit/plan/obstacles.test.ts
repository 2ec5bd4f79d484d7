import { describe, expect, it } from 'vitest';
import { assertRunnable } from '../../../src/plan/findings.js';
import { matchStatics } from '../../../src/plan/staticRecords.js';
import type { DraftNode } from '../../../src/plan/draft.js';
import { factoryOf, type FactorySpec } from './specFactory.js';
import { columnOf, entityOf, findingsOf, messageOf, namesOf, planFor } from './planFor.js';

const app = (entities: Record<string, object>, more: Partial<FactorySpec> = {}): FactorySpec => ({
  modules: { App: { entities } },
  ...more,
});
const scope = { scope: { espaces: ['App'] } };
const keep = { ...scope, destinationData: 'keep' };

describe('rows that stay', () => {
  it('stop the plan where natural keys could meet theirs, unless they are matched (trap 18)', () => {
    const spec = app({ Country: { id: 'int', attributes: { Code: {} } } });
    expect(findingsOf(planFor(spec, keep), 'blocking')).toEqual(['KEY_CONFLICT App.Country']);
    const matched = { ...keep, entities: { 'App.Country': { match: ['Code'] } } };
    expect(findingsOf(planFor(spec, matched), 'blocking')).toEqual([]);
  });

  it('are told apart from what is added to them', () => {
    const spec = app({ Item: { attributes: { Code: {} } } });
    expect(findingsOf(planFor(spec, keep), 'warning')).toContain('DATA_MATCH_NEEDED App.Item');
    const matched = planFor(spec, { ...keep, entities: { 'App.Item': { match: ['Code'] } } });
    expect(findingsOf(matched, 'warning')).toEqual([]);
    expect(entityOf(matched, 'App.Item')).toMatchObject({ data: 'keep', match: ['CODE'], onMatch: 'update' });
  });

  it('and hold unique values of loaded rows stop the plan; what cannot be compared beforehand is said', () => {
    const spec = app({ Item: { attributes: { Code: { unique: true } } } });
    const withFacts = (stays: number | null) =>
      planFor(spec, keep, { source: { unique: { 'App.Item.OSIDX_CODE': { alike: 0, stays, ofKey: false } } } });
    expect(findingsOf(withFacts(3), 'blocking')).toEqual(['UNIQUE_CONFLICT App.Item.OSIDX_CODE']);
    expect(findingsOf(withFacts(null), 'warning')).toContain('UNIQUE_UNCHECKED App.Item.OSIDX_CODE');
  });

  it('by keepRows must not refer to rows that go', () => {
    const spec = app({ City: {}, Person: { attributes: { CityId: { to: 'App.City' } } } });
    const wanted = { ...scope, entities: { 'App.Person': { keepRows: [7] } } };
    const keptReferring = [{ name: 'App.Person', column: 'CITYID', target: 'App.City', rows: 1 }];
    expect(findingsOf(planFor(spec, wanted, { destination: { keptReferring } }), 'blocking')).toEqual([
      'DELETION_REFUSED_BY_KEPT App.Person.CITYID',
    ]);
    const plan = planFor(spec, wanted);
    expect(plan.deletions.find((deletion) => deletion.name === 'App.Person')?.keepKeys).toEqual(['7']);
    expect(plan.nodes[entityOf(plan, 'App.Person').node]?.origin).toBe('reserved');
  });

  it('of other tenants are named', () => {
    const spec = app({ Note: { multiTenant: true } }, { tenants: ['Users'] });
    const plan = planFor(spec, scope, { destinationSpec: { ...spec, tenants: ['Users', 'Own'] } });
    expect(messageOf(plan, 'DELETION_KEEPS_TENANTS')).toContain('Own');
  });
});

describe('keys', () => {
  it('that only the collation of the destination takes as equal stop the plan (traps 17, 50)', () => {
    const spec = app({ Token: { id: 'text' } });
    const unique = { 'App.Token.OSPRK_OSUSR_q_App_Token': { alike: 2, stays: 0, ofKey: true } };
    const plan = planFor(spec, scope, { source: { unique } });
    expect(findingsOf(plan, 'blocking')).toEqual(['KEY_COLLATION_CONFLICT App.Token.OSPRK_OSUSR_q_App_Token']);
    expect(messageOf(plan, 'KEY_COLLATION_CONFLICT')).not.toMatch(/token-/i);
  });

  it('below zero leave all the room above them (traps 19, 73)', () => {
    const spec = app({ Item: { id: 'autonumber' } });
    const reseeded = { rows: 3, total: 3, highest: '-2147483640', identity: '-2147483640' };
    const plan = planFor(spec, keep, { destination: { entities: { 'App.Item': reseeded } } });
    expect(findingsOf(plan, 'blocking')).toEqual([]);
    const full = { ...reseeded, highest: '9223372036854775800' };
    expect(findingsOf(planFor(spec, keep, { destination: { entities: { 'App.Item': full } } }), 'blocking')).toEqual([
      'KEY_HEADROOM App.Item',
    ]);
  });

  it('0 and empty, which also mean none, stop the plan where a row bears them (trap 21)', () => {
    const spec = app({ City: {}, Person: { attributes: { CityId: { to: 'App.City', rule: 'Ignore' } } } });
    const columns = { 'App.Person.CityId': { ambiguous: 4 } };
    expect(findingsOf(planFor(spec, scope, { source: { columns } }), 'blocking')).toEqual([
      'KEY_NULL_IDENTIFIER App.Person.CityId',
    ]);
  });
});

describe('texts', () => {
  it('in another collation are a warning (trap 50)', () => {
    const spec = app({ Item: { attributes: { Name: {} } } });
    const plan = planFor(spec, scope, {
      destinationSpec: app({ Item: { attributes: { Name: { collation: 'Latin1_General_CS_AS' } } } }),
    });
    expect(findingsOf(plan, 'warning')).toContain('MODEL_COLLATION_DIFFERS App.Item');
  });
});

describe('static records', () => {
  const node = (key: string): DraftNode =>
    ({ node: 0, kind: 'staticEntity', espaceKey: key, entityKey: 'e-kind' }) as DraftNode;
  const factory = (records: object, side: 'source' | 'destination') =>
    factoryOf(app({ Kind: { records }, Copy: { records: {} } }), side);

  it('match by their keys, whatever their ids and names are (traps 51, 54)', () => {
    const match = matchStatics([node('k-app')], factory({ Staff: 1, Guest: 2 }, 'source'), {
      ...factory({ Staff: 2, Guest: 1 }, 'destination'),
    });
    expect(match.get(0)).toEqual({
      pairs: [
        ['1', '2'],
        ['2', '1'],
      ],
      ...{ missing: [], namesakes: [] },
    });
  });

  it('made anew under the same name are not the same (trap 53)', () => {
    const source = factory({ Staff: 1 }, 'source');
    const destination = factory({ Staff: 1 }, 'destination');
    const again = { ...destination, staticRecords: destination.staticRecords.map((each) => ({ ...each, key: 'new' })) };
    expect(matchStatics([node('k-app')], source, again).get(0)).toEqual({
      pairs: [],
      missing: [{ dataId: '1', name: 'Staff' }],
      namesakes: ['Staff'],
    });
  });

  it('deleted in the source still match, deleted in the destination do not (trap 52)', () => {
    const source = factory({ Staff: 1 }, 'source');
    const destination = factory({ Staff: 9 }, 'destination');
    const deleted = <T extends typeof source>(each: T): T => ({
      ...each,
      staticRecords: each.staticRecords.map((record) => ({ ...record, active: false })),
    });
    expect(matchStatics([node('k-app')], deleted(source), destination).get(0)?.pairs).toEqual([['1', '9']]);
    expect(matchStatics([node('k-app')], source, deleted(destination)).get(0)?.missing).toHaveLength(1);
  });

  it('used as the key of an entity lead it to their counterpart (trap 55)', () => {
    const spec = app({ Kind: { records: { Staff: 1 } }, KindExtended: { id: { to: 'App.Kind' } } });
    const plan = planFor(spec, scope);
    const kind = plan.nodes.find((each) => each.entity === 'Kind');
    expect(columnOf(plan, 'App.KindExtended', 'Id').treatment).toMatchObject({
      kind: 'key',
      follows: { node: kind?.node },
    });
    expect(namesOf(plan)).toEqual(['App.KindExtended']);
  });
});

describe('users and roles', () => {
  const spec = app({ Note: { attributes: { By: { to: 'ServiceCenter.User', rule: 'Ignore' } } } });
  const users = {
    needed: 5,
    matched: 3,
    unmatched: 0,
    ambiguous: 2,
    withoutTenant: 0,
    byMap: 0,
    namesakes: 0,
    doubles: [],
  };

  it('that several counterparts match stop the plan, by count and never by name (traps 57, 58)', () => {
    const plan = planFor(spec, scope, { source: { users } });
    expect(findingsOf(plan, 'blocking')).toEqual(['USERS_AMBIGUOUS users']);
    expect(() => assertRunnable(plan)).toThrow(/2 users of the source have several counterparts/);
  });

  it('match by name and tenant, and bring no password along, unless asked (traps 57, 63)', () => {
    expect(planFor(spec, scope).request.users).toMatchObject({
      mode: 'createMissing',
      match: ['username', 'tenant'],
      passwords: 'blank',
    });
  });

  it('that a file maps are in the plan as ids; each wrong line stops it, by its number (trap 58)', () => {
    const wanted = { ...scope, users: { map: 'users.csv' } };
    const pairs = [[4, 9]] as const;
    const good = planFor(spec, wanted, { source: { userMap: { pairs, shared: [9], problems: [] } } });
    expect(findingsOf(good, 'blocking')).toEqual([]);
    expect(good.users).toMatchObject({ pairs, shared: [9] });
    const problems = Array.from({ length: 30 }, (_, index) => {
      return { code: 'USERS_MAP_USER_UNKNOWN' as const, line: index + 2, message: 'Production has no such user.' };
    });
    const bad = planFor(spec, wanted, { source: { userMap: { pairs, shared: [], problems } } });
    const said = bad.findings.filter(({ code }) => code === 'USERS_MAP_USER_UNKNOWN').map(({ message }) => message);
    expect(said).toContain('Line 2: Production has no such user.');
    expect(said).toContain('10 more lines have problems.');
    expect(said).toHaveLength(21);
    expect(() => assertRunnable(bad)).toThrow(/Line 21/);
  });

  it('are told apart by module: a role of another module with the same name is not the role (trap 60)', () => {
    const roles: FactorySpec = {
      modules: { App: { entities: { Item: {} } }, Copy: { entities: { Item: {} } } },
      roles: ['App.Clerk', 'App.Boss', 'Copy.Clerk'],
    };
    const poorer = { ...roles, roles: ['Copy.Clerk', 'App.Boss'] };
    const plan = planFor(roles, { scope: { espaces: ['App', 'Copy'] } }, { destinationSpec: poorer });
    expect(findingsOf(plan).filter((each) => each.startsWith('ROLE'))).toEqual(['ROLE_MISSING Clerk']);
  });
});

describe('processes', () => {
  const spec: FactorySpec = {
    modules: { App: { processes: ['Approve'], entities: { Order: {} } } },
    applications: { App: ['App'] },
  };

  it('keep their tenant, people, definitions and predecessors as references of their own (trap 71)', () => {
    const plan = planFor(spec, scope);
    const kinds = (table: string): string[] =>
      entityOf(plan, `Platform.${table}`).columns.flatMap(({ attribute, treatment }) =>
        treatment.kind === 'reference' ? `${attribute} ${plan.nodes[treatment.node]?.kind}` : [],
      );
    expect(kinds('OSSYS_BPM_PROCESS')).toEqual(
      expect.arrayContaining(['TENANT_ID tenant', 'CREATED_BY user', 'PROCESS_DEF_ID processDefinition']),
    );
    expect(kinds('OSSYS_BPM_ACTIVITY')).toEqual(
      expect.arrayContaining(['USER_ID user', 'PRECEDENT_ACTIVITY_ID activity', 'ACTIVITY_DEF_ID activityDefinition']),
    );
  });

  it('set aside values whose input or output definition is gone, and never empty a definition (trap 68)', () => {
    const plan = planFor(spec, scope);
    for (const table of ['OSSYS_BPM_PROCESS_INPUT', 'OSSYS_BPM_PROCESS_OUTPUT', 'OSSYS_BPM_ACTIVITY_OUTPUT']) {
      const definition = table.endsWith('INPUT') ? 'INPUT_DEF_ID' : 'OUTPUT_DEF_ID';
      expect(columnOf(plan, `Platform.${table}`, definition).treatment).toMatchObject({
        unmapped: 'quarantine',
        orphans: 'quarantine',
      });
    }
    expect(columnOf(plan, 'Platform.OSSYS_BPM_PROCESS', 'PROCESS_DEF_ID').treatment).toMatchObject({
      unmapped: 'fail',
    });
  });

  it('take the columns that both sides have, and name those that one side lacks (traps 9, 42)', () => {
    const destination = factoryOf(spec, 'destination');
    const key = '.dbo.ossys_bpm_activity';
    const table = destination.tables[key];
    if (table === undefined) throw new Error('the sample has no activities');
    const older = { ...table, columns: table.columns.filter((column) => column.name !== 'IS_RUNNING_SINCE') };
    const plan = planFor(spec, scope, { destinationTables: { [key]: older } });
    expect(entityOf(plan, 'Platform.OSSYS_BPM_ACTIVITY').columns.map((column) => column.attribute)).not.toContain(
      'IS_RUNNING_SINCE',
    );
    expect(messageOf(plan, 'PLATFORM_DIFFERS')).toContain('only in the source: IS_RUNNING_SINCE');
  });

  it('with a status that the destination does not know stop the plan', () => {
    const plan = planFor(spec, scope, {
      source: { processes: { trees: 1, treesLeftBehind: 0, usedDefinitionIds: [], usedActivityDefinitionIds: [] } },
      destinationStatuses: [{ id: 1, name: 'Active', terminal: false }],
    });
    expect(findingsOf(plan, 'blocking')).toEqual(['PROCESS_STATUS_MISSING Closed']);
  });
});

describe('what waits in the destination', () => {
  const spec: FactorySpec = { modules: { App: { entities: { Item: {} } } }, applications: { App: ['App'] } };
  const espaceId = factoryOf(spec, 'destination').modules.find((module) => module.name === 'App')?.id ?? 0;
  const overdueTimers = [
    { espaceId, name: 'SendMail' },
    { espaceId: -1, name: 'Foreign' },
  ];

  it('are timers that run at once when enabled: named, only those concerned, less grave when they are shifted (trap 77)', () => {
    const plan = planFor(spec, scope, { destination: { overdueTimers } });
    expect(findingsOf(plan, 'warning')).toContain('TIMERS_OVERDUE timers');
    expect(messageOf(plan, 'TIMERS_OVERDUE')).toMatch(/^SendMail are overdue/);
    const shifted = planFor(spec, { ...scope, timers: 'shift' }, { destination: { overdueTimers } });
    expect(findingsOf(shifted, 'info')).toContain('TIMERS_OVERDUE timers');
  });

  it('are events: counted, and drained before anything is disabled (trap 65)', () => {
    const queues = [{ table: 'OSSYS_BPM_EVENT_QUEUE' as const, rows: 12 }];
    const plan = planFor(spec, scope, { destination: { queues } });
    expect(messageOf(plan, 'EVENTS_WAITING')).toContain('12 events');
  });
});
