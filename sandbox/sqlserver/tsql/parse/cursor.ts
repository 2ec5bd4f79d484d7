import type { SqlError } from '../../engine/api.js';
import type { Span } from '../ast.js';
import { tokenize } from '../lexer.js';
import { incorrectSyntax, incorrectSyntaxNearKeyword } from '../syntaxErrors.js';
import type { Token } from '../tokens.js';

/**
 * Reads the tokens of one batch. Keywords and symbols are given in upper case and compared with Token.lexeme, so a
 * name in brackets is never taken for a keyword.
 */
export class TokenCursor {
  /** The next token to read. */
  current: Token;
  /** How many WHILE statements stand around the current token. */
  loops = 0;
  private index = 0;
  private tokens: Token[];

  constructor(
    readonly text: string,
    quotedIdentifier: boolean,
  ) {
    this.tokens = tokenize(text, quotedIdentifier);
    this.current = this.at(0);
  }

  private at(index: number): Token {
    const token = this.tokens[index] ?? this.tokens[this.tokens.length - 1];
    if (token === undefined) throw new Error('a token list always has an end token');
    return token;
  }

  /** The token `distance` places after the current one; the end token beyond the end. */
  peek(distance: number): Token {
    return this.at(this.index + distance);
  }

  advance(): Token {
    const token = this.current;
    this.index++;
    this.current = this.at(this.index);
    return token;
  }

  get atEnd(): boolean {
    return this.current.kind === 'end';
  }

  is(lexeme: string): boolean {
    return this.current.lexeme === lexeme;
  }

  /** True if the next tokens are these keywords or symbols. */
  isSequence(...lexemes: readonly string[]): boolean {
    return lexemes.every((lexeme, distance) => this.peek(distance).lexeme === lexeme);
  }

  isOneOf(lexemes: ReadonlySet<string>): boolean {
    return lexemes.has(this.current.lexeme);
  }

  accept(lexeme: string): boolean {
    if (this.current.lexeme !== lexeme) return false;
    this.advance();
    return true;
  }

  acceptSequence(...lexemes: readonly string[]): boolean {
    if (!this.isSequence(...lexemes)) return false;
    for (let count = 0; count < lexemes.length; count++) this.advance();
    return true;
  }

  expect(...lexemes: readonly string[]): Token {
    let token = this.current;
    for (const lexeme of lexemes) {
      if (this.current.lexeme !== lexeme) throw this.error();
      token = this.advance();
    }
    return token;
  }

  /** The syntax error at the current token (102, or 156 at a reserved word). */
  error(): SqlError {
    return this.errorAt(this.current);
  }

  errorAt(token: Token): SqlError {
    const { line } = token.span;
    if (token.kind === 'end') {
      const last = this.tokens[this.tokens.length - 2];
      return incorrectSyntax(last?.value ?? '', last?.span.line ?? line);
    }
    return token.reserved ? incorrectSyntaxNearKeyword(token.value, line) : incorrectSyntax(token.value, line);
  }

  get line(): number {
    return this.current.span.line;
  }

  /** The span from a first token or node to the last token read. */
  spanFrom(first: Span): Span {
    const end = this.index === 0 ? first.end : this.at(this.index - 1).span.end;
    return { start: first.start, end, line: first.line, column: first.column };
  }

  /** Source text from an offset to the end of the last token read. */
  textFrom(start: number): string {
    return this.text.slice(start, this.index === 0 ? start : this.at(this.index - 1).span.end);
  }

  /** Index behind the parenthesis that closes the one at `distance`, as a distance from the current token. */
  distanceBehindParenthesis(distance: number): number {
    let depth = 0;
    for (let ahead = distance; ; ahead++) {
      const token = this.peek(ahead);
      if (token.kind === 'end') return ahead;
      if (token.lexeme === '(') depth++;
      else if (token.lexeme === ')' && --depth === 0) return ahead + 1;
    }
  }

  /** SET QUOTED_IDENTIFIER works when a batch is parsed, on the text that follows. */
  switchQuotedIdentifier(on: boolean): void {
    const { start, line, column } = this.current.span;
    if (this.atEnd || !this.text.includes('"', start)) return;
    const rest = tokenize(this.text, on, { offset: start, line, column });
    this.tokens = [...this.tokens.slice(0, this.index), ...rest];
    this.current = this.at(this.index);
  }
}
