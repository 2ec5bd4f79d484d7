import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { autoNumber, entity, module, reference, text } from '../../../sandbox/factories/define.js';
import type { Cell } from '../../../sandbox/factories/model.js';
import { user } from '../../../sandbox/factories/modules/serviceCenter.js';
import { preparedEnvironments, type PreparedEnvironments } from '../../support/preparedEnvironments.js';
import { StageRig } from '../../support/stageRig.js';
import { city, code, country, journey, travelFactory } from '../../support/travelFactory.js';

/** The same in both environments. */
const sharedCode = text('Code', 60, { mandatory: true, value: (cell: Cell) => cell.marker.replace(/^QA-/, '') });
const few = { share: 0, minimum: 12, qaMinimum: 6 };

let environments: PreparedEnvironments;

beforeAll(async () => {
  const app = module('App', {
    entities: [
      country(few, reference('OwnerId', user, 'Protect', { mandatory: true })),
      city(few),
      entity('Topic', { marker: 'Code', scale: few, attributes: [autoNumber(), code] }),
      entity('Note', {
        marker: 'Code',
        scale: few,
        attributes: [autoNumber(), sharedCode, reference('TopicId', 'App.Topic', 'Ignore', { mandatory: true })],
      }),
    ],
    processes: [journey()],
  });
  environments = await preparedEnvironments({
    model: travelFactory([app]),
    rows: 40,
    scheduler: false,
  });
});

afterAll(async () => {
  await environments?.drop();
});

async function refresh(options: Record<string, unknown>): Promise<void> {
  const rig = await StageRig.open(environments, options);
  try {
    await rig.all();
  } finally {
    await rig.close();
  }
}

/** Entities in brackets stand for their tables. */
function inTables(side: 'production' | 'qa', sql: string): string {
  const names = Object.entries(environments.factories[side].tables);
  return names.reduce((statement, [path, table]) => statement.replaceAll(`[${path}]`, `dbo.[${table}]`), sql);
}

async function numberIn(side: 'production' | 'qa', sql: string): Promise<number> {
  return Number((await environments[side].request().query<{ n: number }>(inTables(side, sql))).recordset[0]?.n);
}

async function statementIn(side: 'production' | 'qa', sql: string): Promise<void> {
  await environments[side].request().batch(inTables(side, sql));
}

describe('a row that keeps its key', () => {
  it('is set aside with the row that it refers to, also where both servers enforce the reference', async () => {
    await refresh({
      scope: { entities: ['App.City'] },
      users: { mode: 'matchOnly' },
      entities: { 'App.Country': { attributes: { OwnerId: { unmapped: 'quarantine' } } } },
    });
    // The destination's constraint says that their countries are there.
    const moved = await numberIn('qa', 'SELECT COUNT(*) AS n FROM [App.City]');
    expect(moved).toBeGreaterThan(0);
    expect(moved).toBeLessThan(await numberIn('production', 'SELECT COUNT(*) AS n FROM [App.City]'));
  });
});

describe('a value of a process', () => {
  it('is set aside with the row that it names, and the process arrives without it', async () => {
    await statementIn(
      'production',
      `INSERT INTO OSSYS_USER (TENANT_ID, NAME, USERNAME, IS_ACTIVE) SELECT MIN(ID), N'Nobody', N'nobody.else', 1 FROM OSSYS_TENANT;
       UPDATE [App.Country] SET OWNERID = (SELECT MAX(ID) FROM OSSYS_USER) WHERE ID = (SELECT MAX(x.ID) FROM [App.Country] x);
       UPDATE OSSYS_BPM_PROCESS_INPUT SET INPUT_VALUE = CONVERT(nvarchar(50), (SELECT MAX(ID) FROM [App.Country]))
       WHERE ID = (SELECT MIN(i.ID) FROM OSSYS_BPM_PROCESS_INPUT i WHERE i.NAME = N'Country')`,
    );
    const naming = "FROM OSSYS_BPM_PROCESS_INPUT i WHERE i.NAME = N'Country' AND i.INPUT_VALUE <> N''";
    const named = `SELECT COUNT(*) AS n ${naming} AND EXISTS (SELECT 1 FROM [App.Country] c WHERE CONVERT(nvarchar(50), c.ID) = i.INPUT_VALUE)`;
    await refresh({
      scope: { espaces: ['App'] },
      users: { mode: 'matchOnly' },
      unmapped: 'quarantine',
      orphans: 'quarantine',
    });
    const inProduction = await numberIn('production', named);
    const arrived = await numberIn('qa', named);
    expect(arrived).toBeGreaterThan(0);
    expect(arrived).toBeLessThan(inProduction);
    expect(await numberIn('qa', `SELECT COUNT(*) AS n ${naming}`)).toBe(arrived);
    const processes = 'SELECT COUNT(*) AS n FROM OSSYS_BPM_PROCESS';
    expect(await numberIn('qa', processes)).toBe(await numberIn('production', processes));
  });
});

describe('a row that stays', () => {
  const dangling =
    'SELECT COUNT(*) AS n FROM [App.Note] d WHERE NOT EXISTS (SELECT 1 FROM [App.Topic] t WHERE t.ID = d.TOPICID)';
  const scope = { scope: { entities: ['App.Note'] }, keys: 'generate' };

  /** Notes of QA stay as they are, whose topics are replaced. */
  const refreshTopics = (): Promise<void> =>
    refresh({ ...scope, entities: { 'App.Note': { data: 'keep', match: ['Code'], onMatch: 'skip' } } });

  it('because it matches may refer to what was deleted: no fault of the rows that were loaded', async () => {
    await refreshTopics();
    expect(await numberIn('qa', dangling)).toBeGreaterThan(0);
    expect(await numberIn('qa', 'SELECT COUNT(*) AS n FROM [App.Note]')).toBe(12);
  });

  it('because keepRows names it may do so too', async () => {
    await refreshTopics();
    const kept = await numberIn('qa', `${dangling.replace('COUNT(*)', 'MIN(d.ID)')}`);
    await refresh({ ...scope, entities: { 'App.Note': { keepRows: [kept] } } });
    expect(await numberIn('qa', `${dangling} AND d.ID = ${kept}`)).toBe(1);
    expect(await numberIn('qa', dangling)).toBe(1);
  });
});
