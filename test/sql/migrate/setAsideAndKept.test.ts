import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { autoNumber, entity, module, reference, simple, text } from '../../../sandbox/factories/define.js';
import type { Cell } from '../../../sandbox/factories/model.js';
import { serviceCenter, user, users } from '../../../sandbox/factories/modules/serviceCenter.js';
import { preparedEnvironments, type PreparedEnvironments } from '../../support/preparedEnvironments.js';
import { StageRig } from '../../support/stageRig.js';

const code = text('Code', 60, { mandatory: true });
/** The same in both environments. */
const sharedCode = text('Code', 60, { mandatory: true, value: (cell: Cell) => cell.marker.replace(/^QA-/, '') });
const few = { share: 0, minimum: 12, qaMinimum: 6 };

let environments: PreparedEnvironments;

beforeAll(async () => {
  const app = module('App', {
    entities: [
      entity('Country', {
        marker: 'Code',
        scale: few,
        attributes: [
          simple('Id', 'integer', { mandatory: true }),
          code,
          reference('OwnerId', user, 'Protect', { mandatory: true }),
        ],
      }),
      entity('City', {
        marker: 'Code',
        scale: few,
        attributes: [autoNumber(), code, reference('CountryId', 'App.Country', 'Protect', { mandatory: true })],
      }),
      entity('Topic', { marker: 'Code', scale: few, attributes: [autoNumber(), code] }),
      entity('Note', {
        marker: 'Code',
        scale: few,
        attributes: [autoNumber(), sharedCode, reference('TopicId', 'App.Topic', 'Ignore', { mandatory: true })],
      }),
    ],
  });
  const tenants = ['ServiceCenter', 'Users'].map((name) => ({ name, provider: name }));
  environments = await preparedEnvironments({
    model: { modules: [serviceCenter, users, app], applications: [], solutions: [], tenants },
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

async function numberIn(side: 'production' | 'qa', sql: string): Promise<number> {
  const names = Object.entries(environments.factories[side].tables);
  const named = names.reduce((text, [path, table]) => text.replaceAll(`[${path}]`, `dbo.[${table}]`), sql);
  return Number((await environments[side].request().query<{ n: number }>(named)).recordset[0]?.n);
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

describe('a row that stays', () => {
  const dangling =
    'SELECT COUNT(*) AS n FROM [App.Note] d WHERE NOT EXISTS (SELECT 1 FROM [App.Topic] t WHERE t.ID = d.TOPICID)';
  const scope = { scope: { entities: ['App.Note'] }, keys: 'generate' };

  it('because it matches may refer to what was deleted: no fault of the rows that were loaded', async () => {
    const options = { ...scope, entities: { 'App.Note': { data: 'keep', match: ['Code'], onMatch: 'skip' } } };
    await refresh(options);
    expect(await numberIn('qa', dangling)).toBeGreaterThan(0);
    expect(await numberIn('qa', 'SELECT COUNT(*) AS n FROM [App.Note]')).toBe(12);
  });

  it('because keepRows names it may do so too', async () => {
    const kept = await numberIn('qa', `${dangling.replace('COUNT(*)', 'MIN(d.ID)')}`);
    await refresh({ ...scope, entities: { 'App.Note': { keepRows: [kept] } } });
    expect(await numberIn('qa', `${dangling} AND d.ID = ${kept}`)).toBe(1);
    expect(await numberIn('qa', dangling)).toBe(1);
  });
});
