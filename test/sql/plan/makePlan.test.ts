import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planHash } from '../../../src/plan/buildPlan.js';
import { assertRunnable } from '../../../src/plan/findings.js';
import { planText } from '../../../src/report/planReport.js';
import type { RefreshPlan } from '../../../src/plan/refreshPlan.js';
import { entityOf, nameOf, PlanRig, scalar } from './planRig.js';

let rig: PlanRig;
let plan: RefreshPlan;

beforeAll(async () => {
  rig = await PlanRig.open('plan');
  plan = await rig.plan();
});
afterAll(() => rig.close());

function codes(of: RefreshPlan, severity: string): string[] {
  return of.findings
    .filter((finding) => finding.severity === severity)
    .map((finding) => `${finding.code} ${finding.subject}`);
}

describe('a plan between the sample environments', () => {
  it('can run, and is the same when made again', async () => {
    expect(() => assertRunnable(plan)).not.toThrow();
    expect(plan.rights).toBe('full');
    expect(planHash(await rig.plan())).toBe(planHash(plan));
  });

  it('pulls in the producers that the scope refers to, with their paths', () => {
    expect(Object.fromEntries(plan.producers.map(({ entity, path }) => [entity, path.join(' > ')]))).toMatchObject({
      'People.City': 'Recruiting.Candidate.CityId > People.City',
      'People.Icon': 'Recruiting.Candidate.PersonId > People.Person.IconId > People.Icon',
      'People.Person': 'Recruiting.Candidate.PersonId > People.Person',
    });
  });

  it('takes neither deleted nor cloned nor static entities (traps 1, 5, 8, 49)', () => {
    const names = plan.entities.map((entity) => nameOf(plan, entity.node));
    expect(names).not.toContain('Organization.Office');
    expect(names).not.toContain('Recruiting.CandidateStatus');
    expect(names.filter((name) => name.startsWith('OrganizationClone.'))).toEqual([]);
    expect(new Set(plan.entities.map((entity) => entity.sourceTable.table)).size).toBe(plan.entities.length);
  });

  it('counts the rows that move as the source has them', async () => {
    for (const entity of plan.entities.filter((each) => each.processPath === null)) {
      expect(entity.rows).toBe(
        await scalar(rig.production, `SELECT COUNT(*) AS n FROM dbo.[${entity.sourceTable.table}]`),
      );
    }
    const processes = entityOf(plan, 'Platform.OSSYS_BPM_PROCESS');
    expect(processes.rows).toBeGreaterThan(0);
    expect(processes.rows).toBeLessThan(
      await scalar(rig.production, 'SELECT COUNT(*) AS n FROM dbo.OSSYS_BPM_PROCESS'),
    );
  });

  it('loads what rows refer to before them, in entities and in items', () => {
    const position = new Map(plan.entities.map((entity, at) => [entity.node, at]));
    const itemOf = new Map(plan.items.flatMap((item) => item.entities.map((entity) => [entity, item] as const)));
    plan.entities.forEach((entity, at) => {
      for (const { treatment } of entity.columns) {
        const node =
          treatment.kind === 'reference' && !treatment.deferred
            ? treatment.node
            : treatment.kind === 'key'
              ? treatment.follows?.node
              : undefined;
        const before = node === undefined ? undefined : position.get(node);
        if (before === undefined) continue;
        expect(before).toBeLessThan(at);
        const [mine, theirs] = [itemOf.get(at), itemOf.get(before)];
        expect(mine?.id === theirs?.id || mine?.dependsOn.includes(theirs?.id ?? -1)).toBe(true);
      }
    });
  });

  it('lets self references and one side of a cycle wait', () => {
    const waiting = plan.entities.flatMap((entity) =>
      entity.columns.flatMap((column) =>
        column.treatment.kind === 'reference' && column.treatment.deferred
          ? `${nameOf(plan, entity.node)}.${column.attribute}`
          : [],
      ),
    );
    expect(waiting).toEqual(
      expect.arrayContaining([
        'Organization.Department.ParentId',
        'Platform.OSSYS_BPM_PROCESS.TOP_PROCESS_ID',
        'Platform.OSSYS_BPM_ACTIVITY.PRECEDENT_ACTIVITY_ID',
      ]),
    );
    expect(
      waiting.filter((each) => each === 'Organization.Team.LeadId' || each === 'Organization.Member.TeamId'),
    ).toHaveLength(1);
  });

  it('follows users, activities and text keys where identifiers are not of their own', () => {
    const keyOf = (name: string) => entityOf(plan, name).columns[0]?.treatment;
    const user = plan.nodes.find((node) => node.kind === 'user');
    const activity = plan.nodes.find((node) => node.kind === 'activity');
    expect(keyOf('Organization.UserExtended')).toMatchObject({ kind: 'key', follows: { node: user?.node } });
    expect(keyOf('Recruiting.ActivityExtended')).toMatchObject({ kind: 'key', follows: { node: activity?.node } });
    expect(plan.nodes[entityOf(plan, 'Organization.AccessToken').node]).toMatchObject({
      keyKind: 'text',
      origin: 'preserved',
    });
    expect(plan.nodes[activity?.node ?? -1]?.origin).toBe('reserved');
  });

  it('carries the tenant that no attribute shows, and no deleted attribute (traps 9, 47)', () => {
    const columns = entityOf(plan, 'Organization.Announcement').columns;
    expect(columns.at(-1)).toMatchObject({
      attribute: '(tenant)',
      source: { column: 'TENANT_ID' },
      treatment: { kind: 'reference' },
    });
    expect(entityOf(plan, 'People.Person').columns.map((column) => column.attribute)).not.toContain('Nickname');
  });

  it('forecasts users as the two directories say', async () => {
    expect(plan.users?.needed).toBeGreaterThan(0);
    expect((plan.users?.matched ?? 0) + (plan.users?.created ?? 0)).toBe(plan.users?.needed);
    const all = await rig.plan({ users: { scope: 'all' } });
    expect(all.users?.needed).toBe(await scalar(rig.production, 'SELECT COUNT(*) AS n FROM dbo.OSSYS_USER'));
    expect(all.users?.matched).toBeGreaterThan(0);
  });

  it('translates identifiers in the values of processes, of users and statics too (traps 27, 55)', () => {
    const nodes = (plan.processes?.valueTypes ?? []).map((type) => nameOf(plan, type.node));
    expect(nodes).toEqual(
      expect.arrayContaining(['Recruiting.Candidate', 'Recruiting.CandidateStatus', 'ServiceCenter.User']),
    );
  });

  it('leaves trees of inactive definitions behind unless asked', async () => {
    expect(codes(plan, 'warning')).toContain('PROCESS_DEFINITION_MISSING OldSelection');
    const all = await rig.plan({ processes: { inactiveDefinitions: true } });
    expect(all.processes?.trees).toBeGreaterThan(plan.processes?.trees ?? 0);
    const active = await rig.plan({ processes: { statuses: ['Active'] } });
    expect(active.processes?.trees).toBeLessThan(plan.processes?.trees ?? 0);
    const tops = `SELECT COUNT(*) AS n FROM dbo.OSSYS_BPM_PROCESS WHERE TOP_PROCESS_ID = ID AND STATUS_ID = 1 AND PROCESS_DEF_ID IN (${active.processes?.topDefinitionIds.join(', ')})`;
    expect(active.processes?.trees).toBe(await scalar(rig.production, tops));
  });

  it('silences the event tables of what is written, users too, with what each column means on both sides (traps 61, 66)', () => {
    expect(plan.eventTables.map((table) => table.name)).toEqual(
      expect.arrayContaining(['Recruiting.Candidate', 'Recruiting.Interview', 'ServiceCenter.User']),
    );
    const candidate = plan.eventTables.find((table) => table.name === 'Recruiting.Candidate');
    const kinds = Object.fromEntries(
      (candidate?.columns ?? []).map((column) => [column.destination.toUpperCase(), column.kind]),
    );
    expect(kinds).toMatchObject({
      _ESPACE_ID: 'espace',
      _TENANT_ID: 'tenant',
      _ACTIVITY_ID: 'activity',
      _PROCESS_DEF_ID: 'processDefinition',
      _IS_UPDATE: 'flag',
      ID: 'key',
    });
    expect(candidate?.columns.every((column) => column.source !== null)).toBe(true);
  });

  it('names the orphans that delete rule Ignore has left (trap 22)', () => {
    expect(codes(plan, 'warning')).toContain('ORPHANS_FOUND People.Person.IconId');
    expect(codes(plan, 'info')).toContain('STATIC_RECORD_MISSING Recruiting.Outcome');
  });

  it('disables the applications that own or refer to what is written, clones without application included (trap 7)', () => {
    expect(plan.applications.map((application) => application.name)).toEqual([
      'Core',
      'OrganizationClone',
      'People',
      'Recruiting',
    ]);
  });

  it('reads as text', () => {
    const text = planText(plan, planHash(plan));
    for (const part of ['Recruiting.Candidate', 'People.City because of', 'This plan can run', 'ORPHANS_FOUND'])
      expect(text.replace(/\u001b\[\d+m/g, '')).toContain(part);
  });
});

describe('a question about rows that the server refuses', () => {
  it('is told with the entity that it concerns, though it shares a request with others', async () => {
    const subject = 'Recruiting.Candidate';
    for (const [where, sqlNumber] of [
      ['NoSuchColumn = 1', 207],
      ['1 / (ID - ID) = 1', 8134],
    ] as const)
      await expect(rig.plan({ entities: { [subject]: { where } } })).rejects.toMatchObject({
        name: 'RefreshError',
        details: { sqlNumber, subject },
      });
  });
});
