import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { useDatabase } from '../../support/sqlServer.js';
import type { SqlSession } from '../../support/sqlSession.js';

const database = useDatabase();
let session: SqlSession;

beforeAll(async () => {
  session = await database.connect();
});

beforeEach(async () => {
  await session.batch(`
    DROP TABLE IF EXISTS dbo.restricted; DROP TABLE IF EXISTS dbo.cascaded; DROP TABLE IF EXISTS dbo.emptied;
    DROP TABLE IF EXISTS dbo.parent;
    CREATE TABLE dbo.parent (id int NOT NULL CONSTRAINT PK_parent PRIMARY KEY, code nvarchar(10) NULL CONSTRAINT UQ_parent UNIQUE);
    CREATE TABLE dbo.restricted (id int NOT NULL, parent_id int NULL CONSTRAINT FK_restricted REFERENCES dbo.parent (id));
    CREATE TABLE dbo.cascaded (id int NOT NULL, parent_id int NULL CONSTRAINT FK_cascaded REFERENCES dbo.parent (id) ON DELETE CASCADE);
    CREATE TABLE dbo.emptied (id int NOT NULL, parent_id int NULL CONSTRAINT FK_emptied REFERENCES dbo.parent (id) ON DELETE SET NULL);
    INSERT INTO dbo.parent VALUES (1, N'a'), (2, N'b')`);
});

describe('FOREIGN KEY: CREATE TABLE (Transact-SQL), MSSQLSERVER_547', () => {
  it('547 names statement, constraint, table and column', async () => {
    const inserted = await session.run('INSERT INTO dbo.restricted VALUES (1, 99)');
    expect(inserted.errors[0]).toMatchObject({
      number: 547,
      class: 16,
      message:
        `The INSERT statement conflicted with the FOREIGN KEY constraint "FK_restricted". The conflict occurred in ` +
        `database "${database.name}", table "dbo.parent", column 'id'.`,
    });
    await session.batch('INSERT INTO dbo.restricted VALUES (1, 1)');
    const deleted = await session.run('DELETE FROM dbo.parent WHERE id = 1');
    expect(deleted.errors[0]).toMatchObject({
      number: 547,
      message:
        `The DELETE statement conflicted with the REFERENCE constraint "FK_restricted". The conflict occurred in ` +
        `database "${database.name}", table "dbo.restricted", column 'parent_id'.`,
    });
  });

  it('takes NULL', async () => {
    expect(await session.errorNumber('INSERT INTO dbo.restricted VALUES (1, NULL)')).toBeUndefined();
  });

  it('ON DELETE CASCADE deletes, ON DELETE SET NULL empties', async () => {
    await session.batch('INSERT INTO dbo.cascaded VALUES (1, 1), (2, 2); INSERT INTO dbo.emptied VALUES (1, 1)');
    const { rowCounts } = await session.batch('DELETE FROM dbo.parent WHERE id = 1');
    expect(rowCounts).toEqual([1]);
    expect(await session.rows('SELECT id FROM dbo.cascaded')).toEqual([[2]]);
    expect(await session.rows('SELECT parent_id FROM dbo.emptied')).toEqual([[null]]);
  });

  it('a disabled key is not looked at; WITH CHECK CHECK CONSTRAINT makes it trusted again: ALTER TABLE', async () => {
    const state = () =>
      session.rows("SELECT is_disabled, is_not_trusted FROM sys.foreign_keys WHERE name = 'FK_restricted'");
    await session.batch(
      'ALTER TABLE dbo.restricted NOCHECK CONSTRAINT FK_restricted; INSERT INTO dbo.restricted VALUES (1, 99)',
    );
    expect(await state()).toEqual([[true, true]]);
    await session.batch('ALTER TABLE dbo.restricted CHECK CONSTRAINT FK_restricted');
    expect(await state()).toEqual([[false, true]]);
    expect(await session.errorNumber('INSERT INTO dbo.restricted VALUES (2, 98)')).toBe(547);
    expect(await session.errorNumber('ALTER TABLE dbo.restricted WITH CHECK CHECK CONSTRAINT FK_restricted')).toBe(547);
    await session.batch('DELETE FROM dbo.restricted; ALTER TABLE dbo.restricted WITH CHECK CHECK CONSTRAINT ALL');
    expect(await state()).toEqual([[false, false]]);
  });

  it('WITH NOCHECK adds a key that old rows break, not trusted', async () => {
    await session.batch(
      'ALTER TABLE dbo.restricted DROP CONSTRAINT FK_restricted; INSERT INTO dbo.restricted VALUES (1, 99)',
    );
    const add = 'ADD CONSTRAINT FK_later FOREIGN KEY (parent_id) REFERENCES dbo.parent (id)';
    expect(await session.errorNumber(`ALTER TABLE dbo.restricted ${add}`)).toBe(547);
    await session.batch(`ALTER TABLE dbo.restricted WITH NOCHECK ${add}`);
    expect(await session.value("SELECT is_not_trusted FROM sys.foreign_keys WHERE name = 'FK_later'")).toBe(true);
  });

  it('3726: a referenced table cannot be dropped; 4712: nor truncated', async () => {
    expect(await session.errorNumber('DROP TABLE dbo.parent')).toBe(3726);
    expect(await session.errorNumber('TRUNCATE TABLE dbo.parent')).toBe(4712);
  });

  it('1785: more than one cascade path', async () => {
    await session.batch('CREATE TABLE dbo.top_table (id int PRIMARY KEY)');
    await session.batch(
      'CREATE TABLE dbo.middle (id int PRIMARY KEY, top_id int REFERENCES dbo.top_table (id) ON DELETE CASCADE)',
    );
    const both = `CREATE TABLE dbo.bottom (top_id int REFERENCES dbo.top_table (id) ON DELETE CASCADE,
      middle_id int REFERENCES dbo.middle (id) ON DELETE CASCADE)`;
    expect((await session.run(both)).errors.map((error) => error.number)).toContain(1785);
    await session.batch('DROP TABLE IF EXISTS dbo.bottom; DROP TABLE dbo.middle; DROP TABLE dbo.top_table');
  });

  it('a row may refer to itself and rows of one statement to each other', async () => {
    await session.batch('CREATE TABLE dbo.tree (id int PRIMARY KEY, parent_id int NULL REFERENCES dbo.tree (id))');
    expect(await session.errorNumber('INSERT INTO dbo.tree VALUES (3, 2), (2, 1), (1, 1)')).toBeUndefined();
    expect(await session.errorNumber('DELETE FROM dbo.tree WHERE id = 2')).toBe(547);
    expect(await session.errorNumber('DELETE FROM dbo.tree')).toBeUndefined();
  });
});

describe('PRIMARY KEY, UNIQUE: CREATE TABLE (Transact-SQL), CREATE INDEX (Transact-SQL)', () => {
  it('2627 names the constraint, the object and the key value', async () => {
    const { errors } = await session.run('INSERT INTO dbo.parent VALUES (1, NULL)');
    expect(errors[0]).toMatchObject({
      number: 2627,
      class: 14,
      message:
        "Violation of PRIMARY KEY constraint 'PK_parent'. Cannot insert duplicate key in object 'dbo.parent'. " +
        'The duplicate key value is (1).',
    });
    expect((await session.run("INSERT INTO dbo.parent VALUES (3, N'a')")).errors[0]?.message).toBe(
      "Violation of UNIQUE KEY constraint 'UQ_parent'. Cannot insert duplicate key in object 'dbo.parent'. " +
        'The duplicate key value is (a).',
    );
  });

  it('a unique constraint takes one NULL only', async () => {
    await session.batch('INSERT INTO dbo.parent VALUES (3, NULL)');
    expect(await session.errorNumber('INSERT INTO dbo.parent VALUES (4, NULL)')).toBe(2627);
  });

  it('2601 is that of a unique index; 1505 when rows are already double', async () => {
    await session.batch('CREATE TABLE dbo.indexed (a int NULL); CREATE UNIQUE INDEX UX_indexed ON dbo.indexed (a)');
    await session.batch('INSERT INTO dbo.indexed VALUES (1)');
    expect((await session.run('INSERT INTO dbo.indexed VALUES (1)')).errors[0]).toMatchObject({
      number: 2601,
      class: 14,
      message:
        "Cannot insert duplicate key row in object 'dbo.indexed' with unique index 'UX_indexed'. " +
        'The duplicate key value is (1).',
    });
    await session.batch('DROP INDEX UX_indexed ON dbo.indexed; INSERT INTO dbo.indexed VALUES (1)');
    expect((await session.run('CREATE UNIQUE INDEX UX_indexed ON dbo.indexed (a)')).errors[0]).toMatchObject({
      number: 1505,
      message:
        'The CREATE UNIQUE INDEX statement terminated because a duplicate key was found for the object name ' +
        "'dbo.indexed' and the index name 'UX_indexed'. The duplicate key value is (1).",
    });
    await session.batch('DROP TABLE dbo.indexed');
  });

  it.each([
    ['PRIMARY KEY CLUSTERED', 900],
    ['PRIMARY KEY NONCLUSTERED', 1700],
    ['UNIQUE', 1700],
  ])(
    '1946: a value longer than the key of %s may be, %i bytes: Maximum capacity specifications',
    async (key, bytes) => {
      await session.batch(
        `CREATE TABLE dbo.lengthy (n int NOT NULL, a nvarchar(1000) NOT NULL, CONSTRAINT K_lengthy ${key} (n, a))`,
      );
      const insert = (length: number) => session.run(`INSERT INTO dbo.lengthy VALUES (1, REPLICATE(N'x', ${length}))`);
      const most = (bytes - 4) / 2;
      expect((await insert(most)).errors).toEqual([]);
      const kind = bytes === 900 ? 'clustered' : 'nonclustered';
      expect((await insert(most + 1)).errors[0]).toMatchObject({
        number: 1946,
        class: 16,
        message:
          `Operation failed. The index entry of length ${bytes + 2} bytes for the index 'K_lengthy' exceeds the ` +
          `maximum length of ${bytes} bytes for ${kind} indexes.`,
      });
      await session.batch('ALTER TABLE dbo.lengthy DROP CONSTRAINT K_lengthy');
      expect((await insert(most + 1)).errors).toEqual([]);
      expect(await session.errorNumber('CREATE CLUSTERED INDEX I_lengthy ON dbo.lengthy (a)')).toBe(
        bytes === 900 ? undefined : 1946,
      );
      await session.batch('DROP TABLE dbo.lengthy');
    },
  );

  it('1944: columns that are always longer', async () => {
    await session.batch('CREATE TABLE dbo.wide (a char(901) NOT NULL, b nchar(851) NOT NULL)');
    expect(await session.errorNumber('CREATE CLUSTERED INDEX I_wide ON dbo.wide (a)')).toBe(1944);
    expect(await session.errorNumber('CREATE INDEX I_wide ON dbo.wide (a)')).toBeUndefined();
    expect(await session.errorNumber('CREATE INDEX I_wider ON dbo.wide (b)')).toBe(1944);
    await session.batch('DROP TABLE dbo.wide');
  });

  it.each([
    [1909, 'CREATE INDEX I_parts ON dbo.parts (a, a)'],
    [1909, 'CREATE INDEX I_parts ON dbo.parts (a) INCLUDE (b, a)'],
    [1909, 'CREATE INDEX I_parts ON dbo.parts (a) INCLUDE (b, b)'],
    [10735, "CREATE INDEX I_parts ON dbo.parts (a) WHERE s LIKE 'a%'"],
    [10735, 'CREATE INDEX I_parts ON dbo.parts (a) WHERE a = b'],
    [10735, 'CREATE INDEX I_parts ON dbo.parts (a) WHERE a = 1 OR b = 1'],
    [10735, 'CREATE INDEX I_parts ON dbo.parts (a) WHERE a NOT IN (1, 2)'],
    [undefined, "CREATE INDEX I_parts ON dbo.parts (a) WHERE a IN (1, -2) AND b > 5 AND s IS NOT NULL AND s <> 'x'"],
  ])('error %s: %s', async (number, statement) => {
    await session.batch('CREATE TABLE dbo.parts (a int NULL, b int NULL, s varchar(5) NULL)');
    expect(await session.errorNumber(statement)).toBe(number);
    await session.batch('DROP TABLE dbo.parts');
  });

  it('a filtered unique index looks at its rows only: Create filtered indexes', async () => {
    await session.batch(`CREATE TABLE dbo.filtered (a int NULL, live bit NOT NULL);
      CREATE UNIQUE INDEX UX_filtered ON dbo.filtered (a) WHERE a IS NOT NULL`);
    await session.batch('INSERT INTO dbo.filtered VALUES (NULL, 1), (NULL, 1), (1, 1)');
    expect(await session.errorNumber('INSERT INTO dbo.filtered VALUES (1, 0)')).toBe(2601);
    await session.batch('DROP TABLE dbo.filtered');
  });

  it('uniqueness is that of the whole statement, not of its single rows', async () => {
    await session.batch('CREATE TABLE dbo.moved (id int PRIMARY KEY); INSERT INTO dbo.moved VALUES (1), (2), (3)');
    expect(await session.errorNumber('UPDATE dbo.moved SET id = id + 1')).toBeUndefined();
    expect(await session.errorNumber('UPDATE dbo.moved SET id = 7 - id')).toBeUndefined();
    await session.batch('DROP TABLE dbo.moved');
  });

  it('also of a key that foreign keys refer to, as long as referring rows find theirs: FOREIGN KEY constraints', async () => {
    await session.batch(`CREATE TABLE dbo.slot (id int CONSTRAINT PK_slot PRIMARY KEY, code varchar(5) NOT NULL UNIQUE,
        twin int NULL CONSTRAINT FK_slot_twin REFERENCES dbo.slot (id));
      CREATE TABLE dbo.booking (slot int CONSTRAINT FK_booking_slot REFERENCES dbo.slot (id),
        code varchar(5) CONSTRAINT FK_booking_code REFERENCES dbo.slot (code));
      INSERT INTO dbo.slot VALUES (1, 'a', NULL), (2, 'b', NULL), (3, 'c', 2);
      INSERT INTO dbo.booking VALUES (2, 'B'), (3, 'c'), (NULL, NULL)`);
    expect(await session.errorNumber('UPDATE dbo.slot SET id = CASE id WHEN 2 THEN 3 WHEN 3 THEN 2 ELSE id END')).toBe(
      undefined,
    );
    expect(
      await session.errorNumber(
        "UPDATE dbo.slot SET code = CASE code WHEN 'b' THEN 'c' WHEN 'c' THEN 'b' ELSE code END",
      ),
    ).toBeUndefined();
    expect(await session.rows('SELECT id, code FROM dbo.slot ORDER BY id')).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
    ]);
    expect((await session.run('UPDATE dbo.slot SET id = id + 1')).errors[0]).toBeUndefined();
    expect((await session.run('UPDATE dbo.slot SET id = id + 1')).errors[0]).toMatchObject({
      number: 547,
      message: expect.stringContaining('REFERENCE constraint "FK_') as string,
    });
    expect(await session.errorNumber('INSERT INTO dbo.booking VALUES (9, NULL)')).toBe(547);
    expect(await session.errorNumber("UPDATE dbo.slot SET code = 'x'")).toBe(2627);
    expect(await session.errorNumber('DELETE FROM dbo.slot')).toBe(547);
    expect(await session.rows("SELECT is_not_trusted FROM sys.foreign_keys WHERE name LIKE 'FK_booking%'")).toEqual([
      [false],
      [false],
    ]);
    await session.batch('DROP TABLE dbo.booking; DROP TABLE dbo.slot');
  });

  it('a statement that leaves duplicates is refused as a whole, the key still stands', async () => {
    await session.batch(
      "CREATE TABLE dbo.named (id int NOT NULL, n nvarchar(9) NOT NULL UNIQUE); INSERT INTO dbo.named VALUES (1, N'a'), (2, N'b'), (3, N'c')",
    );
    expect(
      await session.errorNumber("UPDATE dbo.named SET n = CASE n WHEN N'a' THEN N'B' ELSE N'A' END WHERE id < 3"),
    ).toBeUndefined();
    expect(await session.errorNumber("UPDATE dbo.named SET n = N'z'")).toBe(2627);
    expect(await session.rows('SELECT n FROM dbo.named ORDER BY id')).toEqual([['B'], ['A'], ['c']]);
    expect(await session.errorNumber("INSERT INTO dbo.named VALUES (4, N'a')")).toBe(2627);
    await session.batch('DROP TABLE dbo.named');
  });

  it('a key of two columns is shown with both values', async () => {
    await session.batch(
      "CREATE TABLE dbo.pair (a int, b varchar(5), CONSTRAINT PK_pair PRIMARY KEY (a, b)); INSERT INTO dbo.pair VALUES (1, 'x')",
    );
    expect((await session.run("INSERT INTO dbo.pair VALUES (1, 'x')")).errors[0]?.message).toContain('(1, x)');
    await session.batch('DROP TABLE dbo.pair');
  });
});

describe('NOT NULL, DEFAULT, CHECK: CREATE TABLE (Transact-SQL)', () => {
  beforeAll(async () => {
    await session.batch(`CREATE TABLE dbo.ruled (id int NOT NULL PRIMARY KEY, a int NOT NULL DEFAULT (5), b int NULL
      CONSTRAINT CK_ruled CHECK (b > 0), c AS (a * 2))`);
  });

  it('515 names column, table and statement', async () => {
    const { errors } = await session.run('INSERT INTO dbo.ruled (id, a) VALUES (1, NULL)');
    expect(errors[0]).toMatchObject({
      number: 515,
      message:
        `Cannot insert the value NULL into column 'a', table '${database.name}.dbo.ruled'; column does not allow nulls. ` +
        'INSERT fails.',
    });
    await session.batch('INSERT INTO dbo.ruled (id) VALUES (1)');
    expect((await session.run('UPDATE dbo.ruled SET a = NULL')).errors[0]?.message).toContain('UPDATE fails.');
  });

  it('a default stands for a column left out and for the word DEFAULT, not for NULL', async () => {
    await session.batch(
      'DELETE FROM dbo.ruled; INSERT INTO dbo.ruled (id) VALUES (1); INSERT INTO dbo.ruled (id, a) VALUES (2, DEFAULT)',
    );
    await session.batch('UPDATE dbo.ruled SET a = 9; UPDATE dbo.ruled SET a = DEFAULT WHERE id = 2');
    expect(await session.rows('SELECT id, a FROM dbo.ruled ORDER BY id')).toEqual([
      [1, 9],
      [2, 5],
    ]);
  });

  it('a check refuses what is false and takes what is unknown', async () => {
    await session.batch('DELETE FROM dbo.ruled; INSERT INTO dbo.ruled (id, b) VALUES (1, NULL)');
    expect((await session.run('INSERT INTO dbo.ruled (id, b) VALUES (2, 0)')).errors[0]).toMatchObject({
      number: 547,
      message:
        `The INSERT statement conflicted with the CHECK constraint "CK_ruled". The conflict occurred in database ` +
        `"${database.name}", table "dbo.ruled", column 'b'.`,
    });
  });

  it('a computed column follows its columns and takes no value (271)', async () => {
    await session.batch('DELETE FROM dbo.ruled; INSERT INTO dbo.ruled (id, a) VALUES (1, 21)');
    expect(await session.value('SELECT c FROM dbo.ruled')).toBe(42);
    expect(await session.errorNumber('UPDATE dbo.ruled SET c = 1')).toBe(271);
  });
});

describe('ALTER TABLE (Transact-SQL)', () => {
  beforeEach(async () => {
    await session.batch(`DROP TABLE IF EXISTS dbo.altered;
      CREATE TABLE dbo.altered (id int NOT NULL CONSTRAINT PK_altered PRIMARY KEY, a int NULL CONSTRAINT DF_altered DEFAULT (1));
      INSERT INTO dbo.altered VALUES (1, NULL)`);
  });

  it('a new NOT NULL column fills old rows with its default; 4901 without one', async () => {
    await session.batch('ALTER TABLE dbo.altered ADD b int NOT NULL CONSTRAINT DF_b DEFAULT (8)');
    expect(await session.value('SELECT b FROM dbo.altered')).toBe(8);
    expect(await session.errorNumber('ALTER TABLE dbo.altered ADD c int NOT NULL')).toBe(4901);
  });

  it('a new column that takes NULL leaves old rows NULL, unless WITH VALUES', async () => {
    await session.batch('ALTER TABLE dbo.altered ADD b int NULL DEFAULT (8), c int NULL DEFAULT (9) WITH VALUES');
    expect(await session.rows('SELECT b, c FROM dbo.altered')).toEqual([[null, 9]]);
  });

  it('4922: a column with a default or a key cannot be dropped', async () => {
    const numbers = (await session.run('ALTER TABLE dbo.altered DROP COLUMN a')).errors.map((error) => error.number);
    expect(numbers.at(-1)).toBe(4922);
    await session.batch('ALTER TABLE dbo.altered DROP CONSTRAINT DF_altered; ALTER TABLE dbo.altered DROP COLUMN a');
    expect(await session.errorNumber('SELECT a FROM dbo.altered')).toBe(207);
  });

  it('ALTER COLUMN changes type and nullability; 515 when rows hold NULL', async () => {
    await session.batch('ALTER TABLE dbo.altered DROP CONSTRAINT DF_altered');
    expect(await session.errorNumber('ALTER TABLE dbo.altered ALTER COLUMN a int NOT NULL')).toBe(515);
    await session.batch('UPDATE dbo.altered SET a = 5');
    await session.batch('ALTER TABLE dbo.altered ALTER COLUMN a bigint NOT NULL');
    expect(await session.value('SELECT a FROM dbo.altered')).toBe('5');
  });

  it('2705: a column name twice; 2714: an object name twice; 1779: a second primary key', async () => {
    expect(await session.errorNumber('ALTER TABLE dbo.altered ADD a int')).toBe(2705);
    expect(await session.errorNumber('CREATE TABLE dbo.altered (a int)')).toBe(2714);
    expect(await session.errorNumber('ALTER TABLE dbo.altered ADD CONSTRAINT PK_2 PRIMARY KEY (id)')).toBe(1779);
  });

  it('3701: an object that does not exist cannot be dropped, unless IF EXISTS', async () => {
    expect(await session.errorNumber('DROP TABLE dbo.missing')).toBe(3701);
    expect(await session.errorNumber('DROP TABLE IF EXISTS dbo.missing')).toBeUndefined();
  });
});
