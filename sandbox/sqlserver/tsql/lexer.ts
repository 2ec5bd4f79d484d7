import type { Span } from './ast.js';
import { reservedWords } from './reservedWords.js';
import { incorrectSyntax, syntaxError } from './syntaxErrors.js';
import type { Token, TokenKind } from './tokens.js';

const maximumNameLength = 128;

const letterOrDigit = /[\p{L}\p{N}\p{M}\p{Pc}_@$#]/u;
const letter = /[\p{L}_#]/u;
const currencySigns = new Set('$¢£¤¥฿₡₢₣₤₦₧₨₩₪₫€');

/** Longest first per first character; T-SQL takes blanks inside those that start with <, > and !. */
const doubleSymbols = new Set([
  '<=',
  '>=',
  '<>',
  '!=',
  '!<',
  '!>',
  '+=',
  '-=',
  '*=',
  '/=',
  '%=',
  '&=',
  '|=',
  '^=',
  '::',
]);
const singleSymbols = new Set('+-*/%&|^~=<>!(),.;:{}');

/** Classes of the first 128 characters, so that the common path needs no regular expression. */
const asciiNamePart = new Uint8Array(128);
const asciiNameStart = new Uint8Array(128);
for (let code = 0; code < 128; code++) {
  const character = String.fromCharCode(code);
  asciiNamePart[code] = /[A-Za-z0-9_@$#]/.test(character) ? 1 : 0;
  asciiNameStart[code] = /[A-Za-z_#]/.test(character) ? 1 : 0;
}

function isNamePart(code: number): boolean {
  return code < 128 ? asciiNamePart[code] === 1 : letterOrDigit.test(String.fromCharCode(code));
}

function isNameStart(code: number): boolean {
  return code < 128 ? asciiNameStart[code] === 1 : letter.test(String.fromCharCode(code));
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isHexDigit(code: number): boolean {
  return isDigit(code) || (code >= 65 && code <= 70) || (code >= 97 && code <= 102);
}

function isBlank(code: number): boolean {
  return code <= 32 || code === 0xa0 || code === 0x3000 || code === 0xfeff || (code >= 0x2000 && code <= 0x200b);
}

interface WordEntry {
  readonly lexeme: string;
  readonly reserved: boolean;
}

/** Upper-casing every word of a long script costs more than looking it up; bounded by the size of the vocabulary. */
const wordCache = new Map<string, WordEntry>();
const wordCacheLimit = 10_000;

function lookUpWord(word: string): WordEntry {
  let entry = wordCache.get(word);
  if (entry === undefined) {
    const lexeme = word.toUpperCase();
    entry = { lexeme, reserved: reservedWords.has(lexeme) };
    if (wordCache.size >= wordCacheLimit) wordCache.clear();
    wordCache.set(word, entry);
  }
  return entry;
}

/** Where lexing starts: a batch is lexed again from the middle when it switches QUOTED_IDENTIFIER. */
export interface LexerStart {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

/**
 * Splits T-SQL into tokens, the last of kind 'end'. Throws SqlError 105 (quote not closed), 113 (comment not
 * closed), 103 (name too long), 1038 (empty name) and 102 (character that belongs to no token).
 */
export function tokenize(text: string, quotedIdentifier: boolean, start?: LexerStart): Token[] {
  return new Lexer(text, quotedIdentifier, start ?? { offset: 0, line: 1, column: 1 }).run();
}

class Lexer {
  private position: number;
  private line: number;
  private lineStart: number;
  private readonly tokens: Token[] = [];

  constructor(
    private readonly text: string,
    private readonly quotedIdentifier: boolean,
    start: LexerStart,
  ) {
    this.position = start.offset;
    this.line = start.line;
    this.lineStart = start.offset - (start.column - 1);
  }

  run(): Token[] {
    const { text } = this;
    for (;;) {
      this.skipBlanksAndComments();
      if (this.position >= text.length) break;
      this.token();
    }
    const last = this.spanFrom(text.length, this.line, text.length - this.lineStart + 1);
    this.tokens.push({ kind: 'end', lexeme: '', value: '', reserved: false, span: last });
    return this.tokens;
  }

  private skipBlanksAndComments(): void {
    const { text } = this;
    while (this.position < text.length) {
      const code = text.charCodeAt(this.position);
      if (code === 10) {
        this.position++;
        this.startLine();
      } else if (isBlank(code)) {
        this.position++;
      } else if (code === 45 && text.charCodeAt(this.position + 1) === 45) {
        const end = text.indexOf('\n', this.position);
        this.position = end < 0 ? text.length : end;
      } else if (code === 47 && text.charCodeAt(this.position + 1) === 42) {
        this.skipBlockComment();
      } else {
        return;
      }
    }
  }

  private skipBlockComment(): void {
    const { text } = this;
    const line = this.line;
    let depth = 0;
    while (this.position < text.length) {
      const code = text.charCodeAt(this.position);
      const next = text.charCodeAt(this.position + 1);
      if (code === 47 && next === 42) {
        depth++;
        this.position += 2;
      } else if (code === 42 && next === 47) {
        depth--;
        this.position += 2;
        if (depth === 0) return;
      } else {
        this.position++;
        if (code === 10) this.startLine();
      }
    }
    throw syntaxError(113, "Missing end comment mark '*/'.", line);
  }

  private startLine(): void {
    this.line++;
    this.lineStart = this.position;
  }

  private token(): void {
    const { text, position } = this;
    const code = text.charCodeAt(position);
    if (isNameStart(code)) {
      if ((code === 78 || code === 110) && text.charCodeAt(position + 1) === 39) this.string('nationalString', 1);
      else this.word();
    } else if (isDigit(code) || (code === 46 && isDigit(text.charCodeAt(position + 1)))) {
      this.number();
    } else if (code === 39) {
      this.string('string', 0);
    } else if (code === 34) {
      if (this.quotedIdentifier) this.quoted('quotedName', position + 1, '"');
      else this.quoted('string', position + 1, '"');
    } else if (code === 91) {
      this.quoted('quotedName', position + 1, ']');
    } else if (code === 64) {
      this.variable();
    } else if (currencySigns.has(text[position] ?? '')) {
      this.money();
    } else {
      this.symbol();
    }
  }

  private word(): void {
    const { text } = this;
    const start = this.position;
    let end = start + 1;
    while (end < text.length && isNamePart(text.charCodeAt(end))) end++;
    const value = text.slice(start, end);
    this.checkLength(value);
    const { lexeme, reserved } = lookUpWord(value);
    this.push('word', lexeme, value, reserved, end);
  }

  private variable(): void {
    const { text } = this;
    const start = this.position;
    let end = start + 1;
    while (end < text.length && isNamePart(text.charCodeAt(end))) end++;
    const value = text.slice(start, end);
    if (value === '@') throw incorrectSyntax('@', this.line);
    this.checkLength(value);
    this.push(value.startsWith('@@') ? 'globalVariable' : 'variable', '', value, false, end);
  }

  private string(kind: 'string' | 'nationalString', prefixLength: number): void {
    this.quoted(kind, this.position + prefixLength + 1, "'");
  }

  /** A string or name from the character after its opening quote; the closing quote written twice stands for one. */
  private quoted(kind: TokenKind, contentStart: number, close: string): void {
    const { text, line, lineStart } = this;
    let value = '';
    let from = contentStart;
    for (;;) {
      const end = text.indexOf(close, from);
      if (end < 0) throw this.unclosed(value + text.slice(from), line);
      if (text[end + 1] !== close) {
        value += text.slice(from, end);
        from = end + 1;
        break;
      }
      value += text.slice(from, end + 1);
      from = end + 2;
    }
    const span: Span = { start: this.position, end: from, line, column: this.position - lineStart + 1 };
    this.countLines(contentStart, from);
    this.position = from;
    if (kind === 'quotedName') {
      if (value === '') throw emptyName(line);
      this.checkLength(value);
    } else if (value.includes('\\')) {
      // "\ (Line Continuation)": a backslash at the end of a line joins it with the next one.
      value = value.replace(/\\\r?\n/g, '');
    }
    this.tokens.push({ kind, lexeme: '', value, reserved: false, span });
  }

  private unclosed(value: string, line: number): Error {
    return syntaxError(105, `Unclosed quotation mark after the character string '${value.slice(0, 2000)}'.`, line);
  }

  private countLines(from: number, to: number): void {
    for (;;) {
      const newline = this.text.indexOf('\n', from);
      if (newline < 0 || newline >= to) return;
      this.line++;
      this.lineStart = newline + 1;
      from = newline + 1;
    }
  }

  private number(): void {
    const { text } = this;
    const start = this.position;
    if (text[start] === '0' && (text[start + 1] === 'x' || text[start + 1] === 'X')) {
      this.binary();
      return;
    }
    let end = this.skipDigits(start);
    let kind: TokenKind = 'integer';
    if (text[end] === '.') {
      kind = 'decimal';
      end = this.skipDigits(end + 1);
    }
    if (text[end] === 'e' || text[end] === 'E') {
      kind = 'float';
      end++;
      if (text[end] === '+' || text[end] === '-') end++;
      end = this.skipDigits(end);
    }
    this.push(kind, '', text.slice(start, end), false, end);
  }

  private skipDigits(from: number): number {
    let end = from;
    while (isDigit(this.text.charCodeAt(end))) end++;
    return end;
  }

  private binary(): void {
    const { text } = this;
    const start = this.position + 2;
    let end = start;
    while (isHexDigit(text.charCodeAt(end))) end++;
    const digits = text.slice(start, end);
    this.push('binary', '', digits.length % 2 === 0 ? digits : `0${digits}`, false, end);
  }

  private money(): void {
    const { text } = this;
    const start = this.position;
    let end = this.skipDigits(start + 1);
    if (end === start + 1 && isNameStart(text.charCodeAt(end))) {
      this.word();
      return;
    }
    if (text[end] === '.') end = this.skipDigits(end + 1);
    this.push('money', '', text.slice(start + 1, end), false, end);
  }

  private symbol(): void {
    const { text, position } = this;
    const first = text[position] ?? '';
    if (!singleSymbols.has(first)) throw incorrectSyntax(first, this.line);
    let second = position + 1;
    if (first === '<' || first === '>' || first === '!') {
      while (text[second] === ' ' || text[second] === '\t') second++;
    }
    const pair = first + (text[second] ?? '');
    if (doubleSymbols.has(pair)) this.push('symbol', pair, pair, false, second + 1);
    else this.push('symbol', first, first, false, position + 1);
  }

  private push(kind: TokenKind, lexeme: string, value: string, reserved: boolean, end: number): void {
    const span = this.spanFrom(end, this.line, this.position - this.lineStart + 1);
    this.tokens.push({ kind, lexeme, value, reserved, span });
    this.position = end;
  }

  private spanFrom(end: number, line: number, column: number): Span {
    return { start: this.position, end, line, column };
  }

  private checkLength(name: string): void {
    if (name.length <= maximumNameLength) return;
    const shown = name.slice(0, maximumNameLength);
    throw syntaxError(
      103,
      `The identifier that starts with '${shown}' is too long. Maximum length is ${maximumNameLength}.`,
      this.line,
      4,
    );
  }
}

function emptyName(line: number): Error {
  return syntaxError(
    1038,
    'An object or column name is missing or empty. For SELECT INTO statements, verify each column has a name. For ' +
      'other statements, look for empty alias names. Aliases defined as "" or [] are not allowed. Change the alias ' +
      'to a valid name.',
    line,
    4,
  );
}
