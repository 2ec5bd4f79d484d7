import type { Span } from './ast.js';

export type TokenKind =
  | 'word'
  | 'quotedName'
  | 'string'
  | 'nationalString'
  | 'integer'
  | 'decimal'
  | 'float'
  | 'money'
  | 'binary'
  | 'variable'
  | 'globalVariable'
  | 'symbol'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** The word in upper case, or the symbol; '' for everything else, so that [SELECT] never matches a keyword. */
  readonly lexeme: string;
  /**
   * What the token stands for: the word as written, the name or string without its quotes, the digits of a number,
   * the variable with its sign, the hexadecimal digits of a binary constant.
   */
  readonly value: string;
  readonly reserved: boolean;
  readonly span: Span;
}
