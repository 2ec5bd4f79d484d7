import { keyFor } from './keys.js';
import type { FactoryModel } from './model.js';
import { cloneModule } from './modules/clone.js';
import { core } from './modules/core.js';
import { organization } from './modules/organization.js';
import { deletedPeople, people } from './modules/people.js';
import { documentTools, recruiting, recruitingBackoffice } from './modules/recruiting.js';
import { serviceCenter, users } from './modules/serviceCenter.js';

/** The factory of the demo and of most tests: the guide's examples and the shapes that refreshes stumble over. */
export function recruitingFactory(): FactoryModel {
  const application = (name: string, modules: readonly string[], active = true) => ({
    name,
    key: keyFor(`application ${name}${active ? '' : ' deleted'}`),
    active,
    modules,
  });
  return {
    modules: [
      serviceCenter,
      users,
      core,
      deletedPeople,
      people,
      organization,
      recruiting,
      recruitingBackoffice,
      cloneModule(organization, 'OrganizationClone'),
      documentTools,
    ],
    applications: [
      application('Service Center', ['ServiceCenter']),
      application('Users', ['Users']),
      application('Core', ['Core']),
      application('People', ['People']),
      application('Recruiting', ['Recruiting', 'RecruitingBackoffice', 'Organization', 'DocumentTools']),
      // A deleted application keeps its name, gets another key and loses its modules (guide, Factory Application Modules).
      application('Recruiting', [], false),
    ],
    solutions: [
      {
        name: 'Human Resources',
        modules: ['Recruiting', 'RecruitingBackoffice', 'Organization', 'People', 'DocumentTools'],
      },
    ],
    tenants: [
      { name: 'ServiceCenter', provider: 'ServiceCenter' },
      { name: 'Users', provider: 'Users' },
      { name: 'Northwind', provider: 'Users' },
    ],
  };
}
