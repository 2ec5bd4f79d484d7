import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readByMarkers, type OracleReading, type OracleRow } from '../../../sandbox/factories/oracle.js';
import { drainEventQueues } from '../../../src/migrate/drainEventQueues/drainEventQueues.js';
import { enableApplications } from '../../../src/migrate/enableApplications/enableApplications.js';
import { preparedEnvironments, type PreparedEnvironments } from '../../support/preparedEnvironments.js';
import { StageRig } from '../../support/stageRig.js';
import { imageOf, list, rows, run, value } from './support.js';

let environments: PreparedEnvironments;
let rig: StageRig;
let there: OracleReading;
let before: OracleReading;
let here: OracleReading;
/** Labels of production's processes by the label of their root, for the roots of each definition. */
let trees: ReadonlyMap<string, { readonly definition: string; readonly labels: readonly string[] }>;
let queuedByOthers: unknown;
let ofOthers: unknown[];
let timers: { readonly overdue: unknown[]; readonly running: unknown[] };

const recruiting = "(SELECT ID FROM OSSYS_ESPACE WHERE NAME = N'Recruiting' AND IS_ACTIVE = 1)";
const confirmation = `SELECT ID FROM OSSYS_BPM_PROCESS_DEFINITION WHERE NAME = N'Confirmation' AND ESPACE_ID = ${recruiting}`;
/** Instances of a module outside of the scope. */
const others = `SELECT CONCAT(p.ID, N' ', p.LABEL, N' ', p.TOP_PROCESS_ID, N' ', a.ID, N' ', a.NAME) FROM OSSYS_BPM_PROCESS p
  INNER JOIN OSSYS_BPM_PROCESS_DEFINITION d ON d.ID = p.PROCESS_DEF_ID INNER JOIN OSSYS_ESPACE e ON e.ID = d.ESPACE_ID
  LEFT JOIN OSSYS_BPM_ACTIVITY a ON a.PROCESS_ID = p.ID WHERE e.NAME = N'OrganizationClone' ORDER BY p.ID, a.ID`;
const referee = "(SELECT i.ID FROM OSSYS_BPM_PROCESS_INPUT_DEF i WHERE i.NAME = N'Referee')";

beforeAll(async () => {
  environments = await preparedEnvironments({ rows: 150, scheduler: false });
  const { production, qa } = environments;
  const { model } = environments.factories;
  await run(
    production,
    `DELETE FROM OSSYS_BPM_PROCESS WHERE PROCESS_DEF_ID IN (${confirmation}) AND TOP_PROCESS_ID NOT IN
     (SELECT TOP (3) TOP_PROCESS_ID FROM OSSYS_BPM_PROCESS WHERE PROCESS_DEF_ID IN (${confirmation}) GROUP BY TOP_PROCESS_ID ORDER BY TOP_PROCESS_ID)`,
  );
  await run(
    production,
    `UPDATE OSSYS_BPM_ACTIVITY SET IS_RUNNING_AT = N'PROD-FE-01', IS_RUNNING_SINCE = '20260901', NEXT_RUN = '20260902', ERROR_COUNT = 3, LAST_ERROR_ID = N'e-1'
     WHERE STATUS_ID NOT IN (5, 11, 12, 13)`,
  );
  trees = await readTrees();
  await run(
    qa,
    // QA lacks one sub-process and one input that production uses, and a timer runs.
    `UPDATE OSSYS_BPM_PROCESS_DEFINITION SET IS_ACTIVE = 0 WHERE NAME = N'Confirmation' AND ESPACE_ID = ${recruiting};
     UPDATE OSSYS_BPM_PROCESS_INPUT_DEF SET IS_ACTIVE = 0 WHERE ID IN ${referee};
     INSERT INTO OSSYS_BPM_EVENT_QUEUE (ESPACE_ID, TENANT_ID, DATA_ID, ENQUEUE_TIME, ERROR_COUNT) VALUES (999999, 1, N'1', GETDATE(), 0);`,
  );
  there = await readByMarkers(production, model, { entities: ['Recruiting.Candidate', 'Recruiting.ActivityExtended'] });
  before = await readByMarkers(qa, model, { entities: ['Recruiting.Candidate'] });
  ofOthers = await list(qa, others);
  rig = await StageRig.open(environments, {
    scope: { applications: ['Recruiting'] },
    tenants: 'exclude',
    unmapped: 'setNull',
    timers: 'shift',
  });
  await drainEventQueues(rig.context, true);
  await rig.all(150);
  const definition = `(SELECT MIN(ID) FROM OSSYS_BPM_PROCESS_DEFINITION WHERE NAME = N'CandidateSelection' AND ESPACE_ID = ${recruiting})`;
  await run(
    qa,
    `INSERT INTO OSSYS_BPM_EVENT_QUEUE (ESPACE_ID, TENANT_ID, PROCESS_DEF_ID, DATA_ID, ENQUEUE_TIME, ERROR_COUNT) VALUES (${recruiting}, 1, ${definition}, N'1', GETDATE(), 0);
     INSERT INTO OSSYS_BPM_EVENT (ESPACE_ID, TENANT_ID, PROCESS_DEF_ID, ENTITY_RECORD_ID, ENQUEUE_TIME, ERROR_COUNT) VALUES (${recruiting}, 1, ${definition}, N'1', GETDATE(), 0);
     UPDATE OSSYS_CYCLIC_JOB SET IS_RUNNING_SINCE = GETDATE() WHERE ID = (SELECT MIN(ID) FROM OSSYS_CYCLIC_JOB);`,
  );
  queuedByOthers = await value(qa, 'SELECT COUNT(*) FROM OSSYS_BPM_EVENT_QUEUE WHERE ESPACE_ID = 999999');
  timers = {
    overdue: await list(qa, `SELECT ID FROM OSSYS_CYCLIC_JOB WHERE NEXT_RUN < GETDATE() AND NEXT_RUN > '19000101'`),
    running: await list(
      qa,
      `SELECT CONCAT(ID, N' ', CONVERT(nvarchar(30), NEXT_RUN, 126)) FROM OSSYS_CYCLIC_JOB WHERE IS_RUNNING_SINCE > '19000101'`,
    ),
  };
  await enableApplications(rig.context, true);
  await rig.close();
  here = await readByMarkers(qa, model, { entities: ['Recruiting.Candidate', 'Recruiting.ActivityExtended'] });
});

afterAll(async () => {
  await environments?.drop();
});

async function readTrees(): Promise<typeof trees> {
  const found = await rows<{ top: string; label: string; definition: string }>(
    environments.production,
    `SELECT t.LABEL AS [top], p.LABEL AS label, d.NAME AS definition FROM OSSYS_BPM_PROCESS p INNER JOIN OSSYS_BPM_PROCESS t ON t.ID = p.TOP_PROCESS_ID
     INNER JOIN OSSYS_BPM_PROCESS_DEFINITION d ON d.ID = p.PROCESS_DEF_ID INNER JOIN OSSYS_ESPACE e ON e.ID = d.ESPACE_ID WHERE e.NAME = N'Recruiting'`,
  );
  const grouped = new Map<string, { definition: string; labels: string[] }>();
  for (const row of found) {
    const tree = grouped.get(row.top) ?? { definition: '', labels: [] };
    if (row.top === row.label) tree.definition = row.definition;
    if (row.definition === 'Confirmation') tree.labels.push('(lacks its definition)');
    tree.labels.push(row.label);
    grouped.set(row.top, tree);
  }
  return grouped;
}

function movedTrees(): string[] {
  return [...trees]
    .filter(([, tree]) => tree.definition !== 'OldSelection' && !tree.labels.includes('(lacks its definition)'))
    .map(([top]) => top);
}

function movedProcesses(): string[] {
  return movedTrees().flatMap((top) => trees.get(top)?.labels ?? []);
}

/** Activities of the processes that move, as production has them. */
function movedActivities(): [string, OracleRow][] {
  const labels = new Set(movedProcesses());
  return [...there.activities].filter(([marker]) => labels.has(marker.split(' / ')[0] ?? ''));
}

describe('process instances', () => {
  it('move by whole trees: one whose sub-process lacks its definition stays behind with all that it holds (trap 67)', () => {
    const moved = movedProcesses();
    const left = [...trees].filter(([top]) => !movedTrees().includes(top)).flatMap(([, tree]) => tree.labels);
    expect(moved.length).toBeGreaterThan(15);
    expect(left.filter((label) => there.processes.has(label)).length).toBeGreaterThan(3);
    for (const label of moved) expect([label, here.processes.has(label)]).toEqual([label, true]);
    for (const label of left) expect([label, here.processes.has(label)]).toEqual([label, false]);
    for (const marker of here.activities.keys()) {
      const label = marker.split(' / ')[0] ?? '';
      expect([marker, here.processes.has(label)]).toEqual([marker, true]);
    }
  });

  it('have their ids below zero replaced like others (trap 19)', async () => {
    const tops = movedTrees().map((label) => `N'${label.replaceAll("'", "''")}'`);
    const below = `SELECT COUNT(*) FROM OSSYS_BPM_PROCESS WHERE ID < 0 AND LABEL IN (${tops.join(', ')})`;
    expect(await value(environments.production, below)).toBeGreaterThan(2);
    expect(await value(environments.qa, 'SELECT COUNT(*) FROM OSSYS_BPM_PROCESS WHERE ID <= 0')).toBe(0);
  });

  it('name their root as top process, the root itself too, and the activity that called them (traps 31, 32 and 72)', () => {
    for (const label of movedProcesses()) {
      const [from, to] = [there.processes.get(label), here.processes.get(label)];
      for (const column of ['TOP_PROCESS_ID', 'PARENT_PROCESS_ID', 'PARENT_ACTIVITY_ID'])
        expect([label, column, to?.[column]]).toEqual([label, column, from?.[column]]);
    }
    expect(movedProcesses().some((label) => there.processes.get(label)?.['PARENT_ACTIVITY_ID'] !== null)).toBe(true);
  });

  it('translate people, groups, tenants and preceding activities, in every column that holds one (trap 71)', () => {
    const columns = ['TENANT_ID', 'CREATED_BY', 'LAST_MODIFIED_BY', 'SUSPENDED_BY', 'PROCESS_DEF_ID', 'STATUS'];
    for (const label of movedProcesses())
      for (const column of columns)
        expect([label, column, here.processes.get(label)?.[column]]).toEqual([
          label,
          column,
          there.processes.get(label)?.[column],
        ]);
    const ofActivity = ['TENANT_ID', 'USER_ID', 'GROUP_ID', 'PRECEDENT_ACTIVITY_ID', 'ACTIVITY_DEF_ID', 'PROCESS_ID'];
    for (const [marker, row] of movedActivities())
      for (const column of ofActivity) {
        // The board is a group of production's own: it is created.
        expect([marker, column, here.activities.get(marker)?.[column]]).toEqual([marker, column, row[column]]);
      }
  });

  it('bring no run state of production along: nothing runs, nothing is due, no error is open (traps 69 and 70)', async () => {
    expect(movedActivities().some(([, row]) => row['IS_RUNNING_AT'] !== '')).toBe(true);
    expect(movedActivities().some(([, row]) => !String(row['NEXT_RUN']).startsWith('1900'))).toBe(true);
    for (const [marker] of movedActivities()) {
      const row = here.activities.get(marker);
      expect(row).toMatchObject({ IS_RUNNING_AT: '', ERROR_COUNT: '0' });
      expect(String(row?.['IS_RUNNING_SINCE'])).toMatch(/^1900-01-01/);
      expect(String(row?.['NEXT_RUN'])).toMatch(/^1900-01-01/);
      expect(row?.['LAST_ERROR_ID'] ?? '').toBe('');
    }
  });

  it('translate identifiers in their values by SS_TYPE, of statics, text keys, users and rows (traps 27 and 55)', () => {
    let compared = 0;
    for (const label of movedProcesses()) {
      for (const [name, each] of Object.entries(there.processes.get(label) ?? {})) {
        if (!name.startsWith('input ') && !name.startsWith('output ')) continue;
        if (name.includes('Referee')) continue;
        const expected = imageOf({ value: each })['value'];
        const found = here.processes.get(label)?.[name];
        if (expected === null && each !== null) expect(found).toMatchObject({ missing: '0' });
        else expect([label, name, found]).toEqual([label, name, expected]);
        compared += 1;
      }
    }
    for (const [marker, row] of movedActivities())
      for (const name of Object.keys(row).filter((each) => each.startsWith('output '))) {
        expect([marker, name, here.activities.get(marker)?.[name]]).toEqual([marker, name, row[name]]);
        compared += 1;
      }
    expect(compared).toBeGreaterThan(100);
  });

  it('leave values behind whose definition is gone, and keep the process (trap 68)', () => {
    const withReferee = movedProcesses().filter((label) => 'input Referee' in (there.processes.get(label) ?? {}));
    for (const label of withReferee) expect(here.processes.get(label)).not.toHaveProperty('input Referee');
    expect(here.processes.size).toBeGreaterThan(0);
  });

  it('that stay behind are forgotten by the rows that held their ids; the extensions of activities follow them (traps 16 and 32)', () => {
    const moved = new Set(movedProcesses());
    for (const [marker, row] of there.entities.get('Recruiting.Candidate') ?? []) {
      const process = row['ProcessId'];
      const label = typeof process === 'object' ? process?.marker : undefined;
      const copy = here.entities.get('Recruiting.Candidate')?.get(marker)?.['ProcessId'];
      expect([marker, copy]).toEqual([marker, label !== undefined && moved.has(label) ? process : null]);
    }
    const extended = here.entities.get('Recruiting.ActivityExtended') ?? new Map<string, OracleRow>();
    const expected = [...(there.entities.get('Recruiting.ActivityExtended') ?? [])].filter(([, row]) => {
      const id = row['Id'];
      return typeof id === 'object' && moved.has(id?.marker?.split(' / ')[0] ?? '');
    });
    expect([...extended.keys()].sort()).toEqual(expected.map(([marker]) => marker).sort());
    for (const [marker, row] of expected) expect(extended.get(marker)?.['Id']).toEqual(row['Id']);
  });

  it('of other modules stay as they were', async () => {
    expect(ofOthers.length).toBeGreaterThan(2);
    expect(await list(environments.qa, others)).toEqual(ofOthers);
  });
});

describe('event subscriptions', () => {
  const starts = (reading: OracleReading, entity: string): string[] =>
    (reading.subscriptions.get(entity) ?? []).filter((each) => /"activity":null/.test(each));
  const waits = (reading: OracleReading, entity: string): Record<string, unknown>[] =>
    (reading.subscriptions.get(entity) ?? [])
      .filter((each) => !/"activity":null/.test(each))
      .map((each) => JSON.parse(each) as Record<string, unknown>);

  it('that start processes are the destination’s own, light ones too, as they were (traps 66 and 74)', () => {
    for (const entity of ['Recruiting.Candidate', 'Recruiting.Interview', 'ServiceCenter.User'])
      expect([entity, starts(here, entity)]).toEqual([entity, starts(before, entity)]);
    expect(starts(here, 'Recruiting.Candidate').some((each) => each.includes('"light":"1"'))).toBe(true);
  });

  it('of activities are production’s, translated; one whose row has no image is dropped, never widened (trap 66)', () => {
    const moved = new Set(movedActivities().map(([marker]) => marker));
    let dropped = 0;
    for (const entity of ['Recruiting.Candidate', 'Recruiting.Interview']) {
      const expected = waits(there, entity).filter((each) => {
        const known = moved.has(String(each['activity'])) && !JSON.stringify(each).includes('"missing"');
        dropped += known ? 0 : 1;
        return known;
      });
      const found = waits(here, entity);
      expect(expected.length).toBeGreaterThan(0);
      expect(found).toEqual(expect.arrayContaining(expected));
      expect(found).toHaveLength(expected.length);
    }
    expect(dropped).toBeGreaterThan(0);
  });
});

describe('queues and timers', () => {
  it('hold none of the load’s events when applications come back, and all of other modules’ (traps 65 and 76)', async () => {
    const { qa } = environments;
    expect(await value(qa, `SELECT COUNT(*) FROM OSSYS_BPM_EVENT_QUEUE WHERE ESPACE_ID IN ${recruiting}`)).toBe(0);
    expect(await value(qa, `SELECT COUNT(*) FROM OSSYS_BPM_EVENT WHERE ESPACE_ID IN ${recruiting}`)).toBe(0);
    expect(await value(qa, 'SELECT COUNT(*) FROM OSSYS_BPM_EVENT_QUEUE WHERE ESPACE_ID = 999999')).toBe(queuedByOthers);
  });

  it('overdue are shifted when asked, but never one that runs (trap 77)', async () => {
    const { qa } = environments;
    expect(timers.overdue.length).toBeGreaterThan(1);
    expect(timers.running).toHaveLength(1);
    const still = await list(
      qa,
      `SELECT CONCAT(ID, N' ', CONVERT(nvarchar(30), NEXT_RUN, 126)) FROM OSSYS_CYCLIC_JOB WHERE NEXT_RUN < GETDATE() AND NEXT_RUN > '19000101'`,
    );
    expect(still).toEqual(timers.running);
  });
});
