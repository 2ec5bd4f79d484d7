import { describe, expect, it } from 'vitest';
import type { FactorySpec } from './specFactory.js';
import { people } from './people.js';
import { findingsOf as codes, nodeNameOf as nameOf, planFor as plan } from './planFor.js';

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
