import { describe, expect, it } from 'vitest';
import { factsOf, request } from './facts.js';
import type { FactorySpec } from './specFactory.js';
import { people } from './people.js';
import { columnOf, entityOf, findingsOf as codes, planFor as plan } from './planFor.js';

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

  it('are not preserved while a row outside the load refers to an old one of an entity whose keys are these', () => {
    const spec: FactorySpec = {
      ...people,
      modules: {
        ...people.modules,
        Maps: { entities: { CityOnMap: { id: { to: 'People.City' } } } },
        Other: { entities: { Visit: { attributes: { PlaceId: { to: 'Maps.CityOnMap', rule: 'Ignore' } } } } },
      },
    };
    const scope = { applications: ['People'], espaces: ['Maps'] };
    const result = plan(spec, { scope }, { inbound: { 'Other.Visit.PLACEID': 3 } });
    expect(result.nodes[entityOf(result, 'People.City').node]?.origin).toBe('reserved');
    const alone = plan(spec, { scope });
    expect(alone.nodes[entityOf(alone, 'People.City').node]?.origin).toBe('preserved');
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
