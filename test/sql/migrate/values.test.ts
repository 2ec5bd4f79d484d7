import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readByMarkers, type OracleReading } from '../../../sandbox/factories/oracle.js';
import { preparedEnvironments, type PreparedEnvironments } from '../../support/preparedEnvironments.js';
import { StageRig } from '../../support/stageRig.js';
import { entityOf, imageOf, list, nameOf, rowsOf, run, tableOf, tablesOf, value, withColumns } from './support.js';

let environments: PreparedEnvironments;
let rig: StageRig;
let there: OracleReading;
let here: OracleReading;
let statics: unknown;

const odd = [
  '1900-01-01T00:00:00.000',
  '1900-01-01T13:45:59.997',
  '1899-12-31T23:59:59.997',
  '2026-03-29T01:30:00.003',
  '2026-10-25T02:59:59.007',
  '9999-12-31T23:59:59.997',
  '1753-01-01T00:00:00.000',
];

beforeAll(async () => {
  environments = await preparedEnvironments({ rows: 200, scheduler: false });
  const { production } = environments;
  const contact = await tableOf(production, 'Core', 'Contact');
  const rate = await tableOf(production, 'Core', 'CurrencyRate');
  // A left-over column of a deleted attribute that refuses NULL stands on both sides of Person: see its model.
  await run(
    production,
    [
      `INSERT INTO ${contact} (CODE, PHONE, EMAIL, [ORDER], [KEY], COUNTRYCODE) VALUES
       (N'T-NULL', NULL, NULL, NULL, NULL, NULL), (N'T-EMPTY', '', '', N'', N'', N''), (N'T-BLANK', ' ', 'x ', N' y ', N'''";--', NULL),
       (N'T-ASTRAL', '1', 'é@x.pt', N'🏳️‍🌈日本', N'😀 key', N'pt');`,
      ...odd.map(
        (each, n) =>
          `INSERT INTO ${rate} (CODE, VALIDON, READAT, RATE) VALUES (N'T-DATE-${n}', '${each}', '${each}', ${n % 2 === 0 ? 'NULL' : '0'});`,
      ),
    ].join('\n'),
  );
  statics = await value(
    environments.qa,
    `SELECT COUNT(*) FROM ${await tableOf(environments.qa, 'Recruiting', 'Outcome')}`,
  );
  rig = await StageRig.open(environments, {
    scope: { applications: ['Recruiting'], entities: ['Core.Contact', 'Core.CurrencyRate'] },
    tenants: 'exclude',
    unmapped: 'setNull',
  });
  await rig.all(150);
  await rig.close();
  there = await readByMarkers(production, environments.factories.model);
  here = await readByMarkers(environments.qa, environments.factories.model);
});

afterAll(async () => {
  await environments?.drop();
});

/** Reads the same expression on both sides, row by row in the order of the marker. */
async function both(
  name: string,
  expression: string,
  marker: string,
  where = '1 = 1',
): Promise<[unknown[], unknown[]]> {
  const entity = entityOf(rig.context.plan, name);
  const tables = tablesOf(rig.context.plan, name);
  const sql = (side: 'source' | 'destination'): string =>
    withColumns(entity, side, `SELECT ${expression} AS v FROM ${tables[side]} WHERE ${where} ORDER BY {${marker}}`);
  return [await list(environments.production, sql('source')), await list(environments.qa, sql('destination'))];
}

/** 'Module.Entity/SS_KEY' of the static records that are active in production but not in QA. */
async function lackingRecords(): Promise<ReadonlySet<string>> {
  const sql = (active: string): string =>
    `SELECT CONCAT(e.NAME, N'.', n.NAME, N'/', r.SS_KEY) AS v FROM OSSYS_ENTITY_RECORD r INNER JOIN OSSYS_ESPACE e ON e.ID = r.ESPACE_ID
     INNER JOIN OSSYS_ENTITY n ON n.SS_KEY = r.ENTITY_SS_KEY AND n.ESPACE_ID = e.ID WHERE e.IS_ACTIVE = 1 ${active}`;
  const there = await list(environments.qa, sql('AND r.IS_ACTIVE = 1'));
  const wanted = await list(environments.production, sql(''));
  return new Set(wanted.map(String).filter((each) => !there.includes(each)));
}

describe('rows after a refresh', () => {
  it('are the image of the source, row by row and value by value', async () => {
    const { plan } = rig.context;
    const lacks = await lackingRecords();
    const moved = plan.entities.map(({ node }) => nameOf(plan, node)).filter((name) => there.entities.has(name));
    expect(moved.length).toBeGreaterThan(8);
    for (const name of moved.filter((each) => each !== 'Organization.UserExtended')) {
      const [before, after] = [rowsOf(there, name), rowsOf(here, name)];
      for (const [marker, row] of before) {
        const copy = after.get(marker);
        if (copy === undefined) expect([name, row['#tenant']]).toEqual([name, expect.stringContaining('Suppliers')]);
        else expect([name, marker, copy]).toEqual([name, marker, imageOf(row, lacks)]);
      }
      expect([...after.keys()].filter((marker) => !before.has(marker))).toEqual([]);
    }
  });

  it('carries 64-bit keys and decimal(37,8) digit by digit (trap 20)', async () => {
    const [before, after] = await both('Core.CurrencyRate', "CONCAT({Id}, N' ', {Rate}, N' ', {Spread})", 'Code');
    expect(before.join()).toContain('99999999999999999999999999999.99999999');
    expect(before.join()).toContain('90071992547');
    expect(after).toEqual(before);
  });

  it('keeps 0 and empty text apart from NULL in references, and leads none of them anywhere (trap 21)', async () => {
    const [zeros, copied] = await both('Recruiting.Candidate', '{Code}', 'Code', '{CreatedBy} = 0');
    expect(zeros.length).toBeGreaterThan(0);
    expect(copied).toEqual(zeros);
    const [empty, kept] = await both('Core.Contact', '{Code}', 'Code', "{CountryCode} = N''");
    expect(empty).toContain('T-EMPTY');
    expect(kept).toEqual(empty);
    expect(await both('Core.Contact', '{Code}', 'Code', '{CountryCode} IS NULL')).toEqual([
      expect.arrayContaining(['T-NULL']),
      expect.arrayContaining(['T-NULL']),
    ]);
  });

  it('empties orphans that delete rule Ignore left, and counts them (trap 22)', async () => {
    const orphans = rowsOf(there, 'People.Person');
    const lost = [...orphans].filter(([, row]) => isOrphan(row['IconId']));
    expect(lost.length).toBeGreaterThan(0);
    for (const [marker] of lost) expect(rowsOf(here, 'People.Person').get(marker)?.['IconId']).toBeNull();
    const counted = await value(
      environments.qa,
      `SELECT SUM(references_orphaned) FROM refresh.ledger WHERE entity = ${entityIndex('People.Person')}`,
    );
    expect(Number(counted)).toBe(lost.length);
  });

  it('carries the null date, times on it, real birthdays and every 300th of a second (traps 38, 39 and 40)', async () => {
    const expression = "CONCAT(CONVERT(nvarchar(30), {ValidOn}, 126), N' ', CONVERT(nvarchar(30), {ReadAt}, 126))";
    const [before, after] = await both('Core.CurrencyRate', expression, 'Code', "{Code} LIKE N'T-DATE-%'");
    expect(before).toHaveLength(odd.length);
    expect(before.join()).toContain('1900-01-01T13:45:59.997');
    expect(after).toEqual(before);
    const [birthdays, kept] = await both('People.Person', 'CONVERT(nvarchar(30), {DateofBirth}, 126)', 'Name');
    expect(birthdays).toContain('1900-01-01T00:00:00');
    expect(kept).toEqual(birthdays);
  });

  it('keeps NULL although the column has a default (trap 41)', async () => {
    for (const column of ['Phone', 'Email', 'Order', 'Key']) {
      const [before, after] = await both('Core.Contact', '{Code}', 'Code', `{${column}} IS NULL`);
      expect(before).toContain('T-NULL');
      expect(after).toEqual(before);
    }
    const [before, after] = await both('Core.CurrencyRate', '{Code}', 'Code', '{Rate} IS NULL');
    expect(before.length).toBeGreaterThan(2);
    expect(after).toEqual(before);
  });

  it('gives rows the default of left-over columns that refuse NULL, and never copies their old data (trap 9)', async () => {
    const person = tablesOf(rig.context.plan, 'People.Person').destination;
    expect(await value(environments.qa, `SELECT COUNT(*) FROM ${person} WHERE LEGACYNUMBER IS NULL`)).toBe(0);
    expect(await list(environments.qa, `SELECT DISTINCT NICKNAME FROM ${person}`)).toHaveLength(1);
  });

  it('carries images byte for byte, empty ones and NULL apart (trap 44)', async () => {
    const hash =
      "CONCAT(DATALENGTH({BinaryInfo}), N':', CONVERT(nvarchar(70), HASHBYTES('SHA2_256', CONVERT(varbinary(max), {BinaryInfo})), 1))";
    const [before, after] = await both('People.Icon', hash, 'Name');
    expect(before.join()).toContain('300000:');
    expect(after).toEqual(before);
  });

  it('carries text of every plane, blanks at the ends, and quotes as they are (trap 45)', async () => {
    const expression = "CONVERT(nvarchar(200), CONVERT(varbinary(90), CONCAT({Order}, N'|', {Key}, N'|', {Email})), 1)";
    const [before, after] = await both('Core.Contact', expression, 'Code', "{Code} LIKE N'T-%'");
    expect(before).toHaveLength(4);
    expect(after).toEqual(before);
  });

  it('maps the tenant column that no attribute shows (trap 47)', async () => {
    const { destination } = tablesOf(rig.context.plan, 'Organization.Announcement');
    const moved = rowsOf(here, 'Organization.Announcement');
    expect(moved.size).toBeGreaterThan(3);
    for (const [marker, row] of moved) {
      expect(row['#tenant']).toBe(rowsOf(there, 'Organization.Announcement').get(marker)?.['#tenant']);
    }
    const known = await list(environments.qa, 'SELECT ID FROM OSSYS_TENANT');
    for (const id of await list(environments.qa, `SELECT DISTINCT TENANT_ID FROM ${destination}`))
      expect(known).toContain(id);
  });

  it('leaves static records unwritten (trap 49)', async () => {
    const labels = await tableOf(environments.qa, 'Recruiting', 'Outcome');
    expect(await value(environments.qa, `SELECT COUNT(*) FROM ${labels}`)).toBe(statics);
    expect(rig.context.plan.entities.map(({ node }) => nameOf(rig.context.plan, node))).not.toContain(
      'Recruiting.Outcome',
    );
  });

  it('keeps both of two attributes that refer to one entity (trap 35)', () => {
    const pairs = [...rowsOf(there, 'Recruiting.Interview').values()].filter(
      (row) => JSON.stringify(row['InterviewerId']) !== JSON.stringify(row['BackupId']),
    );
    expect(pairs.length).toBeGreaterThan(5);
  });
});

function isOrphan(each: unknown): boolean {
  return typeof each === 'object' && each !== null && 'missing' in each && each.missing !== '0';
}

function entityIndex(name: string): number {
  return rig.context.plan.entities.findIndex(({ node }) => nameOf(rig.context.plan, node) === name);
}
