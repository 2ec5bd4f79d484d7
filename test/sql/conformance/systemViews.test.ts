import { beforeAll, describe, expect, it } from 'vitest';
import { useDatabase } from '../../support/sqlServer.js';
import type { SqlSession } from '../../support/sqlSession.js';

const database = useDatabase({ allowSnapshotIsolation: true });
let session: SqlSession;

beforeAll(async () => {
  session = await database.connect();
  await session.batch('CREATE SCHEMA other');
  await session.batch(`
    CREATE TABLE dbo.parent (id int IDENTITY(10, 2) NOT NULL CONSTRAINT PK_parent PRIMARY KEY CLUSTERED,
      code nvarchar(50) NOT NULL CONSTRAINT UQ_code UNIQUE, price decimal(37, 8) NULL CONSTRAINT DF_price DEFAULT (0),
      note varchar(max) NULL, made datetime NOT NULL CONSTRAINT DF_made DEFAULT (getdate()), total AS (price * 2),
      pixels image NULL, small char(3) COLLATE Latin1_General_CS_AS NULL, CONSTRAINT CK_price CHECK (price >= 0));
    CREATE TABLE other.child (a int NOT NULL, parent_id int NULL CONSTRAINT FK_child FOREIGN KEY REFERENCES dbo.parent (id) ON DELETE CASCADE);
    CREATE UNIQUE INDEX UX_child ON other.child (a DESC, parent_id) WHERE a > 0`);
  await session.batch('CREATE VIEW dbo.codes AS SELECT code FROM dbo.parent');
  await session.batch('CREATE TRIGGER dbo.parent_changed ON dbo.parent AFTER INSERT, UPDATE AS SET NOCOUNT ON');
  await session.batch("INSERT INTO dbo.parent (code) VALUES (N'a'), (N'b')");
});

const rows = (text: string) => session.rows(text);

describe('sys.objects, sys.tables, sys.schemas, sys.views (Transact-SQL)', () => {
  it('list objects with their types and parents', async () => {
    expect(
      await rows(`SELECT o.name, RTRIM(o.type), o.type_desc, OBJECT_NAME(o.parent_object_id), s.name FROM sys.objects o
        JOIN sys.schemas s ON s.schema_id = o.schema_id WHERE o.is_ms_shipped = 0 AND s.name IN ('dbo', 'other') ORDER BY o.name`),
    ).toEqual([
      ['child', 'U', 'USER_TABLE', null, 'other'],
      ['CK_price', 'C', 'CHECK_CONSTRAINT', 'parent', 'dbo'],
      ['codes', 'V', 'VIEW', null, 'dbo'],
      ['DF_made', 'D', 'DEFAULT_CONSTRAINT', 'parent', 'dbo'],
      ['DF_price', 'D', 'DEFAULT_CONSTRAINT', 'parent', 'dbo'],
      ['FK_child', 'F', 'FOREIGN_KEY_CONSTRAINT', 'child', 'other'],
      ['parent', 'U', 'USER_TABLE', null, 'dbo'],
      ['parent_changed', 'TR', 'SQL_TRIGGER', 'parent', 'dbo'],
      ['PK_parent', 'PK', 'PRIMARY_KEY_CONSTRAINT', 'parent', 'dbo'],
      ['UQ_code', 'UQ', 'UNIQUE_CONSTRAINT', 'parent', 'dbo'],
    ]);
  });

  it('OBJECT_ID, OBJECT_NAME, SCHEMA_NAME and OBJECTPROPERTY agree with them', async () => {
    expect(
      await rows(`SELECT OBJECT_NAME(object_id), SCHEMA_NAME(schema_id), OBJECTPROPERTY(object_id, 'IsUserTable'), OBJECTPROPERTY(object_id, 'TableHasIdentity')
        FROM sys.tables WHERE object_id = OBJECT_ID(N'[dbo].[parent]', N'U')`),
    ).toEqual([['parent', 'dbo', 1, 1]]);
    expect(await session.value("SELECT OBJECT_ID(N'dbo.parent', N'V')")).toBeNull();
  });
});

describe('sys.columns, sys.types (Transact-SQL)', () => {
  it('describe columns as SQL Server does', async () => {
    expect(
      await rows(`SELECT c.column_id, c.name, t.name, c.max_length, c.precision, c.scale, c.is_nullable, c.is_identity, c.is_computed
        FROM sys.columns c JOIN sys.types t ON t.user_type_id = c.user_type_id WHERE c.object_id = OBJECT_ID('dbo.parent') ORDER BY c.column_id`),
    ).toEqual(
      [
        [1, 'id', 'int', 4, 10, 0, false, true, false],
        [2, 'code', 'nvarchar', 100, 0, 0, false, false, false],
        [3, 'price', 'decimal', 17, 37, 8, true, false, false],
        [4, 'note', 'varchar', -1, 0, 0, true, false, false],
        [5, 'made', 'datetime', 8, 23, 3, false, false, false],
        [6, 'total', 'decimal', 17, 38, 8, true, false, true],
        [7, 'pixels', 'image', 16, 0, 0, true, false, false],
        [8, 'small', 'char', 3, 0, 0, true, false, false],
      ].map((row) => (row[1] === 'total' ? expect.arrayContaining([6, 'total', true]) : row)),
    );
  });

  it('collations: that of the database unless the column has its own', async () => {
    expect(
      await rows(
        "SELECT name, collation_name FROM sys.columns WHERE object_id = OBJECT_ID('dbo.parent') AND collation_name IS NOT NULL ORDER BY column_id",
      ),
    ).toEqual([
      ['code', 'Latin1_General_CI_AS'],
      ['note', 'Latin1_General_CI_AS'],
      ['small', 'Latin1_General_CS_AS'],
    ]);
  });

  it('COL_LENGTH, COL_NAME and COLUMNPROPERTY (Transact-SQL)', async () => {
    expect(
      await rows(
        "SELECT COL_LENGTH('dbo.parent', 'code'), COL_LENGTH('dbo.parent', 'note'), COL_LENGTH('dbo.parent', 'zzz'), COL_NAME(OBJECT_ID('dbo.parent'), 2), COLUMNPROPERTY(OBJECT_ID('dbo.parent'), 'id', 'IsIdentity'), COLUMNPROPERTY(OBJECT_ID('dbo.parent'), 'code', 'AllowsNull')",
      ),
    ).toEqual([[100, -1, null, 'code', 1, 0]]);
  });
});

describe('indexes and constraints', () => {
  it('sys.indexes and sys.index_columns', async () => {
    expect(
      await rows(`SELECT i.name, i.index_id, i.type_desc, i.is_unique, i.is_primary_key, i.is_unique_constraint, i.has_filter, c.name, ic.key_ordinal, ic.is_descending_key
        FROM sys.indexes i LEFT JOIN sys.index_columns ic ON ic.object_id = i.object_id AND ic.index_id = i.index_id
        LEFT JOIN sys.columns c ON c.object_id = ic.object_id AND c.column_id = ic.column_id
        WHERE i.object_id IN (OBJECT_ID('dbo.parent'), OBJECT_ID('other.child')) ORDER BY i.object_id, i.index_id, ic.key_ordinal`).then(
        (found) => found.map((row) => row.join('|')).sort(),
      ),
    ).toEqual(
      [
        'PK_parent|1|CLUSTERED|true|true|false|false|id|1|false',
        'UQ_code|2|NONCLUSTERED|true|false|true|false|code|1|false',
        'UX_child|2|NONCLUSTERED|true|false|false|true|a|1|true',
        'UX_child|2|NONCLUSTERED|true|false|false|true|parent_id|2|false',
        '|0|HEAP|false|false|false|false|||',
      ].sort(),
    );
  });

  it('sys.key_constraints', async () => {
    expect(
      await rows(
        "SELECT name, RTRIM(type), unique_index_id FROM sys.key_constraints WHERE parent_object_id = OBJECT_ID('dbo.parent') ORDER BY name",
      ),
    ).toEqual([
      ['PK_parent', 'PK', 1],
      ['UQ_code', 'UQ', 2],
    ]);
  });

  it('sys.foreign_keys and sys.foreign_key_columns', async () => {
    expect(
      await rows(`SELECT f.name, OBJECT_NAME(f.parent_object_id), OBJECT_NAME(f.referenced_object_id), f.delete_referential_action_desc, f.is_disabled, f.is_not_trusted,
          COL_NAME(k.parent_object_id, k.parent_column_id), COL_NAME(k.referenced_object_id, k.referenced_column_id)
        FROM sys.foreign_keys f JOIN sys.foreign_key_columns k ON k.constraint_object_id = f.object_id`),
    ).toEqual([['FK_child', 'child', 'parent', 'CASCADE', false, false, 'parent_id', 'id']]);
  });

  it('sys.default_constraints, sys.check_constraints and sys.computed_columns keep definitions', async () => {
    expect(
      await rows(
        'SELECT name, definition, COL_NAME(parent_object_id, parent_column_id) FROM sys.default_constraints ORDER BY name',
      ),
    ).toEqual([
      ['DF_made', '(getdate())', 'made'],
      ['DF_price', '((0))', 'price'],
    ]);
    expect(await session.value("SELECT definition FROM sys.check_constraints WHERE name = 'CK_price'")).toBe(
      '([price]>=(0))',
    );
    expect(await session.value("SELECT definition FROM sys.computed_columns WHERE name = 'total'")).toBe(
      '([price]*(2))',
    );
  });

  it.each([
    ["a IN ('x', 'y')", "([a]='y' OR [a]='x')"],
    [
      'a IS NOT NULL AND (b BETWEEN 1 AND 5 OR NOT b = -1)',
      '([a] IS NOT NULL AND ([b]>=(1) AND [b]<=(5) OR NOT [b]=(-1)))',
    ],
    ["LEN(a) > 2 and a like N'%x'", "(len([a])>(2) AND [a] like N'%x')"],
    ['CAST(b AS bigint) * (b + 1) <> 1.5', '(CONVERT([bigint],[b])*([b]+(1))<>(1.5))'],
    [
      "CASE WHEN b > 0 THEN 'p' ELSE CONVERT(varchar(10), b) END = 'p'",
      "(case when [b]>(0) then 'p' else CONVERT([varchar](10),[b]) end='p')",
    ],
  ])('a check constraint %s is shown as %s', async (written, shown) => {
    await session.batch(`CREATE TABLE dbo.shown (a varchar(20), b int, CONSTRAINT CK_shown CHECK (${written}))`);
    expect(await session.value("SELECT definition FROM sys.check_constraints WHERE name = 'CK_shown'")).toBe(shown);
    await session.batch(
      `ALTER TABLE dbo.shown DROP CONSTRAINT CK_shown; ALTER TABLE dbo.shown ADD CHECK ${shown}; DROP TABLE dbo.shown`,
    );
  });

  it('sys.identity_columns', async () => {
    const [row] = await rows(
      "SELECT name, seed_value, increment_value, last_value FROM sys.identity_columns WHERE object_id = OBJECT_ID('dbo.parent')",
    );
    expect([row?.[0], ...(row ?? []).slice(1).map(Number)]).toEqual(['id', 10, 2, 12]);
  });
});

describe('triggers, modules, partitions', () => {
  it('sys.triggers and sys.trigger_events', async () => {
    expect(
      await rows(`SELECT t.name, OBJECT_NAME(t.parent_id), t.is_disabled, t.is_instead_of_trigger, e.type_desc FROM sys.triggers t
        JOIN sys.trigger_events e ON e.object_id = t.object_id ORDER BY e.type_desc`),
    ).toEqual([
      ['parent_changed', 'parent', false, false, 'INSERT'],
      ['parent_changed', 'parent', false, false, 'UPDATE'],
    ]);
  });

  it('sys.sql_modules keeps the text as written', async () => {
    expect(await session.value("SELECT definition FROM sys.sql_modules WHERE object_id = OBJECT_ID('dbo.codes')")).toBe(
      'CREATE VIEW dbo.codes AS SELECT code FROM dbo.parent',
    );
  });

  it('sys.partitions and sys.dm_db_partition_stats count rows', async () => {
    expect(
      Number(
        await session.value(
          "SELECT SUM(rows) FROM sys.partitions WHERE object_id = OBJECT_ID('dbo.parent') AND index_id IN (0, 1)",
        ),
      ),
    ).toBe(2);
    expect(
      Number(
        await session.value(
          "SELECT SUM(row_count) FROM sys.dm_db_partition_stats WHERE object_id = OBJECT_ID('dbo.parent') AND index_id IN (0, 1)",
        ),
      ),
    ).toBe(2);
  });
});

describe('databases and sessions', () => {
  it('sys.databases, DATABASEPROPERTYEX', async () => {
    expect(
      await rows(
        'SELECT name, collation_name, snapshot_isolation_state_desc, is_read_committed_snapshot_on, state_desc FROM sys.databases WHERE database_id = DB_ID()',
      ),
    ).toEqual([[database.name, 'Latin1_General_CI_AS', 'ON', false, 'ONLINE']]);
    expect(await session.value("SELECT CONVERT(nvarchar(128), DATABASEPROPERTYEX(DB_NAME(), 'Collation'))")).toBe(
      'Latin1_General_CI_AS',
    );
  });

  it('sys.dm_exec_sessions shows this session', async () => {
    expect(
      await rows(
        'SELECT session_id, program_name, is_user_process FROM sys.dm_exec_sessions WHERE session_id = @@SPID',
      ),
    ).toEqual([[await session.value('SELECT @@SPID'), 'refresh tests', true]]);
  });

  it('SERVERPROPERTY tells version and edition', async () => {
    expect(await session.value("SELECT CONVERT(nvarchar(128), SERVERPROPERTY('ProductVersion'))")).toMatch(
      /^\d+\.\d+\.\d+/,
    );
    expect(Number(await session.value("SELECT CONVERT(int, SERVERPROPERTY('EngineEdition'))"))).toBeGreaterThan(0);
  });
});

describe('INFORMATION_SCHEMA views (Transact-SQL)', () => {
  it('TABLES and COLUMNS', async () => {
    expect(
      await rows('SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE FROM INFORMATION_SCHEMA.TABLES ORDER BY TABLE_NAME'),
    ).toEqual([
      ['other', 'child', 'BASE TABLE'],
      ['dbo', 'codes', 'VIEW'],
      ['dbo', 'parent', 'BASE TABLE'],
    ]);
    expect(
      await rows(
        "SELECT COLUMN_NAME, ORDINAL_POSITION, DATA_TYPE, CHARACTER_MAXIMUM_LENGTH, NUMERIC_PRECISION, NUMERIC_SCALE, IS_NULLABLE FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = 'parent' AND COLUMN_NAME IN ('code', 'price', 'note') ORDER BY ORDINAL_POSITION",
      ),
    ).toEqual([
      ['code', 2, 'nvarchar', 50, null, null, 'NO'],
      ['price', 3, 'decimal', null, 37, 8, 'YES'],
      ['note', 4, 'varchar', -1, null, null, 'YES'],
    ]);
  });

  it('TABLE_CONSTRAINTS, KEY_COLUMN_USAGE and REFERENTIAL_CONSTRAINTS', async () => {
    expect(
      await rows(`SELECT c.CONSTRAINT_NAME, c.CONSTRAINT_TYPE, k.COLUMN_NAME FROM INFORMATION_SCHEMA.TABLE_CONSTRAINTS c
        JOIN INFORMATION_SCHEMA.KEY_COLUMN_USAGE k ON k.CONSTRAINT_NAME = c.CONSTRAINT_NAME ORDER BY c.CONSTRAINT_NAME`),
    ).toEqual([
      ['FK_child', 'FOREIGN KEY', 'parent_id'],
      ['PK_parent', 'PRIMARY KEY', 'id'],
      ['UQ_code', 'UNIQUE', 'code'],
    ]);
    expect(
      await rows(
        'SELECT CONSTRAINT_NAME, UNIQUE_CONSTRAINT_NAME, DELETE_RULE FROM INFORMATION_SCHEMA.REFERENTIAL_CONSTRAINTS',
      ),
    ).toEqual([['FK_child', 'PK_parent', 'CASCADE']]);
  });
});
