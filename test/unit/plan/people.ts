import type { FactorySpec } from './specFactory.js';

/** A module with references to an entity, a static one, a user and a file-like one, alone in its application. */
export const people: FactorySpec = {
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
