/** A small factory of countries, cities and journeys, for tests that add what they are about. */
import {
  activity,
  autoNumber,
  entity,
  parameter,
  process,
  reference,
  simple,
  text,
} from '../../sandbox/factories/define.js';
import type { FactoryModel, ModuleModel } from '../../sandbox/factories/model.js';
import { serviceCenter, users } from '../../sandbox/factories/modules/serviceCenter.js';

export const code = text('Code', 60, { mandatory: true });

export interface Scale {
  readonly share: number;
  readonly minimum: number;
  readonly qaMinimum: number;
}

/** Countries, whose keys are no identities. */
export function country(scale: Scale, ...more: readonly ReturnType<typeof reference>[]) {
  return entity('Country', {
    marker: 'Code',
    scale,
    attributes: [simple('Id', 'integer', { mandatory: true }), code, ...more],
  });
}

/** Cities of `App.Country`. */
export function city(scale: Scale) {
  return entity('City', {
    marker: 'Code',
    scale,
    attributes: [autoNumber(), code, reference('CountryId', 'App.Country', 'Protect', { mandatory: true })],
  });
}

/** A process with a country and a group among its inputs. */
export function journey(...more: readonly ReturnType<typeof parameter>[]) {
  return process('Travel', {
    scale: { share: 0, minimum: 6 },
    inputs: [
      parameter('Country', { kind: 'reference', to: 'App.Country' }),
      parameter('Team', { kind: 'reference', to: 'ServiceCenter.Group' }),
      ...more,
    ],
    activities: [activity('Start', 'start'), activity('Approve', 'human'), activity('End', 'end')],
  });
}

/** The model of some modules, in the tenants ServiceCenter, Users and those named. */
export function travelFactory(modules: readonly ModuleModel[], ...tenants: readonly string[]): FactoryModel {
  return {
    modules: [serviceCenter, users, ...modules],
    applications: [],
    solutions: [],
    tenants: ['ServiceCenter', 'Users', ...tenants].map((name) => ({
      name,
      provider: name === 'ServiceCenter' ? 'ServiceCenter' : 'Users',
    })),
  };
}
