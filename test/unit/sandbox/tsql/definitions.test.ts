import { describe, expect, it } from 'vitest';
import { parse, parseError, parseOne } from './support.js';

describe('CREATE TABLE', () => {
  it('reads columns with their properties and constraints', () => {
    const { table, elements } = parseOne(
      `CREATE TABLE [dbo].[OSUSR_X] (
         [ID] int IDENTITY(1, 1) NOT NULL CONSTRAINT PK_X PRIMARY KEY CLUSTERED,
         NAME nvarchar(50) COLLATE Latin1_General_CI_AI NULL DEFAULT (N'a' + 'b'),
         PARENT int CONSTRAINT FK_X REFERENCES dbo.OSUSR_X (ID) ON DELETE SET NULL,
         TOTAL AS (PRICE * 2) PERSISTED,
         PRICE decimal(37, 8) CONSTRAINT DF_P DEFAULT ((0)) CHECK (PRICE >= 0),
         CONSTRAINT UQ_X UNIQUE NONCLUSTERED (NAME, PARENT DESC) WITH (IGNORE_DUP_KEY = OFF) ON [PRIMARY],
         FOREIGN KEY (PARENT) REFERENCES other.T ON DELETE CASCADE ON UPDATE NO ACTION,
         INDEX IX_X (NAME)
       ) ON [PRIMARY] TEXTIMAGE_ON [PRIMARY]`,
      'createTable',
    );
    expect(table).toMatchObject({ schema: 'dbo', object: 'OSUSR_X' });
    expect(elements).toMatchObject([
      {
        name: 'ID',
        nullable: false,
        identity: { seed: 1n, increment: 1n },
        constraints: [{ kind: 'primaryKey', name: 'PK_X', clustered: true, columns: [{ name: 'ID' }] }],
      },
      {
        name: 'NAME',
        nullable: true,
        collation: 'Latin1_General_CI_AI',
        constraints: [{ kind: 'defaultConstraint', name: undefined, definition: "(N'a' + 'b')" }],
      },
      {
        nullable: undefined,
        constraints: [{ kind: 'foreignKey', columns: ['PARENT'], referencedColumns: ['ID'], onDelete: 'setNull' }],
      },
      { name: 'TOTAL', type: undefined, computed: { definition: '(PRICE * 2)', persisted: true } },
      {
        constraints: [
          { kind: 'defaultConstraint', name: 'DF_P', definition: '((0))' },
          { kind: 'check', name: undefined, definition: 'PRICE >= 0' },
        ],
      },
      { kind: 'unique', name: 'UQ_X', clustered: false, columns: [{}, { name: 'PARENT', descending: true }] },
      { kind: 'foreignKey', name: undefined, referencedColumns: [], onDelete: 'cascade', onUpdate: 'noAction' },
      { kind: 'inlineIndex', name: 'IX_X' },
    ]);
  });

  it('takes an unnamed default before NOT NULL, and names that are no reserved words', () => {
    const { elements } = parseOne(
      'CREATE TABLE #t (name sysname DEFAULT 0 NOT NULL, [key] int, value int, type int, action int, output int)',
      'createTable',
    );
    expect(elements[0]).toMatchObject({ nullable: false, constraints: [{ definition: '0' }] });
    expect(elements).toHaveLength(6);
    expect(parseError('CREATE TABLE t (key int)')).toMatchObject({ number: 156 });
  });

  it('refuses filegroups, temporal and memory-optimized tables by name', () => {
    expect(parseError('CREATE TABLE t (a int) ON fg')).toMatchObject({ number: 50001 });
    expect(parseError('CREATE TABLE t (a int) WITH (MEMORY_OPTIMIZED = ON)')).toMatchObject({ number: 50001 });
  });
});

describe('ALTER TABLE', () => {
  it.each([
    ['ADD a int NULL, CONSTRAINT C CHECK (a > 1)', { kind: 'add', withCheck: undefined }],
    ['WITH NOCHECK ADD CONSTRAINT F FOREIGN KEY (a) REFERENCES u (b)', { kind: 'add', withCheck: false }],
    ['ADD CONSTRAINT D DEFAULT (1) FOR a', { kind: 'add', elements: [{ definition: '(1)', column: 'a' }] }],
    ['DROP COLUMN a, b', { kind: 'dropColumn', columns: [{ name: 'a' }, { name: 'b' }] }],
    ['DROP CONSTRAINT IF EXISTS C', { kind: 'dropConstraint', ifExists: true }],
    ['ALTER COLUMN a nvarchar(10) COLLATE X NOT NULL', { kind: 'alterColumn', collation: 'X', nullable: false }],
    ['WITH CHECK CHECK CONSTRAINT ALL', { kind: 'checkConstraint', enable: true, withCheck: true, constraints: 'all' }],
    ['NOCHECK CONSTRAINT C', { kind: 'checkConstraint', enable: false, constraints: [{ name: 'C' }] }],
    ['DISABLE TRIGGER ALL', { kind: 'switchTrigger', enable: false, triggers: 'all' }],
    ['SET (LOCK_ESCALATION = DISABLE)', { kind: 'setLockEscalation', value: 'DISABLE' }],
  ])('%s', (action, expected) => {
    expect(parseOne(`ALTER TABLE dbo.t ${action}`, 'alterTable').action).toMatchObject(expected);
  });

  it('has no ADD COLUMN', () => {
    expect(parseError('ALTER TABLE t ADD COLUMN a int')).toMatchObject({ number: 156 });
  });
});

describe('indexes, drops and triggers as statements', () => {
  it('reads CREATE INDEX and DROP INDEX in both forms', () => {
    expect(
      parseOne(
        'CREATE UNIQUE NONCLUSTERED INDEX i ON dbo.t (a DESC, b) INCLUDE (c) WHERE a IS NOT NULL WITH (FILLFACTOR = 80)',
        'createIndex',
      ),
    ).toMatchObject({
      unique: true,
      clustered: false,
      columns: [{ descending: true }, {}],
      include: [{ name: 'c' }],
      whereDefinition: 'a IS NOT NULL',
      options: [{ name: 'FILLFACTOR', value: '80' }],
    });
    expect(parseOne('DROP INDEX IF EXISTS i ON t', 'dropIndex')).toMatchObject({
      ifExists: true,
      indexes: [{ name: 'i', table: { object: 't' } }],
    });
    expect(parseOne('DROP INDEX dbo.t.i', 'dropIndex').indexes).toMatchObject([
      { name: 'i', table: { schema: 'dbo', object: 't' } },
    ]);
    expect(parseError('CREATE INDEX i ON t (a) WITH (DROP_EXISTING = ON)')).toMatchObject({ number: 50001 });
  });

  it('reads DROP with IF EXISTS and lists', () => {
    expect(parseOne('DROP TABLE IF EXISTS a, dbo.b', 'drop')).toMatchObject({
      objectKind: 'table',
      ifExists: true,
      names: [{ object: 'a' }, { schema: 'dbo', object: 'b' }],
    });
    expect(parseOne('DROP DATABASE d', 'drop')).toMatchObject({ objectKind: 'database' });
  });

  it('reads DISABLE TRIGGER, which needs a semicolon before it', () => {
    expect(parse('SELECT 1; DISABLE TRIGGER a ON t')[1]).toMatchObject({ kind: 'switchTrigger', enable: false });
    expect(parseError('PRINT 1 DISABLE TRIGGER a ON t')).toMatchObject({ number: 102 });
  });
});

describe('views, triggers and schemas', () => {
  it('keeps the whole text of a view and the text of its query', () => {
    const text = '-- people\nCREATE VIEW dbo.v (a) WITH SCHEMABINDING AS SELECT b FROM dbo.t WITH CHECK OPTION;';
    expect(parseOne(text, 'view')).toMatchObject({
      action: 'create',
      columns: [{ name: 'a' }],
      schemaBinding: true,
      checkOption: true,
      definition: text,
      queryText: 'SELECT b FROM dbo.t',
    });
  });

  it('reads a trigger to the end of its batch', () => {
    const text = 'CREATE OR ALTER TRIGGER dbo.tr ON dbo.t AFTER INSERT, UPDATE AS SET NOCOUNT ON\nIF UPDATE(a) PRINT 1';
    expect(parseOne(text, 'trigger')).toMatchObject({
      action: 'createOrAlter',
      events: ['insert', 'update'],
      body: [{ kind: 'setSwitch' }, { kind: 'if', condition: { kind: 'updateColumn' }, span: { line: 2 } }],
      definition: text,
    });
  });

  it.each(['CREATE VIEW v AS SELECT 1 AS a', 'CREATE TRIGGER tr ON t FOR INSERT AS RETURN', 'CREATE SCHEMA s'])(
    '111: %s is the first statement of its batch',
    (text) => {
      expect(parse(text)).toHaveLength(1);
      const statement = text.split(' ').slice(0, 2).join(' ');
      expect(parseError(`SELECT 1; ${text}`)).toMatchObject({
        number: 111,
        message: `'${statement}' must be the first statement in a query batch.`,
      });
    },
  );

  it.each([
    ['CREATE PROCEDURE p AS RETURN', 'CREATE PROCEDURE'],
    ['CREATE TYPE x FROM int', 'CREATE TYPE'],
    ['ALTER INDEX i ON t REBUILD', 'ALTER INDEX'],
    ['CREATE SEQUENCE s', 'CREATE SEQUENCE'],
    ['CREATE TRIGGER tr ON t INSTEAD OF INSERT AS RETURN', 'INSTEAD OF triggers'],
  ])('refuses %s by name', (text, construct) => {
    expect(parseError(text)).toMatchObject({ number: 50001, message: `The sandbox does not support ${construct}.` });
  });
});

describe('databases and security', () => {
  it('reads CREATE and ALTER DATABASE', () => {
    expect(parseOne('CREATE DATABASE [d e] COLLATE Latin1_General_CI_AI', 'createDatabase')).toMatchObject({
      name: 'd e',
      collation: 'Latin1_General_CI_AI',
    });
    expect(
      parseOne(
        'ALTER DATABASE d SET READ_COMMITTED_SNAPSHOT ON, RECOVERY SIMPLE WITH ROLLBACK IMMEDIATE',
        'alterDatabase',
      ),
    ).toMatchObject({
      changes: [
        { name: 'READ_COMMITTED_SNAPSHOT', value: 'ON' },
        { name: 'RECOVERY', value: 'SIMPLE' },
      ],
      termination: 'rollbackImmediate',
    });
    expect(parseOne('ALTER DATABASE CURRENT SET COMPATIBILITY_LEVEL = 130', 'alterDatabase')).toMatchObject({
      name: undefined,
      changes: [{ name: 'COMPATIBILITY_LEVEL', value: '130' }],
    });
    expect(parseOne('ALTER DATABASE d SET SINGLE_USER', 'alterDatabase').changes).toMatchObject([{ value: '' }]);
  });

  it('reads logins, users and roles', () => {
    expect(
      parseOne("CREATE LOGIN l WITH PASSWORD = 'p', CHECK_POLICY = OFF, DEFAULT_DATABASE = d", 'login'),
    ).toMatchObject({
      name: 'l',
      password: 'p',
      defaultDatabase: 'd',
    });
    expect(parseOne('ALTER LOGIN l DISABLE', 'login')).toMatchObject({ enable: false });
    expect(parseOne('CREATE USER u FOR LOGIN l WITH DEFAULT_SCHEMA = s', 'user')).toMatchObject({
      login: 'l',
      defaultSchema: 's',
    });
    expect(parseOne('CREATE USER u WITHOUT LOGIN', 'user')).toMatchObject({ withoutLogin: true });
    expect(parseOne('ALTER ROLE db_datareader ADD MEMBER u', 'alterRole')).toMatchObject({
      server: false,
      role: 'db_datareader',
      change: 'addMember',
      name: 'u',
    });
    expect(parseOne('ALTER SERVER ROLE sysadmin DROP MEMBER l', 'alterRole')).toMatchObject({ server: true });
  });

  it('reads permission statements', () => {
    expect(
      parseOne('GRANT SELECT, VIEW DEFINITION ON SCHEMA::dbo TO u, public WITH GRANT OPTION', 'permission'),
    ).toMatchObject({
      permissions: [{ name: 'SELECT' }, { name: 'VIEW DEFINITION' }],
      securable: { class: 'schema', name: { object: 'dbo' } },
      principals: ['u', 'public'],
      withGrantOption: true,
    });
    expect(parseOne('DENY UPDATE ON dbo.t (a, b) TO u CASCADE', 'permission')).toMatchObject({
      permissions: [{ name: 'UPDATE', columns: ['a', 'b'] }],
      securable: { class: 'object', name: { schema: 'dbo', object: 't' } },
      cascade: true,
    });
    expect(parseOne('REVOKE CREATE TABLE FROM u', 'permission')).toMatchObject({ securable: undefined });
    expect(parseOne('GRANT EXEC TO u', 'permission').permissions).toMatchObject([{ name: 'EXECUTE' }]);
  });
});
