/** Users, groups and memberships: half of the users are in both environments under other ids, some only in one. */
import type { Directory, EnvironmentName, FactoryModel, Path, UserSpec } from '../model.js';
import { ModelIndex } from '../modelIndex.js';
import { hashText, mix, Random } from '../random.js';
import { nullDate } from './values.js';
import { fullName } from './words.js';

/** Of every ten people one is known in production only and one in qa only. */
function isIn(environment: EnvironmentName, person: number): boolean {
  return person % 10 !== (environment === 'production' ? 9 : 4);
}

function plain(text: string): string {
  return text
    .normalize('NFD')
    .replace(/[^a-zA-Z ]/g, '')
    .toLowerCase()
    .replace(/ /g, '.');
}

function endUser(person: number, environment: EnvironmentName, tenant: string): UserSpec {
  const name = fullName(person * 7);
  const login = `${plain(name)}.${person}`;
  const own = environment === 'qa' ? 'qa.' : '';
  return {
    // The same login in another case is the same login.
    username: environment === 'qa' && person % 6 === 1 ? login.toUpperCase() : login,
    name,
    email: `${own}${login}@people.example`,
    phone: `+351 21${String(1_000_000 + person)}`,
    externalId: person % 5 === 0 ? '' : `EXT-${person}`,
    tenant,
    active: person % 17 !== 16,
    created: '2019-02-03T10:11:12.000',
    lastLogin: person % 3 === 0 ? nullDate : '2026-09-08T07:06:05.003',
  };
}

/**
 * The directory of one environment. `people` is how many end users both environments draw from.
 * Usernames repeat in two ways that matching must survive: in another tenant, and as an inactive duplicate.
 */
export function generateDirectory(
  model: FactoryModel,
  environment: EnvironmentName,
  people: number,
  seed: number,
): Directory {
  const index = new ModelIndex(model, environment);
  const random = new Random(mix(seed, hashText(`directory ${environment}`)));
  const endUserTenants = model.tenants.filter((each) => each.provider !== 'ServiceCenter').map((each) => each.name);
  const tenants = endUserTenants.length > 0 ? endUserTenants : model.tenants.map((each) => each.name);
  const tenantOf = (person: number): string => tenants[person % 4 === 3 ? 1 % tenants.length : 0] ?? '';
  const present = Array.from({ length: people }, (_, person) => person).filter((person) => isIn(environment, person));
  const users = present.map((person) => endUser(person, environment, tenantOf(person)));
  const administrator = endUser(0, environment, model.tenants[0]?.name ?? '');
  users.push({
    ...administrator,
    username: 'admin',
    name: 'Administrator',
    email: '',
    externalId: '',
    lastLogin: '2026-11-01T00:00:00.000',
  });
  users.push({ ...administrator, username: 'admin', name: 'Front desk', tenant: tenants[0] ?? '', externalId: '' });
  const doubled = users[1];
  if (doubled)
    users.push({ ...doubled, name: `${doubled.name} (old)`, active: false, lastLogin: nullDate, externalId: '' });
  if (environment === 'qa')
    users.push({
      ...administrator,
      username: 'qa.tester',
      name: 'Test account',
      tenant: tenants[0] ?? '',
      externalId: '',
    });

  const groups = tenants.flatMap((tenant) => ['Interviewers', 'Managers'].map((name) => ({ name, tenant })));
  groups.push({ name: environment === 'production' ? 'Board' : 'Testers', tenant: tenants[0] ?? '' });
  const roles: Path[] = index.modules
    .filter((each) => each.active)
    .flatMap((each) => each.roles.filter((role) => role.active).map((role) => `${each.name}.${role.name}`));
  return {
    users,
    groups,
    userRoles:
      roles.length === 0 ? [] : users.flatMap((_, user) => sample(random, roles, 2).map((role) => ({ user, role }))),
    groupRoles:
      roles.length === 0 ? [] : groups.flatMap((_, group) => sample(random, roles, 2).map((role) => ({ group, role }))),
    groupUsers: users.flatMap((spec, user) =>
      groups.flatMap((each, group) => (each.tenant === spec.tenant && random.chance(0.4) ? [{ group, user }] : [])),
    ),
  };
}

/** Up to `most` different members of a list. */
function sample<T>(random: Random, list: readonly T[], most: number): T[] {
  return random.shuffle(list).slice(0, random.integer(most + 1));
}
