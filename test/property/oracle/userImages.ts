/** Who stands for whom in the destination, and what becomes of its users (docs/request.md; facts, "Users and passwords"). */
import type { OracleReading, OracleRow, OracleValue } from '../../../sandbox/factories/oracle.js';
import type { Options } from '../randomRequest.js';
import type { MatchAttribute } from '../randomUsers.js';
import type { UserMap } from './userMap.js';

/** Attributes that the mode update takes from the source. */
const updated = ['NAME', 'EMAIL', 'MOBILEPHONE', 'EXTERNAL_ID', 'IS_ACTIVE'];

/** What `passwords: fixed` gives to users who are created. */
export const fixedPassword = '$sandbox$fixed';

const columnOf: Readonly<Record<MatchAttribute, string>> = {
  username: 'USERNAME',
  tenant: 'TENANT',
  email: 'EMAIL',
  externalId: 'EXTERNAL_ID',
};

interface Person {
  /** Marker in the destination before the refresh; null for one who is created. */
  readonly own: string | null;
  /** Marker in production of the user whom this one was created for. */
  readonly source: string | null;
  readonly row: OracleRow;
}

export class UserImages {
  /** The destination's users afterwards, by marker. */
  readonly expected: ReadonlyMap<string, OracleRow>;
  /** Users of production who are written into the destination under new ids, by their marker there. */
  readonly created: ReadonlyMap<string, string>;
  /** Somebody has several counterparts who are active, or several who are not. */
  readonly isAmbiguous: boolean;
  /** Markers before -> afterwards; users who are deleted are left out. */
  private readonly stay: ReadonlyMap<string, string>;
  private readonly matched: ReadonlyMap<string, string>;
  private readonly deleted: ReadonlySet<string>;
  private readonly fallback: string | null;

  constructor(
    private readonly options: Options['users'],
    private readonly map: UserMap,
    private readonly production: OracleReading,
    private readonly before: OracleReading,
    private readonly chosen: ReadonlySet<string>,
  ) {
    this.fallback =
      options.fallback === null
        ? null
        : ([...before.directory.users.keys()].find((each) => each.endsWith(`\\${options.fallback}`)) ?? null);
    this.matched = this.matches();
    this.isAmbiguous = [...chosen].some((user) => !map.pairs.has(user) && this.meantBy(user).length > 1);
    this.deleted = new Set(
      options.mode === 'recreate' ? [...this.matched.values()].filter((each) => !this.isSpared(each)) : [],
    );
    const people = this.peopleAfterwards();
    this.expected = numbered(people.map(({ row }) => row));
    const markers = [...this.expected.keys()];
    this.stay = pairs(people.map(({ own }, at) => [own, markers[at]]));
    this.created = pairs(people.map(({ source }, at) => [source, markers[at]]));
  }

  /** Marker afterwards of the image of a user of production; null: none. */
  imageOf(user: string): string | null {
    if (!this.chosen.has(user)) return null;
    const created = this.created.get(user);
    if (created !== undefined) return created;
    const image = this.matched.get(user) ?? this.fallback;
    return image === null ? null : (this.stay.get(image) ?? null);
  }

  /** The same marker afterwards of a user of the destination; null if that user is deleted. */
  afterwards(user: string): string | null {
    return this.stay.get(user) ?? null;
  }

  /** Users of the destination who are deleted. */
  get gone(): ReadonlySet<string> {
    return this.deleted;
  }

  /**
   * A user has one extension: of several whom one user stands for, it is that of the active one with the latest login. The
   * fallback user and those to whom several lines of `users.map` lead gather none.
   */
  bringsExtension(user: string): boolean {
    if (this.created.has(user)) return true;
    const match = this.matched.get(user);
    if (match === undefined || match === this.fallback || this.map.shared.has(match)) return false;
    return this.bestFor(match)?.[0] === user;
  }

  /** Users who stay as they are: nothing of them is updated, and they gather no roles and groups. */
  isSpared(user: string): boolean {
    return (
      this.isNamedKept(this.before.directory.users.get(user) ?? {}) ||
      user === this.fallback ||
      this.map.shared.has(user)
    );
  }

  /** The same of a marker afterwards; `users.keep` names logins, so whoever is created with such a login counts too. */
  gathersNothing(marker: string): boolean {
    const row = this.expected.get(marker) ?? {};
    return this.isNamedKept(row) || [...this.stay].some(([own, after]) => after === marker && this.isSpared(own));
  }

  private isNamedKept(row: OracleRow): boolean {
    const name = String(row['USERNAME']).toLowerCase();
    return this.options.keep.some((each) => each.toLowerCase() === name);
  }

  private matches(): Map<string, string> {
    const found = new Map<string, string>();
    for (const user of this.chosen) {
      const match = this.map.pairs.get(user) ?? latest(this.counterpartsOf(user))?.[0] ?? null;
      if (match !== null) found.set(user, match);
    }
    return found;
  }

  /** Users of the destination with the same values in all that is matched by; what is empty is nobody's. */
  private counterpartsOf(user: string): (readonly [string, OracleRow])[] {
    const row = this.production.directory.users.get(user) ?? {};
    const columns = this.options.match.map((each) => columnOf[each]);
    const textOf = (of: OracleRow, column: string): string => String(of[column] ?? '').toLowerCase();
    if (columns.some((column) => textOf(row, column) === '')) return [];
    return [...this.before.directory.users].filter(([, other]) =>
      columns.every((column) => textOf(row, column) === textOf(other, column)),
    );
  }

  private meantBy(user: string): (readonly [string, OracleRow])[] {
    const found = this.counterpartsOf(user);
    const active = found.filter(([, row]) => row['IS_ACTIVE'] === '1');
    return active.length > 0 ? active : found;
  }

  private peopleAfterwards(): Person[] {
    const staying = [...this.before.directory.users]
      .filter(([own]) => !this.deleted.has(own))
      .map(([own, row]): Person => ({ own, source: null, row: this.updatedRow(own, row) }));
    const fresh = [...this.production.directory.users]
      .filter(([source]) => this.chosen.has(source) && this.isCreated(source))
      .map(([source, row]): Person => ({ own: null, source, row: { ...row, PASSWORD: this.passwordOf(row) } }));
    return [...staying, ...fresh];
  }

  /** Of somebody who is created; whoever is there keeps the password, updated or not. */
  private passwordOf(row: OracleRow): OracleValue {
    const { passwords } = this.options;
    return passwords === 'keep' ? (row['PASSWORD'] ?? null) : passwords === 'fixed' ? fixedPassword : '';
  }

  private isCreated(user: string): boolean {
    const match = this.matched.get(user);
    if (match !== undefined) return this.deleted.has(match);
    const tenant = String(this.production.directory.users.get(user)?.['TENANT']);
    return this.options.mode !== 'matchOnly' && this.before.directory.tenants.includes(tenant);
  }

  private bestFor(own: string): readonly [string, OracleRow] | undefined {
    return latest([...this.production.directory.users].filter(([user]) => this.matched.get(user) === own));
  }

  /** Of several users of production the active one with the latest login gives the values. */
  private updatedRow(own: string, row: OracleRow): OracleRow {
    if (this.options.mode !== 'update' || this.isSpared(own)) return row;
    const from = this.bestFor(own)?.[1];
    return from === undefined
      ? row
      : { ...row, ...Object.fromEntries(updated.map((name) => [name, from[name] ?? null])) };
  }
}

/** Readings list users by activity and id, so that the first of equals is meant. */
function latest(users: readonly (readonly [string, OracleRow])[]): readonly [string, OracleRow] | undefined {
  const place = ([, row]: readonly [string, OracleRow]): string =>
    `${String(row['IS_ACTIVE'])} ${String(row['LAST_LOGIN'] ?? '')}`;
  return users.reduce<readonly [string, OracleRow] | undefined>(
    (best, each) => (best === undefined || place(each) > place(best) ? each : best),
    undefined,
  );
}

/** Markers as the readings give them: tenant\login, further users of one login, inactive ones last, numbered. */
function numbered(rows: readonly OracleRow[]): Map<string, OracleRow> {
  const places = new Map<number, string>();
  const taken = new Set<string>();
  for (const active of ['1', '0']) {
    for (const [at, row] of rows.entries()) {
      if (row['IS_ACTIVE'] !== active) continue;
      const tenant = String(row['TENANT']);
      const plain = `${tenant.slice(tenant.indexOf('/') + 1)}\\${String(row['USERNAME']).toLowerCase()}`;
      let marker = plain;
      for (let n = 2; taken.has(marker); n++) marker = `${plain}#${n}`;
      taken.add(marker);
      places.set(at, marker);
    }
  }
  return new Map(rows.map((row, at) => [places.get(at) ?? '', row]));
}

function pairs(list: readonly (readonly [string | null, string | undefined])[]): Map<string, string> {
  return new Map(
    list.flatMap(([from, to]): [string, string][] => (from === null || to === undefined ? [] : [[from, to]])),
  );
}
