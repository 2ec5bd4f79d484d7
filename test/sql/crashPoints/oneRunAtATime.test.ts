import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mapUsers } from '../../../src/migrate/mapUsers/mapUsers.js';
import { closeRunRow } from '../../../src/migrate/state/run.js';
import { takeOver } from '../../../src/migrate/state/takeOver.js';
import { withWriteTransaction } from '../../../src/migrate/state/transaction.js';
import { planRefresh } from '../../../src/plan/planRefresh.js';
import type { RefreshPlan } from '../../../src/plan/refreshPlan.js';
import { parseRequest } from '../../../src/request.js';
import { preparedEnvironments, type PreparedEnvironments } from '../../support/preparedEnvironments.js';
import { StageRig } from '../../support/stageRig.js';

const request = parseRequest({
  source: 'production',
  destination: 'qa',
  scope: { entities: ['People.Person'] },
  processes: { migrate: false },
});

let environments: PreparedEnvironments;
let plan: RefreshPlan;

beforeAll(async () => {
  environments = await preparedEnvironments({ rows: 20, scheduler: false });
  ({ plan } = await planRefresh(environments.configuration, request));
});

afterAll(async () => {
  await environments?.drop();
});

/** A run of a workflow of its own, as each start under another workflow id is. */
function open(): Promise<StageRig> {
  return StageRig.openPlanned(environments, plan, request);
}

function touch(rig: StageRig): Promise<unknown> {
  const { context } = rig;
  return rig.inDestination((session) =>
    withWriteTransaction(session, context.state, context.run, false, () => Promise.resolve()),
  );
}

describe('a destination', () => {
  it('is refreshed by one of several runs that start at once; the others are told by whom', async () => {
    const started = await Promise.allSettled([open(), open(), open()]);
    const rigs = started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    expect(rigs).toHaveLength(1);
    const { workflowId } = rigs[0]!.context.run;
    for (const each of started) {
      if (each.status === 'fulfilled') continue;
      expect(each.reason).toMatchObject({ code: 'destinationBusy', type: 'BadInput' });
      expect(String(each.reason)).toContain(workflowId);
    }
    await rigs[0]!.close();
  });

  it('takes no new run while one is being recovered, nor a write of the recovered one', async () => {
    const lost = await open();
    const { state } = lost.context;
    const taken = await lost.inDestination((session) => takeOver(session, state));
    expect(taken?.reference).toMatchObject({ run: lost.context.run.run, epoch: lost.context.run.epoch + 1 });
    await expect(open()).rejects.toMatchObject({ code: 'destinationBusy' });
    await expect(touch(lost)).rejects.toMatchObject({ type: 'RunClosed' });
    await expect(mapUsers(lost.context).then(() => touch(lost))).rejects.toMatchObject({ type: 'RunClosed' });
    await lost.inDestination((session) => closeRunRow(session, state, lost.context.run.run, 'aborted'));
    const next = await open();
    await touch(next);
    await next.close();
  });
});
