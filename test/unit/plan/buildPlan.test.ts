import { describe, expect, it } from 'vitest';
import { planHash } from '../../../src/plan/buildPlan.js';
import { assertRunnable, warningsHash } from '../../../src/plan/findings.js';
import type { RefreshPlan } from '../../../src/plan/refreshPlan.js';
import { factsOf, request, type FactorySpec } from './facts.js';
import { columnOf, entityOf, findingsOf as codes, nodeNameOf as nameOf, planFor as plan } from './planFor.js';

const people: FactorySpec = {
  modules: {
    People: {
      entities: {
        City: {},
        Icon: {},
        Person: {
          events: true,
          attributes: {
            Name: {},
            CityId: { to: 'People.City' },
            IconId: { to: 'People.Icon', rule: 'Ignore' },
            KindId: { to: 'People.Kind' },
            CreatedBy: { to: 'ServiceCenter.User', rule: 'Ignore' },
          },
        },
        Kind: { records: { Staff: 1, Guest: 2 } },
      },
    },
  },
  applications: { People: ['People'] },
};

describe('a plan for one application', () => {
  const result = plan(people, { scope: { applications: ['People'] } });

  it('moves its entities in an order in which every reference finds its target', () => {
    const order = result.entities.map((entity) => nameOf(result, entity.node));
    expect(order.indexOf('People.Person')).toBeGreaterThan(order.indexOf('People.City'));
    expect(order.indexOf('People.Person')).toBeGreaterThan(order.indexOf('People.Icon'));
  });

  it('carries every attribute from the source column to the column of the same key', () => {
    expect(entityOf(result, 'People.Person').sourceTable.table).toBe('OSUSR_p_People_Person');
    expect(entityOf(result, 'People.Person').destinationTable.table).toBe('OSUSR_q_People_Person');
    expect(entityOf(result, 'People.Person').columns.map((column) => column.attribute)).toEqual([
      'Id',
      'Name',
      'CityId',
      'IconId',
      'KindId',
      'CreatedBy',
    ]);
  });

  it('translates references of every delete rule (trap 22)', () => {
    expect(columnOf(result, 'People.Person', 'IconId').treatment).toMatchObject({
      kind: 'reference',
      enforcedInDestination: false,
      orphans: 'setNull',
      unmapped: 'fail',
    });
    expect(columnOf(result, 'People.Person', 'CityId').treatment).toMatchObject({
      kind: 'reference',
      enforcedInSource: true,
      deferred: false,
    });
  });

  it('matches static records and users rather than copying them (traps 49, 57)', () => {
    expect(result.entities.map((entity) => nameOf(result, entity.node))).not.toContain('People.Kind');
    const kinds = Object.fromEntries(
      result.nodes.map((node) => [`${node.espace}.${node.entity}`, `${node.kind} ${node.origin}`]),
    );
    expect(kinds['People.Kind']).toBe('staticEntity matched');
    expect(kinds['ServiceCenter.User']).toBe('user matched');
  });

  it('deletes consumers before producers and disables the application (trap 83)', () => {
    const order = result.deletions.map((deletion) => deletion.name);
    expect(order.indexOf('People.Person')).toBeLessThan(order.indexOf('People.City'));
    expect(result.applications.map((application) => application.name)).toEqual(['People']);
    expect(result.queues.espaceIds).toEqual(result.applications[0]?.espaceIds);
  });

  it('silences the event table and knows what each column refers to', () => {
    expect(result.eventTables).toHaveLength(1);
    const [table] = result.eventTables;
    expect(table).toMatchObject({ name: 'People.Person', translateActivityRows: true });
    expect(table?.columns.map((column) => `${column.destination} ${column.kind}`)).toContain('CITYID reference');
    expect(table?.columns.find((column) => column.destination === 'ID')?.kind).toBe('key');
    expect(entityOf(result, 'People.Person').hasTriggers).toBe(true);
  });

  it('keeps source keys where the destination is emptied, and can run', () => {
    expect(result.nodes[entityOf(result, 'People.City').node]?.origin).toBe('preserved');
    expect(result.rights).toBe('full');
    expect(() => assertRunnable(result)).not.toThrow();
  });

  it('is the same, with the same hash, for the same facts', () => {
    const again = plan(people, { scope: { applications: ['People'] } });
    expect(JSON.stringify(again)).toBe(JSON.stringify(result));
    expect(planHash(again)).toBe(planHash(result));
  });
});

describe('keys', () => {
  it('are reserved when destination rows stay, and generated without the right to insert them', () => {
    const kept = plan(people, { scope: { applications: ['People'] }, destinationData: 'keep' });
    expect(kept.nodes[entityOf(kept, 'People.City').node]?.origin).toBe('reserved');
    const wanted = request({ scope: { applications: ['People'] } });
    const facts = factsOf(people, wanted);
    const rights = Object.fromEntries(
      Object.entries(facts.destination.survey.rights.tables).map(([key, right]) => [key, { ...right, alter: false }]),
    );
    const limited = plan(
      people,
      { scope: { applications: ['People'] } },
      { destination: { rights: { ...facts.destination.survey.rights, tables: rights } } },
    );
    expect(limited.nodes[entityOf(limited, 'People.City').node]?.origin).toBe('generated');
    expect(limited.rights).toBe('dataWriter');
  });

  it('are not preserved while a row outside the load refers to an old one', () => {
    const spec: FactorySpec = {
      ...people,
      modules: {
        ...people.modules,
        Other: { entities: { Visit: { attributes: { CityId: { to: 'People.City', rule: 'Ignore' } } } } },
      },
    };
    const result = plan(spec, { scope: { applications: ['People'] } }, { inbound: { 'Other.Visit.CITYID': 3 } });
    expect(result.nodes[entityOf(result, 'People.City').node]?.origin).toBe('reserved');
    expect(codes(result, 'warning')).toContain('DELETION_LEAVES_DANGLING Other.Visit.CITYID');
  });

  it('that are references follow the map of what they refer to (traps 16, 64)', () => {
    const spec: FactorySpec = {
      modules: {
        App: {
          entities: {
            UserExtended: { id: { to: 'ServiceCenter.User' } },
            Note: { attributes: { Owner: { to: 'App.UserExtended' } } },
          },
        },
      },
    };
    const result = plan(spec, { scope: { espaces: ['App'] } });
    const user = result.nodes.find((node) => node.kind === 'user');
    expect(columnOf(result, 'App.UserExtended', 'Id').treatment).toMatchObject({
      kind: 'key',
      follows: { node: user?.node, unmapped: 'quarantine' },
    });
    expect(result.nodes[entityOf(result, 'App.UserExtended').node]?.origin).toBe('preserved');
  });

  it('must fit the destination (traps 29, 73)', () => {
    const result = plan(
      people,
      { scope: { applications: ['People'] }, destinationData: 'keep' },
      {
        destination: {
          entities: { 'People.City': { rows: 1, total: 1, highest: '1', identity: '9223372036854775800' } },
        },
      },
    );
    expect(codes(result, 'blocking')).toContain('KEY_HEADROOM People.City');
  });
});

describe('producers outside the scope (trap 24)', () => {
  const spec: FactorySpec = {
    modules: {
      Core: {
        entities: {
          Region: {},
          Country: { attributes: { RegionId: { to: 'Core.Region', rule: 'Ignore' } } },
          Unused: {},
        },
      },
      App: { entities: { Order: { attributes: { CountryId: { to: 'Core.Country' } } } } },
    },
    applications: { App: ['App'], Core: ['Core'] },
  };

  it('are pulled in through references, each with the path that leads to it', () => {
    const result = plan(spec, { scope: { applications: ['App'] } });
    expect(result.producers).toEqual([
      { entity: 'Core.Country', path: ['App.Order.CountryId', 'Core.Country'] },
      { entity: 'Core.Region', path: ['App.Order.CountryId', 'Core.Country.RegionId', 'Core.Region'] },
    ]);
    expect(result.entities.map((entity) => nameOf(result, entity.node))).not.toContain('Core.Unused');
  });

  it('stop the plan under producers: refuse', () => {
    const result = plan(spec, { scope: { applications: ['App'] }, producers: 'refuse' });
    expect(codes(result, 'blocking')).toContain('SCOPE_PRODUCER_REFUSED Core.Country');
  });

  it('are matched by given attributes under producers: matchOnly', () => {
    const withName: FactorySpec = {
      ...spec,
      modules: { ...spec.modules, Core: { entities: { Country: { attributes: { Name: {} } } } } },
    };
    const result = plan(withName, {
      scope: { applications: ['App'] },
      producers: 'matchOnly',
      entities: { 'Core.Country': { match: ['Name'] } },
    });
    expect(result.nodes.find((node) => node.entity === 'Country')).toMatchObject({
      origin: 'matched',
      match: { source: ['NAME'], destination: ['NAME'] },
    });
    expect(result.entities.map((entity) => nameOf(result, entity.node))).toEqual(['App.Order']);
  });
});

describe('names', () => {
  it('that do not exist are refused with the nearest ones', () => {
    expect(() => plan(people, { scope: { applications: ['Peple'] } })).toThrow(
      /application Peple does not exist in the source \(nearest: People\)/,
    );
    expect(() => plan(people, { scope: { entities: ['People.Persn'] } })).toThrow(/nearest: People.Person/);
    expect(() =>
      plan(people, { scope: { applications: ['People'] }, entities: { 'People.Person': { match: ['Nam'] } } }),
    ).toThrow(/no active attribute Nam \(nearest: Name/);
  });

  it('of deleted applications do not count (trap 6)', () => {
    const spec: FactorySpec = { ...people, deletedApplications: ['People', 'Gone'] };
    expect(plan(spec, { scope: { applications: ['People'] } }).entities.length).toBe(3);
    expect(() => plan(spec, { scope: { applications: ['Gone'] } })).toThrow(/application Gone is deleted/);
  });

  it('of a clone mean the clone: keys go together with the module (trap 1)', () => {
    const spec: FactorySpec = {
      modules: {
        People: people.modules['People'] ?? {},
        PeopleCopy: { entities: { City: {}, Person: { attributes: { CityId: { to: 'PeopleCopy.City' } } } } },
      },
    };
    const result = plan(spec, { scope: { espaces: ['PeopleCopy'] } });
    expect(result.entities.map((entity) => entity.sourceTable.table).sort()).toEqual([
      'OSUSR_p_PeopleCopy_City',
      'OSUSR_p_PeopleCopy_Person',
    ]);
    expect(result.applications.map((application) => application.name)).toEqual(['PeopleCopy']);
  });
});

describe('cycles', () => {
  const pair = (more: object): FactorySpec => ({
    modules: {
      App: {
        entities: {
          Team: { attributes: { LeadId: { to: 'App.Member', ...more } } },
          Member: { attributes: { TeamId: { to: 'App.Team', ...more } } },
          Node: { attributes: { ParentId: { to: 'App.Node' } } },
        },
      },
    },
  });

  it('of two and self references are broken by references that wait (traps 31 to 35 and 37)', () => {
    const result = plan(pair({}), { scope: { espaces: ['App'] } });
    expect(columnOf(result, 'App.Node', 'ParentId').treatment).toMatchObject({ deferred: true });
    const waiting = [columnOf(result, 'App.Team', 'LeadId'), columnOf(result, 'App.Member', 'TeamId')].filter(
      (column) => column.treatment.kind === 'reference' && column.treatment.deferred,
    );
    expect(waiting).toHaveLength(1);
    expect(result.deletions.find((deletion) => deletion.name === 'App.Node')?.clearFirst).toEqual(['PARENTID']);
  });

  it('that nothing may break are refused with the edges of the cycle', () => {
    for (const more of [{ notNull: true }, { unique: true }]) {
      const result = plan(pair(more), { scope: { espaces: ['App'] } });
      expect(codes(result, 'blocking')).toContainEqual(
        expect.stringMatching(/App\.(Team\.LeadId → App\.Member\.TeamId|Member\.TeamId → App\.Team\.LeadId)/),
      );
      expect(() => assertRunnable(result)).toThrow(/GRAPH_CYCLE/);
    }
  });
});

describe('differences between the models', () => {
  const withDestination = (entities: Record<string, object>): RefreshPlan =>
    plan(
      {
        modules: {
          App: {
            entities: { Item: { attributes: { Name: { type: 'nvarchar(50)' }, Price: { type: 'decimal(37,8)' } } } },
          },
        },
      },
      { scope: { espaces: ['App'] } },
      { destinationSpec: { modules: { App: { entities } } } },
    );

  it('are told apart: missing entity, missing and extra attribute, type, width, kind, tenancy (traps 42, 48, 56)', () => {
    expect(codes(withDestination({}), 'blocking')).toContain('MODEL_ENTITY_MISSING App.Item');
    const attributes = withDestination({ Item: { attributes: { Name: { type: 'nvarchar(20)' }, Weight: {} } } });
    expect(codes(attributes, 'warning')).toEqual(
      expect.arrayContaining(['MODEL_ATTRIBUTE_MISSING App.Item.Price', 'MODEL_TYPE_NARROWER App.Item.Name']),
    );
    expect(codes(attributes, 'info')).toContain('MODEL_ATTRIBUTE_EXTRA App.Item.Weight');
    expect(
      codes(withDestination({ Item: { attributes: { Name: { type: 'int' }, Price: {} } } }), 'blocking'),
    ).toContain('MODEL_TYPE_DIFFERS App.Item.Name');
    expect(
      codes(withDestination({ Item: { kind: 'staticEntity', attributes: { Name: {}, Price: {} } } }), 'blocking'),
    ).toContain('MODEL_KIND_DIFFERS App.Item');
    expect(
      codes(withDestination({ Item: { multiTenant: true, attributes: { Name: {}, Price: {} } } }), 'blocking'),
    ).toContain('MODEL_TENANCY_DIFFERS App.Item');
    expect(
      codes(
        withDestination({
          Item: {
            attributes: { Name: {}, Price: { type: 'decimal(37,8)' }, Code: { notNull: true, noDefault: true } },
          },
        }),
        'blocking',
      ),
    ).toContain('MODEL_COLUMN_NEEDS_VALUE App.Item.CODE');
  });

  it('never truncate: values that do not fit stop the plan (trap 43)', () => {
    const result = plan(
      { modules: { App: { entities: { Item: { attributes: { Name: { type: 'nvarchar(50)' } } } } } } },
      { scope: { espaces: ['App'] } },
      {
        destinationSpec: {
          modules: { App: { entities: { Item: { attributes: { Name: { type: 'nvarchar(20)' } } } } } },
        },
        source: { columns: { 'App.Item.Name': { tooLong: 4 } } },
      },
    );
    expect(codes(result, 'blocking')).toEqual(['MODEL_VALUES_TOO_LONG App.Item.Name']);
  });
});

describe('what the rows say', () => {
  const scope = { scope: { applications: ['People'] } };

  it('about static records that the destination lacks and rows use, by the names of the model (trap 53)', () => {
    const columns = { 'People.Person.KindId': { missingStatics: [{ name: 'Guest', rows: 7 }] } };
    const blocked = plan(people, scope, { source: { columns } });
    expect(blocked.findings.find((each) => each.code === 'STATIC_RECORD_MISSING_IN_USE')?.message).toContain(
      'Guest (7 rows)',
    );
    const accepted = plan(people, { ...scope, unmapped: 'setNull' }, { source: { columns } });
    expect(codes(accepted, 'blocking')).toEqual([]);
    expect(codes(accepted, 'warning')).toContain('REFERENCE_DROPPED People.Person.KindId');
  });

  it('about orphans: counted, and refused when asked (trap 22)', () => {
    const columns = { 'People.Person.IconId': { orphans: 3 } };
    expect(codes(plan(people, scope, { source: { columns } }), 'warning')).toContain(
      'ORPHANS_FOUND People.Person.IconId',
    );
    expect(codes(plan(people, { ...scope, orphans: 'fail' }, { source: { columns } }), 'blocking')).toContain(
      'ORPHANS_REFUSED People.Person.IconId',
    );
  });

  it('about users without counterpart', () => {
    const users = {
      needed: 5,
      matched: 3,
      unmatched: 2,
      ambiguous: 0,
      withoutTenant: 0,
      byMap: 0,
      namesakes: 0,
      doubles: [],
    };
    expect(plan(people, scope, { source: { users } }).users).toMatchObject({ created: 2, unmatched: 0 });
    expect(
      codes(plan(people, { ...scope, users: { mode: 'matchOnly' } }, { source: { users } }), 'blocking'),
    ).toContain('USERS_UNMATCHED_REFUSED users');
    expect(
      codes(
        plan(
          people,
          { ...scope, users: { mode: 'matchOnly', fallback: 'admin' } },
          { source: { users }, destination: { fallbackUserId: 9 } },
        ),
        'blocking',
      ),
    ).toEqual([]);
  });
});

describe('consumers outside the scope (trap 25)', () => {
  const spec: FactorySpec = {
    ...people,
    modules: { ...people.modules, Other: { entities: { Visit: { attributes: { CityId: { to: 'People.City' } } } } } },
  };

  it('are deleted with what they refer to, listed as a warning', () => {
    const result = plan(spec, { scope: { applications: ['People'] } }, { inbound: { 'Other.Visit.CITYID': 4 } });
    const deletion = result.deletions.find((each) => each.outsideScope);
    expect(deletion).toMatchObject({
      name: 'Other.Visit',
      rows: 4,
      filter: { kind: 'referring', columns: ['CITYID'] },
    });
    const order = result.deletions.map((each) => each.name);
    expect(order.indexOf('Other.Visit')).toBeLessThan(order.indexOf('People.City'));
    expect(codes(result, 'warning')).toContain('DELETION_OUTSIDE_SCOPE Other.Visit');
    expect(result.applications.map((application) => application.name)).toContain('Other');
  });

  it('without rows are no matter', () => {
    const result = plan(spec, { scope: { applications: ['People'] } });
    expect(result.deletions.some((each) => each.outsideScope)).toBe(false);
  });

  it('refuse the plan where they would drag further tables along', () => {
    const facts = {
      inbound: { 'Other.Visit.CITYID': 4 },
      destination: { chained: { '.dbo.osusr_q_other_visit': [{ name: 'OSUSR_q_More', column: 'VISITID', rows: 2 }] } },
    };
    expect(codes(plan(spec, { scope: { applications: ['People'] } }, facts), 'blocking')).toContain(
      'DELETION_CHAIN Other.Visit',
    );
  });
});

describe('tenants', () => {
  const spec: FactorySpec = {
    modules: { App: { entities: { Note: { multiTenant: true } } } },
    tenants: ['Users', 'North'],
  };
  const poorer: FactorySpec = { ...spec, tenants: ['Users', 'Own'] };

  it('are translated through the hidden column (trap 47), all rows being deleted only if no tenant stays', () => {
    const result = plan(spec, { scope: { espaces: ['App'] } });
    expect(columnOf(result, 'App.Note', '(tenant)').treatment).toMatchObject({
      kind: 'reference',
      node: result.nodes.find((node) => node.kind === 'tenant')?.node,
    });
    expect(result.deletions[0]?.filter).toEqual({ kind: 'all' });
    const other = plan(spec, { scope: { espaces: ['App'] } }, { destinationSpec: poorer });
    expect(other.deletions[0]?.filter).toEqual({ kind: 'tenants', column: 'TENANT_ID', ids: [501] });
  });

  it('that the destination lacks stop the plan or stay behind', () => {
    const facts = {
      destinationSpec: poorer,
      source: { columns: { 'App.Note.(tenant)': { tenants: [{ id: 2, rows: 8 }] } } },
    };
    expect(codes(plan(spec, { scope: { espaces: ['App'] } }, facts), 'blocking')).toContain(
      'TENANT_MISSING App.Note.(tenant)',
    );
    const excluded = plan(spec, { scope: { espaces: ['App'] }, tenants: 'exclude' }, { destinationSpec: poorer });
    expect(entityOf(excluded, 'App.Note').tenantFilter).toEqual({ column: 'TENANT_ID', sourceIds: [1] });
  });

  it('that are excluded leave their process trees behind too', () => {
    const modules = { App: { processes: ['Approve'], entities: { Note: {} } } };
    const scope = { espaces: ['App'] };
    const excluded = plan(
      { ...spec, modules },
      { scope, tenants: 'exclude' },
      { destinationSpec: { ...poorer, modules } },
    );
    expect(excluded.processes?.topTenantIds).toEqual([1]);
    expect(plan({ ...spec, modules }, { scope, tenants: 'exclude' }).processes?.topTenantIds).toBeNull();
  });
});

describe('processes', () => {
  const spec: FactorySpec = {
    modules: {
      App: {
        processes: ['Approve'],
        entities: {
          Order: { attributes: { Name: {} } },
          Approval: { attributes: { ProcessId: { to: 'ServiceCenter.Process', rule: 'Ignore', notNull: true } } },
        },
      },
    },
    applications: { App: ['App'] },
  };
  const approve = factsOf(spec, request({ scope: { applications: ['App'] } })).source.factory.processes.definitions[0];
  const definitionId = approve?.id ?? 0;
  const orderType = 'btk-app*e-order';
  const processFacts = { values: [{ topDefinitionId: definitionId, ssType: orderType }] };

  it('move as whole trees after the entities their values name, before the entities that name them (trap 32)', () => {
    const result = plan(spec, { scope: { applications: ['App'] } }, processFacts);
    const order = result.entities.map((entity) => nameOf(result, entity.node));
    expect(order.indexOf('Platform.OSSYS_BPM_PROCESS_INPUT')).toBeGreaterThan(order.indexOf('App.Order'));
    expect(order.indexOf('App.Approval')).toBeGreaterThan(order.indexOf('Platform.OSSYS_BPM_PROCESS'));
    expect(entityOf(result, 'App.Approval').stage).toBe('migrateProcesses');
    expect(entityOf(result, 'App.Order').stage).toBe('migrateEntities');
    expect(result.processes).toMatchObject({ topDefinitionIds: [definitionId], topStatusIds: null });
    expect(result.processes?.valueTypes).toEqual([{ ssType: orderType, node: entityOf(result, 'App.Order').node }]);
  });

  it('set their references to one another later and leave run state behind (traps 31, 69, 70, 72)', () => {
    const result = plan(spec, { scope: { applications: ['App'] } });
    for (const attribute of ['TOP_PROCESS_ID', 'PARENT_PROCESS_ID', 'PARENT_ACTIVITY_ID']) {
      expect(columnOf(result, 'Platform.OSSYS_BPM_PROCESS', attribute).treatment).toMatchObject({
        kind: 'reference',
        deferred: true,
      });
    }
    expect(columnOf(result, 'Platform.OSSYS_BPM_ACTIVITY', 'PROCESS_ID').treatment).toMatchObject({
      kind: 'reference',
      deferred: false,
    });
    expect(columnOf(result, 'Platform.OSSYS_BPM_ACTIVITY', 'IS_RUNNING_SINCE').treatment).toEqual({
      kind: 'constant',
      value: 'nullDate',
    });
    expect(columnOf(result, 'Platform.OSSYS_BPM_ACTIVITY', 'NEXT_RUN').treatment).toEqual({
      kind: 'nextRun',
      policy: 'hold',
    });
  });

  it('are deleted leaves first, with the links among them emptied (trap 83)', () => {
    const result = plan(spec, { scope: { applications: ['App'] } });
    const order = result.deletions.map((deletion) => deletion.name);
    const at = (table: string): number => order.indexOf(`Platform.${table}`);
    expect(at('OSSYS_BPM_ACTIVITY_OUTPUT')).toBeLessThan(at('OSSYS_BPM_ACTIVITY'));
    expect(at('OSSYS_BPM_ACTIVITY')).toBeLessThan(at('OSSYS_BPM_PROCESS'));
    expect(result.deletions.find((deletion) => deletion.name === 'Platform.OSSYS_BPM_PROCESS')).toMatchObject({
      clearFirst: ['PARENT_ACTIVITY_ID', 'PARENT_PROCESS_ID', 'TOP_PROCESS_ID'],
      filter: { kind: 'processes', path: 'own' },
    });
  });

  it('whose definition the destination lacks stay behind, and a value of unknown type is never copied as it is (traps 27, 67)', () => {
    const poorer: FactorySpec = { ...spec, modules: { App: { ...spec.modules['App'], processes: ['Another'] } } };
    const result = plan(
      spec,
      { scope: { applications: ['App'] } },
      {
        destinationSpec: poorer,
        source: {
          processes: { trees: 3, treesLeftBehind: 3, usedDefinitionIds: [definitionId], usedActivityDefinitionIds: [] },
        },
      },
    );
    expect(result.processes).toMatchObject({ topDefinitionIds: [], missingProcessDefinitionIds: [definitionId] });
    expect(codes(result, 'warning')).toContain('PROCESS_DEFINITION_MISSING Approve');
    const unknown = plan(
      spec,
      { scope: { applications: ['App'] } },
      { values: [{ topDefinitionId: definitionId, ssType: 'btgone*gone' }] },
    );
    expect(unknown.nodes[unknown.processes?.valueTypes[0]?.node ?? -1]?.origin).toBe('unavailable');
  });
});

describe('guards', () => {
  it('keep rows of protected, external and platform entities where they are (traps 84, 87)', () => {
    const spec: FactorySpec = {
      modules: {
        App: {
          entities: { Log: { external: true }, Item: { attributes: { By: { to: 'Users.Config', rule: 'Ignore' } } } },
        },
        Users: { entities: { Config: {} } },
      },
    };
    const result = plan(spec, { scope: { espaces: ['App'] } });
    expect(result.entities.map((entity) => nameOf(result, entity.node))).toEqual(['App.Item']);
    expect(result.findings.map((each) => `${each.code} ${each.subject}`)).toEqual(
      expect.arrayContaining(['SCOPE_EXTERNAL_ENTITY App.Log', 'SCOPE_PROTECTED_MODULE Users.Config']),
    );
    const opted = plan(spec, { scope: { espaces: ['App', 'Users'], entities: ['App.Log'] } });
    expect(opted.entities.map((entity) => nameOf(opted, entity.node)).sort()).toEqual([
      'App.Item',
      'App.Log',
      'Users.Config',
    ]);
  });

  it('refuse references into what nothing maps, unless the loss is accepted', () => {
    const spec: FactorySpec = {
      modules: {
        App: { entities: { Item: { attributes: { By: { to: 'Users.Config', rule: 'Ignore' } } } } },
        Users: { entities: { Config: {} } },
      },
    };
    const columns = { 'App.Item.By': { leftOut: [{ node: 0, rows: 6, all: true }] } };
    expect(codes(plan(spec, { scope: { espaces: ['App'] } }, { source: { columns } }), 'blocking')).toContain(
      'REFERENCE_UNMAPPED App.Item.By',
    );
    const accepted = plan(
      spec,
      { scope: { espaces: ['App'] }, entities: { 'App.Item': { attributes: { By: { unmapped: 'setNull' } } } } },
      { source: { columns } },
    );
    expect(codes(accepted, 'blocking')).toEqual([]);
  });

  it('bind an approval to the warnings, not to their counts', () => {
    const scope = { scope: { applications: ['People'] } };
    const few = plan(people, scope, { source: { columns: { 'People.Person.IconId': { orphans: 3 } } } });
    const more = plan(people, scope, { source: { columns: { 'People.Person.IconId': { orphans: 4 } } } });
    const other = plan(people, scope, { source: { columns: { 'People.Person.CreatedBy': { orphans: 3 } } } });
    expect(warningsHash(few)).toBe(warningsHash(more));
    expect(warningsHash(few)).not.toBe(warningsHash(other));
    expect(warningsHash(plan({ modules: { App: { entities: { Item: {} } } } }, { scope: { espaces: ['App'] } }))).toBe(
      '',
    );
  });
});
