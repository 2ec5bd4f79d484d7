/**
 * What the operator gave is wrong (request, configuration, rights, environments): nothing was written, a retry cannot
 * mend it, the command line exits with 2. The message names objects and keys, never row values.
 */
export class BadInputError extends Error {
  /** Catalogue code (docs/errors.md). */
  readonly code: string;
  readonly remedy: string;
  /** Every single problem, where the message sums up several. */
  readonly problems: readonly string[];

  constructor(code: string, message: string, remedy: string, problems: readonly string[] = []) {
    super(message);
    this.name = 'BadInputError';
    this.code = code;
    this.remedy = remedy;
    this.problems = problems;
  }
}
