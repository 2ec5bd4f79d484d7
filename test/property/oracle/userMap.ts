/** The file of `users.map` (docs/request.md, "A file that maps users"): what it says, and what is wrong with it. */
import type { OracleReading } from '../../../sandbox/factories/oracle.js';
import type { LineDraw } from '../randomUsers.js';

export interface UserMapLine {
  readonly production: string;
  readonly destination: string;
  /** Empty: any tenant. */
  readonly productionTenant: string;
  readonly destinationTenant: string;
}

export class UserMap {
  /** Production's users -> the destination's, by their markers. */
  readonly pairs = new Map<string, string>();
  /** Users of the destination to whom several lines lead. */
  readonly shared = new Set<string>();
  /** What the plan must find wrong with the file. */
  readonly problems = new Set<string>();
  private readonly named = new Set<string>();

  constructor(lines: readonly UserMapLine[], production: OracleReading, destination: OracleReading) {
    for (const line of lines) {
      const people = usersOf(production, line.production, line.productionTenant);
      const meant = theActive(destination, usersOf(destination, line.destination, line.destinationTenant));
      const problems = [
        ...(people.length === 0 || meant.length === 0 ? ['USERS_MAP_USER_UNKNOWN'] : []),
        ...(severalTenants(people) || meant.length > 1 ? ['USERS_MAP_AMBIGUOUS'] : []),
      ];
      if (problems.length === 0 && people.some((each) => this.pairs.has(each))) problems.push('USERS_MAP_TWICE');
      for (const each of problems) this.problems.add(each);
      const [user] = meant;
      if (problems.length > 0 || user === undefined) continue;
      // All rows of one login in one tenant are one person.
      for (const each of people) this.pairs.set(each, user);
      if (this.named.has(user)) this.shared.add(user);
      this.named.add(user);
    }
  }
}

/** Lines that name users of the two environments, as a seed draws them. */
export function drawnLines(
  draws: readonly LineDraw[],
  production: OracleReading,
  destination: OracleReading,
): UserMapLine[] {
  const at = (reading: OracleReading, place: number): [tenant: string, login: string] => {
    const logins = [...reading.directory.users.keys()].filter((each) => !each.includes('#'));
    const [tenant = '', login = ''] = (logins[place % logins.length] ?? '').split('\\');
    return [tenant, login];
  };
  return draws.map(({ from, to, tenants, unknown }) => {
    const [productionTenant, login] = at(production, from);
    const [destinationTenant, there] = at(destination, to);
    return {
      production: unknown === 'production' ? 'nobody.there' : login,
      destination: unknown === 'destination' ? 'nobody.here' : there.toUpperCase(),
      productionTenant: tenants ? productionTenant : '',
      destinationTenant: tenants ? destinationTenant : '',
    };
  });
}

export function csvOf(lines: readonly UserMapLine[]): string {
  return [
    'production,destination,production_tenant,destination_tenant',
    ...lines.map((each) =>
      [each.production, each.destination, each.productionTenant, each.destinationTenant].join(','),
    ),
  ].join('\n');
}

function usersOf(reading: OracleReading, login: string, tenant: string): string[] {
  const wanted = (marker: string): boolean => {
    const [of = '', name = ''] = marker.replace(/#\d+$/, '').split('\\');
    return name === login.toLowerCase() && (tenant === '' || of === tenant);
  };
  return [...reading.directory.users.keys()].filter(wanted);
}

/** In the destination the active one of a login is meant; a login of several tenants means nobody in particular. */
function theActive(reading: OracleReading, users: readonly string[]): readonly string[] {
  if (severalTenants(users)) return users;
  const active = users.filter((each) => reading.directory.users.get(each)?.['IS_ACTIVE'] === '1');
  return active.length > 0 ? active : users;
}

function severalTenants(users: readonly string[]): boolean {
  return new Set(users.map((each) => each.slice(0, each.indexOf('\\')))).size > 1;
}
