import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recruitingFactory } from '../../../sandbox/factories/recruitingFactory.js';
import { activity } from '../../../sandbox/factories/define.js';
import type { Cell, FactoryModel, ModuleModel } from '../../../sandbox/factories/model.js';
import { readByMarkers, type OracleReading } from '../../../sandbox/factories/oracle.js';
import { clearEventSubscriptions } from '../../../src/migrate/clearEventSubscriptions/clearEventSubscriptions.js';
import { compensate } from '../../../src/migrate/compensate/compensate.js';
import { deleteDestinationData } from '../../../src/migrate/deleteDestinationData/deleteDestinationData.js';
import { mapStaticRecords } from '../../../src/migrate/mapStaticRecords/mapStaticRecords.js';
import { assertRunnable } from '../../../src/plan/findings.js';
import { preparedEnvironments, type PreparedEnvironments } from '../../support/preparedEnvironments.js';
import { complete, StageRig } from '../../support/stageRig.js';
import { list, value } from './support.js';

/** Activities of Organization wait for events of Recruiting and Core, which are outside the scope, and for those of a user. */
const interview = 'Recruiting.Interview';
/** Its key is a text, in a column that is not called ID. */
const country = 'Core.Country';
const user = 'ServiceCenter.User';
const request = { scope: { espaces: ['Organization'], exclude: ['People'] }, tenants: 'exclude', unmapped: 'setNull' };

let environments: PreparedEnvironments;
let model: FactoryModel;
let production: OracleReading;
let before: OracleReading;

beforeAll(async () => {
  model = withWaiting(recruitingFactory());
  environments = await preparedEnvironments({ rows: 60, model, scheduler: false });
  production = await read(environments.production);
  before = await read(environments.qa);
});

afterAll(() => environments?.drop());

/** Some instances wait for one interview, some for an outcome, some for an interviewer, some for any. */
function withWaiting(factory: FactoryModel): FactoryModel {
  const every =
    (n: number, found: (cell: Cell) => { readonly row: number } | null) =>
    (cell: Cell): { readonly row: number } | null =>
      Math.floor(cell.index / 3) % 4 === n ? found(cell) : null;
  const events = {
    AssignTeam: {
      entity: interview,
      onUpdate: false,
      row: every(0, () => ({ row: 1 })),
      filter: {
        OutcomeId: every(1, () => ({ row: 1 })),
        InterviewerId: every(2, ({ index, rowsOf }) => ({ row: index % rowsOf(user) })),
      },
    },
    Arrive: { entity: country, onUpdate: true, row: every(0, () => ({ row: 1 })) },
    Welcome: { entity: user, onUpdate: true, row: every(0, ({ index, rowsOf }) => ({ row: index % rowsOf(user) })) },
  };
  const waiting = (module: ModuleModel): ModuleModel => ({
    ...module,
    processes: module.processes.map((process) => ({
      ...process,
      scale: { share: 0, minimum: 30 },
      label: ({ marker }) => `${module.name} ${marker}`,
      activities: [...process.activities, activity('Arrive', 'automatic')(process.name)].map((each) => {
        const event = Object.entries(events).find(([name]) => name === each.name)?.[1];
        return event === undefined ? each : { ...each, kind: 'conditionalStart' as const, event };
      }),
    })),
  });
  const raising = (module: ModuleModel): ModuleModel => ({
    ...module,
    entities: module.entities.map((each) => (each.name === 'Country' ? { ...each, exposeProcessEvents: true } : each)),
  });
  const changed = new Map([
    ['Organization', waiting],
    ['OrganizationClone', waiting],
    ['Core', raising],
  ]);
  return { ...factory, modules: factory.modules.map((each) => changed.get(each.name)?.(each) ?? each) };
}

function read(pool: PreparedEnvironments['qa']): Promise<OracleReading> {
  return readByMarkers(pool, model, { entities: [interview, country, 'Organization.Team'] });
}

interface Subscription {
  readonly text: string;
  readonly activity: string | null;
  /** Of the module that moves. */
  readonly moves: boolean;
}

function subscriptions(reading: OracleReading, path: string): Subscription[] {
  const organization = model.modules.find(({ name }) => name === 'Organization')?.key;
  return (reading.subscriptions.get(path) ?? []).map((text) => {
    const { activity, espace } = JSON.parse(text) as { activity: string | null; espace: string };
    return { text, activity, moves: activity !== null && espace === organization };
  });
}

function texts(all: readonly Subscription[]): string[] {
  return all.map(({ text }) => text).sort();
}

/** Rows of the destination that stay: those that start processes, and those of activities of other modules. */
function staying(path: string): Subscription[] {
  return subscriptions(before, path).filter(({ moves }) => !moves);
}

/** Production's rows of activities that moved, but those for one interview: interviews do not move. */
function arriving(after: OracleReading, path: string): { readonly kept: Subscription[]; readonly dropped: number } {
  const moved = subscriptions(production, path).filter(
    ({ activity, moves }) => moves && after.activities.has(activity ?? ''),
  );
  const kept = moved.filter(({ text }) => !/"row":\{/.test(text) || path === user);
  return { kept, dropped: moved.length - kept.length };
}

async function eventTable(): Promise<string> {
  const name = await value(
    environments.qa,
    `SELECT n.EVENT_TABLE_NAME FROM OSSYS_ENTITY n INNER JOIN OSSYS_ESPACE e ON e.ID = n.ESPACE_ID
     WHERE e.NAME = N'Recruiting' AND e.IS_ACTIVE = 1 AND n.NAME = N'Interview' AND n.IS_ACTIVE = 1`,
  );
  return `[dbo].[${String(name)}]`;
}

async function rawRows(): Promise<unknown[]> {
  const columns = ['_ACTIVITY_ID', '_PROCESS_DEF_ID', '_ESPACE_ID', '_TENANT_ID', '_IS_UPDATE', '_IS_LIGHT', 'ID'];
  const texts = columns.map((name) => `COALESCE(CONVERT(nvarchar(20), t.[${name}]), N'-')`).join(", N' ', ");
  return await list(environments.qa, `SELECT CONCAT(${texts}) AS text FROM ${await eventTable()} t ORDER BY text`);
}

const open = `SELECT COUNT(*) FROM refresh.event_snapshot WHERE restored_at IS NULL`;
const ofOrganization = `SELECT a.ID FROM OSSYS_BPM_ACTIVITY a INNER JOIN OSSYS_BPM_PROCESS p ON p.ID = a.PROCESS_ID
  INNER JOIN OSSYS_BPM_PROCESS_DEFINITION d ON d.ID = p.PROCESS_DEF_ID INNER JOIN OSSYS_ESPACE e ON e.ID = d.ESPACE_ID WHERE e.NAME = N'Organization'`;

describe('subscriptions to events of an entity outside the scope', () => {
  it('go back as they were when a run ends before it has written anything', async () => {
    const all = await rawRows();
    const waiting = `SELECT COUNT(*) FROM ${await eventTable()} t WHERE t.[_ACTIVITY_ID] IN (${ofOrganization})`;
    const taken = Number(await value(environments.qa, waiting));
    const rig = await StageRig.open(environments, request);
    expect(rig.context.plan.eventTables.filter(({ outsideScope }) => outsideScope).map(({ name }) => name)).toEqual([
      interview,
      country,
    ]);
    await complete(() => clearEventSubscriptions(rig.context));
    const left = await rawRows();
    expect(taken).toBeGreaterThan(0);
    expect(left.length).toBeGreaterThan(0);
    expect(left).toHaveLength(all.length - taken);
    expect(all).toEqual(expect.arrayContaining(left));
    expect(await value(environments.qa, waiting)).toBe(0);
    await complete(() => clearEventSubscriptions(rig.context));
    expect(await rawRows()).toEqual(left);
    expect(await compensate(rig.context)).toMatchObject({ undone: true });
    expect(await rawRows()).toEqual(all);
    await rig.close();
  });

  it('go back for the activities that are left when a run ends in the middle of deleting', async () => {
    const all = await rawRows();
    const rig = await StageRig.open(environments, request);
    await complete(() => clearEventSubscriptions(rig.context));
    await complete(() => mapStaticRecords(rig.context));
    await deleteDestinationData({ ...rig.context, deadline: () => true }, 1);
    expect(Number(await value(environments.qa, `SELECT COUNT(*) FROM (${ofOrganization}) x`))).toBeGreaterThan(0);
    expect(await compensate(rig.context)).toMatchObject({ undone: false });
    await compensate(rig.context);
    expect(await rawRows()).toEqual(all);
    expect(
      await value(environments.qa, `${open} AND table_name = N'${(await eventTable()).replaceAll("'", "''")}'`),
    ).toBe(0);
    await rig.close();
  });

  it('follow the activities that move; those of deleted ones go, all others stay in place (trap 66)', async () => {
    const rig = await StageRig.open(environments, request);
    assertRunnable(rig.context.plan);
    const dropped = rig.context.plan.findings.filter(({ code }) => code === 'SUBSCRIPTIONS_DROPPED');
    await rig.all(25);
    await rig.close();
    const after = await read(environments.qa);
    for (const path of [interview, country, user]) {
      const { kept, dropped: lost } = arriving(after, path);
      const stay = staying(path);
      expect([path, kept.length > 1, stay.length > 0]).toEqual([path, true, true]);
      expect(texts(subscriptions(after, path))).toEqual(texts([...stay, ...kept]));
      const said = dropped.find(({ subject }) => subject === path)?.message;
      if (path !== user) expect(said).toMatch(new RegExp(`^${lost} activities`));
    }
    const filters = arriving(after, interview).kept.map(({ text }) => text);
    for (const name of ['OutcomeId', 'InterviewerId'])
      expect(filters.some((text) => new RegExp(`"${name}":\\{[^}]*"marker"`).test(text))).toBe(true);
    expect(subscriptions(before, interview).filter(({ moves }) => moves).length).toBeGreaterThan(2);
  });

  it('are the same after another refresh', async () => {
    const once = await read(environments.qa);
    const rig = await StageRig.open(environments, request);
    await rig.all(25);
    await rig.close();
    const twice = await read(environments.qa);
    for (const path of [interview, country, user])
      expect(texts(subscriptions(twice, path))).toEqual(texts(subscriptions(once, path)));
  });
});
