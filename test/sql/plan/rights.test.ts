import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureLogin } from '../../../sandbox/factories/write/logins.js';
import { createStateSql } from '../../../src/migrate/state/createState.js';
import { stateTables } from '../../../src/migrate/state/stateTables.js';
import { assertRunnable } from '../../../src/plan/findings.js';
import type { RefreshPlan } from '../../../src/plan/refreshPlan.js';
import { connectTo } from '../factories/support.js';
import { uniqueName } from '../../support/sqlServer.js';
import { entityOf, nameOf, PlanRig, scalar } from './planRig.js';

const password = 'Level-4!';
let rig: PlanRig;
let applicationTables: string[];

beforeAll(async () => {
  rig = await PlanRig.open('rights');
  const full = await rig.plan();
  applicationTables = [
    ...full.entities.filter((entity) => entity.processPath === null).map((entity) => entity.destinationTable.table),
    ...full.deletions.filter((deletion) => deletion.outsideScope).map((deletion) => deletion.table.table),
  ];
  // What a login without DDL needs somebody else to have made.
  for (const statement of createStateSql(stateTables('refresh'), 'refresh')) await rig.qa.request().batch(statement);
});
afterAll(() => rig.close());

/** A plan by a login of the destination that has exactly these rights. */
async function planWith(statements: (login: string) => readonly string[], request: object = {}): Promise<RefreshPlan> {
  const login = uniqueName('level');
  const master = await connectTo('master');
  await ensureLogin(master, login, password);
  await master.close();
  await rig.qa.request().batch(`CREATE USER [${login}] FOR LOGIN [${login}]`);
  for (const statement of statements(login)) await rig.qa.request().batch(statement);
  return rig.plan(request, rig.configuration({ qa: { user: login, password } }));
}

const reads = (login: string): string[] => [
  `ALTER ROLE db_datareader ADD MEMBER [${login}]`,
  `GRANT VIEW DEFINITION TO [${login}]`,
];
const writesState = (login: string): string[] => [
  `GRANT SELECT, INSERT, UPDATE, DELETE ON SCHEMA::refresh TO [${login}]`,
];
const writesApplications = (login: string): string[] =>
  applicationTables.map((table) => `GRANT INSERT, UPDATE, DELETE ON dbo.[${table}] TO [${login}]`);

function subjects(plan: RefreshPlan, severity: string): string[] {
  return plan.findings.filter((each) => each.severity === severity).map((each) => `${each.code} ${each.subject}`);
}

function origins(plan: RefreshPlan): Set<string> {
  return new Set(plan.entities.map((entity) => plan.nodes[entity.node]?.origin ?? ''));
}

async function rowsOfEverything(): Promise<string> {
  const tables = await rig.qa
    .request()
    .query<{ name: string }>(
      "SELECT QUOTENAME(s.name) + N'.' + QUOTENAME(t.name) AS name FROM sys.tables t INNER JOIN sys.schemas s ON s.schema_id = t.schema_id ORDER BY s.name, t.name",
    );
  const counts: string[] = [];
  for (const { name } of tables.recordset) {
    counts.push(`${name} ${await scalar(rig.qa, `SELECT COUNT(*) AS n FROM ${name}`)}`);
  }
  return counts.join('\n');
}

describe('the rights of the destination login', () => {
  it('that only reads are enough for the plan, which writes nothing and says all that is missing', async () => {
    const before = await rowsOfEverything();
    const plan = await planWith(reads, { unmapped: 'setNull' });
    expect(await rowsOfEverything()).toBe(before);
    expect(plan.rights).toBe('applicationTables');
    expect(plan.entities.length).toBeGreaterThan(5);
    const blocking = plan.findings.filter((each) => each.severity === 'blocking').map((each) => each.code);
    expect(new Set(blocking)).toEqual(new Set(['RIGHTS_MISSING', 'RIGHTS_EVENT_TABLE', 'RIGHTS_STATE_SCHEMA']));
    expect(() => assertRunnable(plan)).toThrow(/RIGHTS_MISSING/);
  });

  it('of an owner give everything', async () => {
    const plan = await planWith((login) => [`ALTER ROLE db_owner ADD MEMBER [${login}]`]);
    expect(plan.rights).toBe('full');
    expect(plan.findings.filter((each) => each.code.startsWith('RIGHTS_'))).toEqual([]);
    expect(origins(plan)).toContain('preserved');
    expect(plan.eventTables.length).toBeGreaterThan(0);
  });

  it('without DDL and IDENTITY_INSERT give generated keys and need the state tables of somebody else (trap 80)', async () => {
    const writer = (login: string) => [...reads(login), `ALTER ROLE db_datawriter ADD MEMBER [${login}]`];
    const plan = await planWith(writer);
    expect(plan.rights).toBe('dataWriter');
    expect(subjects(plan, 'blocking')).toEqual([]);
    expect(subjects(plan, 'warning')).toContain('RIGHTS_LIMITED keys');
    const integers = plan.entities.filter((entity) => plan.nodes[entity.node]?.destination?.identity === true);
    expect(new Set(integers.map((entity) => plan.nodes[entity.node]?.origin))).toEqual(new Set(['generated']));
    expect(plan.processes?.trees).toBeGreaterThan(0);
    expect(plan.request.users.mode).toBe('createMissing');
  });

  it('on application tables only give matched users and no processes, each named with what is lost (trap 62)', async () => {
    const cloud = (login: string) => [...reads(login), ...writesApplications(login), ...writesState(login)];
    const plan = await planWith(cloud, { unmapped: 'setNull' });
    expect(plan.rights).toBe('applicationTables');
    expect(plan.request.users.mode).toBe('matchOnly');
    expect(plan.users?.created).toBe(0);
    expect(plan.processes).toBeNull();
    expect(plan.entities.some((entity) => entity.stage === 'migrateProcesses')).toBe(false);
    expect(subjects(plan, 'warning')).toEqual(
      expect.arrayContaining(['RIGHTS_NO_USERS users', 'RIGHTS_NO_PROCESSES processes', 'RIGHTS_LIMITED keys']),
    );
    const blocked = plan.findings.filter((each) => each.code === 'RIGHTS_EVENT_TABLE');
    expect(blocked.map((each) => each.subject)).toContain('Recruiting.Candidate');
    expect(blocked[0]?.message).toMatch(/raises up to [1-9]\d* events/);
    expect(new Set(subjects(plan, 'blocking').map((each) => each.split(' ')[0]))).toEqual(
      new Set(['RIGHTS_EVENT_TABLE']),
    );
  });

  it('let events be queued for entities that the operator names, with the forecast', async () => {
    const cloud = (login: string) => [...reads(login), ...writesApplications(login), ...writesState(login)];
    const first = await planWith(cloud, { unmapped: 'setNull' });
    const named = first.findings.filter((each) => each.code === 'RIGHTS_EVENT_TABLE').map((each) => each.subject);
    const entities = Object.fromEntries(named.map((name) => [name, { events: 'queue' }]));
    const plan = await planWith(cloud, { unmapped: 'setNull', entities });
    expect(subjects(plan, 'blocking')).toEqual([]);
    expect(subjects(plan, 'warning')).toEqual(
      expect.arrayContaining([...named.map((name) => `RIGHTS_EVENTS_QUEUED ${name}`), 'RIGHTS_QUEUES event queues']),
    );
    expect(plan.eventTables).toEqual([]);
    expect(plan.queues.mayRemove).toBe(false);
    expect(() => assertRunnable(plan)).not.toThrow();
  });

  it('block an entity whose event table they do not show at all', async () => {
    const candidate = (await rig.plan()).eventTables.find((table) => table.name === 'Recruiting.Candidate');
    const blind = (login: string) => [
      ...reads(login),
      ...writesApplications(login),
      ...writesState(login),
      `DENY SELECT ON dbo.[${candidate?.destination.table}] TO [${login}]`,
    ];
    const plan = await planWith(blind, { unmapped: 'setNull' });
    const found = plan.findings.find(
      (each) => each.code === 'RIGHTS_EVENT_TABLE' && each.subject === 'Recruiting.Candidate',
    );
    expect(found?.message).toContain('may not read');
  });

  it('are probed table by table: keys are kept where the login may insert them', async () => {
    const city = entityOf(await rig.plan(), 'People.City').destinationTable.table;
    const plan = await planWith((login) => [
      ...reads(login),
      `ALTER ROLE db_datawriter ADD MEMBER [${login}]`,
      `GRANT ALTER ON dbo.[${city}] TO [${login}]`,
    ]);
    const origin = Object.fromEntries(
      plan.entities.map((entity) => [nameOf(plan, entity.node), plan.nodes[entity.node]?.origin]),
    );
    expect(origin['People.City']).toBe('reserved');
    expect(origin['Recruiting.Candidate']).toBe('generated');
  });
});
