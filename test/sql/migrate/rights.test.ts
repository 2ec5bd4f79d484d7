import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readByMarkers } from '../../../sandbox/factories/oracle.js';
import { withStateModule } from '../../../sandbox/factories/modules/refreshState.js';
import { recruitingFactory } from '../../../sandbox/factories/recruitingFactory.js';
import { environmentNamed } from '../../../src/config.js';
import { DestinationSession } from '../../../src/sqlserver/session.js';
import { documentedLogin, dropLogins, type DocumentedLogin } from '../../support/permissionScripts.js';
import { preparedEnvironments, type PreparedEnvironments } from '../../support/preparedEnvironments.js';
import { uniqueName } from '../../support/sqlServer.js';
import { StageRig } from '../../support/stageRig.js';
import { passwords } from '../factories/support.js';
import { imageOf, nameOf, rowsOf, value } from './support.js';

let environments: PreparedEnvironments;
let reader: DocumentedLogin;
let dataWriter: DocumentedLogin;

beforeAll(async () => {
  environments = await preparedEnvironments({
    rows: 100,
    scheduler: false,
    model: withStateModule(recruitingFactory()),
  });
  const { production, qa } = environments.factories;
  reader = await documentedLogin('source', production.database, uniqueName('reader'));
  dataWriter = await documentedLogin('destination-data-writer', qa.database, uniqueName('data_writer'));
});

afterAll(async () => {
  await environments?.drop();
  await dropLogins([reader, dataWriter]);
});

/** The environments as a login of QA sees them, and the documented one of production. */
function as(login: DocumentedLogin, more: object = {}): PreparedEnvironments {
  const { configuration } = environments;
  const production = { ...environmentNamed(configuration, 'production'), ...reader };
  const qa = { ...environmentNamed(configuration, 'qa'), ...login, ...more };
  return { ...environments, configuration: { ...configuration, environments: { production, qa } } };
}

async function expectImage(rig: StageRig): Promise<void> {
  const { model } = environments.factories;
  const { plan } = rig.context;
  const entities = plan.entities.map(({ node }) => nameOf(plan, node)).filter((name) => !name.startsWith('Platform.'));
  const there = await readByMarkers(environments.production, model, { entities });
  const here = await readByMarkers(environments.qa, model, { entities });
  for (const name of entities.filter((each) => each.startsWith('People.'))) {
    expect(rowsOf(here, name).size).toBe(rowsOf(there, name).size);
    for (const [marker, row] of rowsOf(there, name))
      expect([name, marker, rowsOf(here, name).get(marker)]).toEqual([name, marker, imageOf(row)]);
  }
}

describe('the login of destination-data-writer.sql, without IDENTITY_INSERT', () => {
  it('moves applications with their processes under keys that the destination makes, past triggers (traps 30, 75 and 80)', async () => {
    const { qa } = environments;
    const rig = await StageRig.open(as(dataWriter), {
      scope: { applications: ['Recruiting'] },
      tenants: 'exclude',
      unmapped: 'setNull',
    });
    const { plan } = rig.context;
    expect(plan.rights).toBe('dataWriter');
    const numbered = plan.nodes.filter((node) => plan.entities.some((entity) => entity.node === node.node));
    expect(new Set(numbered.map(({ origin }) => origin))).toEqual(new Set(['generated', 'preserved']));
    await rig.all(120);
    await rig.close();
    await expectImage(rig);
    const tops = 'SELECT COUNT(*) FROM OSSYS_BPM_PROCESS WHERE TOP_PROCESS_ID IS NULL';
    expect(await value(qa, tops)).toBe(0);
    expect(Number(await value(qa, `SELECT COUNT(*) FROM OSSYS_BPM_PROCESS`))).toBeGreaterThan(20);
    expect(await value(qa, 'SELECT COUNT(*) FROM sys.foreign_keys WHERE is_not_trusted = 1 OR is_disabled = 1')).toBe(
      0,
    );
  });

  it('cannot create or alter a table of the applications, nor set an identity, so the run above did without', async () => {
    const table = environments.factories.qa.tables['People.City'] ?? '';
    for (const statement of [
      'CREATE TABLE dbo.probe (n int)',
      `ALTER TABLE dbo.[${table}] ADD probe int NULL`,
      `SET IDENTITY_INSERT dbo.[${table}] ON`,
    ]) {
      const session = await DestinationSession.open(environmentNamed(as(dataWriter).configuration, 'qa'));
      await expect(session.batch(statement)).rejects.toMatchObject({
        details: { sqlNumber: expect.any(Number) as number },
      });
      session.close();
    }
  });
});

describe('a login that may write application tables only, as in OutSystems Cloud', () => {
  it('moves entities that raise no events, with matched users, without processes, and its state in a module (traps 62 and 80)', async () => {
    const inModule = { state: { espace: 'RefreshState' } };
    const rig = await StageRig.open(as({ user: 'qa_writer', password: passwords.qa_writer }, inModule), {
      scope: { entities: ['People.Person'] },
      users: { mode: 'matchOnly' },
      processes: { migrate: false },
      destinationData: 'keep',
      unmapped: 'setNull',
      entities: {
        'People.Person': { match: ['Name'], onMatch: 'update' },
        'People.City': { match: ['Name'], onMatch: 'skip' },
        'People.Icon': { match: ['Name'], onMatch: 'skip' },
      },
    });
    expect(rig.context.plan.rights).toBe('applicationTables');
    const users = await value(environments.qa, 'SELECT COUNT(*) FROM OSSYS_USER');
    await rig.all(50);
    await rig.close();
    await expectImage(rig);
    expect(await value(environments.qa, 'SELECT COUNT(*) FROM OSSYS_USER')).toBe(users);
  });
});
