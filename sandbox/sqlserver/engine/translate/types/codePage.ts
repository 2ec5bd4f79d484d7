/** Characters of Windows code page 1252 beyond ASCII and Latin-1's upper half. */
const windows1252Extras =
  '\u20AC\u201A\u0192\u201E\u2026\u2020\u2021\u02C6\u2030\u0160\u2039\u0152\u017D\u2018\u2019\u201C\u201D\u2022\u2013\u2014\u02DC\u2122\u0161\u203A\u0153\u017E\u0178';

const outside = new RegExp(`[^\\u0000-\\u00FF${windows1252Extras}]`, 'g');

/** The text as a (var)char of code page 1252 holds it: each UTF-16 unit that the code page lacks becomes '?'. */
export function toCodePage(text: string): string {
  return text.replace(outside, '?');
}
