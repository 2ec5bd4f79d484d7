import { describe, expect, it } from 'vitest';
import { factsOf, request } from './facts.js';
import { factoryOf, type FactorySpec } from './specFactory.js';
import { columnOf, findingsOf, messageOf, namesOf, nodeNameOf, planFor } from './planFor.js';
import { affectedApplications } from '../../../src/plan/affectedApplications.js';
import { outlinePlan } from '../../../src/plan/outline.js';

const app = (entities: Record<string, object>, more: Partial<FactorySpec> = {}): FactorySpec => ({
  modules: { App: { entities } },
  ...more,
});
const scope = { scope: { espaces: ['App'] } };

describe('references', () => {
  it('of type rtEntityReference lead where their foreign key leads; without one they are emptied and named (trap 3)', () => {
    const plan = planFor(
      app({
        City: {},
        Person: {
          attributes: {
            CityId: { to: 'App.City', typeName: 'rtEntityReference' },
            OldId: { to: 'App.City', typeName: 'rtEntityReference', rule: 'Ignore' },
          },
        },
      }),
      scope,
    );
    const city = plan.nodes.find((node) => node.entity === 'City');
    expect(columnOf(plan, 'App.Person', 'CityId').treatment).toMatchObject({ kind: 'reference', node: city?.node });
    expect(columnOf(plan, 'App.Person', 'OldId').treatment).toEqual({ kind: 'constant', value: 'null' });
    expect(findingsOf(plan, 'warning')).toContain('REFERENCE_UNAVAILABLE App.Person.OldId');
  });

  it('to an entity that is gone stop the plan under orphans: fail', () => {
    const spec = app({ Item: { attributes: { Gone: { type: 'bigint', typeName: 'btk-app*e-gone' } } } });
    expect(findingsOf(planFor(spec, scope), 'warning')).toContain('REFERENCE_UNAVAILABLE App.Item.Gone');
    expect(findingsOf(planFor(spec, { ...scope, orphans: 'fail' }), 'blocking')).toContain(
      'REFERENCE_UNAVAILABLE App.Item.Gone',
    );
  });

  it('to the platform are resolved by what they name, and refused where nothing maps it (trap 23)', () => {
    const to = (entity: string) => ({ to: `ServiceCenter.${entity}`, rule: 'Ignore' as const });
    const spec = app({
      Log: {
        attributes: {
          UserId: to('User'),
          GroupId: to('Group'),
          RoleId: to('Role'),
          TenantId: to('Tenant'),
          ProcessId: to('Process'),
          EmailId: to('Email'),
        },
      },
    });
    const plan = planFor(spec, scope, {
      source: { columns: { 'App.Log.EmailId': { leftOut: [{ node: 0, rows: 2, all: true }] } } },
    });
    const originOf = (attribute: string): string => {
      const { treatment } = columnOf(plan, 'App.Log', attribute);
      const node = treatment.kind === 'reference' ? plan.nodes[treatment.node] : undefined;
      return `${node?.kind} ${node?.origin}`;
    };
    expect(['UserId', 'GroupId', 'RoleId', 'TenantId'].map(originOf)).toEqual([
      'user matched',
      'group matched',
      'role matched',
      'tenant matched',
    ]);
    expect(originOf('EmailId')).toBe('entity unavailable');
    expect(findingsOf(plan, 'blocking')).toEqual(['REFERENCE_UNMAPPED App.Log.EmailId']);
  });

  it('of a clone belong to the clone: each has an identifier space of its own (trap 26)', () => {
    const entities = { City: {}, Person: { attributes: { CityId: { to: 'People.City' } } } };
    const copies = { City: {}, Person: { attributes: { CityId: { to: 'Copy.City' } } } };
    const spec: FactorySpec = { modules: { People: { entities }, Copy: { entities: copies } } };
    const plan = planFor(spec, { scope: { espaces: ['People', 'Copy'] } });
    const cities = plan.nodes.filter((node) => node.entity === 'City');
    expect(cities.map((node) => `${node.espaceKey} ${node.entityKey}`).sort()).toEqual([
      'k-copy e-city',
      'k-people e-city',
    ]);
    const { treatment } = columnOf(plan, 'Copy.Person', 'CityId');
    expect(treatment.kind === 'reference' ? nodeNameOf(plan, treatment.node) : '').toBe('Copy.City');
  });
});

describe('modules of no application', () => {
  const spec: FactorySpec = {
    modules: { App: { entities: { Item: {} } }, Copy: { entities: { Item: {} } } },
    applications: { App: ['App'] },
  };

  it('are left out by an application and taken by their own name (trap 7)', () => {
    expect(namesOf(planFor(spec, { scope: { applications: ['App'] } }))).toEqual(['App.Item']);
    expect(namesOf(planFor(spec, { scope: { espaces: ['Copy'] } }))).toEqual(['Copy.Item']);
  });

  it('stand for themselves among the applications to disable (trap 7)', () => {
    const asked = request({ scope: { espaces: ['Copy'] } });
    const { source, destination } = factsOf(spec, asked);
    const outline = outlinePlan(asked, source.factory, destination.factory, []);
    expect(affectedApplications(outline, [])).toMatchObject([{ name: 'Copy', espaceIds: [expect.any(Number)] }]);
  });
});

describe('entities', () => {
  it('that two modules claim with one table are not loaded twice, whether the other one moves or not (trap 10)', () => {
    const spec: FactorySpec = {
      modules: {
        App: { entities: { Item: { table: 'OSUSR_SHARED_ITEM' } } },
        Files: { kind: 'extension', entities: { Item2: { key: 'e-other', table: 'OSUSR_SHARED_ITEM' } } },
      },
    };
    expect(new Set(findingsOf(planFor(spec, scope), 'blocking'))).toEqual(
      new Set(['MODEL_TABLE_SHARED App.Item, Files.Item2']),
    );
  });

  it('that were cut and pasted into another module are missing, and the plan says where one of their name is (trap 11)', () => {
    const moved: FactorySpec = {
      modules: { App: {}, Core: { entities: { Item: { key: 'e-new' } } } },
    };
    const plan = planFor(app({ Item: {} }), scope, { destinationSpec: moved });
    expect(findingsOf(plan, 'blocking')).toEqual(['MODEL_ENTITY_MISSING App.Item']);
    expect(messageOf(plan, 'MODEL_ENTITY_MISSING')).toContain('Core.Item has its name, but other keys');
    expect(plan.entities).toEqual([]);
  });

  it('of a module that the destination lacks, or has deleted, are refused by the module (trap 5)', () => {
    for (const destinationSpec of [
      { modules: {} },
      { modules: { App: { active: false, entities: { Item: {} } } } },
    ] satisfies FactorySpec[]) {
      expect(findingsOf(planFor(app({ Item: {} }), scope, { destinationSpec }), 'blocking')).toEqual([
        'MODEL_MODULE_MISSING App',
      ]);
    }
  });

  it('that only the destination has keep their rows, and the plan names them', () => {
    const plan = planFor(app({ Item: {} }), scope, { destinationSpec: app({ Item: {}, Extra: {} }) });
    expect(findingsOf(plan, 'info')).toContain('MODEL_ENTITY_EXTRA App.Extra');
    expect(plan.deletions.map((deletion) => deletion.name)).toEqual(['App.Item']);
  });

  it('owned by an extension are found by the module that owns them (trap 12)', () => {
    const spec: FactorySpec = {
      modules: {
        App: { entities: { Item: { attributes: { FileId: { to: 'Files.File' } } } } },
        Files: { kind: 'extension', entities: { File: {} } },
      },
      applications: { App: ['App', 'Files'] },
    };
    expect(namesOf(planFor(spec, { scope: { applications: ['App'] } }))).toEqual(['App.Item', 'Files.File']);
    expect(namesOf(planFor(spec, { scope: { espaces: ['App'] } }))).toEqual(['App.Item', 'Files.File']);
  });
});

describe('deleted attributes', () => {
  it('that left a column with a value needed, or a unique index, in the destination stop the plan (trap 9)', () => {
    const source = app({ Item: { attributes: { Name: {} } } });
    const withColumn = (attributes: object) => {
      const spec = app({ Item: { attributes: { Name: {}, ...attributes } } });
      const factory = factoryOf(spec, 'destination');
      // Without its attribute the column is what deleting leaves behind.
      const entities = factory.entities.map((entity) =>
        entity.name === 'Item'
          ? { ...entity, attributes: entity.attributes.filter((each) => each.name !== 'Old') }
          : entity,
      );
      return { ...factory, entities };
    };
    const found = (attributes: object): string[] =>
      outlinePlan(request(scope), factoryOf(source, 'source'), withColumn(attributes), [])
        .findings.filter((each) => each.severity === 'blocking')
        .map((each) => `${each.code} ${each.subject}`);
    expect(found({ Old: { notNull: true, noDefault: true } })).toEqual(['MODEL_COLUMN_NEEDS_VALUE App.Item.OLD']);
    expect(found({ Old: { notNull: true } })).toEqual([]);
    expect(found({ Old: { unique: true } })).toEqual(['MODEL_UNIQUE_LEFTOVER App.Item.OSIDX_OLD']);
  });
});
