import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readApplicationsEnabled } from '../../sandbox/factories/applicationState.js';
import { withStateModule } from '../../sandbox/factories/modules/refreshState.js';
import { readByMarkers } from '../../sandbox/factories/oracle.js';
import { recruitingFactory } from '../../sandbox/factories/recruitingFactory.js';
import type { RunStatus } from '../../src/contract.js';
import { destinationNamed, environmentsAs, withMaintenanceProgram } from '../support/environmentsAs.js';
import { expectedImage, imageOf, scopeOfApplication, type Image } from '../support/expectedImage.js';
import { documentedLogin, dropLogins, type DocumentedLogin } from '../support/permissionScripts.js';
import { preparedEnvironments, type PreparedEnvironments } from '../support/preparedEnvironments.js';
import { RefreshRig, type ProgramResult } from '../support/refreshRig.js';
import { uniqueName } from '../support/sqlServer.js';

/** For a whole refresh or more, on a machine that may have other things to do. Milliseconds. */
const slowMachine = 300_000;

const destination = 'leastRights';
const request = { source: 'production', destination, scope: { applications: ['Recruiting'] } };
/** Slow enough that it can be terminated while entities move. */
const slowRequest = { ...request, batch: { rows: 5 }, limits: { rowsPerSecond: 60 } };
const id = `refresh-${destination}`;

/** What is refreshed; the module with the state is in QA only and belongs to nothing. */
const model = recruitingFactory();
const scope = scopeOfApplication(model, 'Recruiting');

let environments: PreparedEnvironments;
let reader: DocumentedLogin;
const created: DocumentedLogin[] = [];

beforeAll(async () => {
  environments = withMaintenanceProgram(await preparedEnvironments({ rows: 30, model: withStateModule(model) }));
  reader = await login('source', environments.factories.production.database);
});

afterAll(async () => {
  await environments?.drop();
  await dropLogins(created);
});

async function login(script: string, database: string): Promise<DocumentedLogin> {
  const made = await documentedLogin(script, database, uniqueName('documented'));
  created.push(made);
  return made;
}

function expectExit(result: ProgramResult, exitCode: number): void {
  expect(result.exitCode, `${result.output}${result.errors}`).toBe(exitCode);
}

async function wholeRefresh(rig: RefreshRig): Promise<void> {
  const expected: Image = expectedImage(
    model,
    scope,
    await readByMarkers(environments.production, model),
    await readByMarkers(environments.qa, model),
  );
  const file = await rig.file('request.yaml', JSON.stringify(request));
  expectExit(await rig.command('start', '-f', file, '--wait', '--approve', 'all'), 0);
  expect(imageOf(await readByMarkers(environments.qa, model), scope)).toEqual(expected);
  const states = await readApplicationsEnabled(environments.qa);
  expect([...states].filter(([, enabled]) => !enabled)).toEqual([]);
  const status = await rig.command('status', id, '--json');
  expect((JSON.parse(status.output) as RunStatus).state).toBe('done');
}

/** Tables that the refresh has created: everything in QA that is in no schema of the platform. */
async function tablesOfItsOwn(): Promise<number> {
  const { recordset } = await environments.qa
    .request()
    .query<{ n: number }>("SELECT COUNT(*) AS n FROM sys.tables WHERE SCHEMA_NAME(schema_id) <> N'dbo'");
  return Number(recordset[0]?.n);
}

describe(
  'with destination-state-module.sql, whose login may create and alter nothing',
  { timeout: slowMachine },
  () => {
    let rig: RefreshRig;

    beforeAll(async () => {
      const qa = await login('destination-state-module', environments.factories.qa.database);
      const logins = { production: reader, qa };
      const limited = environmentsAs(environments, logins, { state: { espace: 'RefreshState' } });
      rig = await RefreshRig.start(destinationNamed(limited, destination));
    });
    afterAll(() => rig?.stop());
    beforeEach(({ onTestFailed }) => {
      onTestFailed(async () => void process.stderr.write(`${await rig.log()}\n`));
    });

    it('a terminated run is ended by recover, from the entities of the module alone (trap 80)', async () => {
      const file = await rig.file('request.yaml', JSON.stringify(slowRequest));
      expectExit(await rig.command('start', '-f', file), 0);
      const handle = rig.client.workflow.getHandle(id);
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
      await wholeRefresh(rig);
      const reported = await rig.command('report', id, '--json');
      expectExit(reported, 0);
      expect(JSON.parse(reported.output)).toMatchObject({ workflowId: id, ending: 'done' });
      expect(await tablesOfItsOwn()).toBe(0);
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

describe('with destination.sql, everything that a refresh can use and nothing else', { timeout: slowMachine }, () => {
  let rig: RefreshRig;

  beforeAll(async () => {
    const qa = await login('destination', environments.factories.qa.database);
    rig = await RefreshRig.start(
      destinationNamed(environmentsAs(environments, { production: reader, qa }), destination),
    );
  });
  afterAll(() => rig?.stop());
  beforeEach(({ onTestFailed }) => {
    onTestFailed(async () => void process.stderr.write(`${await rig.log()}\n`));
  });

  it('a whole refresh comes to a verified end, with a schema that it created', async () => {
    await wholeRefresh(rig);
    expect(await tablesOfItsOwn()).toBeGreaterThan(0);
  });
});
