/** Random ways to find users again, and random logins of the destination. */
import fc from 'fast-check';

export type UsersMode = 'createMissing' | 'update' | 'recreate' | 'matchOnly';
export type MatchAttribute = 'username' | 'tenant' | 'email' | 'externalId';

/** The destination's login: of deploy/permissions, or one that writes application tables only (docs/permissions.md). */
export type Login = 'owner' | 'destination-data-writer' | 'applicationTables';

/** A line of `users.map` before it is known who there is: which of the users, and whether the line names their tenants. */
export interface LineDraw {
  readonly from: number;
  readonly to: number;
  readonly tenants: boolean;
  readonly unknown: 'production' | 'destination' | null;
}

export interface UsersDraw {
  /** Null: what the request says otherwise. */
  readonly recreate: 'anywhere' | 'where nothing else refers' | null;
  readonly match: readonly MatchAttribute[];
  readonly map: readonly LineDraw[];
  readonly login: Login;
  /** Whether entities whose events the login may not silence are loaded all the same. */
  readonly queuesEvents: boolean;
  /** QA's people have other logins than production's. */
  readonly otherLogins: boolean;
}

export function weighted<T>(...choices: readonly (readonly [T, number])[]): fc.Arbitrary<T> {
  return fc.oneof(...choices.map(([value, weight]) => ({ arbitrary: fc.constant(value), weight })));
}

const line: fc.Arbitrary<LineDraw> = fc.record({
  from: fc.nat(1_000),
  to: fc.nat(1_000),
  tenants: weighted([true, 11], [false, 1]),
  unknown: weighted<LineDraw['unknown']>([null, 24], ['production', 1], ['destination', 1]),
});

export const usersDraw: fc.Arbitrary<UsersDraw> = fc.record({
  recreate: weighted<UsersDraw['recreate']>([null, 14], ['where nothing else refers', 5], ['anywhere', 1]),
  match: weighted<readonly MatchAttribute[]>(
    [['username', 'tenant'], 12],
    [['email'], 1],
    [['externalId'], 2],
    [['externalId', 'tenant'], 2],
    [['username'], 1],
    [['username', 'email'], 2],
  ),
  map: fc.oneof(
    { arbitrary: fc.constant([]), weight: 3 },
    { arbitrary: fc.array(line, { minLength: 1, maxLength: 4 }), weight: 1 },
  ),
  login: weighted<Login>(['owner', 6], ['destination-data-writer', 2], ['applicationTables', 2]),
  queuesEvents: weighted([true, 3], [false, 1]),
  otherLogins: weighted([false, 2], [true, 1]),
});
