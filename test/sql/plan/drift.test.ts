import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { driftGuard } from '../../../activities/driftGuard.js';
import type { RunReference } from '../../../src/contract.js';
import { planHash } from '../../../src/plan/buildPlan.js';
import type { RefreshPlan } from '../../../src/plan/refreshPlan.js';
import { entityOf, PlanRig } from './planRig.js';

let rig: PlanRig;
let plan: RefreshPlan;

beforeAll(async () => {
  rig = await PlanRig.open('drift');
  plan = await rig.plan();
});
afterAll(() => rig.close());

function reference(): RunReference {
  const run = randomUUID();
  return { run, workflowId: 'refresh-qa', source: 'production', destination: 'qa', planHash: planHash(plan), epoch: 1 };
}

describe('before it disturbs, before it deletes and before it verifies, a run', () => {
  const guard = () => driftGuard({ configuration: rig.configuration(), plans: { load: () => Promise.resolve(plan) } });

  it('goes on when rows have changed', async () => {
    await rig.qa.request().batch("INSERT INTO dbo.OSSYS_GROUP (NAME, TENANT_ID) VALUES (N'new', 1)");
    for (const stage of ['disableApplications', 'deleteDestinationData', 'verify'] as const) {
      await expect(guard()(reference(), stage)).resolves.toBeUndefined();
    }
  });

  it('stops for good when a module was published since the plan was made, whatever it found before (trap 86)', async () => {
    const run = reference();
    const look = guard();
    await look(run, 'disableApplications');
    await rig.qa
      .request()
      .batch(`ALTER TABLE dbo.[${entityOf(plan, 'People.City').destinationTable.table}] ADD ADDED int NULL`);
    const drift = { type: 'PlanDrift', code: 'planDrift', retried: false, details: { subject: 'qa' } };
    await expect(look(run, 'deleteDestinationData')).rejects.toMatchObject(drift);
    await expect(look(run, 'verify')).rejects.toMatchObject(drift);
  });

  it('looks again on retry, and goes on once the former version is published again', async () => {
    const run = reference();
    const look = guard();
    await expect(look(run, 'verify')).rejects.toMatchObject({ type: 'PlanDrift' });
    await rig.qa
      .request()
      .batch(`ALTER TABLE dbo.[${entityOf(plan, 'People.City').destinationTable.table}] DROP COLUMN ADDED`);
    await expect(look(run, 'verify')).resolves.toBeUndefined();
  });
});
