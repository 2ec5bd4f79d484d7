import { describe, expect, it } from 'vitest';
import { parse, parseError, parseOne } from './support.js';

describe('variables and settings', () => {
  it('reads DECLARE and SET of variables', () => {
    expect(
      parseOne('DECLARE @a int = 1, @b AS nvarchar(10), @c datetime = GETDATE()', 'declare').variables,
    ).toMatchObject([
      { name: '@a', type: { name: 'int' }, value: { text: '1' } },
      { name: '@b', value: undefined },
      { value: { kind: 'function' } },
    ]);
    expect(parseOne('DECLARE @t TABLE (id int PRIMARY KEY, a int)', 'declareTable').elements).toHaveLength(2);
    expect(parseOne('SET @a += (SELECT 1)', 'setVariable')).toMatchObject({
      operator: '+=',
      value: { kind: 'subquery' },
    });
    expect(parseError('DECLARE c CURSOR FOR SELECT 1')).toMatchObject({ number: 50001 });
  });

  it('reads SET options', () => {
    expect(parseOne('SET ANSI_NULLS, XACT_ABORT ON', 'setSwitch')).toMatchObject({
      options: ['ANSI_NULLS', 'XACT_ABORT'],
      on: true,
    });
    expect(parseOne('SET LOCK_TIMEOUT -1', 'setValue')).toMatchObject({ value: { kind: 'unary' } });
    expect(parseOne('SET DEADLOCK_PRIORITY LOW', 'setValue')).toMatchObject({
      value: { kind: 'string', value: 'LOW' },
    });
    expect(parseOne('SET IDENTITY_INSERT dbo.t ON', 'setIdentityInsert')).toMatchObject({ on: true });
    expect(parseOne('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ', 'setIsolationLevel').level).toBe(
      'repeatableRead',
    );
    expect(parseError('SET NO_SUCH_OPTION ON')).toMatchObject({ number: 195 });
    expect(parseError('SET STATISTICS IO ON')).toMatchObject({ number: 50001 });
  });

  it('follows SET QUOTED_IDENTIFIER inside the batch', () => {
    const [, select] = parse('SET QUOTED_IDENTIFIER OFF SELECT "a"');
    expect(select).toMatchObject({ query: { body: { items: [{ expression: { kind: 'string', value: 'a' } }] } } });
    expect(parse('SET QUOTED_IDENTIFIER ON; SELECT "a" FROM t', false)[1]).toMatchObject({
      query: { body: { items: [{ expression: { kind: 'column', name: 'a' } }] } },
    });
  });
});

describe('flow of control', () => {
  it('reads IF, ELSE, WHILE, blocks, TRY and CATCH', () => {
    const [first, second] = parse(
      `IF @a = 1 SELECT 1; ELSE BEGIN SELECT 2; SELECT 3 END
       WHILE 1 = 1 BEGIN IF @x > 3 BREAK; CONTINUE; END`,
    );
    expect(first).toMatchObject({ kind: 'if', otherwise: { kind: 'block', statements: [{}, {}] } });
    expect(second).toMatchObject({ kind: 'while', body: { statements: [{ then: { kind: 'break' } }, {}] } });
    expect(parseOne('BEGIN TRY SELECT 1 END TRY BEGIN CATCH THROW; END CATCH', 'try')).toMatchObject({
      statements: [{ kind: 'selectStatement' }],
      catchStatements: [{ kind: 'throw', error: undefined }],
    });
    expect(parseOne('BEGIN TRY SELECT 1 END TRY BEGIN CATCH END CATCH;', 'try').catchStatements).toEqual([]);
  });

  it('refuses an empty block, END without BEGIN, labels and GOTO', () => {
    expect(parseError('BEGIN END')).toMatchObject({ number: 156 });
    expect(parseError('SELECT 1 END')).toMatchObject({ number: 156 });
    expect(parseError('again: SELECT 1')).toMatchObject({ number: 50001 });
    expect(parseError('GOTO again')).toMatchObject({ number: 50001 });
  });

  it('THROW needs a semicolon before it, and is an alias or a name without it', () => {
    expect(parse("SELECT 1; THROW 50001, 'x', 1")[1]).toMatchObject({ error: { number: { text: '50001' } } });
    expect(parseError("PRINT 1 THROW 50001, 'x', 1")).toMatchObject({
      number: 102,
      message: "Incorrect syntax near 'THROW'.",
    });
    expect(parseOne('SELECT 1 THROW', 'selectStatement').query.body).toMatchObject({ items: [{ alias: 'THROW' }] });
    expect(parse('IF 1 = 1 THROW')).toHaveLength(1);
  });

  it('reads RAISERROR, PRINT, RETURN and WAITFOR', () => {
    expect(parseOne("RAISERROR (N'%d rows', 16, 1, @n) WITH NOWAIT", 'raiserror')).toMatchObject({
      arguments: [{ name: '@n' }],
      withNoWait: true,
    });
    expect(parse('RETURN\nSELECT 1')).toMatchObject([{ value: undefined }, {}]);
    expect(parseOne('RETURN -1', 'return').value).toMatchObject({ kind: 'unary' });
    expect(parseOne("WAITFOR DELAY '00:00:01'", 'waitfor')).toMatchObject({ mode: 'delay' });
  });
});

describe('execution', () => {
  it('reads procedure calls with return value, names, OUTPUT and DEFAULT', () => {
    expect(
      parseOne(
        "EXEC @r = sys.sp_getapplock @Resource = N'x', @LockMode = Exclusive, @Out = @o OUTPUT, @D = DEFAULT",
        'executeProcedure',
      ),
    ).toMatchObject({
      returnVariable: '@r',
      procedure: { schema: 'sys', object: 'sp_getapplock' },
      arguments: [
        { name: '@Resource', value: { kind: 'string' } },
        { name: '@LockMode', value: { kind: 'string', value: 'Exclusive' } },
        { name: '@Out', value: { kind: 'variable', name: '@o' }, output: true },
        { value: { kind: 'default' } },
      ],
    });
    expect(parseOne("EXECUTE ('SELECT ' + @x)", 'executeText').text).toMatchObject({ kind: 'binaryOperation' });
  });

  it('calls a procedure without EXEC as the first statement only', () => {
    expect(parse("sp_executesql N'SELECT 1'; SELECT 2")).toMatchObject([{ kind: 'executeProcedure' }, {}]);
    expect(parseError('SELECT 1; sp_who')).toMatchObject({ number: 102, message: "Incorrect syntax near 'sp_who'." });
  });

  it('takes no expressions as arguments', () => {
    expect(parseError("EXEC p 'a' + 'b'")).toMatchObject({ number: 102 });
  });
});

describe('transactions and maintenance', () => {
  it('reads names of transactions after TRAN only', () => {
    expect(parse('BEGIN TRAN t1; SAVE TRANSACTION @s; ROLLBACK TRAN t1; COMMIT WORK; COMMIT')).toMatchObject([
      { kind: 'beginTransaction', name: { kind: 'name', name: 't1' } },
      { kind: 'saveTransaction', name: { kind: 'variable', name: '@s' } },
      { kind: 'rollback', name: { name: 't1' } },
      { kind: 'commit', name: undefined },
      { kind: 'commit' },
    ]);
    expect(parse('COMMIT SELECT 1')).toHaveLength(2);
  });

  it('reads DBCC CHECKIDENT, USE and UPDATE STATISTICS', () => {
    expect(parseOne("DBCC CHECKIDENT ('dbo.t', RESEED, 100) WITH NO_INFOMSGS", 'checkIdent')).toMatchObject({
      table: { schema: 'dbo', object: 't' },
      mode: 'reseed',
      value: { text: '100' },
      noInfoMessages: true,
    });
    expect(parseOne('DBCC CHECKIDENT ([a].[b], NORESEED)', 'checkIdent')).toMatchObject({ mode: 'noReseed' });
    expect(parseOne('USE [a b]', 'use').database).toBe('a b');
    expect(parseOne('UPDATE STATISTICS dbo.t WITH FULLSCAN', 'updateStatistics').table).toMatchObject({ object: 't' });
    expect(parseError('DBCC SHRINKFILE (1)')).toMatchObject({ number: 50001 });
  });

  it('takes empty batches', () => {
    expect(parse('')).toEqual([]);
    expect(parse(' ;; -- nothing')).toEqual([]);
  });
});
