import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { autoNumber, entity, module, reference, simple, text } from '../../../sandbox/factories/define.js';
import type { EnvironmentName, FactoryModel } from '../../../sandbox/factories/model.js';
import { serviceCenter, user, users } from '../../../sandbox/factories/modules/serviceCenter.js';
import type { RefreshPlan } from '../../../src/plan/refreshPlan.js';
import { foresee, type Foreseen } from '../../support/foreseen.js';
import { preparedEnvironments, type PreparedEnvironments } from '../../support/preparedEnvironments.js';
import { StageRig } from '../../support/stageRig.js';
import { value } from '../migrate/support.js';

/** Names that end a quoted identifier or text, begin a comment, or are as long or as strange as names can be. */
const bracket = 'A]];DROP TABLE OSSYS_USER;--';
const quotes = `O'Brien''s "x" /*`;
const unicode = 'Ünïcode 名前 %_[a]';
const long = `L${'o'.repeat(45)}ng`;
const secret = "secret'); DELETE FROM OSSYS_USER WHERE ('1'='1";

const hostileTexts = [secret, "'", ']', '\u202e', '${PROD_PASSWORD}', '%s%n', '<script>', '\\', '\r\nGO\r\n', '👩‍👩‍👧'];

function hostileModel(): FactoryModel {
  const nasty = (cell: { readonly index: number; readonly marker: string }) =>
    `${hostileTexts[cell.index % hostileTexts.length]} ${cell.marker}`;
  const modules = [
    serviceCenter,
    users,
    module(bracket, {
      entities: [
        entity(quotes, {
          marker: 'Co]de',
          attributes: [
            autoNumber(),
            text('Co]de', 60, { value: (cell) => cell.marker }),
            text("Na'me; --", 200, { value: nasty }),
            text('SELECT', 60),
            simple('@p1', 'integer'),
            simple(`${'C'.repeat(100)}]`, 'date'),
            reference('#stage', `${bracket}.${quotes}`, 'Protect'),
            reference('By "whom"', user, 'Ignore'),
          ],
          scale: { share: 0, minimum: 40 },
        }),
        entity(unicode, {
          marker: 'コード',
          attributes: [
            autoNumber(),
            text('コード', 60, { value: (cell) => cell.marker }),
            reference('Parent]', `${bracket}.${quotes}`, 'Delete'),
          ],
          exposeProcessEvents: true,
          scale: { share: 0, minimum: 25 },
        }),
      ],
    }),
    module(long, {
      entities: [
        entity(`${long} entity`, {
          marker: 'Code',
          attributes: [
            autoNumber('integer'),
            text('Code', 60, { value: (cell) => cell.marker }),
            reference('Other', `${bracket}.${unicode}`, 'Protect'),
          ],
          scale: { share: 0, minimum: 12 },
        }),
      ],
    }),
  ];
  return {
    modules,
    applications: [
      { name: "App's ] one", key: '5ad9a3e5-8c1c-4f09-9a6b-6e0b9b3b8f10', active: true, modules: [bracket, long] },
    ],
    solutions: [],
    tenants: [{ name: 'Users', provider: 'Users' }],
    directory,
  };
}

function directory(environment: EnvironmentName) {
  const names = ["x'; DROP TABLE OSSYS_USER;--", 'a]b', 'ünï@名前', '%', `n${'o'.repeat(200)}`];
  const known = environment === 'production' ? names : names.slice(0, 2);
  return {
    users: known.map((username, index) => ({
      username,
      name: secret,
      email: `u${index}@example.org`,
      phone: '',
      externalId: '',
      tenant: 'Users',
      active: true,
      created: '2024-01-01T00:00:00.000',
      lastLogin: '2024-01-01T00:00:00.000',
    })),
    groups: [{ name: "g'] --", tenant: 'Users' }],
    userRoles: [],
    groupRoles: [],
    groupUsers: [{ group: 0, user: 0 }],
  };
}

let environments: PreparedEnvironments;
let foreseen: Foreseen;
const told: string[] = [];

beforeAll(async () => {
  environments = await preparedEnvironments({ rows: 40, scheduler: false, model: hostileModel() });
  foreseen = await foresee(environments, "App's ] one");
});

afterAll(async () => {
  await environments?.drop();
});

describe('names and values that would break out of a statement', () => {
  let plan: RefreshPlan;

  it('are moved like any others', async () => {
    const opened = await StageRig.open(environments, { scope: { applications: ["App's ] one"] } });
    plan = opened.context.plan;
    const note = (details: unknown, message = ''): void => void told.push(`${JSON.stringify(details)} ${message}`);
    const rig = opened.with({ log: { info: note, warn: note }, heartbeat: (details) => note(details) });
    await rig.all(7);
    await rig.close();
    const { expected } = foreseen;
    expect(await foreseen.found()).toEqual(expected);
    expect(expected[`${bracket}.${quotes}`]).toHaveLength(40);
    expect(expected.users?.some((line) => line.includes('DROP TABLE'))).toBe(true);
  });

  it('leave every table in its place', async () => {
    expect(Number(await value(environments.qa, 'SELECT COUNT(*) FROM OSSYS_USER'))).toBeGreaterThanOrEqual(5);
  });

  it('are in no log, no heartbeat and no plan, as far as they are values', () => {
    const everything = `${told.join('\n')}\n${JSON.stringify(plan)}`;
    expect(everything).toContain(quotes.slice(0, 7));
    for (const needle of ['DELETE FROM OSSYS_USER', 'example.org', 'Read-0nly!', 'Refresh-1!']) {
      expect(everything).not.toContain(needle);
    }
  });
});
