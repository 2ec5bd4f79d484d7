import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { withStateModule } from '../../sandbox/factories/modules/refreshState.js';
import { expectExit } from '../support/commandHere.js';
import { expectWholeRefresh, model, requestFor, startWithLeastRights, tablesOfItsOwn } from '../support/leastRights.js';
import type { PreparedEnvironments } from '../support/preparedEnvironments.js';
import type { RefreshRig } from '../support/refreshRig.js';

/** For a whole refresh or more, on a machine that may have other things to do. Milliseconds. */
const slowMachine = 300_000;
const destination = 'stateModule';
const runId = `refresh-${destination}`;
const request = requestFor(destination);
/** Slow enough that it can be terminated while entities move. */
const slowRequest = { ...request, batch: { rows: 5 }, limits: { rowsPerSecond: 60 } };

let environments: PreparedEnvironments;
let rig: RefreshRig;
let stop: (() => Promise<void>) | undefined;

beforeAll(async () => {
  ({ environments, rig, stop } = await startWithLeastRights(destination, 'destination-state-module', {
    model: withStateModule(model),
    settings: { state: { espace: 'RefreshState' } },
  }));
});

afterAll(() => stop?.());

beforeEach(({ onTestFailed }) => {
  onTestFailed(async () => void process.stderr.write(`${await rig.log()}\n`));
});

describe(
  'with destination-state-module.sql, whose login may create and alter nothing',
  { timeout: slowMachine },
  () => {
    it('a terminated run is ended by recover, from the entities of the module alone (trap 80)', async () => {
      const file = await rig.file('request.yaml', JSON.stringify(slowRequest));
      expectExit(await rig.command('start', '-f', file), 0);
      const handle = rig.client.workflow.getHandle(runId);
      await rig.operate(handle, { until: ({ stage }) => stage === 'mapUsers' || stage === 'migrateEntities' });
      await rig.untilWritten(handle, 'Recruiting.Note');
      await handle.terminate('lost');

      const refused = await rig.command('start', '-f', file, '--id', 'refresh-another', '--wait');
      expectExit(refused, 2);
      expect(refused.errors).toContain(`refresh recover ${destination}`);
      expectExit(await rig.command('recover', destination, '--approve'), 0);
      expectExit(await rig.command('recover', destination), 0);
    });

    it('the next run comes to a verified end and is reported, without a table of its own', async () => {
      await expectWholeRefresh(rig, environments, destination);
      const reported = await rig.command('report', runId, '--json');
      expectExit(reported, 0);
      expect(JSON.parse(reported.output)).toMatchObject({ workflowId: runId, ending: 'done' });
      expect(await tablesOfItsOwn(environments)).toBe(0);
    });

    it('a plan that lacks a unique index of the module is refused (trap 79)', async () => {
      const table = environments.factories.qa.tables['RefreshState.Ledger'] ?? '';
      const { recordset } = await environments.qa
        .request()
        .query<{ name: string }>(
          `SELECT name FROM sys.indexes WHERE object_id = OBJECT_ID(N'dbo.[${table}]') AND is_unique = 1 AND is_primary_key = 0`,
        );
      await environments.qa.request().batch(`DROP INDEX [${recordset[0]?.name ?? ''}] ON dbo.[${table}]`);
      const file = await rig.file('request.yaml', JSON.stringify(request));
      const refused = await rig.command('start', '-f', file, '--wait', '--approve', 'all');
      expectExit(refused, 2);
      expect(refused.errors).toContain(
        'RefreshState.Ledger: It lacks a unique index on exactly Run, Work_Item, Batch.',
      );
    });
  },
);
