import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { autoNumber, entity, module, reference, text } from '../../../sandbox/factories/define.js';
import { serviceCenter, users } from '../../../sandbox/factories/modules/serviceCenter.js';
import { deleteDestinationData } from '../../../src/migrate/deleteDestinationData/deleteDestinationData.js';
import { preparedEnvironments, type PreparedEnvironments } from '../../support/preparedEnvironments.js';
import { StageRig } from '../../support/stageRig.js';
import { columnOf, list, rows, value } from './support.js';

const code = text('Code', 60, { mandatory: true });
const few = { share: 0, minimum: 4, qaMinimum: 4 };

let environments: PreparedEnvironments;

beforeAll(async () => {
  const place = entity('Place', { marker: 'Code', scale: few, attributes: [autoNumber(), code] });
  const log = entity('Log', {
    marker: 'Code',
    scale: few,
    attributes: [autoNumber(), code, reference('PlaceId', 'App.Place', 'Protect', { value: () => ({ row: 0 }) })],
  });
  environments = await preparedEnvironments({
    model: {
      modules: [serviceCenter, users, module('App', { entities: [place] }), module('Elsewhere', { entities: [log] })],
      applications: [],
      solutions: [],
      tenants: [
        { name: 'ServiceCenter', provider: 'ServiceCenter' },
        { name: 'Users', provider: 'Users' },
      ],
    },
    rows: 20,
    scheduler: false,
  });
});

afterAll(async () => {
  await environments?.drop();
});

describe('an entity of which some rows stay', () => {
  it('loses the others, though a constraint ties rows outside the scope to those that stay (trap 25)', async () => {
    const { qa, production, factories } = environments;
    const codeOf = (side: 'qa' | 'production'): Promise<string> => columnOf(environments[side], 'App', 'Place', 'Code');
    const place = (side: 'qa' | 'production'): string => `dbo.[${factories[side].tables['App.Place']}]`;
    const logs = `SELECT ID, ${await columnOf(qa, 'Elsewhere', 'Log', 'Code')} FROM dbo.[${factories.qa.tables['Elsewhere.Log']}] ORDER BY ID`;
    const before = await rows(qa, logs);
    const [kept, marker] = [
      String(await value(qa, `SELECT MIN(ID) FROM ${place('qa')}`)),
      await value(qa, `SELECT TOP (1) ${await codeOf('qa')} FROM ${place('qa')} ORDER BY ID`),
    ];
    const rig = await StageRig.open(environments, {
      scope: { entities: ['App.Place'] },
      entities: { 'App.Place': { keepRows: [kept] } },
    });
    await rig.all();
    await rig.close();
    const loaded = await list(production, `SELECT ${await codeOf('production')} FROM ${place('production')}`);
    expect((await list(qa, `SELECT ${await codeOf('qa')} FROM ${place('qa')}`)).sort()).toEqual(
      [marker, ...loaded].sort(),
    );
    expect(await rows(qa, logs)).toEqual(before);
  });
});

describe('deletions of small tables, which share a request', () => {
  it('empty no table before those that refer to it are empty, and enter every row in the ledger, whatever a trigger answers', async () => {
    const { qa, factories } = environments;
    const count = (name: string) => value(qa, `SELECT COUNT(*) FROM dbo.[${factories.qa.tables[name]}]`).then(Number);
    const [places, logs] = [await count('App.Place'), await count('Elsewhere.Log')];
    const rig = await StageRig.open(environments, { scope: { entities: ['App.Place', 'Elsewhere.Log'] } });
    await qa
      .request()
      .batch(
        `CREATE TRIGGER dbo.telling ON dbo.[${factories.qa.tables['Elsewhere.Log']}] AFTER DELETE AS SELECT 7 AS seven`,
      );
    const step = () => deleteDestinationData({ ...rig.context, deadline: () => true }, logs);
    expect(await step()).toMatchObject({ done: false, handled: logs });
    expect([await count('Elsewhere.Log'), await count('App.Place')]).toEqual([0, places]);
    for (let done = false; !done;) ({ done } = await step());
    expect([await count('Elsewhere.Log'), await count('App.Place')]).toEqual([0, 0]);
    const entered = (figure: string) =>
      value(
        qa,
        `SELECT SUM(CONVERT(int, ${figure})) FROM refresh.ledger WHERE work_item LIKE N'delete:%' AND run = (SELECT number FROM refresh.run WHERE id = N'${rig.context.run.run}')`,
      ).then(Number);
    expect([await entered('last'), await entered('rows_written')]).toEqual([2, places + logs]);
    await rig.close();
  });
});
