import { describe, expect, it } from 'vitest';
import { parse, parseError, parseOne } from './support.js';

function select(text: string) {
  const statement = parseOne(text, 'selectStatement');
  const { body } = statement.query;
  if (body.kind !== 'select') throw new Error('expected one specification');
  return { statement, query: statement.query, body };
}

describe('SELECT', () => {
  it('reads aliases in all forms, stars and assignments', () => {
    expect(select("SELECT t.*, a AS b, a c, d = a, a AS 'e', 'f' = a, a AS [g h] FROM t").body.items).toMatchObject([
      { kind: 'star', qualifier: { object: 't' } },
      { alias: 'b' },
      { alias: 'c' },
      { alias: 'd' },
      { alias: 'e' },
      { alias: 'f' },
      { alias: 'g h' },
    ]);
    expect(select('SELECT @a = b, @c += 1 FROM t').body.items).toMatchObject([
      { kind: 'assignment', variable: '@a', operator: '=' },
      { kind: 'assignment', variable: '@c', operator: '+=' },
    ]);
  });

  it('141: assignments and results in one SELECT', () => {
    expect(parseError('SELECT @a = 1, 2')).toMatchObject({ number: 141 });
  });

  it('reads TOP, DISTINCT, INTO, GROUP BY, HAVING, ORDER BY, OFFSET and OPTION', () => {
    const { body, query, statement } = select(
      'SELECT DISTINCT TOP (10) a INTO #t FROM t WHERE a > 1 GROUP BY a HAVING COUNT(*) > 1 ORDER BY a DESC ' +
        'OPTION (RECOMPILE, MAXDOP 1)',
    );
    expect(body).toMatchObject({ distinct: true, top: { percent: false }, into: { object: '#t' } });
    expect(query.orderBy).toMatchObject([{ descending: true }]);
    expect(statement.options.map((hint) => hint.text)).toEqual(['RECOMPILE', 'MAXDOP 1']);
    expect(select('SELECT a FROM t ORDER BY a OFFSET 5 ROWS FETCH NEXT 3 ROWS ONLY').query).toMatchObject({
      offset: { text: '5' },
      fetch: { text: '3' },
    });
  });

  it('binds INTERSECT tighter than UNION and EXCEPT', () => {
    expect(parseOne('SELECT 1 UNION ALL SELECT 2 INTERSECT SELECT 3', 'selectStatement').query.body).toMatchObject({
      operator: 'unionAll',
      right: { operator: 'intersect' },
    });
    expect(parseOne('(SELECT 1 UNION SELECT 2) EXCEPT SELECT 3', 'selectStatement').query.body).toMatchObject({
      operator: 'except',
      left: { operator: 'union' },
    });
  });

  it('reads joins, nested ON clauses, APPLY, derived tables, VALUES and functions', () => {
    const { body } = select(
      `SELECT 1 FROM a INNER JOIN b LEFT OUTER JOIN c ON c.x = b.x ON a.x = b.x
       CROSS APPLY (SELECT 1 AS n) AS d
       OUTER APPLY STRING_SPLIT(a.y, ',') AS e
       FULL HASH JOIN (VALUES (1, 2), (3, 4)) AS f (g, h) ON f.g = a.x, @t AS i, j`,
    );
    expect(body.from).toMatchObject([
      {
        type: 'full',
        hint: 'hash',
        right: { kind: 'values', alias: 'f', columns: [{ name: 'g' }, { name: 'h' }] },
        left: {
          type: 'outerApply',
          right: { kind: 'tableFunction', name: { object: 'STRING_SPLIT' }, alias: 'e' },
          left: {
            type: 'crossApply',
            right: { kind: 'derivedTable', alias: 'd' },
            left: { type: 'inner', left: { name: { object: 'a' } }, right: { type: 'left' } },
          },
        },
      },
      { kind: 'tableVariable', name: '@t', alias: 'i' },
      { kind: 'table', alias: undefined },
    ]);
  });

  it('reads names of one to four parts and empty middle parts', () => {
    const { body } = select('SELECT db..t.c FROM db..t, srv.db.dbo.t u');
    expect(body.from).toMatchObject([
      { name: { server: '', database: 'db', schema: '', object: 't' } },
      { name: { server: 'srv', database: 'db', schema: 'dbo', object: 't' }, alias: 'u' },
    ]);
    expect(body.items).toMatchObject([
      { expression: { name: 'c', qualifier: { database: 'db', schema: '', object: 't' } } },
    ]);
    expect(parseError('SELECT 1 FROM a.b.c.d.e')).toMatchObject({ number: 117 });
  });

  it('reads table hints with and without WITH', () => {
    const { body } = select(
      'SELECT 1 FROM a WITH (UPDLOCK, HOLDLOCK) JOIN b (NOLOCK) ON 1 = 1 JOIN c x (nolock) ON 1 = 1',
    );
    expect(body.from).toMatchObject([
      {
        left: { left: { hints: [{ name: 'UPDLOCK' }, { name: 'HOLDLOCK' }] }, right: { hints: [{ name: 'NOLOCK' }] } },
        right: { alias: 'x', hints: [{ name: 'NOLOCK' }] },
      },
    ]);
    expect(parseError('SELECT 1 FROM a WITH (FASTER)')).toMatchObject({ number: 321 });
  });

  it('reads common table expressions before SELECT, INSERT, UPDATE, DELETE and MERGE', () => {
    const prefix = 'WITH c (x) AS (SELECT 1), d AS (SELECT 2 AS y) ';
    expect(parseOne(`${prefix}SELECT * FROM c, d`, 'selectStatement').ctes).toMatchObject([
      { name: 'c', columns: [{ name: 'x' }] },
      { name: 'd', columns: [] },
    ]);
    expect(parseOne(`${prefix}INSERT INTO t SELECT * FROM c`, 'insert').ctes).toHaveLength(2);
    expect(parseOne(`${prefix}UPDATE c SET x = 1`, 'update').ctes).toHaveLength(2);
    expect(parseOne(`${prefix}DELETE FROM c`, 'delete').ctes).toHaveLength(2);
    expect(parseOne(`${prefix}MERGE t USING c ON 1 = 1 WHEN MATCHED THEN DELETE;`, 'merge').ctes).toHaveLength(2);
  });
});

describe('errors of queries', () => {
  it('319: WITH after a statement without semicolon', () => {
    expect(parseError('SELECT 1\nWITH c AS (SELECT 1 AS x) SELECT * FROM c')).toMatchObject({ number: 319, line: 2 });
    expect(parseError('SELECT * FROM t\nWITH c AS (SELECT 1 AS x) SELECT * FROM c')).toMatchObject({ number: 319 });
    expect(parse('SELECT 1;WITH c AS (SELECT 1 AS x) SELECT * FROM c')).toHaveLength(2);
    expect(parse('BEGIN WITH c AS (SELECT 1 AS x) SELECT * FROM c END')).toHaveLength(1);
  });

  it('1033: ORDER BY in a nested query without TOP or OFFSET', () => {
    expect(parseError('SELECT * FROM (SELECT a FROM t ORDER BY a) x')).toMatchObject({ number: 1033 });
    expect(parseError('SELECT * FROM (SELECT TOP 1 a FROM t ORDER BY a) x')).toBeUndefined();
    expect(parseError('INSERT INTO u SELECT a FROM t ORDER BY a')).toBeUndefined();
  });

  it('10741: TOP together with OFFSET', () => {
    expect(parseError('SELECT TOP 1 a FROM t ORDER BY a OFFSET 1 ROWS')).toMatchObject({ number: 10741 });
  });

  it('10709: rows of different widths', () => {
    expect(parseError('SELECT * FROM (VALUES (1), (2, 3)) t (a)')).toMatchObject({ number: 10709 });
  });

  it.each([
    ['SELECT FROM t', 156, "Incorrect syntax near the keyword 'FROM'."],
    ['SELECT a FROM', 102, "Incorrect syntax near 'FROM'."],
    ['SELECT a,, b FROM t', 102, "Incorrect syntax near ','."],
    ['SELECT a FROM t WHERE', 102, "Incorrect syntax near 'WHERE'."],
    ['SELECT a FROM order', 156, "Incorrect syntax near the keyword 'order'."],
    ['SELECT a AS user FROM t', 156, "Incorrect syntax near the keyword 'user'."],
    ['SELECT * FROM (SELECT 1 AS a)', 102, "Incorrect syntax near ')'."],
    ['SELECT a FROM t UNION SELECT b INTO x FROM t', 156, "Incorrect syntax near the keyword 'INTO'."],
    ['SELEC 1, 2, 3 FROM t', 156, "Incorrect syntax near the keyword 'FROM'."],
    ['SELECT 1 foo bar', 102, "Incorrect syntax near 'bar'."],
    ['SELECT (1', 102, "Incorrect syntax near '1'."],
    ['SELECT # FROM ^', 102, "Incorrect syntax near '^'."],
  ])('%s', (text, number, message) => {
    expect(parseError(text)).toMatchObject({ number, message });
  });

  it('reports the line of the error', () => {
    expect(parseError('SELECT 1\n\nSELECT 2\nFROM WHERE')).toMatchObject({ number: 156, line: 4 });
  });
});

describe('what is refused by name', () => {
  it.each([
    ['SELECT a FROM t FOR XML PATH', 'FOR XML'],
    ['SELECT (SELECT a FROM t FOR JSON PATH)', 'FOR JSON'],
    ['SELECT a FROM t PIVOT (SUM(a) FOR b IN ([x])) p', 'PIVOT'],
    ['SELECT a FROM t GROUP BY ROLLUP (a)', 'GROUP BY ROLLUP'],
    ['SELECT a FROM t GROUP BY a WITH CUBE', 'WITH CUBE'],
    ["SELECT * FROM OPENJSON('[]')", 'OPENJSON'],
    ['SELECT * FROM ##g', 'global temporary tables (##g)'],
    ['SELECT * FROM t FOR SYSTEM_TIME ALL', 'FOR SYSTEM_TIME'],
    ["SELECT {d '2020-01-01'}", 'ODBC escape sequences'],
    ['SELECT NEXT VALUE FOR s', 'NEXT VALUE FOR'],
    ["SELECT d AT TIME ZONE 'UTC'", 'AT TIME ZONE'],
    ["SELECT 1 FROM t WHERE CONTAINS(a, 'x')", 'CONTAINS (full-text search)'],
  ])('%s', (text, construct) => {
    expect(parseError(text)).toMatchObject({
      number: 50001,
      message: `The sandbox does not support ${construct}.`,
    });
  });
});
