import { describe, expect, it } from 'vitest';
import { tokenize } from '../../../../sandbox/sqlserver/tsql/lexer.js';
import { parseError, parseOne } from './support.js';

function values(text: string, quotedIdentifier = true): string[] {
  return tokenize(text, quotedIdentifier)
    .slice(0, -1)
    .map((token) => `${token.kind}:${token.value}`);
}

describe('lexer', () => {
  it('reads names in brackets and quotes, with doubled closing marks', () => {
    expect(values('[a]]b] "c""d" #t @v @@ROWCOUNT')).toEqual([
      'quotedName:a]b',
      'quotedName:c"d',
      'word:#t',
      'variable:@v',
      'globalVariable:@@ROWCOUNT',
    ]);
  });

  it('takes "..." for a string when QUOTED_IDENTIFIER is off', () => {
    expect(values('"a"', false)).toEqual(['string:a']);
  });

  it('reads strings with doubled quotes, national strings and line continuation', () => {
    expect(values("'it''s' N'é' 'a\\\r\nb' N 'x'")).toEqual([
      "string:it's",
      'nationalString:é',
      'string:ab',
      'word:N',
      'string:x',
    ]);
  });

  it('tells integers, decimals, floats, money and binary constants', () => {
    expect(values('12 12. .5 1e3 1.5E-2 1E $1.5 0x 0xA 0x0aFF')).toEqual([
      'integer:12',
      'decimal:12.',
      'decimal:.5',
      'float:1e3',
      'float:1.5E-2',
      'float:1E',
      'money:1.5',
      'binary:',
      'binary:0A',
      'binary:0aFF',
    ]);
  });

  it('skips comments, nested ones too', () => {
    expect(values('a -- b\n/* c /* d */ e */ f')).toEqual(['word:a', 'word:f']);
  });

  it('takes blanks inside comparison operators', () => {
    expect(values('a < = b > = c < > d')).toEqual([
      'word:a',
      'symbol:<=',
      'word:b',
      'symbol:>=',
      'word:c',
      'symbol:<>',
      'word:d',
    ]);
  });

  it('counts lines and columns, inside strings too', () => {
    const [first, second] = tokenize("'a\nb'\n  c", true);
    expect(first?.span).toEqual({ start: 0, end: 5, line: 1, column: 1 });
    expect(second?.span).toEqual({ start: 8, end: 9, line: 3, column: 3 });
  });

  it('keeps a keyword in brackets a name', () => {
    expect(parseOne('SELECT [select] FROM [from]', 'selectStatement').query.body).toMatchObject({
      items: [{ expression: { kind: 'column', name: 'select' } }],
      from: [{ name: { object: 'from' } }],
    });
  });
});

describe('lexical errors', () => {
  it('105: a quote that is not closed, at the line where it opens', () => {
    expect(parseError("SELECT 1\nSELECT 'abc")).toEqual({
      number: 105,
      line: 2,
      message: "Unclosed quotation mark after the character string 'abc'.",
    });
    expect(parseError('SELECT [abc')).toMatchObject({ number: 105 });
  });

  it('113: a comment that is not closed', () => {
    expect(parseError('SELECT 1 /* a /* b */')).toEqual({
      number: 113,
      line: 1,
      message: "Missing end comment mark '*/'.",
    });
  });

  it('103: a name of more than 128 characters', () => {
    expect(parseError(`SELECT ${'a'.repeat(128)} FROM t`)).toBeUndefined();
    expect(parseError(`SELECT ${'a'.repeat(129)} FROM t`)).toMatchObject({ number: 103 });
  });

  it('1038: an empty name', () => {
    expect(parseError('SELECT 1 AS []')).toMatchObject({ number: 1038 });
  });
});
