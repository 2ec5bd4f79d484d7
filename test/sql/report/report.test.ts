import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CloseRunInput, DecisionRecord, JournalLine, RunStatus } from '../../../src/contract.js';
import { closeRun } from '../../../src/migrate/closeRun/closeRun.js';
import { readJournal, writeJournal } from '../../../src/migrate/state/journal.js';
import { runNumberOf } from '../../../src/migrate/state/run.js';
import { findReport } from '../../../src/report/findReport.js';
import { runReportHtml } from '../../../src/report/runReportHtml.js';
import { runReportText } from '../../../src/report/runReportText.js';
import type { RunReport } from '../../../src/report/runReport.js';
import { preparedEnvironments, type PreparedEnvironments } from '../../support/preparedEnvironments.js';
import { StageRig } from '../../support/stageRig.js';

let environments: PreparedEnvironments;
let rig: StageRig;

beforeAll(async () => {
  environments = await preparedEnvironments({ rows: 200, scheduler: false });
  rig = await StageRig.open(environments, {
    scope: { applications: ['Recruiting'] },
    tenants: 'exclude',
    unmapped: 'setNull',
  });
});

afterAll(async () => {
  await environments?.drop();
});

async function report(): Promise<RunReport> {
  const found = await findReport(environments.configuration, rig.context.run.workflowId);
  if (found === null) throw new Error('there is no report');
  return found;
}

function status(state: RunStatus['state']): RunStatus {
  const { run, workflowId } = rig.context.run;
  const at = '2026-01-01T00:00:00.000Z';
  return {
    id: workflowId,
    run,
    state,
    stage: 'verify',
    waitingFor: null,
    stages: [],
    entities: [],
    startedAt: at,
    endedAt: at,
    asOf: at,
  };
}

/** 'user id' to its roles, direct ones and those of its groups, as the environment itself says. */
async function effectiveRoles(): Promise<Map<number, Set<string>>> {
  const { recordset } = await environments.qa.request().query<{ id: number; role: string | null }>(
    `SELECT u.ID AS id, CONCAT(e.NAME, N'.', r.NAME) AS role FROM OSSYS_USER u
     LEFT JOIN (SELECT USER_ID, ROLE_ID FROM OSSYS_USER_ROLE UNION SELECT g.USER_ID, x.ROLE_ID FROM OSSYS_GROUP_USER g INNER JOIN OSSYS_GROUP_ROLE x ON x.GROUP_ID = g.GROUP_ID) l ON l.USER_ID = u.ID
     LEFT JOIN OSSYS_ROLE r ON r.ID = l.ROLE_ID LEFT JOIN OSSYS_ESPACE e ON e.ID = r.ESPACE_ID`,
  );
  const found = new Map<number, Set<string>>();
  for (const { id, role } of recordset) {
    const roles = found.get(id) ?? new Set();
    found.set(id, roles);
    if (role !== null && role !== '.') roles.add(role);
  }
  return found;
}

type Roles = Awaited<ReturnType<typeof effectiveRoles>>;

async function assertRoles(found: RunReport, before: Roles, after: Roles): Promise<void> {
  const gained = (user: number): string[] =>
    [...after.get(user)!].filter((role) => before.get(user)?.has(role) !== true);
  const created = [...after.keys()].filter((user) => !before.has(user));
  const changed = [...after.keys()].filter((user) => before.has(user) && gained(user).length > 0);
  expect(created.length).toBeGreaterThan(1);
  expect(changed.length).toBeGreaterThan(1);
  expect(found.roles).toMatchObject({
    ...{ usersBefore: before.size, usersChanged: changed.length, usersCreated: created.length },
  });
  const shown = [...created, ...changed].sort((a, b) => a - b).filter((user) => gained(user).length > 0);
  expect(found.roles?.shown).toEqual(
    shown.slice(0, 50).map((user) => ({ user, created: !before.has(user), gained: gained(user).sort(), lost: [] })),
  );
  const names = [...new Set(shown.flatMap(gained))].sort();
  const withRole = (users: number[], role: string): number =>
    users.filter((user) => gained(user).includes(role)).length;
  expect(found.roles?.roles.map(({ role }) => role).sort()).toEqual(names);
  for (const each of found.roles?.roles ?? [])
    expect(each).toEqual({
      ...{ role: each.role, gained: withRole(changed, each.role), lost: 0 },
      ofCreated: withRole(created, each.role),
    });
  expect(runReportText(found)).toContain(
    `of ${before.size} users that were there before, ${changed.length} have other effective roles now; ${created.length} users were created`,
  );
  expect(await runReportHtml(found)).toContain(
    `Users: ${changed.length} of ${before.size} that were there before have other effective roles now`,
  );
}

const moved = (entities: RunReport['entities']) =>
  entities.reduce((sum, { rowsWritten, rowsMatched }) => sum + rowsWritten + rowsMatched, 0);

describe('the report of a run', () => {
  it('can be had while the run is open, from what was committed', async () => {
    const before = await effectiveRoles();
    expect((await report()).roles).toBeNull();
    await rig.upToItems();
    const after = await effectiveRoles();
    await assertRoles(await report(), before, after);
    const [first] = rig.context.plan.items;
    await rig.item(first!.id, 50);
    const found = await report();
    expect(found).toMatchObject({ ending: null, failure: null, decisions: [] });
    expect(found.left.join()).toContain('refresh recover qa');
    expect(found.status.stages.find(({ name }) => name === 'deleteDestinationData')?.state).toBe('done');
    expect(found.status.stages.find(({ name }) => name === 'verify')?.state).toBe('pending');
    expect(found.entities).toHaveLength(rig.context.plan.entities.length);
    const states = new Map(found.entities.map((entity, index) => [index, entity.state]));
    for (const index of first!.entities) expect(states.get(index)).toBe('done');
    expect([...states.values()]).toContain('pending');
    expect(moved(found.entities)).toBeGreaterThan(0);
    expect(found.rate.reduce((sum, { rows }) => sum + rows, 0)).toBe(moved(found.entities));
    expect(found.verification.every(({ result }) => result === 'notRun')).toBe(true);
    expect(found.facts.some(({ text, count }) => text.startsWith('users') && count > 0)).toBe(true);
  });

  it('tells what was decided and what failed also when the workflow is lost', async () => {
    const { run, state } = rig.context;
    const at = '2026-01-01T00:00:00.000Z';
    const failure = { code: 'DUPLICATE_KEY', message: 'twice', sqlNumber: 2627, subject: null, remedy: 'Look.' };
    const lines: JournalLine[] = [
      { number: 0, decision: { at, kind: 'approve', by: 'ann', note: 'it’s fine', target: 'plan', effect: 'applied' } },
      { number: 1, failure: { at, target: 'A.One', failure, answer: null } },
      { number: 2, failure: { at, target: 'A.Two', failure, answer: null } },
      { number: 3, answer: { target: 'A.One', answer: 'retry' } },
    ];
    const write = (part: JournalLine[]) =>
      rig.inDestination((session) => writeJournal(session, state, { run, writer: run.run, lines: part }));
    await write(lines.slice(0, 2));
    await write(lines);
    const found = await report();
    expect(found.decisions).toMatchObject([{ by: 'ann', note: 'it’s fine' }]);
    expect(found.failures).toMatchObject([
      { target: 'A.One', answer: 'retry', failure },
      { target: 'A.Two', answer: null },
    ]);
  });

  it('keeps that when a recover closes the run, together with what was said to the recover', async () => {
    const { run, state } = rig.context;
    const said = (number: number, by: string): JournalLine & { decision: DecisionRecord } => ({
      number,
      decision: { at: status('aborted').asOf, kind: 'pause', by, note: null, target: null, effect: 'applied' },
    });
    const write = (writer: string, line: JournalLine) =>
      rig.inDestination((session) => writeJournal(session, state, { run, writer, lines: [line] }));
    await write('first-recover', said(0, 'bob'));
    await write('second-recover', said(0, 'cid'));
    const told = await rig.inDestination(async (session) =>
      readJournal(session, state, await runNumberOf(session, state, run), 'second-recover'),
    );
    expect(told.decisions.map(({ by }) => by)).toEqual(['ann', 'bob']);
  });

  it('is what closing the run left, afterwards', async () => {
    const { plan, run, state } = rig.context;
    for (const item of plan.items.slice(1)) await rig.item(item.id, 50);
    await rig.fromItemsOn();
    const input: CloseRunInput = {
      ...{ run, ending: 'done', status: status('done'), failure: null, failures: [], left: ['look around'] },
      decisions: [{ at: status('done').asOf, kind: 'pause', by: 'ann', note: null, target: null, effect: 'applied' }],
    };
    await rig.inDestination((session) => closeRun(session, state, plan, input));
    const found = await report();
    expect(found).toMatchObject({ ending: 'done', decisions: [{ by: 'ann' }], status: { state: 'done' } });
    expect(found.left).toContain('look around');
    expect(found.verification.filter(({ result }) => result !== 'passed')).toEqual([]);
    expect(found.entities.every((entity) => entity.state === 'done')).toBe(true);
    for (const { rowsRead, rowsLeftBehind, rowsWritten, rowsMatched, rowsQuarantined } of found.entities)
      expect(rowsRead).toBe((rowsLeftBehind ?? 0) + rowsWritten + rowsMatched + rowsQuarantined);
    const processes = found.entities.find(({ rowsLeftBehind = 0 }) => rowsLeftBehind > 0);
    expect(runReportText(found)).toMatch(new RegExp(`${processes?.name} .* ${processes?.rowsLeftBehind} │`));
    expect(found.quarantine.shown).toHaveLength(Math.min(200, found.quarantine.total));
    expect(runReportText(found)).toContain('checks passed');
    expect((await runReportHtml(found)).match(/<svg/g)).toHaveLength(1);
  });

  it('keeps what the run itself had reported when another workflow closes it later', async () => {
    const { plan, run, state } = rig.context;
    const recovered: CloseRunInput = {
      ...{ run, ending: 'aborted', status: { ...status('aborted'), run: 'another' }, failure: null, failures: [] },
      ...{ decisions: [], left: [] },
    };
    await rig.inDestination((session) => closeRun(session, state, plan, recovered));
    expect(await report()).toMatchObject({ ending: 'aborted', decisions: [{ by: 'ann' }], status: { state: 'done' } });
  });
});
