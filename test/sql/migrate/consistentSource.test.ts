import { afterAll, beforeAll, expect, it } from 'vitest';
import { readByMarkers } from '../../../sandbox/factories/oracle.js';
import { foresee } from '../../support/foreseen.js';
import { preparedEnvironments, type PreparedEnvironments } from '../../support/preparedEnvironments.js';
import { StageRig } from '../../support/stageRig.js';
import { entityOf, run, tablesOf, withColumns } from './support.js';

let environments: PreparedEnvironments;

beforeAll(async () => {
  environments = await preparedEnvironments({ rows: 40, scheduler: false });
});

afterAll(async () => {
  await environments?.drop();
});

it('moves what production held when the plan was made, however much comes meanwhile', async () => {
  const { model } = environments.factories;
  const before = await readByMarkers(environments.production, model);
  const foreseen = await foresee(environments, 'Recruiting');
  const rig = await StageRig.open(environments, { scope: { applications: ['Recruiting'] } });
  for (const name of ['Recruiting.Candidate', 'Recruiting.Note']) await addLateRows(rig, name);
  const late = await readByMarkers(environments.production, model);
  expect(late.entities.get('Recruiting.Note')?.size).toBeGreaterThan(before.entities.get('Recruiting.Note')?.size ?? 0);
  await rig.all(20);
  await rig.close();
  expect(await foreseen.found()).toEqual(foreseen.expected);
});

/** Copies some rows of production under markers of their own, with new keys. */
async function addLateRows(rig: StageRig, name: string): Promise<void> {
  const entity = entityOf(rig.context.plan, name);
  const { source } = tablesOf(rig.context.plan, name);
  const columns = entity.columns.filter(({ treatment }) => treatment.kind !== 'key').map(({ attribute }) => attribute);
  const values = columns.map((each) => (each === 'Code' || each === 'Email' ? `CONCAT(N'late-', {Id})` : `{${each}}`));
  const names = columns.map((each) => `{${each}}`);
  const insert = `INSERT INTO ${source} (${names.join(', ')}) SELECT TOP (5) ${values.join(', ')} FROM ${source} ORDER BY {Id} DESC`;
  await run(environments.production, withColumns(entity, 'source', insert));
}
