import { describe, expect, it } from 'vitest';
import { parse, parseError, parseOne } from './support.js';

describe('INSERT', () => {
  it('reads VALUES with DEFAULT, SELECT, DEFAULT VALUES and hints', () => {
    expect(parseOne("INSERT dbo.t (a, [b]) VALUES (1, DEFAULT), (2, N'x')", 'insert')).toMatchObject({
      target: { name: { schema: 'dbo', object: 't' } },
      columns: [{ name: 'a' }, { name: 'b' }],
      source: {
        kind: 'values',
        rows: [
          [{ text: '1' }, { kind: 'default' }],
          [{}, { national: true }],
        ],
      },
    });
    expect(parseOne('INSERT INTO t WITH (TABLOCK) SELECT a FROM u', 'insert')).toMatchObject({
      target: { hints: [{ name: 'TABLOCK' }] },
      columns: undefined,
      source: { kind: 'query' },
    });
    expect(parseOne('INSERT INTO @t DEFAULT VALUES', 'insert')).toMatchObject({
      target: { kind: 'tableVariable' },
      source: { kind: 'defaultValues' },
    });
    expect(parseOne('INSERT INTO t (SELECT 1)', 'insert').source.kind).toBe('query');
  });

  it('reads OUTPUT to the client, INTO a table, and both', () => {
    expect(parseOne('INSERT INTO t (a) OUTPUT inserted.id, inserted.a AS b VALUES (1)', 'insert').output).toMatchObject(
      {
        into: undefined,
        toClient: { items: [{ alias: undefined }, { alias: 'b' }] },
      },
    );
    expect(
      parseOne('INSERT t OUTPUT inserted.* INTO #x (i, j) OUTPUT inserted.id SELECT 1', 'insert').output,
    ).toMatchObject({
      into: { target: { name: { object: '#x' } }, columns: [{ name: 'i' }, { name: 'j' }] },
      toClient: { items: [{}] },
    });
  });

  it('10738: more than 1000 rows of values', () => {
    const rows = (count: number) => Array.from({ length: count }, () => '(1)').join(',');
    expect(parseError(`INSERT t VALUES ${rows(1000)}`)).toBeUndefined();
    expect(parseError(`INSERT t VALUES ${rows(1001)}`)).toMatchObject({ number: 10738 });
  });

  it('reads 1000 rows of ten values correctly', () => {
    const rows = Array.from({ length: 1000 }, (_, row) => `(${row}, N'n', 1.5, NULL, 0x0A, -1, 'x', 1e3, $2, DEFAULT)`);
    const { source } = parseOne(`INSERT t VALUES ${rows.join(',\n')}`, 'insert');
    expect(source.kind === 'values' && source.rows.length).toBe(1000);
  });

  it('refuses INSERT ... EXEC by name', () => {
    expect(parseError('INSERT t EXEC p')).toMatchObject({ number: 50001 });
  });
});

describe('UPDATE and DELETE', () => {
  it('reads the target, assignments, OUTPUT, FROM and WHERE', () => {
    expect(
      parseOne(
        'UPDATE TOP (5) x SET a = y.b, x.c += 1, @v = d = DEFAULT, @w = x.e OUTPUT deleted.a INTO @old ' +
          'FROM t x JOIN y ON y.id = x.id WHERE x.id = 1',
        'update',
      ),
    ).toMatchObject({
      top: { count: { text: '5' } },
      target: { name: { object: 'x' } },
      assignments: [
        { column: { name: 'a' }, operator: '=' },
        { column: { qualifier: { object: 'x' }, name: 'c' }, operator: '+=' },
        { column: { name: 'd' }, variable: '@v', value: { kind: 'default' } },
        { column: undefined, variable: '@w' },
      ],
      output: { into: { target: { name: '@old' } } },
      from: [{ kind: 'join' }],
      where: { kind: 'comparison' },
    });
  });

  it('reads DELETE with and without FROM, TOP and a second FROM', () => {
    expect(parseOne('DELETE t', 'delete')).toMatchObject({ target: { name: { object: 't' } }, from: [] });
    expect(parseOne('DELETE TOP (100) FROM t OUTPUT deleted.* FROM t JOIN u ON 1 = 1', 'delete')).toMatchObject({
      top: { count: { text: '100' } },
      output: { toClient: { items: [{ kind: 'star', qualifier: { object: 'deleted' } }] } },
      from: [{ kind: 'join' }],
    });
  });

  it('refuses WHERE CURRENT OF by name', () => {
    expect(parseError('DELETE FROM t WHERE CURRENT OF c')).toMatchObject({ number: 50001 });
  });
});

describe('MERGE', () => {
  const text = `MERGE INTO dbo.t WITH (HOLDLOCK) AS d USING (SELECT 1 AS id) s ON s.id = d.id
    WHEN MATCHED AND d.a <> 1 THEN UPDATE SET a = 1
    WHEN MATCHED THEN DELETE
    WHEN NOT MATCHED BY TARGET THEN INSERT (id, a) VALUES (s.id, DEFAULT)
    WHEN NOT MATCHED BY SOURCE THEN DELETE
    OUTPUT $action, inserted.id, s.id INTO #map (action, new, old)`;

  it('reads all clauses and OUTPUT $action', () => {
    expect(parse(`${text};`)[0]).toMatchObject({
      kind: 'merge',
      target: { name: { object: 't' }, alias: 'd', hints: [{ name: 'HOLDLOCK' }] },
      source: { kind: 'derivedTable', alias: 's' },
      clauses: [
        { when: 'matched', and: { kind: 'comparison' }, action: { kind: 'update' } },
        { when: 'matched', and: undefined, action: { kind: 'delete' } },
        { when: 'notMatchedByTarget', action: { kind: 'insert', values: [{}, { kind: 'default' }] } },
        { when: 'notMatchedBySource', action: { kind: 'delete' } },
      ],
      output: { into: { items: [{ expression: { kind: 'mergeAction' } }, {}, {}] } },
    });
  });

  it('takes a target without alias', () => {
    expect(parse('MERGE t USING s ON 1 = 1 WHEN NOT MATCHED THEN INSERT DEFAULT VALUES;')[0]).toMatchObject({
      target: { alias: undefined },
      clauses: [{ action: { kind: 'insert', values: undefined } }],
    });
  });

  it('10713: MERGE without its semicolon', () => {
    expect(parseError(text)).toMatchObject({ number: 10713 });
    expect(parseError(`${text}\nSELECT 1`)).toMatchObject({ number: 10713 });
  });
});

describe('INSERT BULK', () => {
  it('reads columns, types, collations and options as drivers write them', () => {
    expect(
      parseOne(
        'insert bulk [dbo].[Person]([Id] int, [Name] nvarchar(50) COLLATE Latin1_General_CI_AI, [Pay] decimal(37, 8), ' +
          '[Doc] varbinary(max)) with (KEEP_NULLS, CHECK_CONSTRAINTS, FIRE_TRIGGERS, TABLOCK, ROWS_PER_BATCH = 5000, ' +
          'ORDER ([Id] ASC, [Name] DESC))',
        'insertBulk',
      ),
    ).toMatchObject({
      table: { schema: 'dbo', object: 'Person' },
      columns: [
        { name: 'Id', type: { name: 'int' }, collation: undefined },
        { name: 'Name', type: { parameters: [50] }, collation: 'Latin1_General_CI_AI' },
        { type: { parameters: [37, 8] } },
        { type: { parameters: 'max' } },
      ],
      keepNulls: true,
      checkConstraints: true,
      fireTriggers: true,
      tabLock: true,
      keepIdentity: false,
      rowsPerBatch: 5000,
      order: [
        { column: 'Id', descending: false },
        { column: 'Name', descending: true },
      ],
    });
    expect(parseOne('insert bulk #stage ([a] int)', 'insertBulk')).toMatchObject({ keepNulls: false });
  });

  it('refuses unknown options by name', () => {
    expect(parseError('INSERT BULK t (a int) WITH (ALLOW_ENCRYPTED_VALUE_MODIFICATIONS)')).toMatchObject({
      number: 50001,
    });
  });
});
