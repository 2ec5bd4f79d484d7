import { describe, expect, it } from 'vitest';
import type { Condition, Expression } from '../../../../sandbox/sqlserver/tsql/ast.js';
import { parseCondition, parseExpression, parseObjectName } from '../../../../sandbox/sqlserver/tsql/parser.js';
import { parseError, parseOne } from './support.js';

/** A fully parenthesized form, to see how operators bind. */
function show(node: Expression | Condition): string {
  switch (node.kind) {
    case 'integer':
    case 'decimal':
    case 'float':
      return node.text;
    case 'string':
      return `'${node.value}'`;
    case 'column':
      return node.name;
    case 'unary':
      return `${node.operator}${show(node.operand)}`;
    case 'binaryOperation':
    case 'comparison':
      return `(${show(node.left)} ${node.operator} ${show(node.right)})`;
    case 'and':
    case 'or':
      return `(${show(node.left)} ${node.kind} ${show(node.right)})`;
    case 'not':
      return `not ${show(node.condition)}`;
    case 'subquery':
      return '(subquery)';
    case 'collate':
      return `${show(node.expression)} collate ${node.collation}`;
    default:
      return node.kind;
  }
}

describe('scalar expressions', () => {
  it.each([
    ['1 + 2 * 3 - 4', '((1 + (2 * 3)) - 4)'],
    ['a & b + c', '((a & b) + c)'],
    ['(1 + 2) * 3', '((1 + 2) * 3)'],
    ['~a % b', '(~a % b)'],
    // A sign binds weaker than * / %: the documented result of -100.0/-100.0*10.0 is 0.1.
    ['-100.0/-100.0*10.0', '-(100.0 / -(100.0 * 10.0))'],
    ['a - -b', '(a - -b)'],
    ["a + b COLLATE Latin1_General_BIN2 + 'x'", "((a + b collate Latin1_General_BIN2) + 'x')"],
    ['(SELECT 1) + 2', '((subquery) + 2)'],
    ['((SELECT 1))', '(subquery)'],
    ['((SELECT 1) UNION (SELECT 2))', '(subquery)'],
  ])('%s', (text, shown) => {
    expect(show(parseExpression(text))).toBe(shown);
  });

  it('reads date parts, DISTINCT, star, OVER and WITHIN GROUP of functions', () => {
    expect(parseExpression('DATEADD(day, 1, d)')).toMatchObject({
      arguments: [{ kind: 'datePart', name: 'day' }, {}, {}],
    });
    expect(parseExpression('COUNT(*)')).toMatchObject({ star: true, arguments: [] });
    expect(parseExpression('COUNT(DISTINCT a)')).toMatchObject({ distinct: true });
    expect(parseExpression('ROW_NUMBER() OVER (PARTITION BY a ORDER BY b DESC)')).toMatchObject({
      over: { partitionBy: [{ name: 'a' }], orderBy: [{ descending: true }] },
    });
    expect(parseExpression('SUM(a) OVER (ORDER BY b ROWS BETWEEN 2 PRECEDING AND CURRENT ROW)')).toMatchObject({
      over: { frame: { unit: 'rows', start: { kind: 'preceding', rows: 2 }, end: { kind: 'currentRow' } } },
    });
    expect(parseExpression("STRING_AGG(a, ',') WITHIN GROUP (ORDER BY a)")).toMatchObject({ withinGroup: [{}] });
    expect(parseExpression('LEFT(a, 2)')).toMatchObject({ name: { object: 'LEFT' } });
    expect(parseExpression('CURRENT_TIMESTAMP')).toMatchObject({ kind: 'function', arguments: [] });
  });

  it('reads CASE in both forms, CAST, CONVERT with style, IIF', () => {
    expect(parseExpression("CASE a WHEN 1 THEN 'x' ELSE 'y' END")).toMatchObject({ input: { name: 'a' } });
    expect(parseExpression('CASE WHEN a = 1 THEN 2 END')).toMatchObject({
      input: undefined,
      branches: [{ when: { kind: 'comparison' } }],
      otherwise: undefined,
    });
    expect(parseExpression('TRY_CAST(a AS decimal(37, 8))')).toMatchObject({
      try: true,
      type: { name: 'decimal', parameters: [37, 8] },
    });
    expect(parseExpression('CONVERT(varchar(max), a, 121)')).toMatchObject({
      type: { name: 'varchar', parameters: 'max' },
      style: { text: '121' },
    });
    expect(parseExpression('IIF(a > 1, 2, 3)')).toMatchObject({ kind: 'iif', condition: { kind: 'comparison' } });
  });

  it('resolves type synonyms', () => {
    expect(parseExpression('CAST(a AS national character varying(5))')).toMatchObject({ type: { name: 'nvarchar' } });
    expect(parseExpression('CAST(a AS double precision)')).toMatchObject({ type: { name: 'float' } });
    expect(parseExpression('CAST(a AS integer)')).toMatchObject({ type: { name: 'int' } });
    expect(parseExpression('CAST(a AS char varying(3))')).toMatchObject({ type: { name: 'varchar' } });
  });

  it('keeps the source span of an expression', () => {
    const text = 'SELECT a,\n  b + 1 AS c';
    const { body } = parseOne(text, 'selectStatement').query;
    const item = body.kind === 'select' ? body.items[1] : undefined;
    if (item?.kind !== 'expression') throw new Error('expected an expression');
    const { start, end, line, column } = item.expression.span;
    expect([text.slice(start, end), line, column]).toEqual(['b + 1', 2, 3]);
  });
});

describe('conditions', () => {
  it.each([
    ['a = 1 OR b = 2 AND NOT c = 3', '((a = 1) or ((b = 2) and not (c = 3)))'],
    ['(a = 1 OR b = 2) AND c = 3', '(((a = 1) or (b = 2)) and (c = 3))'],
    ['(a + b) * 2 > c', '(((a + b) * 2) > c)'],
    ['((a)) = ((1))', '(a = 1)'],
    ['a != 1 AND b !< 2 AND c !> 3', '(((a <> 1) and (b >= 2)) and (c <= 3))'],
    ['(SELECT 1) = 1', '((subquery) = 1)'],
    ['((a) COLLATE Latin1_General_BIN2) = b', '(a collate Latin1_General_BIN2 = b)'],
  ])('%s', (text, shown) => {
    expect(show(parseCondition(text))).toBe(shown);
  });

  it('reads the predicates', () => {
    expect(parseCondition('a NOT BETWEEN 1 AND 2 AND b IS NOT NULL')).toMatchObject({
      kind: 'and',
      left: { kind: 'between', negated: true },
      right: { kind: 'isNull', negated: true },
    });
    expect(parseCondition("a LIKE 'x!%' ESCAPE '!'")).toMatchObject({ kind: 'like', escape: { value: '!' } });
    expect(parseCondition('a NOT IN (1, 2)')).toMatchObject({ kind: 'inList', negated: true });
    expect(parseCondition('a IN (SELECT 1 UNION SELECT 2)')).toMatchObject({ kind: 'inQuery' });
    expect(parseCondition('a > ALL (SELECT 1)')).toMatchObject({ kind: 'quantifiedComparison', quantifier: 'all' });
    expect(parseCondition('EXISTS (SELECT * FROM t)')).toMatchObject({ kind: 'exists' });
    expect(parseCondition('UPDATE(c)')).toMatchObject({ kind: 'updateColumn', column: 'c' });
  });

  it('4145: a value where a condition is expected', () => {
    expect(parseError('IF 1 SELECT 1')).toMatchObject({
      number: 4145,
      message: "An expression of non-boolean type specified in a context where a condition is expected, near 'SELECT'.",
    });
    expect(parseError('SELECT 1 WHERE (a) AND b = 1')).toMatchObject({ number: 4145 });
  });

  it('102: a condition where a value is expected', () => {
    expect(parseError('SELECT a > b FROM t')).toMatchObject({ number: 102, message: "Incorrect syntax near '>'." });
  });
});

describe('object names in texts', () => {
  it.each([
    ['dbo.t', { database: '', schema: 'dbo', object: 't' }],
    ['[a.b].[c]]d]', { database: '', schema: 'a.b', object: 'c]d' }],
    ['tempdb..#t', { database: 'tempdb', schema: '', object: '#t' }],
    ['dbo.my table', { database: '', schema: 'dbo', object: 'my table' }],
    ['dbo.user', { database: '', schema: 'dbo', object: 'user' }],
    ['s.d.o."t"', { server: 's', database: 'd', schema: 'o', object: 't' }],
  ])('%s', (text, name) => {
    expect(parseObjectName(text)).toMatchObject(name);
  });

  it.each(['', 'a.b.c.d.e', '[a', 'a.', '[a]b'])('%j is none', (text) => {
    expect(parseObjectName(text)).toBeUndefined();
  });
});
