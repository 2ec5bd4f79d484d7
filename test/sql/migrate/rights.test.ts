import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readByMarkers } from '../../../sandbox/factories/oracle.js';
import { ensureLogin } from '../../../sandbox/factories/write/logins.js';
import { environmentNamed } from '../../../src/config.js';
import { createState } from '../../../src/migrate/state/createState.js';
import { stateTables } from '../../../src/migrate/state/stateTables.js';
import { DestinationSession } from '../../../src/sqlserver/session.js';
import { preparedEnvironments, type PreparedEnvironments } from '../../support/preparedEnvironments.js';
import { StageRig } from '../../support/stageRig.js';
import { connectTo, passwords } from '../factories/support.js';
import { imageOf, nameOf, rowsOf, run, value } from './support.js';

let environments: PreparedEnvironments;

const dataWriter = { user: 'qa_datawriter', password: 'Data-Writer-3!' };

beforeAll(async () => {
  environments = await preparedEnvironments({ rows: 100, scheduler: false });
  const master = await connectTo('master');
  await ensureLogin(master, dataWriter.user, dataWriter.password);
  await master.close();
  // The state schema is created once by somebody who may; the refresh itself runs without DDL.
  const owner = await DestinationSession.open(environmentNamed(environments.configuration, 'qa'));
  await createState(owner, stateTables());
  owner.close();
  await run(
    environments.qa,
    `CREATE USER [${dataWriter.user}] FOR LOGIN [${dataWriter.user}];
     ALTER ROLE [db_datareader] ADD MEMBER [${dataWriter.user}];
     ALTER ROLE [db_datawriter] ADD MEMBER [${dataWriter.user}];
     GRANT INSERT, UPDATE, DELETE ON SCHEMA::[refresh] TO [qa_writer];`,
  );
});

afterAll(async () => {
  await environments?.drop();
});

/** The environments as a login of QA sees them. */
function as(login: { readonly user: string; readonly password: string }): PreparedEnvironments {
  const { configuration } = environments;
  const qa = { ...environmentNamed(configuration, 'qa'), ...login };
  return { ...environments, configuration: { ...configuration, environments: { ...configuration.environments, qa } } };
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

describe('a login that may write rows everywhere, without DDL and IDENTITY_INSERT', () => {
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

  it('cannot alter a table or create one, so the run above did without', async () => {
    const session = await DestinationSession.open(environmentNamed(as(dataWriter).configuration, 'qa'));
    await expect(session.batch('CREATE TABLE refresh.probe (n int)')).rejects.toMatchObject({
      details: { sqlNumber: expect.any(Number) as number },
    });
    session.close();
  });
});

describe('a login that may write application tables only, as in OutSystems Cloud', () => {
  it('moves entities that raise no events, with matched users and without processes (traps 62 and 80)', async () => {
    const rig = await StageRig.open(as({ user: 'qa_writer', password: passwords.qa_writer }), {
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
