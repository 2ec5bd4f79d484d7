import { describe, expect, it } from 'vitest';
import type { RefreshPlan } from '../../../src/plan/refreshPlan.js';
import { people } from './people.js';
import { findingsOf as codes, planFor as plan } from './planFor.js';

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
