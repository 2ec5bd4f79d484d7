import { describe, expect, it } from 'vitest';
import { planHash } from '../../../src/plan/buildPlan.js';
import { assertRunnable, warningsHash } from '../../../src/plan/findings.js';
import type { FactorySpec } from './specFactory.js';
import { people } from './people.js';
import { columnOf, entityOf, findingsOf as codes, nodeNameOf as nameOf, planFor as plan } from './planFor.js';

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
