import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { preparedEnvironments, type PreparedEnvironments } from '../../support/preparedEnvironments.js';
import { StageRig } from '../../support/stageRig.js';

let environments: PreparedEnvironments;

beforeAll(async () => {
  environments = await preparedEnvironments({ rows: 300, scheduler: false });
});

afterAll(async () => {
  await environments?.drop();
});

describe('the stages of a refresh', () => {
  it('move an application', async () => {
    const rig = await StageRig.open(environments, {
      scope: { applications: ['Recruiting'] },
      tenants: 'exclude',
      unmapped: 'setNull',
    });
    await rig.all(50);
    await rig.close();
    expect(true).toBe(true);
  });
});
