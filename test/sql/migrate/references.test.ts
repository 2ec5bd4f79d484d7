import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readByMarkers, type OracleReading, type OracleRow } from '../../../sandbox/factories/oracle.js';
import { preparedEnvironments, type PreparedEnvironments } from '../../support/preparedEnvironments.js';
import { StageRig } from '../../support/stageRig.js';
import { entityOf, imageOf, list, rows, rowsOf, run, tableOf, tablesOf, value, withColumns } from './support.js';

let environments: PreparedEnvironments;
let rig: StageRig;
let there: OracleReading;
let here: OracleReading;
let kept: { readonly id: unknown; readonly name: unknown };
/** SS_Key of the status that QA lacks although production uses it. */
let missing: string;

const entities = ['Recruiting.Candidate', 'Recruiting.Interview', 'Recruiting.Note'];
const ofEntity = (entity: string): string =>
  `r.ESPACE_ID = (SELECT ID FROM OSSYS_ESPACE WHERE NAME = N'Recruiting' AND IS_ACTIVE = 1) AND r.ENTITY_SS_KEY = (SELECT n.SS_KEY FROM OSSYS_ENTITY n
   INNER JOIN OSSYS_ESPACE e ON e.ID = n.ESPACE_ID WHERE n.NAME = N'${entity}' AND n.IS_ACTIVE = 1 AND e.NAME = N'Recruiting' AND e.IS_ACTIVE = 1)`;

beforeAll(async () => {
  environments = await preparedEnvironments({ rows: 150, scheduler: false });
  const { production, qa } = environments;
  const candidate = await tableOf(production, 'Recruiting', 'Candidate');
  const data = await value(
    production,
    `SELECT TOP (1) r.SS_KEY FROM OSSYS_ENTITY_RECORD r WHERE ${ofEntity('CandidateStatus')} AND r.IS_ACTIVE = 1 AND
     (SELECT COUNT(*) FROM ${candidate} c WHERE CONVERT(nvarchar(20), c.STATUSID) = r.DATA_ID) > 0 ORDER BY r.SS_KEY`,
  );
  missing = String(data);
  await run(
    qa,
    `UPDATE r SET IS_ACTIVE = 0 FROM OSSYS_ENTITY_RECORD r WHERE ${ofEntity('CandidateStatus')} AND r.SS_KEY = N'${missing}';`,
  );
  const city = await tableOf(qa, 'People', 'City');
  kept = {
    id: await value(qa, `SELECT MIN(ID) FROM ${city}`),
    name: await value(qa, `SELECT NAME FROM ${city} WHERE ID = (SELECT MIN(ID) FROM ${city})`),
  };
  rig = await StageRig.open(environments, {
    scope: { entities },
    processes: { migrate: false },
    tenants: 'exclude',
    unmapped: 'setNull',
    entities: {
      'Recruiting.Candidate': { attributes: { StatusId: { unmapped: 'quarantine' } } },
      'Recruiting.Interview': { attributes: { CandidateId: { unmapped: 'fail' } } },
      'Recruiting.Note': { attributes: { CandidateId: { unmapped: 'fail' } } },
      'People.City': { keepRows: [String(kept.id)] },
    },
  });
  await rig.all(60);
  await rig.close();
  there = await readByMarkers(production, environments.factories.model, { entities });
  here = await readByMarkers(qa, environments.factories.model, { entities });
});

afterAll(async () => {
  await environments?.drop();
});

function setAside(marker: string): boolean {
  const status = rowsOf(there, 'Recruiting.Candidate').get(marker)?.['StatusId'];
  return typeof status === 'object' && status?.marker === missing;
}

function candidateOf(row: OracleRow): string {
  const candidate = row['CandidateId'];
  return typeof candidate === 'object' ? (candidate?.marker ?? '') : '';
}

describe('static records', () => {
  it('are led to by the id of their row, which is not that of the record (traps 51 and 54)', async () => {
    const { qa } = environments;
    const entity = entityOf(rig.context.plan, 'Recruiting.Candidate');
    const used = await list(
      qa,
      withColumns(
        entity,
        'destination',
        `SELECT DISTINCT CONVERT(nvarchar(20), {StatusId}) FROM ${tablesOf(rig.context.plan, 'Recruiting.Candidate').destination} WHERE {StatusId} IS NOT NULL`,
      ),
    );
    const ids = await list(
      qa,
      `SELECT r.DATA_ID FROM OSSYS_ENTITY_RECORD r WHERE ${ofEntity('CandidateStatus')} AND r.IS_ACTIVE = 1`,
    );
    expect(used.length).toBeGreaterThan(1);
    for (const id of used) expect(ids).toContain(id);
    for (const [marker, row] of rowsOf(here, 'Recruiting.Note'))
      expect(row['KindCode']).toEqual(rowsOf(there, 'Recruiting.Note').get(marker)?.['KindCode']);
  });

  it('that were deleted are not taken for one of the same name: references to them are emptied (trap 52)', async () => {
    const gone = await list(
      environments.production,
      `SELECT r.SS_KEY FROM OSSYS_ENTITY_RECORD r WHERE ${ofEntity('Outcome')} AND r.IS_ACTIVE = 0`,
    );
    let checked = 0;
    for (const [marker, row] of rowsOf(there, 'Recruiting.Candidate')) {
      const outcome = row['OutcomeId'];
      if (typeof outcome !== 'object' || outcome === null || !gone.includes(outcome.marker ?? '') || setAside(marker))
        continue;
      expect([marker, rowsOf(here, 'Recruiting.Candidate').get(marker)?.['OutcomeId']]).toEqual([marker, null]);
      checked += 1;
    }
    expect(checked).toBeGreaterThan(0);
  });

  it('that the destination lacks set the rows aside that use them, and these rows alone (trap 53)', async () => {
    const used = [...rowsOf(there, 'Recruiting.Candidate').keys()];
    expect(used.filter(setAside).length).toBeGreaterThan(0);
    for (const marker of used)
      expect([marker, rowsOf(here, 'Recruiting.Candidate').has(marker)]).toEqual([marker, !setAside(marker)]);
    const aside = await rows<{ attribute: string; reason: string; n: number }>(
      environments.qa,
      'SELECT attribute, reason, COUNT(*) AS n FROM refresh.quarantine GROUP BY attribute, reason ORDER BY attribute, reason',
    );
    expect(aside).toContainEqual({ attribute: 'StatusId', reason: 'unmapped', n: used.filter(setAside).length });
  });
});

describe('rows set aside', () => {
  it('take along what depends on them, under whatever policy, and nothing else', async () => {
    let dependents = 0;
    for (const entity of ['Recruiting.Interview', 'Recruiting.Note']) {
      for (const [marker, row] of rowsOf(there, entity)) {
        const gone = setAside(candidateOf(row));
        dependents += gone ? 1 : 0;
        expect([entity, marker, rowsOf(here, entity).has(marker)]).toEqual([entity, marker, !gone]);
      }
    }
    expect(dependents).toBeGreaterThan(3);
    const noted =
      "SELECT COUNT(*) FROM refresh.quarantine WHERE attribute = N'CandidateId' AND reason = N'refers to a row set aside'";
    expect(await value(environments.qa, noted)).toBe(dependents);
  });

  it('are named by key in the state schema, so that they can be looked at', async () => {
    const source = tablesOf(rig.context.plan, 'Recruiting.Candidate').source;
    const index = rig.context.plan.entities.indexOf(entityOf(rig.context.plan, 'Recruiting.Candidate'));
    const keys = await list(environments.qa, `SELECT source_key FROM refresh.quarantine WHERE entity = ${index}`);
    const codes = await list(environments.production, `SELECT CODE FROM ${source} WHERE ID IN (${keys.join(', ')})`);
    expect(codes.map(String).every(setAside)).toBe(true);
  });
});

describe('rows of the destination', () => {
  it('go as the plan counted them, and those kept by key stay as they were', async () => {
    const { qa } = environments;
    const { plan } = rig.context;
    for (const [index, deletion] of plan.deletions.entries()) {
      const deleted = await value(
        qa,
        `SELECT COALESCE(SUM(rows_written), 0) FROM refresh.ledger WHERE work_item = N'delete:${index}'`,
      );
      const spared = deletion.keepKeys.length;
      expect([deletion.name, Number(deleted)]).toEqual([deletion.name, deletion.rows - spared]);
    }
    const city = tablesOf(plan, 'People.City').destination;
    expect(await value(qa, `SELECT NAME FROM ${city} WHERE ID = ${String(kept.id)}`)).toBe(kept.name);
    const cities = tablesOf(plan, 'People.City').source;
    expect(await value(qa, `SELECT COUNT(*) FROM ${city}`)).toBe(
      Number(await value(environments.production, `SELECT COUNT(*) FROM ${cities}`)) + 1,
    );
  });

  it('of tenants that production does not have stay where they are', async () => {
    const { qa, production } = environments;
    const announcement = await tableOf(qa, 'Organization', 'Announcement');
    await run(
      qa,
      `INSERT INTO OSSYS_TENANT (NAME, ESPACE_ID, IS_ACTIVE) SELECT TOP (1) N'QA only', ESPACE_ID, 1 FROM OSSYS_TENANT ORDER BY ID;
       INSERT INTO ${announcement} (CODE, TENANT_ID) SELECT N'QA-OWN', MAX(ID) FROM OSSYS_TENANT;`,
    );
    const own = await StageRig.open(environments, {
      scope: { entities: ['Organization.Announcement'] },
      processes: { migrate: false },
      tenants: 'exclude',
      unmapped: 'setNull',
    });
    await own.all();
    await own.close();
    expect(await value(qa, `SELECT COUNT(*) FROM ${announcement} WHERE CODE = N'QA-OWN'`)).toBe(1);
    const read = (pool: typeof qa) =>
      readByMarkers(pool, environments.factories.model, { entities: ['Organization.Announcement'] });
    const [from, to] = [
      rowsOf(await read(production), 'Organization.Announcement'),
      rowsOf(await read(qa), 'Organization.Announcement'),
    ];
    for (const [marker, row] of from) if (to.has(marker)) expect(to.get(marker)).toEqual(imageOf(row));
    expect([...to.keys()].filter((marker) => !from.has(marker))).toEqual(['QA-OWN']);
  });
});
