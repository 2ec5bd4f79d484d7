import { describe, expect, it } from 'vitest';
import type { DraftColumn } from '../../../src/plan/draft.js';
import { outlinePlan } from '../../../src/plan/outline.js';
import type { ReadDatabase, SqlRow } from '../../../src/sqlserver/readDatabase.js';
import { columnFactsQuery } from '../../../src/survey/columnQuestions.js';
import { isSet } from '../../../src/survey/references.js';
import { surveySource } from '../../../src/survey/sourceSurvey.js';
import { request } from '../plan/facts.js';
import { columnType, factoryOf, type FactorySpec } from '../plan/specFactory.js';

function column(name: string, from: string, to: string): DraftColumn {
  return {
    attribute: name,
    source: { column: name, type: columnType(from) },
    destination: { column: name, type: columnType(to) },
    treatment: { kind: 'copy' },
    deferral: 'never',
    narrower: true,
    refusesNull: false,
  };
}

const tooLong = (name: string, from: string, to: string): string =>
  columnFactsQuery('[dbo].[T]', '1 = 1', [{ column: column(name, from, to), fact: 'tooLong' }]);

describe('the questions about values', () => {
  it('quote every name, reserved words too (trap 15)', () => {
    expect(tooLong('ORDER', 'nvarchar(50)', 'nvarchar(20)')).toContain('t.[ORDER]');
    expect(tooLong('a]b', 'nvarchar(50)', 'nvarchar(20)')).toContain('t.[a]]b]');
  });

  it('count characters where they are measured in bytes (trap 43)', () => {
    expect(tooLong('NAME', 'nvarchar(50)', 'nvarchar(20)')).toContain('DATALENGTH(t.[NAME]) / 2 > 20');
    expect(tooLong('NAME', 'varchar(50)', 'varchar(20)')).toContain('DATALENGTH(t.[NAME]) / 1 > 20');
    expect(tooLong('PRICE', 'decimal(37,8)', 'decimal(10,2)')).toContain('TRY_CONVERT(decimal(10,2), t.[PRICE])');
  });

  it('find texts that a code page would turn into question marks (trap 45)', () => {
    expect(tooLong('PHONE', 'nvarchar(20)', 'varchar(20)')).toContain(
      'CAST(CAST(t.[PHONE] AS varchar(max)) AS nvarchar(max)) <> t.[PHONE]',
    );
  });

  it('take negative identifiers for identifiers (trap 19)', () => {
    expect(isSet(column('CITYID', 'bigint', 'bigint'), { keyKind: 'integer' })).toBe(
      't.[CITYID] IS NOT NULL AND t.[CITYID] <> 0',
    );
  });
});

describe('the marks up to which rows move', () => {
  it('are taken children first, so that whatever a marked row refers to is under its own mark (trap 78)', async () => {
    const spec: FactorySpec = {
      modules: {
        App: {
          entities: {
            Person: { attributes: { CityId: { to: 'App.City' } } },
            Visit: { attributes: { PersonId: { to: 'App.Person' } } },
            City: { attributes: { CountryId: { to: 'App.Country' } } },
            Country: {},
          },
        },
      },
    };
    const marked: string[] = [];
    const query = (sql: string): Promise<SqlRow[]> => {
      if (sql.includes('sys.partitions'))
        return Promise.resolve(
          ['Person', 'Visit', 'City', 'Country'].map((name) => ({
            table_name: `[dbo].[OSUSR_p_App_${name}]`,
            table_rows: '10',
          })),
        );
      const [, table] =
        /^SELECT CAST\(\(SELECT MIN\(.*SELECT MAX\(.* FROM \[dbo\]\.\[OSUSR_p_App_(\w+)\] t\) AS bigint\) AS highest$/.exec(
          sql,
        ) ?? [];
      if (table === undefined) return Promise.resolve([{}]);
      marked.push(table);
      return Promise.resolve([{ lowest: '-9', highest: '-5' }]);
    };
    const db: ReadDatabase = { query, queryAll: (statements) => Promise.all(statements.map(query)) };
    const outline = outlinePlan(
      request({ scope: { espaces: ['App'] } }),
      factoryOf(spec, 'source'),
      factoryOf(spec, 'destination'),
      [],
    );
    const { entities } = await surveySource(db, outline, () => true);
    expect(marked).toEqual(['Visit', 'Person', 'City', 'Country']);
    expect(entities['App.City']).toMatchObject({ lowest: '-9', highest: '-5' });
  });
});
