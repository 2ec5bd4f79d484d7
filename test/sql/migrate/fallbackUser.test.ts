import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readByMarkers, type OracleReading } from '../../../sandbox/factories/oracle.js';
import { preparedEnvironments, type PreparedEnvironments } from '../../support/preparedEnvironments.js';
import { StageRig } from '../../support/stageRig.js';
import { columnOf, rowsOf, run, tableOf } from './support.js';

const entity = 'Organization.Announcement';

let environments: PreparedEnvironments;
let before: OracleReading;
let here: OracleReading;
let gone: string;

function read(side: 'production' | 'qa'): Promise<OracleReading> {
  return readByMarkers(environments[side], environments.factories.model, { entities: [entity], passwords: true });
}

beforeAll(async () => {
  environments = await preparedEnvironments({ rows: 100, scheduler: false });
  const { production } = environments;
  const announcement = await tableOf(production, 'Organization', 'Announcement');
  const author = await columnOf(production, 'Organization', 'Announcement', 'AuthorId');
  // Somebody of production, who wrote all announcements but one, has the fallback user's login; the author of that one was deleted.
  await run(
    production,
    `INSERT INTO OSSYS_USER (TENANT_ID, NAME, USERNAME, PASSWORD, EMAIL, IS_ACTIVE)
       SELECT TENANT_ID, N'Somebody', N'qa.tester', N'$prod', N'somebody@x.example', 1 FROM OSSYS_USER WHERE NAME = N'Front desk';
     UPDATE ${announcement} SET ${author} = (SELECT ID FROM OSSYS_USER WHERE NAME = N'Somebody') WHERE ID > (SELECT MIN(ID) FROM ${announcement});
     UPDATE ${announcement} SET ${author} = 777000777 WHERE ID = (SELECT MIN(ID) FROM ${announcement});`,
  );
  const there = await read('production');
  gone = [...rowsOf(there, entity)].find(([, row]) => isMissing(row['AuthorId'], '777000777'))?.[0] ?? '';
  before = await read('qa');
  const rig = await StageRig.open(environments, {
    scope: { entities: [entity] },
    processes: { migrate: false },
    tenants: 'exclude',
    orphans: 'setNull',
    users: { mode: 'update', fallback: 'qa.tester' },
  });
  await rig.all();
  await rig.close();
  here = await read('qa');
});

afterAll(async () => {
  await environments?.drop();
});

function isMissing(value: unknown, id: string): boolean {
  return typeof value === 'object' && value !== null && 'missing' in value && value.missing === id;
}

describe('the fallback user', () => {
  it('stays as it is, whoever of production has its login', () => {
    const own = [...before.directory.users.keys()].filter((each) => each.endsWith('\\qa.tester'));
    expect(own).toHaveLength(1);
    for (const each of own) expect(here.directory.users.get(each)).toEqual(before.directory.users.get(each));
  });

  it('does not stand for users whom production lacks, too: references to them are orphans', () => {
    expect(gone).not.toBe('');
    expect(rowsOf(here, entity).get(gone)).toMatchObject({ AuthorId: null });
  });
});
