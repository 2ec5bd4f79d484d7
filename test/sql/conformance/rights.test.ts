import { TYPES } from 'tedious';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asAdministrator, connect, uniqueName, useDatabase } from '../../support/sqlServer.js';
import type { BulkColumn, SqlSession } from '../../support/sqlSession.js';

const database = useDatabase();
const otherDatabase = useDatabase();
const password = 'Test-Passw0rd!';
const logins = {
  nobody: uniqueName('nobody'),
  reader: uniqueName('reader'),
  writer: uniqueName('writer'),
  owner: uniqueName('owner'),
  definer: uniqueName('definer'),
};
let administrator: SqlSession;
const sessions: Partial<Record<keyof typeof logins, SqlSession>> = {};

function as(name: keyof typeof logins): SqlSession {
  const session = sessions[name];
  if (session === undefined) throw new Error(`no session of ${name}`);
  return session;
}

beforeAll(async () => {
  administrator = await database.connect();
  await administrator.batch(`
    CREATE TABLE dbo.t (id int IDENTITY(1, 1) NOT NULL PRIMARY KEY, a int NULL, secret int NULL);
    CREATE TABLE dbo.u (id int NOT NULL PRIMARY KEY);
    INSERT INTO dbo.t (a) VALUES (1)`);
  for (const login of Object.values(logins)) {
    await administrator.batch(
      `CREATE LOGIN [${login}] WITH PASSWORD = '${password}'; CREATE USER [${login}] FOR LOGIN [${login}]`,
    );
  }
  await administrator.batch(`
    ALTER ROLE db_datareader ADD MEMBER [${logins.reader}];
    ALTER ROLE db_datawriter ADD MEMBER [${logins.writer}];
    ALTER ROLE db_owner ADD MEMBER [${logins.owner}];
    ALTER ROLE db_ddladmin ADD MEMBER [${logins.definer}]`);
  for (const [name, login] of Object.entries(logins) as [keyof typeof logins, string][]) {
    sessions[name] = await database.connect({ user: login, password });
  }
});

afterAll(async () => {
  await Promise.all(Object.values(sessions).map((session) => session.close()));
  for (const login of Object.values(logins)) await asAdministrator(`DROP LOGIN [${login}]`);
});

describe('CREATE LOGIN', () => {
  it('may be run by several sessions at once, each in a transaction', async () => {
    const names = Array.from({ length: 4 }, () => uniqueName('together'));
    const open = await Promise.all(names.map(() => database.connect()));
    const create = (name: string) => `BEGIN TRANSACTION; CREATE LOGIN [${name}] WITH PASSWORD = '${password}'`;
    for (const [n, name] of names.entries()) await open[n]!.batch(create(name));
    await Promise.all(open.map((session) => session.batch('COMMIT')));
    const ids = new Set<unknown>();
    for (const name of names) ids.add(await administrator.value(`SELECT SUSER_ID(N'${name}')`));
    expect(ids.size).toBe(4);
    for (const name of names) await asAdministrator(`DROP LOGIN [${name}]`);
  });
});

describe('ALTER LOGIN', () => {
  it('waits for another session that alters the same login', async () => {
    const name = uniqueName('altered');
    await asAdministrator(`CREATE LOGIN [${name}] WITH PASSWORD = '${password}'`);
    const [first, second] = [await database.connect(), await database.connect()];
    await first.batch(`BEGIN TRANSACTION; ALTER LOGIN [${name}] WITH PASSWORD = '${password}1'`);
    const waiting = second.batch(`ALTER LOGIN [${name}] WITH PASSWORD = '${password}2'`);
    await first.batch('COMMIT');
    await waiting;
    await asAdministrator(`DROP LOGIN [${name}]`);
  });
});

describe('logging in: MSSQLSERVER_18456, MSSQLSERVER_4060', () => {
  it('18456: a wrong password, an unknown login', async () => {
    await expect(connect(database.name, { user: logins.reader, password: 'wrong' })).rejects.toMatchObject({
      number: 18456,
    });
    await expect(connect(database.name, { user: uniqueName('x'), password })).rejects.toMatchObject({ number: 18456 });
  });

  it('4060: a database that does not exist, or where the login has no user', async () => {
    await expect(connect(uniqueName('missing'))).rejects.toMatchObject({ number: 4060 });
    await expect(connect(otherDatabase.name, { user: logins.reader, password })).rejects.toMatchObject({
      number: 4060,
    });
  });

  it('an encrypted connection works like a plain one: [MS-TDS] PRELOGIN', async () => {
    const session = await connect(database.name, { encrypt: true });
    expect(await session.value('SELECT DB_NAME()')).toBe(database.name);
    await session.close();
  });
});

describe('GRANT object permissions (Transact-SQL), MSSQLSERVER_229', () => {
  it('229 names permission, object, database and schema', async () => {
    await administrator.batch(`GRANT VIEW DEFINITION TO [${logins.nobody}]`);
    const { errors } = await as('nobody').run('SELECT a FROM dbo.t');
    expect(errors[0]).toMatchObject({
      number: 229,
      class: 14,
      message: `The SELECT permission was denied on the object 't', database '${database.name}', schema 'dbo'.`,
    });
    await administrator.batch(`REVOKE VIEW DEFINITION FROM [${logins.nobody}]`);
  });

  it('db_datareader reads and writes nothing: Database-level roles', async () => {
    expect(await as('reader').value('SELECT COUNT(*) FROM dbo.t')).toBe(1);
    for (const statement of ['INSERT INTO dbo.t (a) VALUES (1)', 'UPDATE dbo.t SET a = 1', 'DELETE FROM dbo.t']) {
      expect(await as('reader').errorNumber(statement)).toBe(229);
    }
  });

  it('db_datawriter writes; WHERE needs SELECT besides: UPDATE (Transact-SQL)', async () => {
    expect(await as('writer').errorNumber('INSERT INTO dbo.t (a) VALUES (2)')).toBeUndefined();
    expect(await as('writer').errorNumber('UPDATE dbo.t SET a = 3')).toBeUndefined();
    expect(await as('writer').errorNumber('UPDATE dbo.t SET a = 3 WHERE id = 1')).toBe(229);
    expect(await as('writer').errorNumber('SELECT a FROM dbo.t')).toBe(229);
  });

  it('SELECT on a schema is SELECT on its tables; DENY wins: GRANT schema permissions', async () => {
    const { nobody } = logins;
    await administrator.batch(`GRANT SELECT ON SCHEMA::dbo TO [${nobody}]`);
    expect(await as('nobody').errorNumber('SELECT a FROM dbo.t')).toBeUndefined();
    await administrator.batch(`DENY SELECT ON dbo.t TO [${nobody}]`);
    expect(await as('nobody').errorNumber('SELECT a FROM dbo.t')).toBe(229);
    expect(await as('nobody').errorNumber('SELECT id FROM dbo.u')).toBeUndefined();
    await administrator.batch(`REVOKE SELECT ON dbo.t FROM [${nobody}]; REVOKE SELECT ON SCHEMA::dbo FROM [${nobody}]`);
  });

  it('a column may be denied (230)', async () => {
    await administrator.batch(`DENY SELECT ON dbo.t (secret) TO [${logins.reader}]`);
    expect(await as('reader').errorNumber('SELECT a FROM dbo.t')).toBeUndefined();
    expect(await as('reader').errorNumber('SELECT secret FROM dbo.t')).toBe(230);
    await administrator.batch(`REVOKE SELECT ON dbo.t (secret) FROM [${logins.reader}]`);
  });

  it('a grant on columns allows those alone', async () => {
    const { nobody } = logins;
    await administrator.batch(`GRANT SELECT ON dbo.t (id, a) TO [${nobody}]`);
    expect(await as('nobody').errorNumber('SELECT a FROM dbo.t WHERE id = 1')).toBeUndefined();
    expect(await as('nobody').errorNumber('SELECT * FROM dbo.t')).toBe(230);
    await administrator.batch(`REVOKE SELECT ON dbo.t FROM [${nobody}]`);
    expect(await as('nobody').errorNumber('SELECT a FROM dbo.t')).toBe(229);
  });

  it('262: CREATE TABLE without its permission; db_ddladmin has it', async () => {
    expect(await as('writer').errorNumber('CREATE TABLE dbo.mine (a int)')).toBe(262);
    expect(await as('definer').errorNumber('CREATE TABLE dbo.mine (a int)')).toBeUndefined();
    expect(await as('definer').errorNumber('SELECT a FROM dbo.mine')).toBe(229);
    expect(await as('owner').errorNumber('DROP TABLE dbo.mine')).toBeUndefined();
  });

  it('everybody may make #tables', async () => {
    expect(
      await as('reader').errorNumber('CREATE TABLE #t (a int); INSERT INTO #t VALUES (1); DROP TABLE #t'),
    ).toBeUndefined();
  });
});

describe('what needs ALTER: SET IDENTITY_INSERT, DBCC CHECKIDENT, TRUNCATE TABLE, ALTER TABLE, UPDATE STATISTICS (Transact-SQL)', () => {
  it.each([
    [1088, 'SET IDENTITY_INSERT dbo.t ON'],
    [2557, "DBCC CHECKIDENT ('dbo.t', RESEED, 5)"],
    [1088, 'TRUNCATE TABLE dbo.t'],
    [1088, 'ALTER TABLE dbo.t ADD b int'],
    [1088, 'ALTER TABLE dbo.t DISABLE TRIGGER ALL'],
    [1088, 'UPDATE STATISTICS dbo.t'],
    [3701, 'DROP TABLE dbo.t'],
  ])('error %i for a data writer: %s', async (number, statement) => {
    expect(await as('writer').errorNumber(statement)).toBe(number);
  });

  it('a refused UPDATE STATISTICS is caught, and leaves the session as it was: TRY...CATCH (Transact-SQL)', async () => {
    const caught = (table: string) =>
      `SET XACT_ABORT ON; BEGIN TRY EXEC (N'UPDATE STATISTICS ${table}'); END TRY BEGIN CATCH SELECT ERROR_NUMBER(); END CATCH`;
    expect(await as('writer').value(caught('dbo.t'))).toBe(1088);
    expect(await as('writer').value('SELECT @@TRANCOUNT')).toBe(0);
    expect(await as('owner').errorNumber(caught('dbo.t'))).toBeUndefined();
  });

  it('db_ddladmin reseeds; IDENT_CURRENT is NULL for who may not see the table: IDENT_CURRENT (Transact-SQL)', async () => {
    expect(await as('definer').errorNumber("DBCC CHECKIDENT ('dbo.t', NORESEED)")).toBeUndefined();
    expect(await as('nobody').value("SELECT IDENT_CURRENT('dbo.t')")).toBeNull();
    expect(await as('reader').value("SELECT IDENT_CURRENT('dbo.t')")).not.toBeNull();
  });

  it('a bulk load needs INSERT, and ALTER where it leaves constraints out: bcp Utility, BULK INSERT', async () => {
    await administrator.batch(
      'CREATE TABLE dbo.loaded (id int NOT NULL); CREATE TABLE dbo.checked (id int NOT NULL CHECK (id > 0))',
    );
    const columns: BulkColumn[] = [{ name: 'id', type: TYPES.Int, nullable: false }];
    const load = (who: keyof typeof logins, table: string, options = {}) =>
      as(who)
        .bulkLoad(table, columns, [[1]], options)
        .catch((error: unknown) => (error as { number?: number }).number);
    expect(await load('reader', 'dbo.loaded')).toBe(229);
    expect(await load('writer', 'dbo.loaded')).toBe(1);
    expect(await load('writer', 'dbo.checked', { checkConstraints: true })).toBe(1);
    expect(await load('writer', 'dbo.checked')).not.toBe(1);
    expect(await load('owner', 'dbo.checked')).toBe(1);
    await administrator.batch('DROP TABLE dbo.loaded; DROP TABLE dbo.checked');
  });

  it('ALTER on the table is enough for IDENTITY_INSERT', async () => {
    await administrator.batch(`GRANT ALTER ON dbo.t TO [${logins.writer}]`);
    expect(
      await as('writer').errorNumber('SET IDENTITY_INSERT dbo.t ON; SET IDENTITY_INSERT dbo.t OFF'),
    ).toBeUndefined();
    await administrator.batch(`REVOKE ALTER ON dbo.t FROM [${logins.writer}]`);
  });
});

describe('Metadata visibility configuration', () => {
  it('a user without any right on a table does not see it', async () => {
    expect(await as('nobody').value("SELECT COUNT(*) FROM sys.tables WHERE name = 't'")).toBe(0);
    expect(await as('nobody').value("SELECT OBJECT_ID(N'dbo.t')")).toBeNull();
    expect(await as('reader').value("SELECT COUNT(*) FROM sys.tables WHERE name = 't'")).toBe(1);
  });

  it.each([
    "OBJECTPROPERTY({id}, 'TableHasPrimaryKey')",
    "COLUMNPROPERTY({id}, 'id', 'IsIdentity')",
    "INDEXPROPERTY({id}, N'pk_seen', 'IsUnique')",
    'COL_NAME({id}, 1)',
    "COL_LENGTH(N'dbo.seen', N'id')",
    'OBJECT_NAME({id})',
    'OBJECT_SCHEMA_NAME({id})',
    "IDENT_SEED(N'dbo.seen')",
  ])('functions answer NULL about what the user may not see, also by its identifier: %s', async (call) => {
    await administrator.batch(`
      DROP TABLE IF EXISTS dbo.seen;
      CREATE TABLE dbo.seen (id int IDENTITY(1, 1) NOT NULL CONSTRAINT pk_seen PRIMARY KEY, a int NULL)`);
    const id = Number(await administrator.value("SELECT OBJECT_ID(N'dbo.seen')"));
    const ask = (who: keyof typeof logins) => as(who).value(`SELECT ${call.replace('{id}', String(id))}`);
    expect(await ask('nobody')).toBeNull();
    expect(await ask('reader')).not.toBeNull();
    await administrator.batch(`GRANT SELECT ON dbo.seen (a) TO [${logins.nobody}]`);
    expect(await ask('nobody')).not.toBeNull();
    await administrator.batch('DROP TABLE dbo.seen');
  });

  it('a right on a table shows that one only', async () => {
    await administrator.batch(`GRANT SELECT ON dbo.u TO [${logins.nobody}]`);
    expect(await as('nobody').rows('SELECT name FROM sys.tables')).toEqual([['u']]);
    await administrator.batch(`REVOKE SELECT ON dbo.u FROM [${logins.nobody}]`);
  });
});

describe('HAS_PERMS_BY_NAME, IS_ROLEMEMBER, IS_SRVROLEMEMBER (Transact-SQL), sys.fn_my_permissions', () => {
  it('tell what the user may do', async () => {
    const rights =
      "SELECT HAS_PERMS_BY_NAME(N'dbo.t', N'OBJECT', N'SELECT'), HAS_PERMS_BY_NAME(N'dbo.t', N'OBJECT', N'INSERT'), HAS_PERMS_BY_NAME(N'dbo.t', N'OBJECT', N'ALTER')";
    expect(await as('reader').rows(rights)).toEqual([[1, 0, 0]]);
    expect(await as('writer').rows(rights)).toEqual([[0, 1, 0]]);
    expect(await as('owner').rows(rights)).toEqual([[1, 1, 1]]);
    expect(await as('definer').rows(rights)).toEqual([[0, 0, 1]]);
  });

  it('know the database, and NULL for what is no permission', async () => {
    expect(
      await as('reader').rows(
        "SELECT HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'SELECT'), HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW SERVER STATE'), HAS_PERMS_BY_NAME('dbo.t', 'OBJECT', 'NO SUCH')",
      ),
    ).toEqual([[1, 0, null]]);
  });

  it('know roles', async () => {
    expect(
      await as('reader').rows(
        "SELECT IS_ROLEMEMBER('db_datareader'), IS_ROLEMEMBER('db_datawriter'), IS_ROLEMEMBER('no_such_role'), IS_SRVROLEMEMBER('sysadmin')",
      ),
    ).toEqual([[1, 0, null, 0]]);
  });

  it('fn_my_permissions lists effective permissions', async () => {
    const rows = await as('reader').rows(
      "SELECT permission_name FROM sys.fn_my_permissions(N'dbo.t', N'OBJECT') WHERE subentity_name = ''",
    );
    const names = rows.map((row) => row[0]);
    expect(names).toContain('SELECT');
    expect(names).not.toContain('INSERT');
  });
});

describe('several databases: three-part names', () => {
  it('916: the login has no user in the other database', async () => {
    expect(await as('reader').errorNumber(`SELECT * FROM [${otherDatabase.name}].sys.tables`)).toBe(916);
  });

  it('reads and writes across databases in one transaction', async () => {
    const other = otherDatabase.name;
    await administrator.batch(`CREATE TABLE [${other}].dbo.copy (id int, a int)`);
    await administrator.batch(`BEGIN TRAN; INSERT INTO [${other}].dbo.copy SELECT id, a FROM dbo.t; ROLLBACK`);
    expect(await administrator.value(`SELECT COUNT(*) FROM [${other}]..copy`)).toBe(0);
    await administrator.batch(`INSERT INTO [${other}]..copy SELECT id, a FROM [${database.name}].dbo.t`);
    expect(Number(await administrator.value(`SELECT COUNT(*) FROM [${other}].dbo.copy`))).toBeGreaterThan(0);
  });

  it('USE changes the database of the session: USE (Transact-SQL)', async () => {
    const session = await database.connect();
    await session.batch(`USE [${otherDatabase.name}]`);
    expect(await session.value('SELECT DB_NAME()')).toBe(otherDatabase.name);
    expect(await session.errorNumber('USE no_such_database')).toBe(911);
    await session.close();
  });
});
