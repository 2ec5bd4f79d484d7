import { SqlError } from '../engine/api.js';

/** Syntax errors have class 15. Messages are those of sys.messages. */
export function syntaxError(number: number, message: string, line: number, state = 1): SqlError {
  return new SqlError(number, message, { class: 15, state, line });
}

export function incorrectSyntax(near: string, line: number): SqlError {
  return syntaxError(102, `Incorrect syntax near '${near}'.`, line);
}

export function incorrectSyntaxNearKeyword(keyword: string, line: number): SqlError {
  return syntaxError(156, `Incorrect syntax near the keyword '${keyword}'.`, line);
}
